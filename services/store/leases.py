"""Leases: how long a worker owns the records that it has claimed, and how it renews them.

A lease names the process that claimed the record. The process's worker renews the leases of its living processes
(`workers/heartbeat.py`); a sweep takes back records whose lease was not renewed in time. The end of a lease is set and
checked by MongoDB's clock, so the clocks of the machines need not agree.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pymongo.database import Database

from services.records import Status
from services.settings import Settings
from services.store.setup import DOCUMENTS, WORKERS

Doc = dict[str, Any]
BEATS = 3
"""How many of a worker's last heartbeats are kept."""


@cache
def worker() -> str:
    """Return the name of this worker, ``host/hex``. It is random at each start, and the processes forked later share
    it."""
    return f"{socket.gethostname()}/{uuid.uuid4().hex[:8]}"


def process(pid: int | None = None) -> str:
    """Return the name of this process, or of another one of this worker: ``host/hex/pid``."""
    return f"{worker()}/{pid or os.getpid()}"


def interval(settings: Settings) -> float:
    """Return the seconds between two heartbeats of a worker."""
    return settings.lease_seconds / 4


def end(settings: Settings) -> Doc:
    """Return the expression for the end of a lease that is taken or renewed now, for an update with a pipeline."""
    return {"$add": ["$$NOW", int(settings.lease_seconds * 1000)]}


def renew(db: Database[Doc], pids: Iterable[int], settings: Settings) -> int:
    """Renew the leases of these processes of this worker. Returns the number of records. Records claimed since the last
    heartbeat need no renewal yet; records claimed so long ago that their time limit must have ended the work are not
    renewed.
    """
    now = datetime.now(UTC)  # both instants are this machine's
    started = {
        "$gt": now - timedelta(seconds=settings.task_hard_seconds),
        "$lt": now - timedelta(seconds=interval(settings)),
    }
    mine = {
        "status": Status.PROCESSING,
        "processing.lease.worker": {"$in": [process(pid) for pid in pids]},
        "processing.started_at": started,
    }
    return db[DOCUMENTS].update_many(mine, [{"$set": {"processing.lease.expires_at": end(settings)}}]).matched_count


def beat(db: Database[Doc], pids: Iterable[int]) -> None:
    """Record that this worker is alive, with these processes."""
    earlier = {"$ifNull": ["$beats", []]}
    beats = {"$slice": [{"$concatArrays": [["$$NOW"], earlier]}, BEATS]}
    entry = {"beats": beats, "seen_at": "$$NOW", "processes": {"$literal": sorted(pids)}}
    db[WORKERS].update_one({"_id": worker()}, [{"$set": entry}], upsert=True)


def forget(db: Database[Doc]) -> None:
    """Remove the entry of this worker, which is stopping."""
    db[WORKERS].delete_one({"_id": worker()})


def expired(db: Database[Doc], settings: Settings) -> Doc | None:
    """Return the filter for records whose lease has ended, or None if this worker cannot judge: see `ended_before`."""
    instant = ended_before(db, settings)
    return {"processing.lease.expires_at": {"$lt": instant}} if instant else None


def ended_before(db: Database[Doc], settings: Settings) -> datetime | None:
    """Return the instant before which a lease must have ended for its holder to be dead, or None if this worker
    cannot judge.

    It can judge while its own heartbeats reach MongoDB in time. If they do not, because MongoDB was down or is slow,
    neither do those of other workers, which then get the time of a few heartbeats to renew their leases.
    """
    entry = db[WORKERS].find_one({"_id": worker()}, {"beats": 1})
    beats: list[datetime] = entry["beats"] if entry else []
    most = timedelta(seconds=1.5 * (BEATS - 1) * interval(settings))
    if len(beats) < BEATS or beats[0] - beats[-1] > most:
        return None
    return beats[0]
