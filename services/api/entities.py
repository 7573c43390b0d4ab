"""``/v1/entities``: a person, organisation, place … over all documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pymongo.errors import PyMongoError

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING, Database, plain
from services.api.problems import Problem
from services.api.search import slow
from services.records import EntityType
from services.search import entities
from services.search.facets import Interval
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)


class Named(BaseModel):
    """An entity, and in how many documents it is."""

    name: str
    type: EntityType
    count: int


class Names(BaseModel):
    entities: list[Named]


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


@router.get("", response_model=Names)
async def complete(
    reader: Reader,
    db: Database,
    prefix: Annotated[str, Query(min_length=1, max_length=100, description="how a name of it begins")],
    type: Annotated[EntityType | None, Query(description="entities of this type only")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="the most names to return")] = 10,
) -> JSONResponse:
    """Entities by the beginning of their name or of another name they go by, for completion."""
    try:
        found = await entities.complete(db, prefix, type, reader.access(), limit)
    except PyMongoError as error:
        raise slow(error) from error
    return JSONResponse({"entities": found})


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
