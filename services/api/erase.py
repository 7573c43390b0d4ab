"""Erase one document, or all that a filter matches."""

from __future__ import annotations

from typing import Annotated, Any

from bson import ObjectId
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import REFUSALS, Admin
from services.api.common import MISSING, Config, Database, Id, audited
from services.api.reprocess import filter_of, found_by
from services.store import erase
from services.store.audit import Action
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

Members = Annotated[bool, Query(description="also erase the documents that were found inside it")]


class Erasure(BaseModel):
    """Documents to erase, at most ``limit`` of them at a time."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [
        {"where": {"source.publisher": "Coast Wire"}, "dry_run": True}
    ]})  # fmt: skip

    where: Doc = Field(
        description="a filter in MongoDB's Extended JSON; `{}` matches every document; any other filter also needs the scope `read`"
    )
    members: bool = Field(False, description="also erase the documents that were found inside them")
    dry_run: bool = Field(False, description="only count them")
    limit: Annotated[int, Field(ge=1, le=erase.BATCH)] = erase.BATCH


class Erased(BaseModel):
    """The result: documents ``found`` by the filter, and ``erased``, including members if requested. If ``more`` is
    true, send the request again."""

    found: int
    erased: int
    more: bool


@router.delete("/{id}", status_code=204, responses=MISSING)
async def delete_document(
    request: Request, admin: Admin, id: Id, db: Database, settings: Config, members: Members = False
) -> Response:
    """Erase a document: its record, its bytes, its entry in its story, and references to it in other records."""
    ids = await _ids(request, [id], members)
    await audited(db, settings, admin, Action.DELETE, id, ids=[str(one) for one in ids], members=members)
    await run_in_threadpool(erase.erase, request.app.state.blocking_db, ids)
    return Response(status_code=204)


@router.post("/erase")
async def erase_many(request: Request, admin: Admin, chosen: Erasure, db: Database, settings: Config) -> Erased:
    """Erase the documents that a filter matches."""
    query = {"$and": [admin.reach, filter_of(chosen.where, admin)]}
    found = await found_by(query, db, chosen.limit)
    if chosen.dry_run or not found:
        count = await db[DOCUMENTS].count_documents(query) if found else 0
        return Erased(found=count, erased=0, more=False)
    ids = await _ids(request, found, chosen.members)
    details = {"ids": [str(id) for id in ids], "members": chosen.members}
    await admin.audit(db, settings, Action.ERASE, f"{len(ids)} documents", **details)
    erased = await run_in_threadpool(erase.erase, request.app.state.blocking_db, ids)
    return Erased(found=len(found), erased=erased, more=len(found) == chosen.limit)


async def _ids(request: Request, ids: list[ObjectId], members: bool) -> list[ObjectId]:
    return await run_in_threadpool(erase.with_members, request.app.state.blocking_db, ids) if members else ids
