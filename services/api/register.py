"""``/v1/entities/{id}/…``: what an editor decides about the register of people and organizations."""

from __future__ import annotations

from typing import Annotated, Any

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
    """A name that could mean several people in some documents. ``documents`` are some of these documents, ``people``
    the entries that they may mean. To answer, pin each document to one of them (`POST /v1/documents/{id}/corrections`,
    kind ``pin``), or join the people."""

    id: str
    name: str
    count: int
    documents: list[str]
    people: list[Entry]


class Suggestions(BaseModel):
    suggestions: list[Suggestion] = Field(
        description="names with undecided documents, those with the most documents first"
    )


@router.get("/suggestions", response_model=Suggestions)
async def list_suggestions(reader: Reader, db: Database) -> JSONResponse:
    """Return the names that could mean several people in some documents. The key must see all collections."""
    _of_all(reader)
    unsure = await db[ENTITIES].find({"unsure": True, "documents": {"$gt": 0}}).to_list()
    unsure.sort(key=lambda one: (-one["documents"], one["_id"]))
    found = []
    for one in unsure[:MOST]:
        people = await db[ENTITIES].find({"base": one["base"], "unsure": {"$ne": True}}).to_list()
        query = {"entities.id": one["_id"], **reader.sees}
        ids = [str(doc["_id"]) for doc in await db[DOCUMENTS].find(query, {"_id": 1}).limit(10).to_list()]
        found.append({"id": one["_id"], "name": one["name"], "count": one["documents"], "documents": ids,
                      "people": [_entry(each) for each in people]})  # fmt: skip
    return JSONResponse(plain({"suggestions": found}))


@router.post("/{id}/join", response_model=Entry, responses=MISSING)
async def join_entities(corrector: Corrector, id: Id, given: Join, db: Database, settings: Config) -> JSONResponse:
    """Record that two entries are the same person or organization. Their documents are found together at once; the ids
    in the records follow in the background. The key must see all collections."""
    _of_all(corrector)
    one, other = await _found(db, id), await _found(db, given.into)
    target = other.get("into") or other["_id"]
    if target == id or one["type"] != other["type"]:
        raise Problem(409, "join", "The entries cannot be joined",
                      f"{given.into} is {'already joined into this entry' if target == id else 'of another type'}")  # fmt: skip
    await corrector.audit(db, settings, Action.ENTITY_JOIN, id, into=target)
    await _mark(db, id, target)
    await db[ENTITIES].update_many({"into": id}, {"$set": {"into": target}})
    await db[ENTITIES].update_one({"_id": id}, {"$set": {"into": target, "shared": one["base"]}})
    await _mark(db, id, target)
    return JSONResponse(plain(_entry(await _found(db, id))))


@router.delete("/{id}/join", status_code=204, responses=MISSING)
async def part_entities(corrector: Corrector, id: Id, db: Database, settings: Config) -> Response:
    """Undo a join. The ids in the records follow in the background."""
    _of_all(corrector)
    one = await _found(db, id)
    if one.get("into"):
        await corrector.audit(db, settings, Action.ENTITY_PART, id, into=one["into"])
        await _mark(db, id, one["into"])
        await db[ENTITIES].update_one({"_id": id}, {"$unset": {"into": ""}})
        await _mark(db, id, one["into"])
    return Response(status_code=204)


@router.put("/{id}/name", response_model=Entry, responses=MISSING)
async def rename_entity(corrector: Corrector, id: Id, given: Name, db: Database, settings: Config) -> JSONResponse:
    """Set the name that an entry is shown under. Records keep the names that their documents use."""
    _of_all(corrector)
    await _found(db, id)
    await corrector.audit(db, settings, Action.ENTITY_RENAME, id, given_name=given.name)
    change = {"$set": {"given_name": given.name}} if given.name else {"$unset": {"given_name": ""}}
    await db[ENTITIES].update_one({"_id": id}, change)
    return JSONResponse(plain(_entry(await _found(db, id))))


def _of_all(caller: Caller) -> None:
    if not caller.everywhere:
        raise Problem(403, "collection", "The key has no access to some collections",
                      "the register covers all collections; use a key with access to all of them")  # fmt: skip


async def _found(db: Database, id: str) -> Doc:
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
