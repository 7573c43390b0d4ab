"""``/v1/entities``: persons, organizations, places and other entities across all documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from pymongo.errors import PyMongoError

from services import identity
from services.api.auth import REFUSALS, Caller, Reader
from services.api.common import MISSING, Database, plain
from services.api.problems import Problem
from services.api.search import prepare, slow
from services.records import EntityType
from services.search import entities, identities
from services.search.cursor import WrongCursor, digest
from services.search.facets import Interval
from services.search.find import Finder
from services.search.params import Search
from services.store.register import ENTITIES
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)


class Named(BaseModel):
    """An entity, and the number of documents that name it."""

    name: str
    type: EntityType
    count: int
    first_received_at: datetime | None = None
    last_received_at: datetime | None = None


class Names(BaseModel):
    """A page of entities. Without `prefix`, each has the time of receipt of its first and last counted document, and
    ``next`` leads to the next page."""

    entities: list[Named]
    next: str | None = None


class Counted(BaseModel):
    value: str
    count: int
    type: EntityType | None = None


class Role(BaseModel):
    """A name or role of the entity in ``count`` documents, published from ``first`` to ``last``."""

    value: str
    count: int
    first: datetime | None
    last: datetime | None


class Said(BaseModel):
    """A quote: ``start`` and ``end`` are offsets in the text of ``document``."""

    document: str
    title: str | None
    published_at: datetime | None
    text: str
    start: int
    end: int
    cue: str | None


class Portrait(BaseModel):
    """An entity's profile. ``with`` lists the entities that share the most documents with it. Only its newest 10,000
    documents count. ``id`` identifies it in documents; ``namesakes`` are other entities with the same name."""

    id: str | None
    name: str
    names: list[Counted]
    namesakes: list[str] = []
    types: list[Counted]
    aliases: list[Counted]
    roles: list[Role]
    total: int
    documents: list[dict[str, Any]]
    quotes: list[Said]
    timeline: list[Counted]
    model_config = {"json_schema_extra": {"properties": {"with": {"type": "array", "items": {"type": "object"}}}}}


class Listing(Search):
    """Entities whose name starts with a prefix, or entities of the documents that a search finds."""

    prefix: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="the start of a name or alias, for completion; not with search parameters or `cursor`"
    )
    type: EntityType | None = Field(None, description="entities of this type only")
    limit: Annotated[int, Field(ge=1, le=200, description="how many names to return at most")] = 10
    cursor: Annotated[str, StringConstraints(max_length=4000)] | None = Field(
        None, description="`next` of the previous page"
    )


@router.get("", response_model=Names)
async def list_entities(
    request: Request, reader: Reader, db: Database, asked: Annotated[Listing, Query()]
) -> JSONResponse:
    """Return entities, those that the most documents name first. With `prefix`, for completion, those with a name or
    alias that starts with it; otherwise those of the newest documents that the search finds.
    """
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    if asked.prefix and (search.model_fields_set or asked.cursor):
        raise Problem(
            422,
            "prefix",
            "`prefix` cannot be combined with a search",
            "give `prefix` only with `type` and `limit`, or leave it out",
        )
    try:
        if asked.prefix:
            found = await entities.complete(db, asked.prefix, asked.type, reader.access(), asked.limit)
            return JSONResponse({"entities": found, "next": None})
        of = digest(search.model_dump_json(exclude_defaults=True), asked.type or "")
        after = entities.After.read(asked.cursor, of) if asked.cursor else None
        finder: Finder = request.app.state.finder
        prepared = await prepare(finder, search, reader, None)
        found, following = await entities.frequent(finder, prepared, asked.type, after, asked.limit)
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None
    except PyMongoError as error:
        raise slow(error) from error
    return JSONResponse(plain({"entities": found, "next": following.write(of) if following else None}))


@router.get("/{name:path}", response_model=Portrait, responses=MISSING)
async def get_entity(
    request: Request,
    reader: Reader,
    db: Database,
    name: Annotated[
        str, Path(max_length=300, description="a name of the entity, or its id", examples=["Ingrid Solheim"])
    ],
    documents: Annotated[int, Query(ge=0, le=200, description="how many of the latest documents to list")] = 20,
    company: Annotated[int, Query(ge=0, le=200, description="how many entities to list under `with`")] = 20,
    date_interval: Annotated[Interval, Query(description="the interval of the timeline")] = "month",
) -> JSONResponse:
    """Return what the documents say about an entity: aliases, roles, its quotes, the entities that appear with it, and
    a timeline. Instead of a name, an id gives everything under any name, and no namesake. If no entity has the name, the answer is about the entity that has it as an alias most often.
    """
    size = {"company": company or 1, "documents": documents or 1}
    if identity.is_id(name):
        try:
            return JSONResponse(plain(await by_id(request, reader, db, name, date_interval, size)))
        except PyMongoError as error:
            raise slow(error) from error
    try:
        for known in await request.app.state.finder.known_as(name, reader.access()):
            pipeline = entities.portrait(known, reader.access(), size, interval=date_interval)
            [found] = await (await db[DOCUMENTS].aggregate(pipeline)).to_list()
            total = sum(one["documents"] for one in found.pop("total"))
            if total:
                break
        else:
            raise Problem(404, "not-found", "No such entity",
                          f"no document has an entity {name[:100]!r}; GET /v1/entities?prefix= finds names")  # fmt: skip
    except PyMongoError as error:
        raise slow(error) from error
    _shape(found)
    found["documents"] = found["documents"][:documents]
    found["with"] = found["with"][:company]
    id = identity.of_name(found["types"][0]["value"], known)
    return JSONResponse(plain({"id": id, "name": known, "total": total, **found}))


def _shape(found: Doc) -> None:
    for facet in ("names", "types", "aliases", "roles", "with", "timeline"):
        found[facet] = [{"value": one.pop("_id"), **one} for one in found[facet]]


async def by_id(request: Request, reader: Caller, db: Database, id: str, interval: Interval, size: Doc) -> Doc:
    """Return the profile of the entity with an id, from the documents that the reader may see. Raises Problem 404."""
    ids = (await identities.same(db, [id], reader.sees))[id]
    pipeline = entities.portrait("", reader.access(), size, interval=interval, ids=ids)
    [found] = await (await db[DOCUMENTS].aggregate(pipeline)).to_list()
    total = sum(one["documents"] for one in found.pop("total"))
    if not total:
        raise Problem(404, "not-found", "No such entity",
                      f"no document that you may read has an entity with the id {id}; GET /v1/entities?prefix= finds names")  # fmt: skip
    _shape(found)
    name, namesakes = found["names"][0]["value"], []
    if reader.everywhere:
        entry = await db[ENTITIES].find_one({"_id": id}, {"into": 1}) or {}
        id = entry.get("into") or id
        entry = await db[ENTITIES].find_one({"_id": id}, {"given_name": 1}) or {}
        name = entry.get("given_name") or name
        of_name = {"base": identity.base(id), "_id": {"$nin": [*ids, id]}}
        namesakes = [one["_id"] for one in await db[ENTITIES].find(of_name, {"_id": 1}).to_list()]
    else:
        id = identity.base(id)
    return {"id": id, "name": name, "namesakes": sorted(namesakes), "total": total, **found}
