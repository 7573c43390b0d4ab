"""Divide an order into windows of one index range each, for a server that reads everything that a filter finds before
it sorts and limits.

SecantusDB 0.7.0b3 does: the first page of 10,000 documents reads all of them. Only an index range limits what it reads,
so a page is assembled from the next ranges in the order, each of about `STRIDE` documents. `services.search.learned`
remembers where they begin. They always cover the whole order, so they affect how much is read but never what is found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.search.cursor import Cursor, Order, Sort
from services.search.learned import STRIDE, Known, Learned
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

_PATHS: dict[Sort, str] = {"received": "_id", "published": "published_at"}


@dataclass(frozen=True, slots=True)
class Window:
    """The documents that ``where`` finds by one index range: about ``strides`` times `STRIDE` when it was learned."""

    where: Doc
    strides: int


class Windows:
    """The windows of one database, in one process. Every method raises PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc]) -> None:
        self._db = db
        self._learned = Learned(db)

    async def known(self) -> Known | None:
        """Return what is known of all documents; None if the server needs no windows."""
        return await self._learned.known()

    async def of(self, sort: Sort, order: Order, cursor: Cursor | None) -> list[Window] | None:
        """Return windows from the cursor on, each beginning where the one before ends; None if one query is enough.

        Each is about as wide as all windows before it, so few are needed to go far.
        """
        if sort not in _PATHS or (known := await self.known()) is None:
            return None
        path, marks = _PATHS[sort], known.marks[_PATHS[sort]]
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

    async def recent(self, documents: int) -> Doc | None:
        """Return the filter for at least this many of the documents received last; None if there are not many more, or
        the server needs no windows."""
        known = await self.known()
        back = documents // STRIDE + 1
        return {"_id": {"$gte": known.marks["_id"][-back]}} if known and len(known.marks["_id"]) > back else None

    async def by_day(self, first: datetime) -> Counter[str] | None:
        """Return how many documents were received on each day (UTC) from ``first`` on; None if the server needs no
        windows. A window within one day counts as `STRIDE` documents, so the figures are approximate after deletions.
        """
        if (known := await self.known()) is None:
            return None
        counted: Counter[str] = Counter()
        start = ObjectId.from_datetime(first)
        marks = [start, *known.marks["_id"][bisect_right(known.marks["_id"], start) :]]
        read: list[Doc] = []
        for at, (low, high) in enumerate(pairwise(marks)):
            if at and _day(low) == _day(high):
                counted[_day(low).isoformat()] += STRIDE
            else:
                read.append({"$gte": low, "$lt": high})
        for span in [*read, {"$gte": marks[-1]}]:
            found = await self._db[DOCUMENTS].find({"_id": span}, {"_id": 1}).to_list()
            counted.update(_day(one["_id"]).isoformat() for one in found)
        return counted


def _day(id: ObjectId) -> date:
    return id.generation_time.astimezone(UTC).date()


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
