"""Take documents back from workers, and from a task of this process that ended without its documents."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.settings import Settings
from services.store import counts, leases, recovery

log = structlog.get_logger()
Doc = dict[str, Any]
RETRY_SECONDS = 1.0
LOOKS = 2
LOST = "WorkerLost"


def take_back(db: Database[Doc], tally: counts.Tally, config: Settings, which: Doc, kind: str | None = LOST) -> None:
    """Take back the records whose lease ``which`` finds, and count them as errors of this kind. Raises PyMongoError."""
    taken, failed = recovery.take_back(db, config, which)
    if taken or failed:
        tally.leases_expired(taken + failed)
        tally.failed("poison", failed)
        tally.retried(taken)
        if kind:
            tally.error(kind, taken + failed)
        log.info("leases_expired", again=taken, failed=failed)


def after_failure(db: Database[Doc], tally: counts.Tally, config: Settings) -> None:
    """Release the documents that this process has claimed and not finished, as soon as MongoDB answers. This is done
    twice, because a claim that timed out may arrive after the first time.
    """
    which = {"processing.lease.worker": leases.process(), "processing.started_at": {"$lte": datetime.now(UTC)}}

    def until_done() -> None:
        end = time.monotonic() + config.task_hard_seconds  # after it nobody renews the leases
        looks = 0
        while looks < LOOKS and time.monotonic() < end:
            try:
                take_back(db, tally, config, which, kind=None)  # it was counted as the error that ended the task
                looks += 1
                time.sleep(config.lease_seconds)
            except PyMongoError:
                time.sleep(RETRY_SECONDS)

    threading.Thread(target=until_done, daemon=True, name="after_failure").start()
