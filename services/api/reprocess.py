"""``reprocess``: have documents made anew, one or all that a filter finds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from bson import ObjectId, json_util
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pymongo.errors import OperationFailure

from services import queue
from services.api.auth import REFUSALS, Writer
from services.api.documents import MISSING, Accepted, Config, Database, Id, audited, not_found
from services.api.problems import RESPONSE, Problem
from services.records import Status
from services.settings import Settings
from services.store import current
from services.store.audit import Action
from services.store.filters import WrongFilter, read_filter
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

Force = Annotated[bool, Query(description="make everything anew, also what no change of version asks for")]


class Selection(BaseModel):
    """Documents to make anew, at most ``limit`` of them after the id ``after``."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [
        {"where": {"status": "failed", "error.stage": "parse"}}, {"stale": True}
    ]})  # fmt: skip

    where: Doc | None = Field(None, description="a filter in MongoDB's Extended JSON; `{}` is every document")
    stale: bool = Field(
        False, description="only finished documents that the workers' code of today would make otherwise"
    )
    force: bool = Field(False, description="make everything anew, also what no change of version asks for")
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    after: Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")] | None = None


class Queued(BaseModel):
    """``queued`` documents; where ``next`` is not null there may be more: give it as ``after``."""

    queued: int
    next: str | None


@router.post("/{id}/reprocess", status_code=202, response_model=Accepted, responses=MISSING)
async def reprocess(writer: Writer, id: Id, db: Database, settings: Config, force: Force = False) -> JSONResponse:
    """Make anew what changed since, by the versions in the record; whoever is working on it now has worked in vain."""
    await audited(db, settings, writer, Action.REPROCESS, id)
    if (await db[DOCUMENTS].update_one({"_id": id}, _queued(force))).matched_count == 0:
        raise not_found(id)
    await run_in_threadpool(queue.publish, [str(id)])
    return JSONResponse(
        {"id": str(id), "status": "queued", "duplicate": False}, 202, {"Location": f"/v1/documents/{id}"}
    )


@router.post("/reprocess", status_code=202, responses={409: {**RESPONSE, "description": "No worker ran yet."}})
async def reprocess_many(writer: Writer, chosen: Selection, db: Database, settings: Config) -> Queued:
    """The same for all documents that a filter finds, a page at a time."""
    query = {"$and": [writer.access, await _query(chosen, db)]}
    try:
        found = await db[DOCUMENTS].find(query, {"_id": 1}).sort("_id", 1).limit(chosen.limit).to_list()
    except OperationFailure as error:
        if error.timeout:
            raise
        reason = str((error.details or {}).get("errmsg", error)).partition("\n")[0]
        raise Problem(422, "filter", "The filter is not valid", reason) from None
    ids = [one["_id"] for one in found]
    if ids:
        what = chosen.model_dump(mode="json", exclude={"limit", "after"})
        await writer.audit(db, settings, Action.REPROCESS, f"{len(ids)} documents", selection=json_util.dumps(what))
        await db[DOCUMENTS].update_many({"_id": {"$in": ids}}, _queued(chosen.force))
        await run_in_threadpool(_publish, ids, settings)
    return Queued(queued=len(ids), next=str(ids[-1]) if len(ids) == chosen.limit else None)


async def _query(chosen: Selection, db: Database) -> Doc:
    if chosen.where is None and not chosen.stale:
        raise Problem(422, "filter", "Nothing says which documents", "give `where`, a filter, or `stale`")
    try:
        parts = [read_filter(chosen.where or {})]
    except WrongFilter as error:
        raise Problem(422, "filter", "The filter is not valid", str(error)) from None
    if chosen.stale:
        told = await db[current.CURRENT].find_one({"_id": current.PIPELINE}, {"_id": 0})
        if told is None:
            raise Problem(
                409, "no-worker", "No worker has said yet what is current", "start a worker, then send it again"
            )
        parts.append(current.behind(current.Current(**told)))
    if chosen.after:
        parts.append({"_id": {"$gt": ObjectId(chosen.after)}})
    return {"$and": parts}


def _queued(force: bool) -> Doc:
    """The update that queues a record; without the versions of what made it, all of it is made anew."""
    fields: Doc = {
        "status": Status.QUEUED,
        "error": None,
        "processing.attempts": 0,
        "processing.lease": None,
        "processing.not_before": None,
        "processing.queued_at": datetime.now(UTC),
    }
    if force:
        fields |= {"processing.stages": {}, "processing.parser": None}
    return {"$set": fields}


def _publish(ids: list[ObjectId], settings: Settings) -> None:
    """As many as may wait; the sweeper publishes the others as the workers get on."""
    queue.publish([str(id) for id in ids[: queue.room(settings)]])
