"""Exports, collection ``exports``: who asked for what, how far each is, and how it ended. Entries expire a week after the
export last moved.

An entry is ``{_id, key, name, format, rows, query{}, written, started_at, updated_at, ended, expires_at}``. ``key`` is the
id of an API key, or null if the API works without keys. ``rows`` is what an export has a row for. ``ended`` is null while
it runs, then ``finished`` or ``broken off``. If the API is killed, it stays null and ``updated_at`` becomes old.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

Doc = dict[str, Any]
Ended = Literal["finished", "broken off"]
EXPORTS = "exports"
KEPT = timedelta(days=7)

log = structlog.get_logger()


class Note:
    """The entry of one export. It never fails: an export is worth more than the note about it."""

    def __init__(
        self, db: AsyncDatabase[Doc], *, key: str | None, name: str, format: str, rows: str, query: Doc
    ) -> None:
        self._exports = db[EXPORTS]
        self._id = ObjectId()
        self._about: Doc = {"key": key, "name": name, "format": format, "rows": rows, "query": query}
        self._about["started_at"] = datetime.now(UTC)
        self._written = 0
        self._ended: Ended | None = None
        self._last: asyncio.Task[None] | None = None

    async def add(self, rows: int) -> None:
        """Record that this many more rows are about to be written."""
        self._written += rows
        await self._store()

    async def finish(self) -> None:
        """Record that everything was written."""
        self._ended = "finished"
        await self._store()

    def close(self) -> None:
        """Record that the client is gone, unless the export was finished. Nothing can be awaited then."""
        if self._ended is None:
            self._ended = "broken off"
            self._last = asyncio.get_running_loop().create_task(self._store())

    async def _store(self) -> None:
        now = datetime.now(UTC)
        state = {
            **self._about,
            "written": self._written,
            "updated_at": now,
            "ended": self._ended,
            "expires_at": now + KEPT,
        }
        try:
            await self._exports.replace_one({"_id": self._id}, state, upsert=True)
        except PyMongoError as error:
            log.warning("export_not_noted", error=str(error))
