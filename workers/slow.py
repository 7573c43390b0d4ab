"""Record in a lease the stage that has been running for seconds, so that people can see where a worker hangs. A thread
of each process checks every two seconds; stages that end sooner cause no writes. A library that blocks the interpreter
also blocks this thread.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.store import work

LOOK_SECONDS = 2.0
SLOW_SECONDS = 4.0

log = structlog.get_logger()
_at: tuple[float, Database[dict[str, Any]], work.Claim, str] | None = None


def entered(db: Database[dict[str, Any]], claim: work.Claim, stage: str) -> None:
    """Set what this process is doing from now on."""
    global _at
    _at = (time.monotonic(), db, claim, stage)


def left() -> None:
    """Record that this process is not working on a document any more."""
    global _at
    _at = None


def start() -> None:
    """Start the thread."""
    threading.Thread(target=_run, daemon=True, name="slow").start()


def _run() -> None:
    told = None
    while True:
        time.sleep(LOOK_SECONDS)
        at = _at
        if at is None or at is told or time.monotonic() - at[0] < SLOW_SECONDS:
            continue
        _, db, claim, stage = at
        try:
            work.enter(db, claim, stage)
            told = at
        except PyMongoError as error:
            log.info("stage_not_noted", stage=stage, error=str(error))
