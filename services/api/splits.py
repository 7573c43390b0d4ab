"""``POST /v1/entities/{id}/split``: record that some documents of a person or organization mean another one."""

from __future__ import annotations

from typing import Annotated, Any

from bson import ObjectId
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services import identity
from services.api.auth import REFUSALS, Caller, Corrector
from services.api.common import Config, Database
from services.api.corrections import Pin, WhoIsMeant, correct
from services.api.problems import RESPONSE, Problem
from services.api.register import MISSING, Id, of_all
from services.records import Target
from services.search import identities
from services.store.audit import Action
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
MOST = 200

router = APIRouter(prefix="/v1/entities", tags=["entities"], responses=REFUSALS)


class Split(BaseModel):
    """The documents that mean somebody else. ``into`` is who is meant: the id of another entry, or by default a new one
    of the same name."""

    model_config = ConfigDict(extra="forbid")

    documents: Annotated[
        list[Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")]], Field(min_length=1, max_length=MOST)
    ]
    into: Annotated[str, StringConstraints(pattern=identity.PATTERN)] | None = None


class Parted(BaseModel):
    """The result. ``id`` is the entry that the ``documents`` now mean."""

    id: str
    documents: list[str]


@router.post(
    "/{id}/split",
    response_model=Parted,
    responses={**MISSING, 409: {**RESPONSE, "description": "A document does not name the entry."}},
)
async def split_entity(corrector: Corrector, id: Id, given: Split, db: Database, settings: Config) -> JSONResponse:
    """Record that some documents of an entry mean another person or organization: a new entry of the same name, or
    `into`. Each document gets a correction of the kind `pin`, which can be undone. The key must see all collections."""
    of_all(corrector)
    documents = sorted(set(given.documents))
    into = given.into or identity.namesake(identity.base(id), f"split:{documents[0]}")
    names = await _names(corrector, db, id, documents, into)
    await corrector.audit(db, settings, Action.ENTITY_SPLIT, id, into=into, documents=documents)
    for document in documents:
        for name in names[document]:
            pin = Pin(kind="pin", target=Target(field="entities", name=name), now=WhoIsMeant(id=into))
            await correct(corrector, ObjectId(document), pin, db, settings)
    return JSONResponse({"id": into, "documents": documents})


async def _names(corrector: Caller, db: Database, id: str, documents: list[str], into: str) -> dict[str, list[str]]:
    """Return what each document calls the entry, or the one that it is split into already. Raises Problem 409 if a
    document means neither."""
    ids = {*(await identities.same(db, [id], corrector.sees))[id], into}
    query = {"_id": {"$in": [ObjectId(one) for one in documents]}, **corrector.sees}
    found = await db[DOCUMENTS].find(query, {"entities.id": 1, "entities.name": 1}).to_list()
    names = {
        str(one["_id"]): [each["name"] for each in one.get("entities") or [] if each.get("id") in ids]
        for one in found
    }  # fmt: skip
    for one in documents:
        if not names.get(one):
            raise Problem(409, "split", "The documents cannot be split off",
                          f"document {one} does not name {id}; GET /v1/documents?entity_id={id} lists those that do")  # fmt: skip
    return names
