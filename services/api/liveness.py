"""Which workers run and what they work on, the errors of the last hour, and why no document is being finished."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from pymongo.asynchronous.database import AsyncDatabase

from services.api import queues
from services.records import Priority, Status
from services.settings import Settings
from services.store import leases
from services.store.counts import ACTIVITY, ACTIVITY_SECONDS, METRICS
from services.store.counts import WORKERS as COUNTED
from services.store.setup import DOCUMENTS, WORKERS

Doc = dict[str, Any]
GONE_SECONDS = 30.0
STALLED_SECONDS = 60.0
UNSWEPT_SECONDS = 30.0


class Process(BaseModel):
    """A process of a worker, and the ``count`` documents that it works on; ``documents`` lists those that the key may
    see. ``stage`` is known once it has run for some seconds; ``seconds`` is how long the process has worked on them.
    """

    pid: int
    count: int = 0
    documents: list[str] = []
    stage: str | None = None
    seconds: float | None = None


class Worker(BaseModel):
    """A running worker; its last heartbeat was ``seconds`` ago."""

    name: str
    seconds: float
    processes: list[Process]


class StageTime(BaseModel):
    """The work of the last hour in one stage: the number of documents, and the time for each."""

    documents: int
    mean_ms: float


class Liveness(BaseModel):
    """The state of the workers. ``errors`` counts task errors of the last hour by kind; ``retries`` counts documents
    that were queued for another attempt. ``stalled`` says why no document was finished for a minute while documents
    wait; null if processing is not stalled.
    """

    workers: list[Worker]
    errors: dict[str, int]
    retries: int
    stages: dict[str, StageTime]
    stalled: str | None


async def look(
    db: AsyncDatabase[Doc], settings: Settings, access: Doc, *, broker: bool, quiet_seconds: float = STALLED_SECONDS
) -> Liveness:
    """Return the state of the workers. ``broker``: whether the broker answers. Raises PyMongoError if MongoDB does not
    answer."""
    told = await db.command("hello")
    now: datetime = told["localTime"].replace(tzinfo=UTC)
    entries, held, minutes, counted = await asyncio.gather(
        db[WORKERS].find({"seen_at": {"$gt": now - timedelta(seconds=GONE_SECONDS)}}).sort("_id").to_list(),
        db[DOCUMENTS].find({"status": Status.PROCESSING}, _HELD).to_list(),
        db[ACTIVITY].find({"_id": {"$gt": now - timedelta(seconds=ACTIVITY_SECONDS)}}).to_list(),
        db[METRICS].find_one({"_id": COUNTED}, {"swept_at": 1}),
    )
    open_to_key = {one["_id"] for one in held}
    if access:
        shown = db[DOCUMENTS].find({"status": Status.PROCESSING, **access}, {"_id": 1})
        open_to_key = {one["_id"] for one in await shown.to_list()}
    workers = [_worker(entry, held, open_to_key, now) for entry in entries]
    errors: Counter[str] = Counter()
    for minute in minutes:
        errors.update(minute.get("errors", {}))
    stalled = None
    if await _nothing_is_finished(db, now - timedelta(seconds=quiet_seconds), await queues.paused(db)):
        swept = (counted or {}).get("swept_at")
        late = [entry for entry in entries if _late(entry, now, settings)]
        stalled = reason(
            workers,
            broker=settings.broker if not broker else None,
            late=len(late) == len(entries),
            unswept=swept is None or (now - swept).total_seconds() > UNSWEPT_SECONDS,
            errors=errors,
        )
    return Liveness(
        workers=workers,
        errors=dict(errors.most_common()),
        retries=sum(minute.get("retries", 0) for minute in minutes),
        stages=_stages(minutes),
        stalled=stalled,
    )


_HELD = {"processing.lease": 1, "processing.started_at": 1}


async def _nothing_is_finished(db: AsyncDatabase[Doc], since: datetime, paused: Sequence[Priority]) -> bool:
    """Return whether documents have been waiting or processing since then and none was finished. Documents in a paused
    queue do not count.
    """
    finished = {"processing.finished_at": {"$gte": since}}
    if await db[DOCUMENTS].find_one(finished, {"_id": 1}):
        return False
    waiting = {
        "status": Status.QUEUED,
        "processing.priority": {"$nin": list(paused)},
        "processing.waiting_since": {"$lt": since},
    }
    reading = {"status": Status.PROCESSING, "processing.started_at": {"$lt": since}}
    for unfinished in (waiting, reading):
        if await db[DOCUMENTS].find_one(unfinished, {"_id": 1}):
            return True
    return False


def reason(
    workers: Sequence[Worker], *, broker: str | None, late: bool, unswept: bool, errors: Mapping[str, int]
) -> str:
    """Return why no document is being finished, and what to do. ``broker`` names the broker if it does not answer;
    ``late`` says that heartbeats are late."""
    processes = [process for worker in workers for process in worker.processes]
    busy = [process for process in processes if process.count]
    if not workers:
        return "no worker is running: start one, or read the log of the worker that ended"
    if broker:
        return f"{'Redis' if broker == 'redis' else 'RabbitMQ'} does not answer: workers receive no messages"
    if late:
        return "MongoDB answers the workers slowly, and their heartbeats are late: check its load and the network"
    if processes and len(busy) == len(processes):
        longest = max(busy, key=lambda process: process.seconds or 0)
        stage = f"stage {longest.stage}" if longest.stage else "an unknown stage"
        return (
            f"every process is busy: process {longest.pid} has been at {stage} for {longest.seconds or 0:.0f} s; "
            "a time limit ends a stage that hangs"
        )
    if unswept:
        return "no sweep has run: start the scheduler, or read its log"
    if errors:
        kind = max(errors, key=lambda kind: errors[kind])
        return f"tasks end with errors, most often {kind}: read the workers' log"
    return "workers are idle though documents wait: read the workers' log"


def _late(entry: Doc, now: datetime, settings: Settings) -> bool:
    beats: list[datetime] = entry.get("beats") or [now]
    between = (now - beats[-1]).total_seconds() / len(beats)
    return between > 2 * leases.interval(settings)


def _worker(entry: Doc, held: Sequence[Doc], open_to_key: set[Any], now: datetime) -> Worker:
    processes = []
    for pid in entry.get("processes", []):
        at = [one for one in held if (one["processing"].get("lease") or {}).get("worker") == f"{entry['_id']}/{pid}"]
        since = min((one["processing"]["started_at"] for one in at), default=None)
        stages = [one["processing"]["lease"].get("stage") for one in at]
        processes.append(
            Process(
                pid=pid,
                count=len(at),
                documents=[str(one["_id"]) for one in at if one["_id"] in open_to_key],
                stage=next((stage for stage in stages if stage), None),
                seconds=max(0.0, round((now - since).total_seconds(), 1)) if since else None,
            )
        )
    seen = max(0.0, round((now - entry["seen_at"]).total_seconds(), 1))
    return Worker(name=entry["_id"], seconds=seen, processes=processes)


def _stages(minutes: Sequence[Doc]) -> dict[str, StageTime]:
    count: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for minute in minutes:
        for name, stage in minute.get("stages", {}).items():
            count[name] += stage.get("count", 0)
            seconds[name] += stage.get("seconds", 0)
    longest_first = sorted(count, key=lambda name: -seconds[name])
    return {
        name: StageTime(documents=count[name], mean_ms=round(seconds[name] * 1000 / count[name], 2))
        for name in longest_first
        if count[name]
    }
