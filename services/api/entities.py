"""``/v1/entities``: a person, organisation, place … over all documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from pymongo.errors import PyMongoError

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING, Database, plain
from services.api.problems import Problem
from services.api.search import prepare, slow
from services.records import EntityType
from services.search import entities
from services.search.cursor import WrongCursor, digest
from services.search.facets import Interval
from services.search.params import Search
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)


class Named(BaseModel):
    """An entity, and in how many documents it is."""

    name: str
    type: EntityType
    count: int
    first_received_at: datetime | None = None
    last_received_at: datetime | None = None


class Names(BaseModel):
    """Without `prefix` each says when the first and last of the documents counted was received, and ``next`` the next page."""

    entities: list[Named]
    next: str | None = None


class Counted(BaseModel):
    value: str
    count: int
    type: EntityType | None = None


class Role(BaseModel):
    """What the entity is called in ``count`` documents, published from ``first`` to ``last``."""

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
    """``with`` are the entities that share the most documents with it. Of more than 10,000 documents the newest count."""

    name: str
    types: list[Counted]
    aliases: list[Counted]
    roles: list[Role]
    total: int
    documents: list[dict[str, Any]]
    quotes: list[Said]
    timeline: list[Counted]
    model_config = {"json_schema_extra": {"properties": {"with": {"type": "array", "items": {"type": "object"}}}}}


class Listing(Search):
    """Entities that begin so, or those of the documents that a search finds."""

    prefix: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="how a name of it begins, for completion: then no search and no pages"
    )
    type: EntityType | None = Field(None, description="entities of this type only")
    limit: Annotated[int, Field(ge=1, le=200, description="the most names to return")] = 10
    cursor: Annotated[str, StringConstraints(max_length=4000)] | None = Field(
        None, description="`next` of the page before"
    )


@router.get("", response_model=Names)
async def list_entities(
    request: Request, reader: Reader, db: Database, asked: Annotated[Listing, Query()]
) -> JSONResponse:
    """Entities by how many documents name them, the most frequent first; with `prefix` those whose name begins so.

    With `prefix` for completion: by a name or another name they go by. Else of the newest documents that the search finds.
    """
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    if asked.prefix and (search.model_fields_set or asked.cursor):
        raise Problem(
            422, "prefix", "A prefix goes alone", "give `prefix` with `type` and `limit` alone, or leave it out"
        )
    try:
        if asked.prefix:
            found = await entities.complete(db, asked.prefix, asked.type, reader.access(), asked.limit)
            return JSONResponse({"entities": found, "next": None})
        of = digest(search.model_dump_json(exclude_defaults=True), asked.type or "")
        after = entities.After.read(asked.cursor, of) if asked.cursor else None
        prepared = await prepare(request.app.state.finder, search, reader, None)
        found, following = await entities.frequent(db, prepared.plan, asked.type, after, asked.limit)
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
    name: Annotated[str, Path(max_length=300, description="a name of the entity", examples=["Ingrid Solheim"])],
    documents: Annotated[int, Query(ge=0, le=200, description="documents to list, the latest")] = 20,
    company: Annotated[int, Query(ge=0, le=200, description="entities to list under `with`")] = 20,
    date_interval: Annotated[Interval, Query(description="what the timeline counts by")] = "month",
) -> JSONResponse:
    """What the documents say of an entity: other names, roles, quotes by it, its company, and when it was in the news.

    Where no entity has the name, the one that most often goes by it is taken.
    """
    size = {"company": company or 1, "documents": documents or 1}
    try:
        for known in await request.app.state.finder.known_as(name, reader.access()):
            pipeline = entities.portrait(known, reader.access(), **size, interval=date_interval)
            [found] = await (await db[DOCUMENTS].aggregate(pipeline)).to_list()
            total = sum(one["documents"] for one in found.pop("total"))
            if total:
                break
        else:
            raise Problem(404, "not-found", "No such entity",
                          f"no document has an entity {name[:100]!r}; GET /v1/entities?prefix= finds names")  # fmt: skip
    except PyMongoError as error:
        raise slow(error) from error
    for facet in ("types", "aliases", "roles", "with", "timeline"):
        found[facet] = [{"value": one.pop("_id"), **one} for one in found[facet]]
    found["documents"] = found["documents"][:documents]
    found["with"] = found["with"][:company]
    return JSONResponse(plain({"name": known, "total": total, **found}))
