"""Erasure: one document, or all that a filter finds."""

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

Members = Annotated[bool, Query(description="also the documents that were found inside it")]


class Erasure(BaseModel):
    """Documents to erase, at most ``limit`` of them at a time."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [
        {"where": {"source.publisher": "Coast Wire"}, "dry_run": True}
    ]})  # fmt: skip

    where: Doc = Field(
        description="a filter in MongoDB's Extended JSON; `{}` is every document, any other needs the scope `read` too"
    )
    members: bool = Field(False, description="also the documents that were found inside them")
    dry_run: bool = Field(False, description="only say how many there are")
    limit: Annotated[int, Field(ge=1, le=erase.BATCH)] = erase.BATCH


class Erased(BaseModel):
    """``found`` by the filter, ``erased`` with their members where asked for; where ``more``, send it again."""

    found: int
    erased: int
    more: bool


@router.delete("/{id}", status_code=204, responses=MISSING)
async def delete_document(
    request: Request, admin: Admin, id: Id, db: Database, settings: Config, members: Members = False
) -> Response:
    """Erase a document: record, bytes, its place in its story, and what names it in other records."""
    ids = await _ids(request, [id], members)
    await audited(db, settings, admin, Action.DELETE, id, ids=[str(one) for one in ids], members=members)
    await run_in_threadpool(erase.erase, request.app.state.blocking_db, ids)
    return Response(status_code=204)


@router.post("/erase")
async def erase_many(request: Request, admin: Admin, chosen: Erasure, db: Database, settings: Config) -> Erased:
    """The same for documents that a filter finds."""
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
