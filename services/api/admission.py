"""Decide who may upload now: check MongoDB, the room in the queue and in memory, and whether the client waits for `100
Continue`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from prometheus_client import Gauge
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from starlette.types import Message, Receive, Scope

from services.api.problems import Problem
from services.records import Priority
from services.settings import Settings
from services.store.backlog import REFRESH_SECONDS, REFRESH_SHARE, stages
from services.store.setup import DOCUMENTS

log = structlog.get_logger()

RETRY_SECONDS = 5
OF_DOCUMENTS = ("/v1/documents", "/v1/batches")
"""Paths whose bodies are documents; `services.api.intake` limits their size."""
OTHER_BODY_BYTES = 1024 * 1024

UPLOAD_MEMORY = Gauge("copydesk_upload_memory_bytes", "Memory set aside for uploads that are being read.")


def _later(problem: Problem) -> Problem:
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem


class Backlog:
    """Documents that wait for a worker: counted in MongoDB at intervals, plus those that this process has accepted
    since."""

    def __init__(self, db: AsyncDatabase[dict[str, Any]], settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._documents = self._bytes = 0
        self._answers = True
        self._next = 0.0
        self._counting: asyncio.Task[None] | None = None

    async def check(self, priority: Priority) -> None:
        """Check, without waiting, that documents can be accepted. Raises Problem 503 if MongoDB did not answer last
        time, 429 if the queue is full."""
        if self._counting is None and time.monotonic() >= self._next:
            self._counting = asyncio.create_task(self._count())
        if not self._answers:
            raise _later(
                Problem(503, "unavailable", "MongoDB does not answer", "nothing was read; send it again later")
            )
        settings = self._settings
        share = settings.bulk_share if priority == Priority.BULK else 1.0
        if self._documents >= settings.max_queued_documents * share or self._bytes >= settings.max_queued_bytes * share:
            raise _later(Problem(429, "queue-full", "Too many documents wait to be processed",
                                 "nothing was read; send it again when workers have caught up, or start more workers"))  # fmt: skip

    def add(self, documents: int, size: int) -> None:
        """Count what was just accepted."""
        self._documents += documents
        self._bytes += size

    async def close(self) -> None:
        if self._counting is not None:
            self._counting.cancel()

    async def _count(self) -> None:
        started = time.monotonic()
        pause = REFRESH_SECONDS
        before = self._documents, self._bytes
        try:
            found = await self._db[DOCUMENTS].aggregate(stages(self._settings))
            totals = await found.to_list()
            counted = (totals[0]["documents"], totals[0]["bytes"]) if totals else (0, 0)
            self._documents = corrected(counted[0], before[0], self._documents)
            self._bytes = corrected(counted[1], before[1], self._bytes)
            self._answers = True
            pause = max(pause, (time.monotonic() - started) / REFRESH_SHARE)
        except PyMongoError as error:
            if self._answers:
                log.error("mongo_unavailable", error=str(error))
            self._answers = False
            pause = 0.0  # the failed attempt took long enough
        finally:
            self._next = time.monotonic() + pause
            self._counting = None


def corrected(counted: int, before: int, now: int) -> int:
    """Return the corrected number of waiting documents. This process accepted ``now - before`` documents during the
    count, and ``counted`` may or may not include them. The result never exceeds ``now`` unless other processes accepted
    documents too.
    """
    return max(counted, min(counted + now - before, now))


class Room:
    """Memory for the bodies that are being read, shared by all requests of this process."""

    def __init__(self, settings: Settings) -> None:
        self._size = self._free = settings.upload_memory_bytes
        self._seconds = settings.upload_wait_seconds
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Reserve ``size`` bytes, or all of the memory if ``size`` is larger. Raises Problem 429 if not enough become
        free in time."""
        size = min(size, self._size)
        try:
            async with asyncio.timeout(self._seconds), self._changed:
                await self._changed.wait_for(lambda: self._free >= size)
                self._free -= size
        except TimeoutError:
            raise _later(
                Problem(429, "busy", "Too many uploads at the same time", "nothing was read; send it again later")
            ) from None
        UPLOAD_MEMORY.inc(size)
        try:
            yield
        finally:
            self._free += size
            UPLOAD_MEMORY.dec(size)
            async with self._changed:
                self._changed.notify_all()


def paced(receive: Receive, scope: Scope, settings: Settings) -> Receive:
    """Wrap ``receive``: it raises Problem 408 if the body arrives too slowly, and 413 if it is large and not a
    document. A body may take ``upload_grace_seconds`` plus the time it needs at ``upload_bytes_per_second``, at most
    ``upload_seconds``. Only time spent waiting for the client counts, except for the last limit.
    """
    bounded = scope["path"] not in OF_DOCUMENTS
    started = time.monotonic()
    waited, got, whole = 0.0, 0, False

    async def next_message() -> Message:
        nonlocal waited, got, whole
        if whole:
            return await receive()
        before = time.monotonic()
        patience = settings.upload_grace_seconds + got / settings.upload_bytes_per_second - waited
        try:
            message = await asyncio.wait_for(
                receive(), max(0.0, min(patience, started + settings.upload_seconds - before))
            )
        except TimeoutError:
            whole = True
            problem = Problem(408, "too-slow", "The body arrives too slowly", f"at least {settings.upload_bytes_per_second} bytes a "
                              f"second and {settings.upload_seconds:g} seconds in all; nothing was accepted")  # fmt: skip
            problem.headers["Connection"] = "close"
            raise problem from None
        waited += time.monotonic() - before
        got += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if bounded and got > OTHER_BODY_BYTES:
            problem = Problem(
                413, "too-large", "The request is too large", f"the limit here is {OTHER_BODY_BYTES} bytes"
            )
            problem.headers["Connection"] = "close"
            raise problem
        return message

    return next_message
