"""``/v1/lists``: watch lists. Every document is compared with the names on them."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import IO, Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from services import queue
from services.api.auth import REFUSALS, Admin, Caller, Reader
from services.api.common import Config, Database, plain
from services.api.problems import RESPONSE, Problem
from services.api.upload import too_large
from services.lists import files
from services.lists.model import (
    Answer,
    Entry,
    Hit,
    ListedDocument,
    ListMatches,
    Question,
    Title,
    WatchList,
    WatchLists,
    shown,
)
from services.settings import Settings
from services.store import keys, lists
from services.store.audit import Action
from services.store.keys import Glob
from services.store.lists import ASKED, ENTRIES, LISTS
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
BATCH = 1000
_ASK_PAUSE_SECONDS = 0.1
MEMORY_BYTES = 1_000_000
CSV, NDJSON = "text/csv", "application/x-ndjson"
_SAID = dict.fromkeys(("title", "url", "publisher", "published_at", "source.collection", "lists"), 1)

router = APIRouter(prefix="/v1/lists", tags=["watch lists"], responses=REFUSALS)
_MISSING: dict[int | str, dict[str, Any]] = {404: {**RESPONSE, "description": "No such list."}}
_REPLACED: dict[int | str, dict[str, Any]] = {
    200: {"model": WatchList, "description": "The file replaced the entries of the list with this name."},
    409: {
        **RESPONSE,
        "description": "All lists together have too many names, or another request loaded a list with this name.",
    },
    415: {**RESPONSE, "description": "Neither CSV nor NDJSON."},
}
_FILE = {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in (CSV, NDJSON)}}


def overlaps(caller: Caller, collections: list[str]) -> bool:
    """Return whether a list for these collections, which may be patterns, can concern documents of the caller."""
    if caller.everywhere or "*" in collections:
        return True
    theirs, its = keys.pattern(caller.collections), keys.pattern(collections)
    return any(map(theirs.match, collections)) or any(map(its.match, caller.collections))


async def _found(
    reader: Reader, db: Database, id: Annotated[str, Path(max_length=100, description="the list's id")]
) -> Doc:
    """Return the list. Raises Problem 404."""
    try:
        entry = await db[LISTS].find_one({"_id": ObjectId(id), "deleted": False})
    except InvalidId:
        entry = None
    if entry is None or not overlaps(reader, entry["collections"]):
        raise Problem(404, "not-found", "No such list", f"there is no list {id[:100]!r}; look at GET /v1/lists")
    return entry


Found = Annotated[Doc, Depends(_found)]


@router.post("", status_code=201, response_model=WatchList, responses=_REPLACED, openapi_extra={"requestBody": _FILE})
async def load_list(
    request: Request,
    admin: Admin,
    db: Database,
    settings: Config,
    name: Annotated[Title, Query(description="name of the list; a file for an existing name replaces its entries")],
    collection: Annotated[
        list[Glob] | None,
        Query(
            max_length=100,
            description="collections whose documents are compared, `*` matches any characters; default: the key's collections",
        ),
    ] = None,
) -> JSONResponse:
    """Load a list from CSV or from FollowTheMoney entities as NDJSON. New documents are compared with it at once, stored
    ones in the background."""
    collections = collection or list(admin.collections)
    for one in collections:
        admin.write(one)
    known = await db[LISTS].find_one({"name": name, "deleted": False})
    if known and not all(admin.may_use(one) for one in known["collections"]):
        raise Problem(
            403, "collection", "The key has no access to this list", f"{name!r} is for other collections, too"
        )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    media_type = {"application/json": NDJSON, "application/x-ndjson": NDJSON, "application/ndjson": NDJSON}.get(
        media_type, media_type
    )
    if media_type not in (CSV, NDJSON):
        raise Problem(415, "list-type", "This is not a list",
                      f"send CSV with Content-Type: {CSV}, or FollowTheMoney entities with {NDJSON}")  # fmt: skip
    others = sum([one["names"] async for one in db[LISTS].find({"deleted": False, "name": {"$ne": name}})])
    load = ObjectId()
    now = datetime.now(UTC)
    id = known["_id"] if known else ObjectId()
    await admin.audit(db, settings, Action.LIST_LOAD, str(id), list=name, collections=collections)
    try:
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as file:
            await _receive(request, file, settings)
            counted = await _store(db, file, media_type, load, settings.max_list_names - others)
        plan = {"name": name, "collections": collections, "load": load, "loaded_at": now, "pending": True, **counted}
        if known:
            await db[LISTS].update_one({"_id": id}, {"$set": plan})
        else:
            await db[LISTS].insert_one({"_id": id, **plan, "key": admin.key, "created_at": now, "deleted": False})
    except DuplicateKeyError:
        await db[ENTRIES].delete_many({"load": load})
        raise Problem(409, "list-name", "There is a list with this name already",
                      f"somebody else has just loaded {name!r}; load the file again to replace its entries") from None  # fmt: skip
    except BaseException:
        await db[ENTRIES].delete_many({"load": load})
        raise
    await lists.changed(db, id)
    if known:
        await db[ENTRIES].delete_many({"load": known["load"]})
    await run_in_threadpool(queue.match_lists)
    entry = await db[LISTS].find_one({"_id": id}) or {"_id": id, "created_at": now, **plan}
    [answer] = await told(db, admin, [entry])
    return JSONResponse(answer.model_dump(mode="json"), 200 if known else 201)


async def _receive(request: Request, file: IO[bytes], settings: Settings) -> None:
    """Write the body to the file. Raises Problem 413."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > settings.max_request_bytes:
            raise too_large(settings)
        await run_in_threadpool(file.write, chunk)
    file.seek(0)


async def _store(db: AsyncDatabase[Doc], file: IO[bytes], media_type: str, load: ObjectId, room: int) -> Doc:
    """Store the entries of the file. Returns how many there are. Raises Problem 409 or 422."""
    rows = files.read(file, media_type)
    counted = {"entries": 0, "names": 0, "skipped": 0}
    try:
        while batch := await run_in_threadpool(_some, rows):
            found = [one for one in batch if one]
            counted["skipped"] += len(batch) - len(found)
            counted["entries"] += len(found)
            counted["names"] += sum(len(one.names) for one in found)
            if counted["names"] > room:
                raise Problem(409, "names", "The lists have too many names",
                              "delete a list, load a smaller one, or raise COPYDESK_MAX_LIST_NAMES")  # fmt: skip
            if found:
                await db[ENTRIES].insert_many([{**one.model_dump(), "load": load} for one in found], ordered=False)
    except files.WrongFile as error:
        raise Problem(422, "list", "The list cannot be read", str(error)) from None
    if not counted["entries"]:
        raise Problem(422, "list", "The list is empty", "no row has a name and a known schema; see docs/lists.md")
    return counted


def _some(rows: Iterator[Entry | None]) -> list[Entry | None]:
    return list(islice(rows, BATCH))


@router.get("")
async def get_lists(reader: Reader, db: Database) -> WatchLists:
    """Return the lists for collections that the key has access to, oldest first."""
    found = await db[LISTS].find({"deleted": False}).sort("_id", 1).to_list()
    return WatchLists(lists=await told(db, reader, [one for one in found if overlaps(reader, one["collections"])]))


@router.post("/ask", responses={503: {**RESPONSE, "description": "No worker answered in time."}})
async def ask_lists(reader: Reader, asked: Question, db: Database, settings: Config) -> Answer:
    """Return which of these names are in the newest documents that the key may see. Names are compared as those of a
    list are. Nothing is stored."""
    id = ObjectId()
    expires_at = datetime.now(UTC) + timedelta(seconds=4 * settings.source_test_seconds)
    rights = {"collections": list(reader.collections), "scopes": list(reader.scopes)}
    await db[ASKED].insert_one({"_id": id, "names": asked.names, **rights, "found": None, "expires_at": expires_at})
    await run_in_threadpool(queue.ask, str(id))
    end = time.monotonic() + settings.source_test_seconds
    while time.monotonic() < end:
        if found := await db[ASKED].find_one({"_id": id, "found": {"$ne": None}}, {"found": 1}):
            await db[ASKED].delete_one({"_id": id})
            return Answer.model_validate(found["found"])
        await asyncio.sleep(_ASK_PAUSE_SECONDS)
    raise Problem(503, "no-worker", "No worker answered",
                  f"no worker answered within {settings.source_test_seconds:g} s; `copydesk status` shows which are running")  # fmt: skip


@router.get("/{id}", responses=_MISSING)
async def get_list(reader: Reader, entry: Found, db: Database) -> WatchList:
    """Return a list, without its entries."""
    return (await told(db, reader, [entry]))[0]


@router.delete("/{id}", status_code=204, responses=_MISSING)
async def delete_list(admin: Admin, entry: Found, db: Database, settings: Config) -> Response:
    """Remove a list and its matches from all records."""
    for one in entry["collections"]:
        admin.write(one)
    await admin.audit(db, settings, Action.LIST_DELETE, str(entry["_id"]), list=entry["name"])
    await lists.delete(db, entry)
    return Response(status_code=204)


@router.get("/{id}/matches", responses=_MISSING)
async def list_hits(
    reader: Reader,
    entry: Found,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=200, description="documents per page")] = 50,
    cursor: Annotated[str | None, Query(pattern="^[0-9a-f]{24}$", description="`next` of the previous page")] = None,
) -> ListMatches:
    """Return the documents that name an entry of the list and that the key may see, latest received first."""
    found, following = await matches(db, reader, str(entry["_id"]), limit, cursor)
    return ListMatches(matches=found, next=following)


async def matches(
    db: AsyncDatabase[Doc], reader: Caller, id: str, limit: int, cursor: str | None
) -> tuple[list[ListedDocument], str | None]:
    """Return a page of the documents that name an entry of a list, and the next cursor."""
    after: Doc = {"_id": {"$lt": ObjectId(cursor)}} if cursor else {}
    asked: list[Doc] = [{"$match": {"lists.list": id}}, {"$match": {**reader.sees, **after}}, {"$sort": {"_id": -1}}]
    stages = [*asked, {"$limit": limit + 1}, {"$project": _SAID}]
    records = await (await db[DOCUMENTS].aggregate(stages)).to_list()
    more = len(records) > limit
    found = [_listed(one, id) for one in records[:limit]]
    return found, found[-1].document if more else None


def _listed(record: Doc, id: str) -> ListedDocument:
    said = {name: record.get(name) for name in ("title", "url", "publisher", "published_at")}
    names = Hit.model_fields
    hits = [Hit(**{name: hit[name] for name in names}) for hit in record["lists"] if hit["list"] == id]
    return ListedDocument(
        document=str(record["_id"]), collection=record["source"]["collection"], hits=hits, **plain(said)
    )


async def told(db: AsyncDatabase[Doc], reader: Caller, entries: list[Doc]) -> list[WatchList]:
    """Return lists with the number of documents that name an entry."""
    state = await lists.state_of(db)
    settled = state["settled"] >= state["revision"] and not any(one["pending"] for one in entries)
    found = []
    for one in entries:
        within: list[Doc] = [{"$match": {"lists.list": str(one["_id"])}}, {"$match": reader.sees}, {"$count": "n"}]
        counted = await (await db[DOCUMENTS].aggregate(within)).to_list()
        found.append(shown(one, settled, sum(one["n"] for one in counted)))
    return found
