"""Divide an order into windows of one index range each, for a server that reads everything that a filter finds before
it sorts and limits.

SecantusDB 0.7.0b3 does: the first page of 10,000 documents reads all of them. Only an index range limits what it reads,
so a page is assembled from the next ranges in the order, each of about `STRIDE` documents. The ranges are learned in
one pass over all documents and remembered here. They always cover the whole order, so they affect how much is read but
never what is found.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.search.cursor import Cursor, Order, Sort
from services.store.setup import DOCUMENTS, RECEIVED

Doc = dict[str, Any]

STRIDE = 64
"""Number of documents in a window when it was learned."""
EXTEND_SECONDS = 2.0
_PATHS: dict[Sort, str] = {"received": "_id", "published": "published_at"}
_LEAST: dict[str, Any] = {"_id": ObjectId(bytes(12)), "published_at": datetime(1, 1, 1, tzinfo=UTC)}


@dataclass(frozen=True, slots=True)
class Window:
    """The documents that ``where`` finds by one index range: about ``strides`` times `STRIDE` when it was learned."""

    where: Doc
    strides: int


class Windows:
    """The windows of one database, in one process. Every method raises PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc]) -> None:
        self._documents = db[DOCUMENTS]
        self._lock = asyncio.Lock()
        self._needed: bool | None = None
        self._marks: dict[str, list[Any]] = {}
        self._extended = 0.0

    async def of(self, sort: Sort, order: Order, cursor: Cursor | None) -> list[Window] | None:
        """Return windows from the cursor on, each beginning where the one before ends; None if one query is enough.

        Each is about as wide as all windows before it, so few are needed to go far.
        """
        if sort not in _PATHS or not await self._known():
            return None
        path, marks = _PATHS[sort], self._marks[_PATHS[sort]]
        undated = [Window({path: None}, 1)] if sort == "published" else []
        at: int | None = None
        if cursor:
            key = cursor.id if sort == "received" else cursor.key
            if key is None:  # among documents without a date, which come last
                return [*undated, *_widening(path, marks, order)] if order == "asc" else undated
            at = bisect_right(marks, key)
        if order == "asc":
            return [*(undated if at is None else []), *_widening(path, marks[at or 0 :], order, marks[: at or 0][-1:])]
        return [*_widening(path, marks[:at], order, marks[at:][:1] if at is not None else []), *undated]

    async def _known(self) -> bool:
        """Learn the ranges if necessary; return whether the server needs windows."""
        async with self._lock:
            if self._needed is None:
                self._needed = RECEIVED in await self._documents.index_information()
            if not self._needed:
                return False
            if not self._marks:
                found = await self._documents.find({}, {"published_at": 1}).to_list()
                self._marks = {path: _marks([one.get(path) for one in found]) for path in _LEAST}
            elif self._extended + EXTEND_SECONDS < time.monotonic():
                for path, marks in self._marks.items():
                    last = marks[-1] if marks else _LEAST[path]
                    later = await self._documents.find({path: {"$gte": last}}, {path: 1}).to_list()
                    marks += [mark for mark in _marks([one[path] for one in later]) if mark > last]
            else:
                return True
            self._extended = time.monotonic()
            return True


def dearer(found: int, limit: int, read: int, strides: int, share: float) -> bool:
    """Return whether reading further windows costs more than reading everything that an index finds.

    Of ``strides`` in all, the ``read`` ones had ``found`` of ``limit``; the index finds a ``share`` of the documents.
    """
    rest = (limit - found) * read / (found + 1)
    return min(rest, strides - read) > share * strides


def _widening(path: str, marks: list[Any], order: Order, first: list[Any] | None = None) -> list[Window]:
    """Return windows over the whole order from ``first`` on; the last one has no end."""
    edges = [*(first or [None]), *(marks if order == "asc" else reversed(marks)), None]
    # two at first: the newest window may have few documents, and the cursor's window few that are left
    chosen = [0, *(2**n for n in range(1, len(edges).bit_length()) if 2**n < len(edges) - 1), len(edges) - 1]
    found = []
    for near, far in pairwise(chosen):
        low, high = (edges[near], edges[far]) if order == "asc" else (edges[far], edges[near])
        found.append(Window(_span(path, low, high), far - near))
    return found


def _span(path: str, low: Any, high: Any) -> Doc:
    ends = {**({"$gte": low} if low is not None else {}), **({"$lt": high} if high is not None else {})}
    return {path: ends or {"$ne": None}}


def _marks(values: list[Any]) -> list[Any]:
    """Return where windows begin: at every n-th value, each once."""
    return list(dict.fromkeys(sorted(value for value in values if value is not None)[STRIDE::STRIDE]))
