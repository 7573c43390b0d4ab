"""The heartbeat of a worker: it renews the leases of the worker's living processes. It is a thread of the main process,
which only hands out messages. A thread in each process that reads documents would stop whenever a library blocks the
interpreter, and a long document would be taken from a worker that is still busy with it. A process that hangs is ended
by its time limit, and no lease is renewed beyond it. The documents of a process that died are taken back at the next
heartbeat.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable

import pymongo
import structlog
from pymongo.errors import PyMongoError

from services.settings import Settings
from services.store import counts, leases, sources
from services.store.client import connect
from workers import recovery

log = structlog.get_logger()
STOP_SECONDS = 2.0


class Heartbeat:
    """``pids`` returns the processes of the pool, None for one that is being started. The heartbeat has its own MongoDB
    client, which no forked process uses."""

    def __init__(self, pids: Callable[[], Iterable[int | None]], config: Settings) -> None:
        self._pids = pids
        self._config = config
        self._db = connect(config)
        self._tally = counts.Tally(self._db)
        self._known: set[int] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="heartbeat")
        self._thread.start()

    def stop(self) -> None:
        """Take back the documents of processes that are gone, and record that the worker ends."""
        if self._over.is_set():
            return
        self._over.set()
        self._thread.join(STOP_SECONDS)
        try:
            with pymongo.timeout(STOP_SECONDS):
                self._beat(())
                leases.forget(self._db)
        except PyMongoError as error:
            log.warning("heartbeat_missed", error=str(error))
        self._tally.flush()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(max(0.0, began + leases.interval(self._config) - time.monotonic())):
            began = time.monotonic()
            try:
                self._beat(self._pids())
            except PyMongoError as error:
                log.warning("heartbeat_missed", error=str(error))
            except Exception:
                log.exception("heartbeat_failed")

    def _beat(self, pids: Iterable[int | None]) -> None:
        self._known |= {pid for pid in pids if pid is not None}
        gone = {pid for pid in self._known if not _lives(pid)}
        living = self._known - gone
        leases.renew(self._db, living, self._config)
        sources.renew(self._db, living, self._config)
        leases.beat(self._db, living)
        if gone:
            dead = {"$in": [leases.process(pid) for pid in gone]}
            recovery.take_back(self._db, self._tally, self._config, {"processing.lease.worker": dead})
            sources.take_back(self._db, {"lease.worker": dead})
        self._known = living


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
