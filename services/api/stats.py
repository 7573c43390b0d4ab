"""``GET /v1/stats``: how many documents there are, wait and fail, and how fast they are processed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from bson import ObjectId
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from pymongo.asynchronous.database import AsyncDatabase

from services import queue
from services.api import liveness, queues
from services.api.auth import REFUSALS, Reader
from services.records import Priority, Status
from services.search.find import Finder
from services.settings import Settings
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
REMEMBERED_SECONDS = 2.0
MINUTES = (1, 5, 15)

router = APIRouter(prefix="/v1/stats", tags=["stats"], responses=REFUSALS)


class Day(BaseModel):
    day: str
    received: int


class Stats(liveness.Liveness):
    """Counts for the collections that the key may read. ``queue_depth`` is the number of waiting messages of all
    collections, and ``queue_depth_bulk`` how many of them are bulk; both are null if the broker is down.

    ``finished`` is the number of documents that became done or failed in the last 1, 5 and 15 minutes; ``eta_seconds``
    is how long the waiting documents would take at the pace of the last five, or null if unknown.
    ``oldest_waiting_seconds`` is how long the oldest waiting document has waited since it arrived or was queued again.
    ``paused`` names the paused queues. ``workers`` are running now. For the last hour and all collections, ``errors``
    counts task errors by kind, ``retries`` counts documents queued for another attempt, and ``stages`` has the time
    spent in each stage, longest total first. ``stalled`` says why no document was finished for a minute while documents
    wait; null if processing is not stalled.
    """

    total: int
    by_status: dict[Status, int]
    by_day: list[Day]
    failures: dict[str, int]
    queue_depth: int | None
    queue_depth_bulk: int | None
    oldest_waiting_seconds: float | None
    finished: dict[str, int]
    eta_seconds: float | None
    paused: list[Priority]


@router.get("")
async def stats(
    request: Request,
    reader: Reader,
    days: Annotated[int, Query(ge=1, le=366, description="days in `by_day`, in UTC, including today")] = 14,
) -> Stats:
    """Return the state of the service, cached for two seconds."""
    known: dict[Any, tuple[float, Stats]] = request.app.state.stats
    asked = (reader.collections, days)
    until, found = known.get(asked, (0.0, None))
    if found is None or until < time.monotonic():
        state = request.app.state
        found = await _stats(state.db, state.finder, state.settings, reader.reach, days)
        for old in [one for one, (end, _) in known.items() if end < time.monotonic()]:
            del known[old]
        known[asked] = time.monotonic() + REMEMBERED_SECONDS, found
    return found


async def _stats(db: AsyncDatabase[Doc], finder: Finder, settings: Settings, access: Doc, days: int) -> Stats:
    documents = db[DOCUMENTS]
    now = datetime.now(UTC)
    unfinished = (Status.QUEUED, Status.PROCESSING, Status.FAILED, Status.CANCELED)
    total = _count(db, {}, access) if access else documents.estimated_document_count()
    since = {minutes: {"$gte": now - timedelta(minutes=minutes)} for minutes in MINUTES}
    counting = [
        total,
        *(_count(db, {"status": status}, access) for status in unfinished),
        *(_finished(db, after, access) for after in since.values()),
    ]
    (total_count, *rest), failures, by_day, oldest, depths, paused = await asyncio.gather(
        asyncio.gather(*counting),
        _grouped(db, {"status": Status.FAILED}, access, "$error.code"),
        _by_day(db, finder, access, now, days),
        _oldest(db, access),
        _depths(),
        queues.paused(db),
    )  # fmt: skip
    counts, finished = rest[: len(unfinished)], rest[len(unfinished) :]
    by_status = dict(zip(unfinished, counts, strict=True))
    by_status[Status.DONE] = max(0, total_count - sum(counts))
    waiting = by_status[Status.QUEUED] + by_status[Status.PROCESSING]
    live = await liveness.look(db, settings, access, broker=depths is not None)
    return Stats(
        total=total_count,
        by_status=by_status,
        by_day=by_day,
        failures=failures,
        queue_depth=sum(depths.values()) if depths else None,
        queue_depth_bulk=depths[queue.BULK_QUEUE] if depths else None,
        oldest_waiting_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else None,
        finished={str(minutes): count for minutes, count in zip(MINUTES, finished, strict=True)},
        eta_seconds=0.0 if not waiting else round(waiting / finished[1] * 300, 1) if finished[1] else None,
        paused=paused,
        **dict(live),
    )


async def _finished(db: AsyncDatabase[Doc], after: Doc, access: Doc) -> int:
    """Return how many documents became done or failed, without canceled ones, which say nothing about the pace."""
    all_of_them = {"processing.finished_at": after}
    final, canceled = await asyncio.gather(
        _count(db, all_of_them, access), _count(db, all_of_them, {"status": Status.CANCELED, **access})
    )
    return max(0, final - canceled)


async def _count(db: AsyncDatabase[Doc], anchor: Doc, rest: Doc) -> int:
    """Return how many documents both filters match; an index answers ``anchor``: see `services.search.plan`."""
    matches = [{"$match": part} for part in (anchor, rest) if part]
    counted = await (await db[DOCUMENTS].aggregate([*matches, {"$count": "documents"}])).to_list()
    return sum(one["documents"] for one in counted)


async def _oldest(db: AsyncDatabase[Doc], access: Doc) -> datetime | None:
    """Return the instant since which the oldest waiting document has waited."""
    since = {"$ifNull": ["$processing.waiting_since", "$source.received_at"]}
    stages: list[Doc] = [
        {"$match": {"status": Status.QUEUED}},
        *([{"$match": access}] if access else []),
        {"$group": {"_id": None, "oldest": {"$min": since}}},
    ]
    found = await (await db[DOCUMENTS].aggregate(stages)).to_list()
    return found[0]["oldest"] if found else None


async def _grouped(db: AsyncDatabase[Doc], anchor: Doc, access: Doc, by: Any) -> dict[str, int]:
    stages: list[Doc] = [{"$match": anchor}, *([{"$match": access}] if access else []), {"$sortByCount": by}]
    found = await (await db[DOCUMENTS].aggregate(stages)).to_list()
    return {str(one["_id"]): one["count"] for one in found}


async def _by_day(db: AsyncDatabase[Doc], finder: Finder, access: Doc, now: datetime, days: int) -> list[Day]:
    """Count by the time in the id, which is the time of receipt."""
    first = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    day = {"$dateToString": {"date": {"$toDate": "$_id"}, "format": "%Y-%m-%d"}}
    found = None if access else await finder.windows.by_day(first)
    if found is None:
        found = Counter(await _grouped(db, {"_id": {"$gte": ObjectId.from_datetime(first)}}, access, day))
    names = [(first + timedelta(days=at)).date().isoformat() for at in range(days)]
    return [Day(day=name, received=found[name]) for name in names]


async def _depths() -> dict[str, int] | None:
    try:
        return await run_in_threadpool(queue.depths)
    except Exception:  # the broker does not answer; the figures from MongoDB are still available
        return None
