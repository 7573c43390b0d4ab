"""The original bytes of documents. The collection ``raw`` has an entry for each document that says where its bytes are:

``{_id, data}`` in the entry itself, ``{_id, file_id}`` in GridFS, ``{_id, object, size_bytes, sha256}`` in a bucket.
The setting ``raw_url`` says where new bytes go; bytes in other places stay readable.

When a function that stores bytes returns, they are stored and acknowledged. An entry is removed after its bytes, so
that no bytes are left without an entry. Functions raise PyMongoError, and `Unavailable` if a bucket does not answer or
refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from services.settings import Settings
from services.store.raw import bucket, mongo
from services.store.raw.bucket import Gone as Gone
from services.store.raw.bucket import Unavailable as Unavailable
from services.store.setup import DOCUMENTS, RAW, RAW_LARGE

Doc = dict[str, Any]
_AT_ONCE = 1000


class Item(NamedTuple):
    """The bytes of one document, with their SHA-256 in hexadecimal."""

    id: ObjectId
    data: bytes
    sha256: str


class Writer(Protocol):
    """Stores the bytes of one document while they arrive."""

    async def write(self, piece: bytes) -> None: ...

    async def close(self, sha256: str) -> None:
        """Finish: when this returns, all bytes and the entry are stored."""

    async def discard(self) -> None:
        """Delete the bytes stored so far."""


def _chosen(settings: Settings) -> ModuleType:
    return bucket if settings.raw_url else mongo


def _holding(entry: Doc) -> ModuleType:
    return bucket if "object" in entry else mongo


def put(db: Database[Doc], items: Sequence[Item], settings: Settings) -> None:
    """Store the bytes of documents and their entries. Safe to repeat."""
    _chosen(settings).put(db, items, settings)


def read(db: Database[Doc], entry: Doc) -> bytes:
    """Return the bytes of an entry. Raises Gone if they are missing or differ from those that were stored."""
    return bytes(_holding(entry).read(db, entry))


def read_many(db: Database[Doc], entries: Sequence[Doc]) -> dict[ObjectId, bytes]:
    """Return the bytes of several entries, by document id."""
    distant = [entry for entry in entries if _holding(entry) is bucket]
    found = {entry["_id"]: read(db, entry) for entry in entries if _holding(entry) is mongo}
    with ThreadPoolExecutor(bucket.CONNECTIONS) as pool:  # no thread is started if there are none
        found |= zip((entry["_id"] for entry in distant), pool.map(partial(read, db), distant), strict=True)
    return found


def pieces(db: Database[Doc], entry: Doc) -> Iterator[bytes]:
    """Yield the bytes of an entry in pieces of a few MiB at most. Raises Gone."""
    found: Iterator[bytes] = _holding(entry).pieces(db, entry)
    return found


def delete(db: Database[Doc], ids: Sequence[ObjectId]) -> None:
    """Remove bytes and entries. Safe to repeat."""
    these = {"_id": {"$in": list(ids)}}
    entries = list(db[RAW].find(these, {"data": 0}))
    for module in (bucket, mongo):
        module.delete(db, [entry for entry in entries if _holding(entry) is module])
    db[RAW].delete_many(these)


def move(db: Database[Doc], ids: Sequence[ObjectId], settings: Settings) -> int:
    """Move bytes to the place that the settings name, one document after another. Returns how many were moved. Safe to
    repeat and to interrupt: an entry points to the old place until the new one has all bytes.
    """
    if not settings.raw_url:
        return 0
    moved = 0
    for entry in db[RAW].find({"_id": {"$in": list(ids)}, "object": {"$exists": False}}):
        data = read(db, entry)
        bucket.take(db, Item(entry["_id"], data, hashlib.sha256(data).hexdigest()), settings)
        mongo.delete(db, [entry])
        moved += 1
    return moved


async def begin(db: AsyncDatabase[Doc], id: ObjectId, settings: Settings) -> Writer:
    """Return a writer for a document too large for memory; its bytes are written piece by piece."""
    writer: Writer = await _chosen(settings).begin(db, id, settings)
    return writer


def writer_bytes(settings: Settings) -> int:
    """Return the most memory that a `Writer` uses."""
    return int(_chosen(settings).WRITER_BYTES)


async def put_async(db: AsyncDatabase[Doc], item: Item, settings: Settings) -> None:
    """Store the bytes of one document, and its entry."""
    await _chosen(settings).put_async(db, item, settings)


def stream(db: AsyncDatabase[Doc], entry: Doc) -> AsyncIterator[bytes]:
    """Yield the bytes of an entry, piece by piece. Raises Gone."""
    found: AsyncIterator[bytes] = _holding(entry).stream(db, entry)
    return found


async def delete_async(db: AsyncDatabase[Doc], id: ObjectId) -> None:
    """Remove the bytes of one document, and its entry."""
    entry = await db[RAW].find_one({"_id": id}, {"data": 0})
    if entry is not None:
        await _holding(entry).delete_async(db, entry)
        await db[RAW].delete_one({"_id": id})


async def answers(settings: Settings) -> None:
    """Check the bucket, if raw bytes go to one. Raises Unavailable if it does not answer."""
    if settings.raw_url:
        await bucket.answers(settings)


def remove_orphans(db: Database[Doc], settings: Settings) -> int:
    """Remove raw bytes whose upload never became a record. Returns how many. Checks only the two days before the grace
    period, so that its cost does not grow with the collection.
    """
    last = datetime.now(UTC) - timedelta(seconds=settings.orphan_seconds)
    window = {"$gte": ObjectId.from_datetime(last - timedelta(days=2)), "$lt": ObjectId.from_datetime(last)}
    join = {"from": DOCUMENTS, "localField": "document", "foreignField": "_id", "as": "record"}
    removed = 0
    # an entry of GridFS is written before the entry of `raw`
    for collection, owner in ((f"{RAW_LARGE}.files", "$metadata.document"), (RAW, "$_id")):
        orphans = db[collection].aggregate(
            [
                {"$match": {"_id": window}},
                {"$project": {"document": owner}},
                {"$lookup": join},
                {"$match": {"record": []}},
                {"$project": {"_id": 1}},
            ]
        )
        for some in batched((orphan["_id"] for orphan in orphans), _AT_ONCE):
            if collection == RAW:
                delete(db, some)
            else:
                mongo.delete(db, [{"file_id": id} for id in some])
            removed += len(some)
    return removed + mongo.remove_cut_off(db, window)
