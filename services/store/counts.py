"""The counters of the workers, for the API's metrics and statistics.

One document in the collection ``metrics`` has the totals since the beginning, and each worker adds to it:

``{_id: "workers", processed: {done: n, failed: {code: n}}, leases_expired: n, swept_at: instant, stage_failures: {name:
n}, errors: {kind: n}, retries: n, stages: {name: {count: n, seconds: x, below: {"0": n, …}}}}``, where ``below`` counts
durations by the first of ``BUCKETS`` that is not less.

The collection ``activity`` has one document for each minute of the last hour: ``{_id: instant, minute: instant, errors:
{kind: n}, retries: n, stages: {name: {count: n, seconds: x}}}``.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

Doc = dict[str, Any]
METRICS = "metrics"
WORKERS = "workers"
ACTIVITY = "activity"
ACTIVITY_SECONDS = 3600
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds
FLUSH_SECONDS = 5.0

log = structlog.get_logger()


class Tally:
    """The counters of this process. They are added to MongoDB together, some seconds after the first count. If a
    process is killed, the counts of these seconds are lost. The counts are approximate: use them for charts, not for
    billing.
    """

    def __init__(self, db: Database[Doc]) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        self._timer: threading.Timer | None = None

    def done(self, timings_ms: Mapping[str, float], failed_stages: Sequence[str] = ()) -> None:
        """Count a finished document, the milliseconds of each stage that ran, and the stages that failed on it."""
        with self._lock:
            self._add("processed.done")
            for stage in failed_stages:
                self._add(f"stage_failures.{stage}")
            for stage, milliseconds in timings_ms.items():
                self._add(f"stages.{stage}.count")
                self._add(f"stages.{stage}.below.{bisect_left(BUCKETS, milliseconds / 1000)}")
                self._seconds[f"stages.{stage}.seconds"] += milliseconds / 1000  # type: ignore[assignment]

    def error(self, kind: str, count: int = 1) -> None:
        """Count tasks that ended with an error of this kind: an exception's class, or ``WorkerLost``."""
        with self._lock:
            self._add(f"errors.{kind}", count)

    def retried(self, count: int = 1) -> None:
        """Count documents that were queued for another attempt."""
        with self._lock:
            self._add("retries", count)

    def failed(self, code: str, count: int = 1) -> None:
        with self._lock:
            self._add(f"processed.failed.{code}", count)

    def leases_expired(self, count: int) -> None:
        with self._lock:
            self._add("leases_expired", count)

    def _add(self, name: str, count: int = 1) -> None:
        self._counts[name] += count
        if self._timer is None:
            self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def flush(self) -> None:
        """Add the counts since the last time to MongoDB. If MongoDB does not answer, they are lost."""
        with self._lock:
            counts = {**self._counts, **self._seconds}
            self._counts.clear()
            self._seconds.clear()
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        if not counts:
            return
        try:
            self._db[METRICS].update_one({"_id": WORKERS}, {"$inc": counts}, upsert=True)
            if recent := {name: count for name, count in counts.items() if _of_the_hour(name)}:
                minute = datetime.now(UTC).replace(second=0, microsecond=0)
                self._db[ACTIVITY].update_one(
                    {"_id": minute}, {"$set": {"minute": minute}, "$inc": recent}, upsert=True
                )
        except PyMongoError as error:
            log.warning("counts_lost", error=str(error))


def _of_the_hour(name: str) -> bool:
    return (name.startswith(("errors.", "stages.")) and ".below." not in name) or name == "retries"


def swept(db: Database[Doc]) -> None:
    """Record that the scheduler and a worker are running."""
    db[METRICS].update_one({"_id": WORKERS}, {"$set": {"swept_at": datetime.now(UTC)}}, upsert=True)
