"""Notes in a record's lease the stage that a worker has been at for seconds, so that somebody who looks sees where it hangs.

A thread of each process looks every other second; a stage that is done before costs nothing. A library that does not let go of the
interpreter keeps the thread waiting, too.
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
    """Say what this process does from now on."""
    global _at
    _at = (time.monotonic(), db, claim, stage)


def left() -> None:
    """Say that this process is at no document any more."""
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
