"""What workers and the sweeper do to records: claim under a lease, finish, fail, release, publish again.

A record is written back only by the holder of its lease token, in one conditional update, so that
however often a message is delivered, the result is written exactly once.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from bson import ObjectId
from pydantic import ValidationError
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services import corrections
from services.records import (
    Article,
    Failure,
    Item,
    MemberRef,
    Priority,
    Record,
    Resource,
    Source,
    StageFailure,
    Status,
    Story,
)
from services.settings import Settings
from services.store import leases, raw
from services.store.control import State
from services.store.setup import DOCUMENTS, RAW

Doc = dict[str, Any]
MARKED_AT_ONCE = 100
MOST_REWRITES = 50
_RUNNING = State()


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that this worker owns until the lease ends. ``finished_before``: it has the result of an earlier run.
    ``watched``: somebody follows its progress. ``trace`` is the traceparent of the request that sent it. ``before`` is
    the record's earlier field ``item``, ``desk`` what editors had corrected.
    """

    id: ObjectId
    token: str
    attempts: int
    raw: Doc
    source: Source
    received_at: datetime
    finished_before: bool = False
    watched: bool = False
    priority: Priority = Priority.INTERACTIVE
    trace: str | None = None
    waiting_since: datetime | None = None
    before: Doc = field(default_factory=dict)
    desk: Doc = field(default_factory=dict)


def claim(db: Database[Doc], id: ObjectId, settings: Settings, state: State = _RUNNING) -> Claim | None:
    """Claim the record. Returns None if it is finished, gone, paused, held by another worker or not yet due again."""
    due = {"$not": {"$gt": datetime.now(UTC)}}
    claims = _claim(db, [id], {"processing.not_before": due, **state.which}, settings, shared=False)
    return claims[0] if claims else None


def claim_together(
    db: Database[Doc], ids: Sequence[ObjectId], settings: Settings, state: State = _RUNNING
) -> list[Claim]:
    """Claim the records that a worker may process together, under one token: small, never tried, followed by nobody. An
    attempt that ends with the worker's death or is released does not count, because it is unknown which document caused
    it.
    """
    may_be_shared = {
        "processing.attempts": 0,
        "processing.not_before": None,
        "processing.watched": {"$ne": True},
        "raw.size_bytes": {"$lte": settings.batch_document_bytes},
        **state.which,
    }
    return _claim(db, ids, may_be_shared, settings, shared=True)


def _claim(db: Database[Doc], ids: Sequence[ObjectId], which: Doc, settings: Settings, *, shared: bool) -> list[Claim]:
    """Claim with an update and a find by its token, because SecantusDB reads every record for a findAndModify, whatever
    the filter."""
    token = uuid.uuid4().hex
    queued = {"_id": {"$in": list(ids)}, "status": Status.QUEUED, **which}
    taken = db[DOCUMENTS].update_many(queued, _taking(token, datetime.now(UTC), settings, shared=shared))
    if not taken.matched_count:
        return []
    mine = {"_id": {"$in": list(ids)}, "processing.lease.token": token}
    return [_claimed(record) for record in db[DOCUMENTS].find(mine, _CLAIMED)]


def still_queued(db: Database[Doc], ids: Sequence[ObjectId]) -> list[ObjectId]:
    """Return those of the records that wait for a worker."""
    found = db[DOCUMENTS].find({"_id": {"$in": list(ids)}, "status": Status.QUEUED}, {"_id": 1}) if ids else ()
    return [record["_id"] for record in found]


_DESK = dict.fromkeys(("corrections", f"uncorrected.{corrections.TAGS}", "revision"), 1)
_CLAIMED = {
    "raw": 1,
    "source": 1,
    "processing.lease.token": 1,
    "processing.attempts": 1,
    "processing.stages": 1,
    "processing.watched": 1,
    "processing.priority": 1,
    "processing.trace": 1,
    "processing.waiting_since": 1,
    "wire.provider": 1,
    "wire.guid": 1,
    "item": 1,
    **_DESK,
}


def _taking(token: str, now: datetime, settings: Settings, *, shared: bool) -> list[Doc]:
    return [
        {
            "$set": {
                "status": Status.PROCESSING,
                "processing.started_at": now,
                "processing.not_before": None,
                "processing.lease": {
                    "token": token,
                    "worker": leases.process(),
                    "expires_at": leases.end(settings),
                    "stage": None,
                    "shared": shared,
                },
                "processing.attempts": {"$add": ["$processing.attempts", 1]},
            }
        }
    ]


def _claimed(record: Doc) -> Claim:
    return Claim(
        id=record["_id"],
        token=record["processing"]["lease"]["token"],
        attempts=record["processing"]["attempts"],
        raw=record["raw"],
        source=Source.model_validate(record["source"], extra="ignore"),
        received_at=record["source"]["received_at"],
        finished_before=bool(record["processing"].get("stages")),
        watched=bool(record["processing"].get("watched")),
        priority=Priority(record["processing"].get("priority", Priority.INTERACTIVE)),
        trace=record["processing"].get("trace"),
        waiting_since=record["processing"].get("waiting_since"),
        before={name: record.get(name) for name in ("source", "wire", "item")},
        desk=record,
    )


def held(claim: Claim) -> Doc:
    """Return the filter for its record while the lease is held. It includes the shard key, so that only one shard is
    queried."""
    return {
        "_id": claim.id,
        "processing.lease.token": claim.token,
        "source.collection": claim.source.collection,
        "raw.sha256": claim.raw["sha256"],
    }


def earlier(db: Database[Doc], claim: Claim) -> Record | None:
    """Return the record as an earlier run wrote it, without corrections, or None if there was none or it has another
    shape."""
    if not claim.finished_before:
        return None
    found = db[DOCUMENTS].find_one({"_id": claim.id}) or {}
    found |= {name: value for name, value in corrections.as_read(found).items() if name in found}
    try:
        return Record.model_validate({name: value for name, value in found.items() if name in Record.model_fields})
    except ValidationError:
        return None


def read_raw(db: Database[Doc], id: ObjectId) -> bytes:
    """Return the document's original bytes. Raises LookupError if they are gone, and raw.Unavailable."""
    return read_raws(db, [id])[id]


def read_raws(db: Database[Doc], ids: Sequence[ObjectId]) -> dict[ObjectId, bytes]:
    """Return the bytes of several documents. Raises LookupError if some are gone, and raw.Unavailable."""
    found = raw.read_many(db, list(db[RAW].find({"_id": {"$in": list(ids)}})))
    for id in ids:
        if id not in found:
            raise LookupError(f"no raw bytes for {id}")
    return found


def insert(db: Database[Doc], record: Record, data: bytes, settings: Settings) -> ObjectId | None:
    """Store a record and its bytes. Returns its id, or None if its collection already has the same bytes. Raises
    raw.Unavailable; then no record is stored.
    """
    id = ObjectId()
    raw.put(db, [raw.Item(id, data, record.raw.sha256)], settings)
    try:
        db[DOCUMENTS].insert_one({"_id": id, **record.model_dump()})
    except DuplicateKeyError:
        if same_bytes(db, record) == id:  # the driver repeated a write whose answer was lost
            return id
        raw.delete(db, [id])
        return None
    return id


def same_bytes(db: Database[Doc], record: Record) -> ObjectId | None:
    """Return the id of the record with the same bytes in the same collection, or None."""
    query = {"source.collection": record.source.collection, "raw.sha256": record.raw.sha256}
    found = db[DOCUMENTS].find_one(query, {"_id": 1})
    return found["_id"] if found else None


def stands(db: Database[Doc], id: ObjectId) -> bool:
    """Return whether the record exists."""
    return db[DOCUMENTS].find_one({"_id": id}, {"_id": 1}) is not None


def enter(db: Database[Doc], claim: Claim, stage: str) -> None:
    """Record the current stage in the lease, to know where a worker died, and for those who follow the document."""
    db[DOCUMENTS].update_one(held(claim), {"$set": {"processing.lease.stage": stage}})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a document that was read. ``keep_story`` leaves the record's story unchanged; None for ``members``
    does the same for its members. ``unsettled``: see `services.store.items`. ``lists`` compares a record with the watch
    lists and returns the fields to store.
    """

    article: Article
    media_type: str | None
    members: list[MemberRef] | None
    story: Story | None
    pipeline_version: str
    parser: str
    stages: dict[str, str]
    models: dict[str, Resource]
    timings_ms: dict[str, float]
    failures: list[StageFailure] = field(default_factory=list)
    keep_story: bool = False
    item: Item | None = None
    unsettled: bool = False
    lists: Callable[[Doc], Doc] | None = None

    def fields(self, now: datetime, desk: Doc) -> Doc:
        content = self.article.model_dump()
        if desk.get("corrections"):
            content |= corrections.stored({**desk, **content}, desk["corrections"])
        if self.lists:
            content |= self.lists(content)
        if self.members is not None:
            content["members"] = [member.model_dump() for member in self.members]
        if not self.keep_story:
            content["story"] = self.story.model_dump() if self.story else None
        return {
            **content,
            "item": self.item.model_dump() if self.item else None,
            "status": Status.DONE,
            "error": None,
            "raw.media_type": self.media_type,
            "processing.pipeline_version": self.pipeline_version,
            "processing.parser": self.parser,
            "processing.stages": self.stages,
            "processing.models": {name: used.model_dump() for name, used in self.models.items()},
            "processing.timings_ms": self.timings_ms,
            "processing.failures": [failure.model_dump() for failure in self.failures],
            "processing.finished_at": now,
            "processing.watched": False,
            "processing.unsettled": self.unsettled,
            "processing.lease": None,
        }


def finish(db: Database[Doc], outcomes: Sequence[tuple[Claim, Outcome]]) -> set[ObjectId]:
    """Write the results of documents whose lease is still held, as editors corrected them. Returns which those are. If
    a correction was made since the claim, the result is written with it."""
    now = datetime.now(UTC)
    ids = [claim.id for claim, _ in outcomes]
    desks = {claim.id: claim.desk for claim, _ in outcomes}
    for _ in range(MOST_REWRITES):
        writes = [
            UpdateOne(
                {**held(claim), "revision": desks[claim.id].get("revision")},
                {"$set": outcome.fields(now, desks[claim.id])},
            )
            for claim, outcome in outcomes
            if claim.id in desks
        ]
        if db[DOCUMENTS].bulk_write(writes, ordered=False).matched_count == len(ids):
            return set(ids)
        tokens = {"_id": {"$in": ids}, "processing.lease.token": {"$in": [claim.token for claim, _ in outcomes]}}
        desks = {found["_id"]: found for found in db[DOCUMENTS].find(tokens, {"source.tags": 1, **_DESK})}
        if not desks:
            break
    written = {"_id": {"$in": ids}, "processing.finished_at": now}
    return {found["_id"] for found in db[DOCUMENTS].find(written, {"_id": 1})}


def fail(db: Database[Doc], claim: Claim, failure: Failure) -> bool:
    """Mark the document as failed and say why, if the lease is still held. Returns whether it was."""
    result = db[DOCUMENTS].update_one(
        held(claim),
        {
            "$set": {
                "status": Status.FAILED,
                "error": failure.model_dump(),
                "processing.finished_at": datetime.now(UTC),
                "processing.watched": False,
                "processing.lease": None,
            }
        },
    )
    return result.matched_count == 1


def release(db: Database[Doc], claim: Claim, *, delay_seconds: float, counted: bool = True) -> bool:
    """Release the record for another attempt after ``delay_seconds``. ``counted`` False: the attempt does not count,
    because a service that it needed was down.
    """
    return db[DOCUMENTS].update_one(held(claim), back(delay_seconds, counted=counted)).matched_count == 1


def give_back(db: Database[Doc], claims: Sequence[Claim]) -> None:
    """Release the unfinished documents of a shared claim. Each is due at once, by itself; the attempt does not
    count."""
    unfinished = {"_id": {"$in": [claim.id for claim in claims]}, "processing.lease.token": claims[0].token}
    db[DOCUMENTS].update_many(unfinished, back(0, counted=False))


def back(delay_seconds: float, *, counted: bool = True) -> Doc:
    """Return the update that queues a record again after a number of seconds."""
    now = datetime.now(UTC)
    queued = {
        "status": Status.QUEUED,
        "processing.lease": None,
        "processing.queued_at": now,
        "processing.not_before": now + timedelta(seconds=delay_seconds),
    }
    return {"$set": queued} if counted else {"$set": queued, "$inc": {"processing.attempts": -1}}


def backoff_seconds(attempts: int, settings: Settings) -> float:
    """Return the pause after ``attempts`` attempts: exponential with full jitter (Brooker, AWS Architecture Blog,
    2015)."""
    longest = min(settings.retry_most_seconds, settings.retry_base_seconds * 2.0 ** (attempts - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def without_message(db: Database[Doc], messages: int, limit: int, state: State = _RUNNING) -> int:
    """Return how many more records should have a message than there are ``messages``; at most ``limit``."""
    waiting = {"status": Status.QUEUED, "processing.not_before": None, **state.which}
    return max(0, db[DOCUMENTS].count_documents(waiting, limit=messages + limit) - messages)


def overdue(
    db: Database[Doc], settings: Settings, limit: int, *, lost: int, bulk: bool, resumed_at: datetime | None = None
) -> Iterator[tuple[list[ObjectId], bool]]:
    """Yield waiting records that may have lost their message, oldest first, and mark them as published now. True is
    given for records that were tried before: a worker takes them one at a time. ``lost``: the number of messages
    presumed lost; no more than these are published again. ``resumed_at``: documents that were waiting then may have no
    message, however short their wait. The records are marked a few at a time, so that no operation exceeds its time
    limit.
    """
    now = datetime.now(UTC)
    documents = db[DOCUMENTS]
    late = now - timedelta(seconds=settings.overdue_seconds)
    priority = Priority.BULK if bulk else {"$ne": Priority.BULK}  # older records have none
    due = {"status": Status.QUEUED, "processing.priority": priority, "processing.not_before": {"$lte": now}}
    old = {
        "status": Status.QUEUED,
        "processing.priority": priority,
        "processing.not_before": None,
        "processing.queued_at": {"$lt": max(late, resumed_at) if resumed_at else late},
    }
    # the sweeper's own mark: a record that it has published is not published again before it is overdue
    published = {"$set": {"processing.queued_at": now, "processing.not_before": None}}
    room = limit
    for query, tried in ((due, True), (old, False)):
        most = room if tried else min(room, lost)
        ids = [found["_id"] for found in documents.find(query, {"_id": 1}).sort("_id", 1).limit(most)] if most else []
        room -= len(ids)
        for some in batched(ids, MARKED_AT_ONCE):
            documents.update_many({"_id": {"$in": list(some)}, "status": Status.QUEUED}, published)
            yield list(some), tried
