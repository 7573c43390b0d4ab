"""Versions of one item: their order, and which of them withdraw others.

The documents of a collection with the same ``wire.provider`` and ``wire.guid`` are versions of one item. A version that
is ``canceled`` or ``withheld`` withdraws itself and every version that is not known to be later, whichever came first.

The field ``item`` of a record holds its position among the versions. A worker that has written a record settles its
item: it reads all versions, corrects their records, and repeats this until there is nothing to correct. If several
workers do so at the same time, the last to write reads what the others wrote, so the records agree in the end. If a
worker dies before it has settled the item, ``processing.unsettled`` remains, and the scheduler has another worker do
it. Repeating it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.database import Database

from services.store import stories
from services.store.migrations import DOCUMENTS, SCHEMA

Doc = dict[str, Any]
WITHDRAWS = ("canceled", "withheld")
IN_WORDS = ("anpa-1312", "iptc-7901", "zczc", "text")
"""Formats without a status field: in these, a kill is a message to editors about a story, not the story itself."""
MOST_AT_ONCE = 500

_NUMBER = re.compile(r"\d{1,30}(?:\.\d{1,10})?", re.ASCII)
_START = datetime.min.replace(tzinfo=UTC)
_READ = dict.fromkeys(
    ("format", "wire.provider", "wire.guid", "wire.version", "wire.pub_status", "published_at", "updated_at", "item", "story.id",
     "source.collection", "raw.sha256", "processing.unsettled", "processing.finished_at"), 1
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """What identifies an item. An item belongs to one collection, so that a key that may write into one collection
    cannot withdraw anything in another."""

    collection: str
    provider: str | None
    guid: str


def key_of(record: Doc) -> Key | None:
    """Return the item that a record is a version of, or None if it has no ``wire.guid``."""
    wire = record.get("wire") or {}
    guid = wire.get("guid")
    return Key(record["source"]["collection"], wire.get("provider"), guid) if guid else None


@dataclass(frozen=True)
class Version:
    """One document of an item."""

    record: Doc

    @property
    def id(self) -> ObjectId:
        return self.record["_id"]  # type: ignore[no-any-return]

    @cached_property
    def withdraws(self) -> bool:
        wire = self.record.get("wire") or {}
        is_message = not wire.get("guid") and self.record.get("format") in IN_WORDS
        return wire.get("pub_status") in WITHDRAWS and not is_message

    @cached_property
    def number(self) -> Decimal | None:
        written = str((self.record.get("wire") or {}).get("version") or "")
        return Decimal(written) if _NUMBER.fullmatch(written) else None

    @cached_property
    def time(self) -> datetime | None:
        """Return the latest time that the version states."""
        stated = [when for when in (self.record.get("updated_at"), self.record.get("published_at")) if when]
        return max(stated, default=None)

    def is_later_than(self, other: Version) -> bool:
        """Return whether it is known to be later, by number, otherwise by stated time. The order of arrival does not
        count."""
        if self.number is not None and other.number is not None and self.number != other.number:
            return self.number > other.number
        return self.time is not None and other.time is not None and self.time > other.time


def in_order(records: Iterable[Doc]) -> list[Version]:
    """Return the versions of an item, oldest first: by number if all have one, otherwise by time if all state one,
    otherwise by arrival."""
    versions = [Version(record) for record in records]
    numbered = all(one.number is not None for one in versions)
    timed = all(one.time is not None for one in versions)

    def place(one: Version) -> tuple[Decimal, datetime, ObjectId]:
        number, time = one.number if numbered else None, one.time if timed else None
        return number or Decimal(0), time or _START, one.id

    return sorted(versions, key=place)


def standings(records: Iterable[Doc]) -> dict[ObjectId, Doc | None]:
    """Return the field ``item`` for each version of an item, or None if it is empty. Versions withdrawn by a document
    that was erased since stay withdrawn.
    """
    versions = in_order(records)
    withdrawing = [one for one in versions if one.withdraws]
    found: dict[ObjectId, Doc | None] = {}
    for one, after in zip(versions, [*versions[1:], None], strict=True):
        before = (one.record.get("item") or {}).get("withdrawn")
        by = one if one.withdraws else next((kill for kill in withdrawing if not one.is_later_than(kill)), None)
        withdrawn = None
        if by:
            withdrawn = {"by": str(by.id), "at": before["at"] if before else _now()}
        elif before and before["by"] is None:
            withdrawn = before
        next_one = str(after.id) if after else None
        found[one.id] = {"superseded_by": next_one, "withdrawn": withdrawn} if next_one or withdrawn else None
    return found


def versions(db: Database[Doc], key: Key, shown: Doc | None = None) -> list[Doc]:
    """Return the projection for the versions of an item; ``shown`` adds other fields."""
    return list(db[DOCUMENTS].aggregate([*matching(key), {"$project": shown or _READ}]))


def matching(key: Key) -> list[Doc]:
    """Return the stages that find an item's versions, by the index on ``wire.guid``."""
    rest = {"wire.provider": key.provider, "source.collection": key.collection}
    return [{"$match": {"wire.guid": key.guid}}, {"$match": rest}]


def foresee(db: Database[Doc], record: Doc) -> Doc | None:
    """Return the field ``item`` for a record that is about to be written, given the versions that exist. So a document
    whose kill arrived first is never shown, not even before its item is settled.
    """
    key = key_of(record)
    others = [one for one in versions(db, key) if one["_id"] != record["_id"]] if key else []
    return standings([*others, record])[record["_id"]]


def settle(db: Database[Doc], keys: Iterable[Key], without: Collection[ObjectId] = ()) -> None:
    """Correct the field ``item`` of all records of these items, and put them into one story. Safe to repeat and to run
    concurrently.

    ``without``: documents that are being erased.
    """
    for key in dict.fromkeys(keys):
        while True:
            found = [one for one in versions(db, key) if one["_id"] not in without]
            writes = [*_corrected(found), *_one_story(db, found)]
            if not writes:
                break
            db[DOCUMENTS].bulk_write(writes, ordered=False)
        _mark_settled(db, found)


def _corrected(found: Sequence[Doc]) -> list[UpdateOne]:
    wanted = standings(found)
    return [
        UpdateOne(_one(record), {"$set": {"item": wanted[record["_id"]]}})
        for record in found
        if "item" not in record or record["item"] != wanted[record["_id"]]
    ]


def _one_story(db: Database[Doc], found: Sequence[Doc]) -> list[UpdateOne]:
    """Put all versions into one story, the one with the smallest id among theirs."""
    names = {(record.get("story") or {}).get("id") for record in found}
    if len(names) == 1:
        return []
    story = stories.join(db, {name for name in names if name})
    alone = {"id": story, "similarity": 0.0, "nearest": None, "new_paragraphs": []}
    return [
        UpdateOne(_one(record), {"$set": {"story.id": story} if record.get("story") else {"story": alone}})
        for record in found
        if (record.get("story") or {}).get("id") != story
    ]


def _mark_settled(db: Database[Doc], found: Sequence[Doc]) -> None:
    """Update the records that have not been written again since they were read."""
    settled = [
        UpdateOne(
            {**_one(record), "processing.finished_at": record["processing"].get("finished_at")},
            {"$set": {"processing.unsettled": False}},
        )
        for record in found
        if (record.get("processing") or {}).get("unsettled")
    ]
    if settled:
        db[DOCUMENTS].bulk_write(settled, ordered=False)


def settle_left(db: Database[Doc]) -> int:
    """Settle the items of records whose worker died after writing them. Returns the number of records."""
    left = list(db[DOCUMENTS].find({"processing.unsettled": True}, _READ).limit(MOST_AT_ONCE))
    settle(db, [key for record in left if (key := key_of(record))])
    alone = [record for record in left if key_of(record) is None]
    if writes := _corrected_alone(alone):
        db[DOCUMENTS].bulk_write(writes, ordered=False)
    _mark_settled(db, alone)
    return len(left)


def _corrected_alone(records: Sequence[Doc]) -> list[UpdateOne]:
    return [write for record in records for write in _corrected([record])]


def take_in(db: Database[Doc]) -> None:
    """Once per database: mark records from before items existed, so that the scheduler settles them."""
    done = {"_id": "items"}
    if db[SCHEMA].find_one(done):
        return
    after: Doc = {}
    while batch := list(
        db[DOCUMENTS].find(after, {"wire.guid": 1, "wire.pub_status": 1}).sort("_id", 1).limit(MOST_AT_ONCE)
    ):
        after = {"_id": {"$gt": batch[-1]["_id"]}}
        wires = {record["_id"]: record.get("wire") or {} for record in batch}
        ids = [id for id, wire in wires.items() if wire.get("guid") or wire.get("pub_status") in WITHDRAWS]
        if ids:
            db[DOCUMENTS].update_many({"_id": {"$in": ids}}, {"$set": {"processing.unsettled": True}})
    db[SCHEMA].replace_one(done, {"taken_in_at": _now()}, upsert=True)


def forget(db: Database[Doc], ids: Sequence[ObjectId]) -> None:
    """Remove documents that will be erased from their items, so that no other record names them. Safe to repeat.
    Versions that they withdrew stay withdrawn.
    """
    named = {"$in": [str(id) for id in ids]}
    documents = db[DOCUMENTS]
    documents.update_many({"item.withdrawn.by": named}, {"$set": {"item.withdrawn.by": None}})
    erased = documents.find({"_id": {"$in": list(ids)}}, _READ)
    pointing = documents.find({"item.superseded_by": named}, _READ)
    settle(db, [key for record in [*erased, *pointing] if (key := key_of(record))], without=set(ids))


def indexes() -> list[IndexModel]:
    """Return the indexes of ``documents`` that items need."""
    return [
        IndexModel([("item.superseded_by", ASCENDING)], name="superseded", sparse=True),
        IndexModel([("item.withdrawn.by", ASCENDING)], name="withdrawn_by", sparse=True),
        IndexModel([("item.withdrawn.at", ASCENDING)], name="withdrawn", sparse=True),
        IndexModel([("wire.embargoed_until", ASCENDING)], name="embargo", sparse=True),
        IndexModel(
            [("processing.unsettled", ASCENDING)],
            name="unsettled",
            partialFilterExpression={"processing.unsettled": True},
        ),
    ]


def _one(record: Doc) -> Doc:
    """Return the filter for a record. It includes the shard key, so that only one shard is queried."""
    return {
        "_id": record["_id"],
        "source.collection": record["source"]["collection"],
        "raw.sha256": record["raw"]["sha256"],
    }


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # with the precision of MongoDB
