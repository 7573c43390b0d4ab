"""``reprocess``: read documents again, one or all that a filter matches."""

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
from services.api.auth import REFUSALS, Caller, Writer
from services.api.common import MISSING, Config, Database, Id, audited, not_found
from services.api.intake import Accepted
from services.api.problems import RESPONSE, Problem
from services.records import Beyond, Priority, Status
from services.settings import Settings
from services.stages import PARSE
from services.store import current, story_facts
from services.store.audit import Action
from services.store.filters import WrongFilter, identifies, mentions, read_filter
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

Force = Annotated[bool, Query(description="rerun every stage, including those whose version has not changed")]


class Selection(BaseModel):
    """Documents to process again, at most ``limit`` of them after the id ``after``."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [
        {"where": {"status": "failed", "error.stage": PARSE}}, {"stale": True}
    ]})  # fmt: skip

    where: Doc | None = Field(
        None,
        description="a filter in MongoDB's Extended JSON; `{}` matches every document; any other filter also needs the scope `read`",
    )
    stale: bool = Field(False, description="only finished documents with a stage whose version has changed")
    force: bool = Field(False, description="rerun every stage, including those whose version has not changed")
    priority: Priority = Field(
        Priority.BULK, strict=False, description="`bulk` documents are processed when no interactive one waits"
    )
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    after: Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")] | None = None


class Queued(BaseModel):
    """The number of ``queued`` documents. If ``next`` is not null there may be more: give it as ``after``."""

    queued: int
    next: str | None


@router.post("/{id}/reprocess", status_code=202, response_model=Accepted, responses=MISSING)
async def reprocess(writer: Writer, id: Id, db: Database, settings: Config, force: Force = False) -> JSONResponse:
    """Rerun the stages whose version has changed since the record was made; the result of a run in progress is
    discarded."""
    await audited(db, settings, writer, Action.REPROCESS, id)
    if (await db[DOCUMENTS].update_one({"_id": id}, _queued(force, Priority.INTERACTIVE))).matched_count == 0:
        raise not_found(id)
    await run_in_threadpool(queue.publish, [str(id)])
    return JSONResponse(
        {"id": str(id), "status": "queued", "duplicate": False}, 202, {"Location": f"/v1/documents/{id}"}
    )


@router.post("/reprocess", status_code=202, responses={409: {**RESPONSE, "description": "No worker has run yet."}})
async def reprocess_many(writer: Writer, chosen: Selection, db: Database, settings: Config) -> Queued:
    """Reprocess all documents that a filter matches, a page at a time. Documents beyond a key's share become bulk.

    `where` needs the scope `read` too.
    """
    query = {"$and": [writer.reach, await _query(chosen, writer, db)]}
    ids = await found_by(query, db, chosen.limit)
    if ids:
        beyond = Beyond.KEY if chosen.priority == Priority.INTERACTIVE else None
        what = chosen.model_dump(mode="json", exclude={"limit", "after"})
        await writer.audit(db, settings, Action.REPROCESS, f"{len(ids)} documents", selection=json_util.dumps(what))
        share = (settings.share_of_key or len(ids)) if chosen.priority == Priority.INTERACTIVE else 0
        for some, lane in ((ids[:share], (Priority.INTERACTIVE, None)), (ids[share:], (Priority.BULK, beyond))):
            if some:
                await db[DOCUMENTS].update_many({"_id": {"$in": some}}, _queued(chosen.force, *lane))
                await run_in_threadpool(_publish, some, settings, bulk=lane[0] == Priority.BULK)
    return Queued(queued=len(ids), next=str(ids[-1]) if len(ids) == chosen.limit else None)


async def _query(chosen: Selection, caller: Caller, db: Database) -> Doc:
    if chosen.where is None and not chosen.stale:
        raise Problem(422, "filter", "No documents were chosen", "give a filter in `where`, or `stale`")
    parts = [filter_of(chosen.where or {}, caller)]
    if chosen.stale:
        told = await db[current.CURRENT].find_one({"_id": current.PIPELINE})
        if told is None:
            raise Problem(
                409,
                "no-worker",
                "No worker has reported its stage versions yet",
                "start a worker, then send the request again",
            )
        parts.append(current.behind(current.of(told)))
    if chosen.after:
        parts.append({"_id": {"$gt": ObjectId(chosen.after)}})
    return {"$and": parts}


def filter_of(where: Doc, caller: Caller) -> Doc:
    """Return the filter. Raises Problem 422 if it is not valid, and 403 if it is not `{}` and the key lacks the scope
    `read`."""
    if where:
        caller.read()
    if not caller.everywhere and (mentions(where, story_facts.FIELD) or identifies(where)):
        raise Problem(422, "filter", "The filter is not valid", "`story` and `entities.id` compare documents of all "
                      "collections; only a key with access to all of them may filter by them")  # fmt: skip
    try:
        return read_filter(where)
    except WrongFilter as error:
        raise Problem(422, "filter", "The filter is not valid", str(error)) from None


async def found_by(query: Doc, db: Database, limit: int) -> list[ObjectId]:
    """Return the first ids that the query finds. Raises Problem 422 if MongoDB refuses it."""
    try:
        found = await db[DOCUMENTS].find(query, {"_id": 1}).sort("_id", 1).limit(limit).to_list()
    except OperationFailure as error:
        if error.timeout:
            raise
        reason = str((error.details or {}).get("errmsg", error)).partition("\n")[0]
        raise Problem(422, "filter", "The filter is not valid", reason) from None
    return [one["_id"] for one in found]


def _queued(force: bool, priority: Priority, beyond: Beyond | None = None) -> Doc:
    """Return the update that queues a record; if it clears the stage versions, every stage runs again."""
    now = datetime.now(UTC)
    fields: Doc = {
        "status": Status.QUEUED,
        "error": None,
        "processing.attempts": 0,
        "processing.priority": priority,
        "processing.beyond_share": beyond,
        "processing.lease": None,
        "processing.not_before": None,
        "processing.canceled": None,
        "processing.waiting_since": now,
        "processing.queued_at": now,
    }
    if force:
        fields |= {"processing.stages": {}, "processing.parser": None}
    return {"$set": fields}


def _publish(ids: list[ObjectId], settings: Settings, *, bulk: bool) -> None:
    """Publish as many documents as may wait; the sweeper publishes the others later."""
    queue.publish([str(id) for id in ids[: queue.room(settings, bulk=bulk)]], bulk=bulk)
