"""``GET /v1/entities/{id}/network``: who is connected with a person or organization, and by what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from pymongo.errors import PyMongoError

from services import identity
from services.api.auth import REFUSALS, Caller, Reader
from services.api.common import MISSING, Database, plain
from services.api.entities import Counted
from services.api.problems import Problem
from services.api.register import Id
from services.api.search import prepare, slow
from services.records import EntityType
from services.search import network
from services.search.find import FEW, Finder
from services.search.network import Relation
from services.search.params import Search
from services.store import story_facts
from services.store.register import ENTITIES

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)


class Node(BaseModel):
    """A person or organization of the network."""

    id: str
    name: str
    type: EntityType


class Example(BaseModel):
    """A place that shows a relation: `start` and `end` are offsets in the text of `document`."""

    document: str
    title: str | None
    published_at: datetime | None
    collection: str
    text: str
    start: int
    end: int
    action: str | None


class Edge(BaseModel):
    """A relation between two nodes. `said_of`: `source` said something in which `target` is named; `count` is the number
    of quotes and statements. `acts_on`: `source` is the actor of events of which `target` is the target; `count` is the
    number of events, `actions` has their types. `in_story`: both are named in one document; `count` is the number of
    stories. `first` and `last` are dates of documents."""

    relation: Relation
    source: str
    target: str
    count: int
    documents: int
    actions: list[Counted]
    first: datetime
    last: datetime
    examples: list[Example]


class Network(BaseModel):
    """A network. `total` is the number of documents it was made from, the newest; `complete` is false if there are
    more."""

    id: str
    name: str
    total: int
    complete: bool
    nodes: list[Node]
    edges: list[Edge]


class Asked(Search):
    """A search that limits the documents, and the size of the network."""

    relation: list[Relation] = Field([], description="only these relations; without it, all")
    limit: Annotated[int, Field(ge=1, le=100, description="how many edges of each relation to return")] = 20
    examples: Annotated[int, Field(ge=0, le=10, description="how many examples of each edge")] = 3


@router.get("/{id}/network", response_model=Network, responses=MISSING)
async def get_network(
    request: Request, reader: Reader, id: Id, db: Database, asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """Return who is connected with a person or organization: whom it spoke about and who spoke about it, on whom it
    acts and who acts on it, and who is in one story with it. Only its newest 2,000 documents count; search parameters
    limit them further."""
    if asked.entity_id:
        raise Problem(422, "entity_id", "A network is for a single id", "leave `entity_id` out; the path has the id")
    try:
        return JSONResponse(plain(await found(request, reader, id, db, asked)))
    except PyMongoError as error:
        raise slow(error) from error


async def found(request: Request, reader: Caller, id: str, db: Database, asked: Asked) -> Doc:
    """Return the network in the documents that the reader may see. Raises Problem 404 and PyMongoError."""
    finder: Finder = request.app.state.finder
    given = asked.model_dump(include=set(Search.model_fields), exclude_unset=True)
    prepared = await prepare(finder, Search.model_validate({**given, "entity_id": [id]}), reader, None)
    most = FEW if await finder.windowed() else network.MOST_READ
    documents = await finder.newest(prepared, None, most + 1, dict(network.FIELDS))
    if not documents:
        raise Problem(404, "not-found", "No such entity",
                      f"no document that you may read has an entity with the id {id}; GET /v1/entities?prefix= finds names")  # fmt: skip
    ids, known = prepared.any_name("entity_id"), await _register(reader, db, documents)
    shown = known.get(id, {}).get("into") or id if reader.everywhere else identity.base(id)
    for document in documents:
        for one in document.get("entities") or []:
            one["own"] = one.get("id") in ids
            one["id"] = _resolved(one.get("id"), known)
    story_facts.mask_ids(documents, reader.sees)
    made = network.network(documents[:most], shown, lambda one: bool(one["own"]),
                           relations=asked.relation or network.RELATIONS, limit=asked.limit, examples=asked.examples,
                           confidence=request.app.state.settings.event_confidence)  # fmt: skip
    for node in made.nodes:
        node["name"] = known.get(node["id"], {}).get("given_name") or node["name"]
    return {"id": shown, "name": made.nodes[0]["name"], "total": len(documents[:most]),
            "complete": len(documents) <= most, "nodes": made.nodes, "edges": made.edges}  # fmt: skip


async def _register(reader: Caller, db: Database, documents: list[Doc]) -> dict[str, Doc]:
    """Return the entries that editors joined or named, by id; none for a reader who does not see all collections."""
    if not reader.everywhere:
        return {}
    ids = {one["id"] for document in documents for one in document.get("entities") or [] if one.get("id")}
    edited = {"$or": [{"into": {"$ne": None}}, {"given_name": {"$ne": None}}]}
    shown = {"into": 1, "given_name": 1}
    entries = await db[ENTITIES].find({"_id": {"$in": sorted(ids)}, **edited}, shown).to_list()
    into = sorted({one["into"] for one in entries if one.get("into")})
    entries += await db[ENTITIES].find({"_id": {"$in": into}}, shown).to_list()
    return {one["_id"]: one for one in entries}


def _resolved(id: str | None, known: dict[str, Doc]) -> str | None:
    return known.get(id, {}).get("into") or id if id else id
