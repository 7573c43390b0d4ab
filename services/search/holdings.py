"""What each collection holds: documents by status, their bytes, the newest one.

Counting reads every document, so it is done in the background and repeated only after `SHARE` times as long as it took.
A server that needs windows (`services.search.windows`) does one thing at a time, so counting is done in small pieces
there. The last count is kept in the collection ``holdings``, so that an API that starts has it at once.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import structlog
from pydantic import BaseModel, Field
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from services.search.windows import Windows
from services.store.setup import DOCUMENTS, HOLDINGS

Doc = dict[str, Any]
SHARE = 20
LEAST_SECONDS = 2.0
PATIENCE_SECONDS = 0.15
"""How long a reader waits for a count in progress, if there is an earlier one."""
FIRST_SECONDS = 2.0
"""How long a reader waits for the first count."""
MARKS = 8
"""Windows that are counted together."""
_ID = "collections"
_GROUP = {"_id": {"collection": "$source.collection", "status": "$status"}, "documents": {"$sum": 1},
          "bytes": {"$sum": "$raw.size_bytes"}, "newest": {"$max": "$_id"}}  # fmt: skip

log = structlog.get_logger()


class Holding(BaseModel):
    """A collection. ``newest`` is when its last document was received."""

    collection: str
    documents: int = 0
    by_status: dict[str, int] = Field({}, description="number of documents in each status that occurs")
    size_bytes: int = 0
    newest: datetime | None = None


class Holdings(BaseModel):
    """All collections at an instant, and how long it took to count them."""

    at: datetime
    seconds: float
    collections: list[Holding]

    def due(self, now: datetime) -> bool:
        """Return whether it is time to count again."""
        return now - self.at > timedelta(seconds=max(LEAST_SECONDS, SHARE * self.seconds))


class Counter:
    """Counts the collections of one database, in one process."""

    def __init__(self, db: AsyncDatabase[Doc], windows: Windows) -> None:
        self._db, self._windows = db, windows
        self._known: Holdings | None = None
        self._counting: asyncio.Task[None] | None = None

    async def look(self) -> Holdings | None:
        """Return the last count; None if there is none yet. Count again in the background if it is due. Raises
        PyMongoError."""
        if self._known is None and (kept := await self._db[HOLDINGS].find_one({"_id": _ID})):
            self._known = Holdings.model_validate(kept)
        if self._counting is None and (self._known is None or self._known.due(datetime.now(UTC))):
            self._counting = asyncio.create_task(self._again())
        if self._counting is not None:
            await asyncio.wait({self._counting}, timeout=PATIENCE_SECONDS if self._known else FIRST_SECONDS)
        return self._known

    def close(self) -> None:
        """Stop counting."""
        if self._counting is not None:
            self._counting.cancel()

    async def _again(self) -> None:
        began = time.monotonic()
        at = datetime.now(UTC)
        try:
            found = await self._count()
            self._known = Holdings(at=at, seconds=time.monotonic() - began, collections=found)
            await self._db[HOLDINGS].replace_one({"_id": _ID}, self._known.model_dump(), upsert=True)
        except PyMongoError as error:
            log.warning("holdings_not_counted", error=str(error))
        finally:
            self._counting = None

    async def _count(self) -> list[Holding]:
        held: dict[str, Holding] = {}
        for where in await self._pieces():
            stages: list[Doc] = [*([{"$match": where}] if where else []), {"$group": _GROUP}]
            for one in await (await self._db[DOCUMENTS].aggregate(stages)).to_list():
                name, status = one["_id"]["collection"], one["_id"]["status"]
                holding = held.setdefault(name, Holding(collection=name))
                holding.documents += one["documents"]
                holding.by_status[status] = holding.by_status.get(status, 0) + one["documents"]
                holding.size_bytes += one["bytes"]
                newest = one["newest"].generation_time.astimezone(UTC)
                holding.newest = max(holding.newest or newest, newest)
        return [held[name] for name in sorted(held)]

    async def _pieces(self) -> list[Doc]:
        """Return filters that together match each document once."""
        if (known := await self._windows.known()) is None or len(marks := known.marks["_id"][::MARKS]) == 0:
            return [{}]
        between = [{"_id": {"$gte": low, "$lt": high}} for low, high in pairwise(marks)]
        return [{"_id": {"$lt": marks[0]}}, *between, {"_id": {"$gte": marks[-1]}}]
