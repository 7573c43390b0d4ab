"""``GET /v1/documents/{id}/events``: a document's progress through the stages, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from bson import ObjectId
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING, Database, Id, not_found, plain
from services.api.watch import Watcher
from services.records import FINAL, Status
from services.stages import in_order
from services.store.current import CURRENT, PIPELINE
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
KIND = "document"

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

STREAM: dict[int | str, Any] = {
    200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."},
    204: {"description": "The final state was sent already; an EventSource that reconnects stops."},
}


async def states(db: AsyncDatabase[Doc], ids: list[ObjectId]) -> dict[ObjectId, Doc]:
    """Return the status and stage of each document and, once final, its times and error."""
    shown = {"status": 1, "error": 1, "processing.attempts": 1, "processing.lease.stage": 1, "processing.timings_ms": 1,
             "processing.canceled": 1}  # fmt: skip
    found = await db[DOCUMENTS].find({"_id": {"$in": ids}}, shown).to_list()
    now = await db[CURRENT].find_one({"_id": PIPELINE}, {"stages": 1}) or {}
    stages = in_order(now.get("stages", {}))
    return {one["_id"]: _state(one, stages) for one in found}


def _state(record: Doc, stages: list[str]) -> Doc:
    made = record["processing"]
    state = {"id": str(record["_id"]), "status": record["status"], "attempts": made["attempts"]}
    if record["status"] not in FINAL:
        stage = (made.get("lease") or {}).get("stage")
        return {
            **state,
            "stage": stage,
            "step": stages.index(stage) + 1 if stage in stages else 0,
            "steps": len(stages),
        }
    return {
        **state,
        "error": plain(record["error"]),
        "canceled": plain(made.get("canceled")),
        "timings_ms": made.get("timings_ms"),
        "final": True,
    }


@router.get("/{id}/events", response_class=StreamingResponse, responses={**STREAM, **MISSING})
async def document_events(
    request: Request,
    reader: Reader,
    id: Id,
    db: Database,
    last_event_id: Annotated[
        str | None,
        Header(description="sent by browsers that reconnect; ends the stream if the final state was sent"),
    ] = None,
) -> Response:
    """Stream a document's progress: events ``progress`` with ``status``, ``stage`` and ``step`` of ``steps``, and at
    the end one event ``end`` with times, the error, or who canceled it. Stages are recorded from now on; send the
    document with `watch=true` to record them from the start.
    """
    found = await db[DOCUMENTS].find_one({"_id": id, **reader.reach}, {"status": 1})
    if found is None:
        raise not_found(id)
    if last_event_id and found["status"] in FINAL:
        return Response(status_code=204)
    if found["status"] == Status.QUEUED:
        await db[DOCUMENTS].update_one({"_id": id}, {"$set": {"processing.watched": True}})
    watcher: Watcher = request.app.state.watcher
    return watcher.stream(KIND, id, reader.holder)
