"""Store many documents at a time, each of them once.

Uses a collection's ``insert_many``, which is MongoDB's ``insert`` command. SecantusDB 0.7.0b3 honours its write
concern, but ignores that of the client's ``bulkWrite``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, WriteConcernError, WriteError

from services.records import Record
from services.settings import Settings
from services.store import raw
from services.store.server import DUPLICATE_KEY
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
VALIDATION_FAILED, TOO_LARGE = 121, (10334, 17419, 17420)  # mongod's error codes
_REFUSED = (VALIDATION_FAILED, *TOO_LARGE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document to store under ``id``, which stays the same in every attempt."""

    id: ObjectId
    record: Record
    data: bytes

    @property
    def key(self) -> tuple[str, str]:
        """The unique key of a document: its collection and the SHA-256 of its bytes."""
        return self.record.source.collection, self.record.raw.sha256


@dataclass(slots=True)
class Stored:
    """The result: ``new`` are the ids that were stored, ``known`` counts documents that existed already, ``refused``
    says why MongoDB refused a document."""

    new: list[ObjectId] = field(default_factory=list)
    known: int = 0
    refused: dict[ObjectId, str] = field(default_factory=dict)


def store(db: Database[Doc], arrivals: Sequence[Arrival], settings: Settings) -> Stored:
    """Store documents with their bytes, except those whose collection already has the same bytes. Safe to repeat.

    Three round trips for documents of one collection. Raises PyMongoError, raw.Unavailable.
    """
    try:
        return _store(db, arrivals, settings)
    except (WriteError, InvalidDocument, DocumentTooLarge, OverflowError) as error:
        if isinstance(error, WriteError) and error.code not in _REFUSED:
            raise
        if len(arrivals) == 1:
            raw.delete(db, [arrivals[0].id])
            return Stored(refused={arrivals[0].id: str(error)})
    found = Stored()
    for arrival in arrivals:  # to find out which of them it was
        one = store(db, [arrival], settings)
        found.new += one.new
        found.known += one.known
        found.refused |= one.refused
    return found


def _store(db: Database[Doc], arrivals: Sequence[Arrival], settings: Settings) -> Stored:
    there = _same_bytes(db, arrivals)
    first: dict[tuple[str, str], Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival.key, arrival)
    fresh = [arrival for key, arrival in first.items() if key not in there]
    if fresh:
        raw.put(db, [raw.Item(one.id, one.data, one.record.raw.sha256) for one in fresh], settings)
    refused = insert_new(db[DOCUMENTS], [{"_id": one.id, **one.record.model_dump()} for one in fresh])
    doubles = set(drop_bytes_of_doubles(db, refused) if refused else ())
    new = [one.id for one in first.values() if there.get(one.key, one.id) == one.id and one.id not in doubles]
    return Stored(new, len(arrivals) - len(new))


def _same_bytes(db: Database[Doc], arrivals: Sequence[Arrival]) -> dict[tuple[str, str], ObjectId]:
    """Return the ids of documents whose collection already has their bytes."""
    wanted: dict[str, list[str]] = {}
    for arrival in arrivals:
        collection, sha256 = arrival.key
        wanted.setdefault(collection, []).append(sha256)
    return {
        (collection, found["raw"]["sha256"]): found["_id"]
        for collection, sums in wanted.items()
        for found in db[DOCUMENTS].find(
            {"source.collection": collection, "raw.sha256": {"$in": sums}}, {"raw.sha256": 1}
        )
    }


def insert_new(collection: Collection[Doc], documents: Sequence[Doc]) -> list[Any]:
    """Insert the entries that do not exist yet. Returns the ids of those that did. Raises WriteError if one is refused
    for another reason."""
    try:
        if documents:
            collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        errors = details.get("writeErrors", [])
        for one in errors:
            if one["code"] != DUPLICATE_KEY:
                raise WriteError(one["errmsg"], one["code"], one) from None
        if concerns := details.get("writeConcernErrors"):
            raise WriteConcernError(concerns[0].get("errmsg"), concerns[0].get("code"), concerns[0]) from None
        return [documents[one["index"]]["_id"] for one in errors]
    return []


def drop_bytes_of_doubles(db: Database[Doc], refused: list[Any]) -> list[Any]:
    """Remove the bytes of documents that their collection has under another id. Returns which of ``refused`` those are.
    The others exist under their own id: the driver repeated a write whose answer was lost.
    """
    there = {found["_id"] for found in db[DOCUMENTS].find({"_id": {"$in": refused}}, {"_id": 1})}
    doubles = [id for id in refused if id not in there]
    raw.delete(db, doubles)
    return doubles
