"""``/v1/batches``: documents that were sent together, and their progress."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import REFUSALS, Caller, Reader, Writer
from services.api.common import MISSING, Config, Database, plain
from services.api.events import STREAM
from services.api.intake import Accepted, admitted, remember, said, take
from services.api.problems import Problem
from services.api.watch import Watcher
from services.records import FINAL, Cancellation, Priority, Status
from services.store import cancel
from services.store.audit import Action
from services.store.setup import BATCHES, DOCUMENTS

Doc = dict[str, Any]
KIND = "batch"

router = APIRouter(prefix="/v1/batches", tags=["batches"], responses=REFUSALS)


class Taken(BaseModel):
    """A batch. ``documents`` are those of the request; members of an archive join the batch while the archive is
    read."""

    id: str
    documents: list[Accepted]


class Batch(BaseModel):
    """The progress of a batch. ``by_status`` counts its documents, including the archive itself; ``duplicates`` were in
    the collection before. ``eta_seconds`` is how long the rest takes at the pace so far; null before any document is
    finished. More documents may join while an archive is being read. ``canceled`` says who last canceled the batch, and
    when.
    """

    id: str
    created_at: datetime
    collection: str
    total: int
    by_status: dict[Status, int]
    duplicates: int
    failures: dict[str, int]
    eta_seconds: float | None
    canceled: Cancellation | None = None


def _batch_id(
    id: Annotated[str, Path(description="the batch's id", examples=["665f1f77bcf86cd799439011"])],
) -> ObjectId:
    try:
        return ObjectId(id)
    except InvalidId:
        raise _not_found(id) from None


BatchId = Annotated[ObjectId, Depends(_batch_id)]


def _not_found(id: Any) -> Problem:
    return Problem(404, "not-found", "No such batch",
                   f"there is no batch {str(id)[:100]!r}; POST /v1/batches answers with its id")  # fmt: skip


async def _admitted(
    request: Request,
    priority: Annotated[Priority, Query(description="`interactive` documents are processed before `bulk` ones")] = (
        Priority.BULK
    ),
) -> Priority:
    return await admitted(request, priority)


@router.post("", status_code=202, response_model=Taken, dependencies=[Depends(said)])
async def post_batch(
    request: Request,
    priority: Annotated[Priority, Depends(_admitted)],
    writer: Writer,
    db: Database,
    settings: Config,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="a request with the same key within a day gets the same answer")
    ] = None,
) -> Response:
    """Store documents that belong together: an archive or NDJSON as the body, or many files in a form. Accepts the same
    input as `POST /v1/documents`; `source.batch` of each document is the batch's id. The documents are `bulk` unless
    `priority` says otherwise.
    """
    # a request that is sent again after an interruption continues the same batch
    key = f"{writer.key or ''}:{idempotency_key}".encode()
    id = ObjectId(hashlib.sha256(key).digest()[:12]) if idempotency_key else ObjectId()
    found, replayed = await take(request, writer, db, settings, idempotency_key, priority, batch=str(id))
    if replayed is not None:
        return JSONResponse(replayed["body"], replayed["status"], {"Idempotent-Replayed": "true"})
    first = await db[DOCUMENTS].find_one({"_id": ObjectId(found[0].id)}, {"source.collection": 1}) or {}
    batch = {
        "created_at": datetime.now(UTC),
        "collection": first.get("source", {}).get("collection", "default"),
        "duplicates": sum(one.duplicate for one in found),
    }
    await db[BATCHES].replace_one({"_id": id}, batch, upsert=True)
    content = Taken(id=str(id), documents=found).model_dump(mode="json", exclude_none=True)
    await remember(writer, db, idempotency_key, 202, content)
    return JSONResponse(content, 202, {"Location": f"/v1/batches/{id}"})


async def states(db: AsyncDatabase[Doc], ids: list[ObjectId]) -> dict[ObjectId, Doc]:
    """Return each batch with its counts."""
    batches = await db[BATCHES].find({"_id": {"$in": ids}}).to_list()
    return {batch["_id"]: await _state(db, batch) for batch in batches}


async def _state(db: AsyncDatabase[Doc], batch: Doc) -> Doc:
    group = {"_id": {"status": "$status", "code": "$error.code"}, "count": {"$sum": 1},
             "last": {"$max": "$processing.finished_at"}}  # fmt: skip
    stages: list[Doc] = [{"$match": {"source.batch": str(batch["_id"])}}, {"$group": group}]
    found = await (await db[DOCUMENTS].aggregate(stages)).to_list()
    counts = {status: sum(one["count"] for one in found if one["_id"]["status"] == status) for status in Status}
    finished = sum(counts[status] for status in FINAL)
    waiting = sum(counts.values()) - finished
    processed = finished - counts[Status.CANCELED]
    seconds = (datetime.now(UTC) - batch["created_at"]).total_seconds()
    return {
        "id": str(batch["_id"]),
        "created_at": plain(batch["created_at"]),
        "collection": batch["collection"],
        "total": sum(counts.values()),
        "by_status": counts,
        "duplicates": batch["duplicates"],
        "failures": {one["_id"]["code"]: one["count"] for one in found if one["_id"]["status"] == Status.FAILED},
        "eta_seconds": 0.0 if not waiting else round(seconds / processed * waiting, 1) if processed else None,
        "canceled": plain(batch.get("canceled")),
        **({} if waiting else {"final": True}),
    }


async def _visible(db: AsyncDatabase[Doc], id: ObjectId, reader: Caller) -> Doc:
    """Return the batch. Raises Problem 404."""
    batch = await db[BATCHES].find_one({"_id": id})
    if batch is None or not reader.may_use(batch["collection"]):
        raise _not_found(id)
    return batch


@router.get("/{id}", response_model=Batch, responses=MISSING)
async def get_batch(reader: Reader, id: BatchId, db: Database) -> JSONResponse:
    """Return how many of its documents wait, are done or have failed, and how long the rest takes."""
    return JSONResponse(await _state_shown(db, id, reader))


async def _state_shown(db: AsyncDatabase[Doc], id: ObjectId, reader: Caller) -> Doc:
    state = await _state(db, await _visible(db, id, reader))
    state.pop("final", None)
    return state


@router.post("/{id}/cancel", response_model=Batch, responses=MISSING)
async def cancel_batch(writer: Writer, id: BatchId, db: Database, settings: Config) -> JSONResponse:
    """Cancel the waiting documents of a batch. They become `canceled` and keep their bytes; documents that are being
    read are finished. Members of an archive that is being read are canceled when they are found. The request can be
    repeated; `reprocess` queues canceled documents again.
    """
    await _visible(db, id, writer)
    await writer.audit(db, settings, Action.BATCH_CANCEL, str(id))
    mark = cancel.mark(writer.name, writer.key)
    await db[BATCHES].update_one({"_id": id}, {"$set": {"canceled": mark}})  # first, because workers check it
    waiting = cancel.waiting(str(id))
    while found := await db[DOCUMENTS].find(waiting, {"_id": 1}).limit(cancel.AT_ONCE).to_list():
        some = {"_id": {"$in": [one["_id"] for one in found]}, "status": Status.QUEUED}
        await db[DOCUMENTS].update_many(some, cancel.update(mark))
    return JSONResponse(await _state_shown(db, id, writer))


@router.get("/{id}/events", response_class=StreamingResponse, responses={**STREAM, **MISSING})
async def batch_events(
    request: Request,
    reader: Reader,
    id: BatchId,
    db: Database,
    last_event_id: Annotated[
        str | None,
        Header(description="sent by browsers that reconnect; ends the stream if the final state was sent"),
    ] = None,
) -> Response:
    """Stream the counts as server-sent events: `progress` whenever a count changes, `end` when no document waits any
    more."""
    batch = await _visible(db, id, reader)
    if last_event_id and (await _state(db, batch)).get("final"):
        return Response(status_code=204)
    watcher: Watcher = request.app.state.watcher
    return watcher.stream(KIND, id, reader.holder)
