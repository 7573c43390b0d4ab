"""``/v1/searches``: saved searches, which report each new document that they find."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from services.alerts.model import Mail, Matches, SavedSearch, SearchChange, SearchIn, SearchList, Trial, match, stored
from services.api.auth import REFUSALS, Caller, Reader, lacking
from services.api.common import Config, Database, plain
from services.api.export import SHOWN, atom
from services.api.problems import RESPONSE, Problem
from services.api.search import prepare, slow
from services.search.find import Finder
from services.search.params import Search
from services.settings import Settings
from services.store.alerts import ALERTS, SEARCHES
from services.store.audit import Action
from services.store.mails import MAILS
from services.store.setup import DOCUMENTS
from services.store.webhooks import DELIVERIES, MATCHED, WEBHOOKS

Doc = dict[str, Any]
TOLD = dict.fromkeys(("title", "url", "publisher", "published_at", "status", "source.collection"), 1)
TRIED = 20
"""Number of documents that a test shows."""
FEED = 50
"""Entries of a feed."""

router = APIRouter(prefix="/v1/searches", tags=["searches"], responses=REFUSALS)
_MISSING: dict[int | str, dict[str, Any]] = {404: {**RESPONSE, "description": "No such saved search."}}
_FULL: dict[int | str, dict[str, Any]] = {409: {**RESPONSE, "description": "The key has too many saved searches."}}


async def _found(
    reader: Reader, db: Database, id: Annotated[str, Path(max_length=100, description="the saved search's id")]
) -> Doc:
    """Return the saved search of the caller. Raises Problem 404."""
    try:
        entry = await db[SEARCHES].find_one({"_id": ObjectId(id), "key": reader.key})
    except InvalidId:
        entry = None
    if entry is None:
        detail = f"this key has no saved search {id!r}; look at GET /v1/searches"
        raise Problem(404, "not-found", "No such saved search", detail)
    return entry


Entry = Annotated[Doc, Depends(_found)]


@router.post("", status_code=201, responses=_FULL)
async def create_search(
    request: Request, reader: Reader, asked: SearchIn, db: Database, settings: Config
) -> SavedSearch:
    """Save a search. It reports each matching document in the key's collections that is finished from now on, as long
    as the key is valid."""
    await _check(request, reader, asked.query)
    await _check_webhook(db, reader, asked.webhook)
    _check_mail(asked.mail, settings)
    if await db[SEARCHES].count_documents({"key": reader.key}) >= settings.max_searches:
        raise Problem(409, "searches", "The key has too many saved searches",
                      f"it may have {settings.max_searches} (COPYDESK_MAX_SEARCHES); delete one first")  # fmt: skip
    now = _now()
    entry = {
        "_id": ObjectId(),
        "name": asked.name,
        "query": stored(asked.query),
        "webhook": ObjectId(asked.webhook) if asked.webhook else None,
        "mail": asked.mail.model_dump() if asked.mail else None,
        "muted": asked.muted,
        "key": reader.key,
        "created_at": now,
        "changed_at": now,
        "since": now,
        "known": None,
        "error": None,
    }
    await reader.audit(db, settings, Action.SEARCH_CREATE, str(entry["_id"]), **_named(entry))
    await db[SEARCHES].insert_one(entry)
    return (await shown(db, [entry]))[0]


@router.get("")
async def list_searches(reader: Reader, db: Database) -> SearchList:
    """Return the searches that this key saved, oldest first."""
    found = await db[SEARCHES].find({"key": reader.key}).sort("_id", 1).to_list()
    return SearchList(searches=await shown(db, found))


@router.get("/{id}", responses=_MISSING)
async def get_search(entry: Entry, db: Database) -> SavedSearch:
    """Return a saved search."""
    return (await shown(db, [entry]))[0]


@router.patch("/{id}", responses=_MISSING)
async def change_search(
    request: Request, reader: Reader, entry: Entry, asked: SearchChange, db: Database, settings: Config
) -> SavedSearch:
    """Change the given fields of a saved search. If its query is changed, or if it is unmuted, it reports documents
    that are finished from then on."""
    given: Doc = {name: getattr(asked, name) for name in asked.model_fields_set}
    if wrong := [name for name, value in given.items() if value is None and name not in ("webhook", "mail")]:
        raise Problem(422, "invalid", "The request is not valid", f"{', '.join(wrong)}: give a value, or leave it out")
    now = _now()
    changed: Doc = {**given, "changed_at": now}
    if asked.query is not None:
        await _check(request, reader, asked.query)
        changed |= {"query": stored(asked.query), "known": None, "error": None, "since": now}
    if "webhook" in given:
        await _check_webhook(db, reader, asked.webhook)
        changed["webhook"] = ObjectId(asked.webhook) if asked.webhook else None
    if "mail" in given:
        _check_mail(asked.mail, settings)
        changed["mail"] = asked.mail.model_dump() if asked.mail else None
    if entry["muted"] and given.get("muted") is False:
        changed["since"] = now
    await reader.audit(db, settings, Action.SEARCH_CHANGE, str(entry["_id"]), **_named({**entry, **changed}))
    await db[SEARCHES].update_one({"_id": entry["_id"]}, {"$set": changed})
    return (await shown(db, [{**entry, **changed}]))[0]


@router.delete("/{id}", status_code=204, responses=_MISSING)
async def delete_search(reader: Reader, entry: Entry, db: Database, settings: Config) -> Response:
    """Remove a saved search and its list of matches. Messages that have not been sent are discarded."""
    await reader.audit(db, settings, Action.SEARCH_DELETE, str(entry["_id"]), **_named(entry))
    await db[SEARCHES].delete_one({"_id": entry["_id"]})
    await db[DELIVERIES].delete_many({"search": entry["_id"], "status": "pending"})
    for name in (ALERTS, MAILS):
        await db[name].delete_many({"search": entry["_id"]})
    return Response(status_code=204)


@router.post("/{id}/test", responses=_MISSING)
async def test_search(request: Request, reader: Reader, entry: Entry) -> Trial:
    """Return what the saved search would report: the newest documents that it finds now. Nothing is sent or
    remembered."""
    finder: Finder = request.app.state.finder
    query = Search.model_validate(entry["query"])
    if "status" not in entry["query"]:
        query = query.model_copy(update={"status": ["done"]})
    try:
        prepared = await prepare(finder, query, reader, None)
        found, more = await finder.page(prepared, "received", "desc", None, TRIED, {"_id": 1, **TOLD})
    except PyMongoError as error:
        raise slow(error) from error
    return Trial(matches=[match(one) for one in found], more=more is not None)


@router.get("/{id}/matches", responses=_MISSING)
async def list_matches(
    reader: Reader,
    entry: Entry,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=200, description="matches per page")] = 50,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the previous page")] = None,
) -> Matches:
    """Return the documents that the saved search reported and that the key may see now, latest first."""
    found, following = await matches(db, reader, entry, limit, cursor)
    return Matches(matches=[match(record, at) for record, at in found], next=following)


@router.get("/{id}/feed", response_class=Response, responses=_MISSING)
async def feed_of_search(request: Request, reader: Reader, entry: Entry, db: Database) -> Response:
    """Return an Atom feed (RFC 4287) of the documents that the saved search reported, latest first."""
    found, _ = await matches(db, reader, entry, FEED, None, dict.fromkeys(SHOWN, 1))
    documents = [{**record, "processing": {"finished_at": at}} for record, at in found]
    return Response(atom(request, f"Copydesk: {entry['name']}", plain(documents)), media_type="application/atom+xml")


async def matches(
    db: AsyncDatabase[Doc], reader: Caller, entry: Doc, limit: int, cursor: str | None, fields: Doc = TOLD
) -> tuple[list[tuple[Doc, datetime]], str | None]:
    """Return a page of the documents that a saved search reported, with the time, and the next cursor. A document that
    was reported twice is listed once. Raises Problem 422."""
    query: Doc = {"search": entry["_id"]}
    if cursor is not None:
        query |= _after(cursor)
    alerts = await db[ALERTS].find(query).sort([("at", -1), ("_id", -1)]).limit(limit + 1).to_list()
    at: dict[ObjectId, datetime] = {}
    for one in alerts[:limit]:
        at.setdefault(one["document"], one["at"])
    records = await db[DOCUMENTS].find({"_id": {"$in": [*at]}, **reader.sees}, fields).to_list()
    by_id = {one["_id"]: one for one in records}
    last = alerts[limit - 1] if len(alerts) > limit else None
    following = f"{round(last['at'].timestamp() * 1000)}.{last['_id']}" if last else None
    return [(by_id[id], when) for id, when in at.items() if id in by_id], following


def _after(cursor: str) -> Doc:
    """Return the condition for the documents after a cursor. Raises Problem 422."""
    number, _, id = cursor.partition(".")
    try:
        if not id.isprintable():
            raise ValueError
        at = datetime.fromtimestamp(int(number) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Problem(
            422, "cursor", "The cursor is not valid", "give the `next` of an earlier page unchanged"
        ) from None
    return {"$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id}}]}


async def shown(db: AsyncDatabase[Doc], entries: list[Doc]) -> list[SavedSearch]:
    """Return saved searches with their counts."""
    ids = [one["_id"] for one in entries]
    counted = await db[ALERTS].aggregate(
        [
            {"$match": {"search": {"$in": ids}}},
            {"$group": {"_id": "$search", "matched": {"$sum": 1}, "matched_at": {"$max": "$at"}}},
        ]
    )
    by_id = {one["_id"]: one for one in await counted.to_list()}
    wrong = db[MAILS].find({"search": {"$in": [*ids]}, "status": {"$ne": "delivered"}, "tries.0": {"$exists": True}})
    failed = {one["search"]: one["tries"][-1]["error"] async for one in wrong.sort("created_at", 1)}
    return [
        SavedSearch(
            id=str(one["_id"]),
            webhook=str(one["webhook"]) if one["webhook"] else None,
            matched=by_id.get(one["_id"], {}).get("matched", 0),
            matched_at=by_id.get(one["_id"], {}).get("matched_at"),
            mail_error=failed.get(one["_id"]),
            **{name: one[name] for name in ("name", "query", "mail", "muted", "created_at", "error")},
        )
        for one in entries
    ]


async def _check(request: Request, reader: Caller, query: Search) -> None:
    """Check that the search can be run. Raises Problem 422, or 403 if it asks for something that the key may not
    see."""
    try:
        await prepare(request.app.state.finder, query, reader, None)
    except PyMongoError as error:
        raise slow(error) from error


async def _check_webhook(db: AsyncDatabase[Doc], reader: Caller, id: str | None) -> None:
    """Check that the caller may use the webhook. Raises Problem 403 or 422."""
    if id is None:
        return
    if "admin" not in reader.scopes:
        raise lacking("admin", reader.scopes)
    hook = await db[WEBHOOKS].find_one({"_id": ObjectId(id)})
    if hook is None or not (reader.everywhere or set(hook["collections"]) <= set(reader.collections)):
        raise Problem(
            422, "webhook", "There is no such webhook", f"there is no webhook {id!r}; look at GET /v1/webhooks"
        )
    if MATCHED not in hook["events"]:
        raise Problem(422, "webhook", "The webhook does not accept alerts",
                      f"webhook {id!r} does not have the event {MATCHED!r}; create a webhook with this event")  # fmt: skip


def _now() -> datetime:
    """Return the time as MongoDB stores it, in milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _check_mail(mail: Mail | None, settings: Settings) -> None:
    """Check that mails may be sent to these addresses. Raises Problem 422."""
    if mail is None:
        return
    if settings.smtp_url is None:
        raise Problem(422, "mail", "Mails cannot be sent", "an operator names a server in COPYDESK_SMTP_URL")
    for address in mail.to:
        if not any(fnmatchcase(address.casefold(), glob.casefold()) for glob in settings.mail_to):
            raise Problem(422, "mail", "Mails may not go to this address",
                          f"{address} is not one of COPYDESK_MAIL_TO: {', '.join(settings.mail_to) or 'none'}")  # fmt: skip


def _named(entry: Doc) -> Doc:
    return {"search": entry["name"], "query": entry["query"], "mail": entry["mail"]}
