"""What is known of all documents on a server that reads everything that a filter finds: where the windows of an order
begin, which languages and collections there are.

It is learned in one pass over all documents, kept in the collection ``windows`` so that an API that starts has it at
once, and extended by later documents. When there are twice as many documents, it is learned again in the background.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.store.setup import DOCUMENTS, RECEIVED

Doc = dict[str, Any]

WINDOWS = "windows"
STRIDE = 64
"""Number of documents in a window when it was learned."""
EXTEND_SECONDS = 10.0
"""Longest time between two extensions."""
EXTEND_SHARE = 100
"""It is extended again after so many times as long as that took: at once for a few documents, so that a search finds words
of the first document in a language."""
GROWTH = 2
"""When there are this many times as many documents, everything is learned again."""
KEPT_SHARE = 0.05
"""It is stored again when this share of the windows is new."""
_ID = "documents"
_LEAST: dict[str, Any] = {"_id": ObjectId(bytes(12)), "published_at": datetime(1, 1, 1, tzinfo=UTC)}
_READ = {"published_at": 1, "language": 1, "source.collection": 1, "processing.finished_at": 1}


@dataclass
class Known:
    """``marks`` are where windows begin, by path. ``finished`` is when the last document whose language is known was
    finished, ``documents`` how many there were when this was learned."""

    marks: dict[str, list[Any]] = field(default_factory=lambda: {path: [] for path in _LEAST})
    languages: set[str | None] = field(default_factory=set)
    collections: set[str] = field(default_factory=set)
    finished: datetime = _LEAST["published_at"]
    documents: int = 0

    def add(self, records: Iterable[Doc]) -> None:
        """Add the languages and collections of documents that have the fields of ``_READ``."""
        for one in records:
            self.languages.add(one.get("language"))
            self.collections.add(one["source"]["collection"])
            self.finished = max(self.finished, (one.get("processing") or {}).get("finished_at") or self.finished)


class Learned:
    """What is known of one database, in one process. Every method raises PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc]) -> None:
        self._documents = db[DOCUMENTS]
        self._kept = db[WINDOWS]
        self._lock = asyncio.Lock()
        self._needed: bool | None = None
        self._known: Known | None = None
        self._kept_marks = 0
        self._extended, self._pause = 0.0, 0.0
        self._learning: asyncio.Task[None] | None = None

    async def known(self) -> Known | None:
        """Return what is known, extended by the latest documents; None if the server needs no windows."""
        async with self._lock:
            if self._needed is None:
                self._needed = RECEIVED in await self._documents.index_information()
            if not self._needed:
                return None
            if self._known is None:
                self._known = await self._stored() or await self._learn()
            if self._extended + self._pause < (began := time.monotonic()):
                await self._extend(self._known)
                self._extended = time.monotonic()
                self._pause = min(EXTEND_SECONDS, EXTEND_SHARE * (self._extended - began))
            return self._known

    async def _stored(self) -> Known | None:
        """Return what an earlier process stored, unless far more or fewer documents exist now."""
        found = await self._kept.find_one({"_id": _ID})
        stored = await self._documents.estimated_document_count()
        if found is None or stored > GROWTH * found["documents"] or stored * GROWTH < found["documents"]:
            return None
        known = Known(
            {path: found["marks"][path] for path in _LEAST},
            set(found["languages"]),
            set(found["collections"]),
            found["finished"],
            found["documents"],
        )
        self._kept_marks = len(known.marks["_id"])
        return known

    async def _learn(self) -> Known:
        found = await self._documents.find({}, _READ).to_list()
        marks = {path: _marks([one.get(path) for one in found]) for path in _LEAST}
        known = Known(marks, documents=len(found))
        known.add(found)
        await self._keep(known)
        return known

    async def _extend(self, known: Known) -> None:
        for path, marks in known.marks.items():
            last = marks[-1] if marks else _LEAST[path]
            later = await self._documents.find({path: {"$gte": last}}, _READ).to_list()
            marks += [mark for mark in _marks([one[path] for one in later]) if mark > last]
            known.add(later if path == "_id" else ())
        finished = await self._documents.find({"processing.finished_at": {"$gt": known.finished}}, _READ).to_list()
        known.add(finished)
        count = len(known.marks["_id"])
        if count * STRIDE > GROWTH * max(known.documents, STRIDE) and (self._learning is None or self._learning.done()):
            self._learning = asyncio.create_task(self._again())
        elif count > self._kept_marks * (1 + KEPT_SHARE) + 1:
            await self._keep(known)

    async def _again(self) -> None:
        learned = await self._learn()
        async with self._lock:
            self._known = learned

    async def _keep(self, known: Known) -> None:
        entry = {"marks": known.marks, "languages": sorted(known.languages, key=str), "documents": known.documents,
                 "collections": sorted(known.collections), "finished": known.finished}  # fmt: skip
        await self._kept.replace_one({"_id": _ID}, entry, upsert=True)
        self._kept_marks = len(known.marks["_id"])


def _marks(values: list[Any]) -> list[Any]:
    """Return where windows begin: at every n-th value, each once."""
    return list(dict.fromkeys(sorted(value for value in values if value is not None)[STRIDE::STRIDE]))
