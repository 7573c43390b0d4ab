"""``/v1/entities/{id}/…``: what an editor decides about the register of people and organizations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services import identity
from services.api.auth import REFUSALS, Caller, Corrector, Reader
from services.api.common import Config, Database, plain
from services.api.problems import RESPONSE, Problem
from services.records import Status
from services.store import register
from services.store.audit import Action
from services.store.register import ENTITIES, STALE
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
MISSING: dict[int | str, dict[str, Any]] = {404: {**RESPONSE, "description": "The register has no such entry."}}
MOST = 100

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)

Id = Annotated[
    str,
    Path(pattern=identity.PATTERN, description="`entities.id` of a record", examples=["a8ad05cb4a057453"]),
]


class Join(BaseModel):
    """The entry that another one is joined into."""

    model_config = ConfigDict(extra="forbid")

    into: Annotated[str, StringConstraints(pattern=identity.PATTERN)]


class Apart(BaseModel):
    """The entry that another one is not."""

    model_config = ConfigDict(extra="forbid")

    other: Annotated[str, StringConstraints(pattern=identity.PATTERN)]


class Name(BaseModel):
    """The name that an entry is shown under; null for the most frequent one in documents."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None


class Entry(BaseModel):
    """An entry of the register. ``into`` is the entry that an editor joined it into."""

    id: str
    type: str
    name: str
    given_name: str | None = None
    into: str | None = None
    callings: list[str] = []
    countries: list[str] = []
    born: list[int] | None = None
    documents: int = 0


class Suggestion(BaseModel):
    """A question for an editor. ``mentions``: some documents do not say which of the ``people`` of one name they mean;
    pin each document to one of them (`POST /v1/documents/{id}/corrections`, kind ``pin``), or join the people. ``join``:
    two entries under similar names may be one person; join them (`POST /v1/entities/{id}/join`) or keep them apart
    (`POST /v1/entities/{id}/apart`). ``documents`` are some of those in doubt."""

    kind: Literal["mentions", "join"]
    id: str
    name: str
    count: int
    documents: list[str]
    people: list[Entry]


class Suggestions(BaseModel):
    suggestions: list[Suggestion] = Field(description="at most 100 of each kind, those with most documents first")


@router.get("/suggestions", response_model=Suggestions)
async def list_suggestions(reader: Reader, db: Database) -> JSONResponse:
    """Return what the register is not sure of: documents that do not say which of several people they mean, and entries
    under similar names that may be one person. The key must see all collections."""
    of_all(reader)
    return JSONResponse(plain({"suggestions": await suggested(reader, db)}))


async def suggested(reader: Caller, db: Database, only: str | None = None) -> list[Doc]:
    """Return the suggestions, or those that concern one id. Raises PyMongoError."""
    of = {"base": identity.base(only)} if only else {}
    unsure = await db[ENTITIES].find({"unsure": True, "documents": {"$gt": 0}, **of}).to_list()
    unsure.sort(key=lambda one: (-one["documents"], one["_id"]))
    found = []
    for one in unsure[:MOST]:
        people = await db[ENTITIES].find({"base": one["base"], "unsure": {"$ne": True}}).to_list()
        found.append(await _suggestion(reader, db, "mentions", one, people))
    either = {"$or": [{"_id": only}, {"maybe": only}]} if only else {}
    alike = await db[ENTITIES].find({"maybe": {"$exists": True}, **either}).sort("documents", -1).limit(MOST).to_list()
    seen: set[frozenset[str]] = set()
    for one in alike:
        others = await db[ENTITIES].find({"_id": {"$in": one["maybe"]}}).to_list()
        for other in others:
            pair = frozenset((one["_id"], other["_id"]))
            if pair not in seen and not _answered(one, other) and (only is None or only in pair):
                seen.add(pair)
                found.append(await _suggestion(reader, db, "join", one, [one, other]))
    return found


def _answered(one: Doc, other: Doc) -> bool:
    apart = other["_id"] in (one.get("apart") or ()) or one["_id"] in (other.get("apart") or ())
    return apart or bool(one.get("into") or other.get("into"))


async def _suggestion(reader: Caller, db: Database, kind: str, one: Doc, people: list[Doc]) -> Doc:
    query = {"entities.id": one["_id"], **reader.sees}
    ids = [str(doc["_id"]) for doc in await db[DOCUMENTS].find(query, {"_id": 1}).limit(10).to_list()]
    return {"kind": kind, "id": one["_id"], "name": one["name"], "count": one.get("documents", 0), "documents": ids,
            "people": [_entry(each) for each in people]}  # fmt: skip


@router.post(
    "/{id}/join",
    response_model=Entry,
    responses={**MISSING, 409: {**RESPONSE, "description": "The entries cannot be joined."}},
)
async def join_entities(corrector: Corrector, id: Id, given: Join, db: Database, settings: Config) -> JSONResponse:
    """Record that two entries are the same person or organization. Their documents are found together at once; the ids
    in the records follow in the background. The key must see all collections."""
    of_all(corrector)
    one, other = await entry_of(db, id), await entry_of(db, given.into)
    target = other.get("into") or other["_id"]
    if target == id or one["type"] != other["type"]:
        raise Problem(409, "join", "The entries cannot be joined",
                      f"{given.into} is {'already joined into this entry' if target == id else 'of another type'}")  # fmt: skip
    await corrector.audit(db, settings, Action.ENTITY_JOIN, id, into=target)
    await _mark(db, id, target)
    await db[ENTITIES].update_many({"into": id}, {"$set": {"into": target}})
    await db[ENTITIES].update_one({"_id": id}, {"$set": {"into": target, "shared": one["base"]}})
    await _mark(db, id, target)
    return JSONResponse(plain(_entry(await entry_of(db, id))))


@router.delete("/{id}/join", status_code=204, responses=MISSING)
async def part_entities(corrector: Corrector, id: Id, db: Database, settings: Config) -> Response:
    """Undo a join. The ids in the records follow in the background."""
    of_all(corrector)
    one = await entry_of(db, id)
    if one.get("into"):
        await corrector.audit(db, settings, Action.ENTITY_PART, id, into=one["into"])
        await _mark(db, id, one["into"])
        await db[ENTITIES].update_one({"_id": id}, {"$unset": {"into": ""}})
        await _mark(db, id, one["into"])
    return Response(status_code=204)


@router.post(
    "/{id}/apart",
    response_model=Entry,
    responses={**MISSING, 409: {**RESPONSE, "description": "The two ids are the same entry."}},
)
async def keep_entities_apart(
    corrector: Corrector, id: Id, given: Apart, db: Database, settings: Config
) -> JSONResponse:
    """Say that two entries are not one person or organization, so that it is not suggested again. The key must see all
    collections."""
    of_all(corrector)
    one, other = await entry_of(db, id), await entry_of(db, given.other)
    if one["_id"] == other["_id"]:
        raise Problem(409, "apart", "An entry cannot be kept apart from itself", "give the id of another entry")
    await corrector.audit(db, settings, Action.ENTITY_APART, id, other=given.other)
    for each, its in ((id, given.other), (given.other, id)):
        await db[ENTITIES].update_one({"_id": each}, {"$addToSet": {"apart": its}, "$pull": {"maybe": its}})
    await _mark(db, id, given.other)
    return JSONResponse(plain(_entry(await entry_of(db, id))))


@router.delete("/{id}/apart/{other}", status_code=204, responses=MISSING)
async def forget_apart(corrector: Corrector, id: Id, other: Id, db: Database, settings: Config) -> Response:
    """Undo that two entries are kept apart. They may be suggested again after the next pass."""
    of_all(corrector)
    await entry_of(db, id)
    await corrector.audit(db, settings, Action.ENTITY_APART, id, other=other, undone=True)
    for each, its in ((id, other), (other, id)):
        await db[ENTITIES].update_one({"_id": each}, {"$pull": {"apart": its}})
    await _mark(db, id, other)
    return Response(status_code=204)


@router.put("/{id}/name", response_model=Entry, responses=MISSING)
async def rename_entity(corrector: Corrector, id: Id, given: Name, db: Database, settings: Config) -> JSONResponse:
    """Set the name that an entry is shown under. Records keep the names that their documents use."""
    of_all(corrector)
    await entry_of(db, id)
    await corrector.audit(db, settings, Action.ENTITY_RENAME, id, given_name=given.name)
    change = {"$set": {"given_name": given.name}} if given.name else {"$unset": {"given_name": ""}}
    await db[ENTITIES].update_one({"_id": id}, change)
    return JSONResponse(plain(_entry(await entry_of(db, id))))


def of_all(caller: Caller) -> None:
    """Raise Problem 403 for a caller who does not see all collections."""
    if not caller.everywhere:
        raise Problem(403, "collection", "The key has no access to some collections",
                      "the register covers all collections; use a key with access to all of them")  # fmt: skip


async def entry_of(db: Database, id: str) -> Doc:
    """Return the entry; if the register does not have it yet, make it from a record. Raises Problem 404."""
    entry = await db[ENTITIES].find_one({"_id": id})
    if entry is not None:
        return entry
    record = await db[DOCUMENTS].find_one({"entities.id": id, "status": Status.DONE}, {"entities": 1})
    entity = next((one for one in (record or {}).get("entities", []) if one.get("id") == id), None)
    if entity is None:
        raise Problem(404, "not-found", "No such entry",
                      f"no document has an entity with the id {id}; `entities.id` of a record gives ids")  # fmt: skip
    new = {"_id": id, "base": identity.base(id), "type": entity["type"], "name": entity["name"]}
    await db[ENTITIES].update_one({"_id": id}, {"$setOnInsert": new}, upsert=True)
    return new


async def _mark(db: Database, *ids: str) -> None:
    await db[STALE].bulk_write(register.stale(ids), ordered=False)


def _entry(found: Doc) -> Doc:
    shown = {name: found[name] for name in Entry.model_fields if name in found}
    return {"id": found["_id"], **shown}
