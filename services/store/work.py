"""What a worker does to records: claim under a lease, finish, fail, release; and what the sweeper does.

A record is written back only by the holder of its lease token, in one conditional update, so that
however often a message is delivered, the result is written exactly once.
"""

from __future__ import annotations

import random
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from bson import ObjectId
from pydantic import ValidationError
from pymongo import ReturnDocument, UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.records import Article, Failure, MemberRef, Record, Resource, Source, Status, Story
from services.settings import Settings
from services.store import raw
from services.store.setup import DOCUMENTS, RAW

Doc = dict[str, Any]
WORKER = socket.gethostname()
MARKED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that this worker owns until the lease ends. ``finished_before``: it holds the result of an earlier run.

    ``watched``: somebody follows its progress. ``trace`` is the traceparent of the request that it came with.
    """

    id: ObjectId
    token: str
    attempts: int
    raw: Doc
    source: Source
    received_at: datetime
    finished_before: bool = False
    watched: bool = False
    trace: str | None = None


def claim(db: Database[Doc], id: ObjectId, settings: Settings) -> Claim | None:
    """Take the record, or None where it is finished, gone, held by another worker or not yet due again."""
    now = datetime.now(UTC)
    token = uuid.uuid4().hex
    record = db[DOCUMENTS].find_one_and_update(
        {
            "_id": id,
            "$or": [
                {"status": Status.QUEUED, "processing.not_before": None},
                {"status": Status.QUEUED, "processing.not_before": {"$lte": now}},
            ],
        },
        {
            "$set": {
                "status": Status.PROCESSING,
                "processing.started_at": now,
                "processing.not_before": None,
                "processing.lease": {
                    "token": token,
                    "worker": WORKER,
                    "expires_at": now + timedelta(seconds=settings.lease_seconds),
                    "stage": None,
                },
            },
            "$inc": {"processing.attempts": 1},
        },
        projection={
            "raw": 1,
            "source": 1,
            "processing.attempts": 1,
            "processing.stages": 1,
            "processing.watched": 1,
            "processing.trace": 1,
        },
        return_document=ReturnDocument.AFTER,
    )
    if record is None:
        return None
    return Claim(
        id=id,
        token=token,
        attempts=record["processing"]["attempts"],
        raw=record["raw"],
        source=Source.model_validate(record["source"]),
        received_at=record["source"]["received_at"],
        finished_before=bool(record["processing"].get("stages")),
        watched=bool(record["processing"].get("watched")),
        trace=record["processing"].get("trace"),
    )


def held(claim: Claim) -> Doc:
    """The filter for its record, as long as the lease is held. It names the shard key, so that one shard is asked."""
    return {
        "_id": claim.id,
        "processing.lease.token": claim.token,
        "source.collection": claim.source.collection,
        "raw.sha256": claim.raw["sha256"],
    }


def earlier(db: Database[Doc], claim: Claim) -> Record | None:
    """The record as an earlier run left it; None where there was none, or one of another shape."""
    if not claim.finished_before:
        return None
    found = db[DOCUMENTS].find_one({"_id": claim.id}) or {}
    try:
        return Record.model_validate({name: value for name, value in found.items() if name in Record.model_fields})
    except ValidationError:
        return None


def read_raw(db: Database[Doc], id: ObjectId) -> bytes:
    """The document's bytes as they came. Raises LookupError where they are gone, raw.Unavailable."""
    entry = db[RAW].find_one({"_id": id})
    if entry is None:
        raise LookupError(f"no raw bytes for {id}")
    return raw.read(db, entry)


def insert(db: Database[Doc], record: Record, data: bytes, settings: Settings) -> ObjectId | None:
    """Store a record and its bytes; returns its id, or None where the same bytes already stand in its collection.

    Raises raw.Unavailable, and then there is no record.
    """
    id = ObjectId()
    raw.put(db, [raw.Item(id, data, record.raw.sha256)], settings)
    try:
        db[DOCUMENTS].insert_one({"_id": id, **record.model_dump()})
    except DuplicateKeyError:
        if same_bytes(db, record) == id:  # the driver repeated a write whose answer was cut off
            return id
        raw.delete(db, [id])
        return None
    return id


def same_bytes(db: Database[Doc], record: Record) -> ObjectId | None:
    """The id of the record with the same bytes in the same collection, if there is one."""
    query = {"source.collection": record.source.collection, "raw.sha256": record.raw.sha256}
    found = db[DOCUMENTS].find_one(query, {"_id": 1})
    return found["_id"] if found else None


def stands(db: Database[Doc], id: ObjectId) -> bool:
    """Whether there is such a record."""
    return db[DOCUMENTS].find_one({"_id": id}, {"_id": 1}) is not None


def enter(db: Database[Doc], claim: Claim, stage: str) -> None:
    """Note in the lease what the worker is at: to know where a worker died, and for those who watch."""
    db[DOCUMENTS].update_one(held(claim), {"$set": {"processing.lease.stage": stage}})


def finish(
    db: Database[Doc],
    claim: Claim,
    article: Article,
    *,
    media_type: str | None,
    members: list[MemberRef] | None,
    story: Story | None,
    keep_story: bool = False,
    pipeline_version: str,
    parser: str,
    stages: dict[str, str],
    models: dict[str, Resource],
    timings_ms: dict[str, float],
) -> bool:
    """Write the result, if the lease is still held; says whether it was.

    ``keep_story`` leaves the record's as it is; so does None for ``members``.
    """
    content = article.model_dump()
    if members is not None:
        content["members"] = [member.model_dump() for member in members]
    if not keep_story:
        content["story"] = story.model_dump() if story else None
    result = db[DOCUMENTS].update_one(
        held(claim),
        {
            "$set": {
                **content,
                "status": Status.DONE,
                "error": None,
                "raw.media_type": media_type,
                "processing.pipeline_version": pipeline_version,
                "processing.parser": parser,
                "processing.stages": stages,
                "processing.models": {name: used.model_dump() for name, used in models.items()},
                "processing.timings_ms": timings_ms,
                "processing.finished_at": datetime.now(UTC),
                "processing.watched": False,
                "processing.lease": None,
            }
        },
    )
    return result.matched_count == 1


def fail(db: Database[Doc], claim: Claim, failure: Failure) -> bool:
    """Write that the document cannot be processed and why, if the lease is still held; says whether it was."""
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
    """Give the record back, to be tried again not before ``delay_seconds`` from now.

    ``counted`` False: this attempt was none, as what it needed was away.
    """
    now = datetime.now(UTC)
    result = db[DOCUMENTS].update_one(
        held(claim),
        {
            "$set": {
                "status": Status.QUEUED,
                "processing.lease": None,
                "processing.queued_at": now,
                "processing.not_before": now + timedelta(seconds=delay_seconds),
            },
            **({} if counted else {"$inc": {"processing.attempts": -1}}),
        },
    )
    return result.matched_count == 1


def backoff_seconds(attempts: int, settings: Settings) -> float:
    """The pause after ``attempts`` attempts: exponential with full jitter (Brooker, AWS Architecture Blog, 2015)."""
    longest = min(settings.retry_most_seconds, settings.retry_base_seconds * 2.0 ** (attempts - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def expire(db: Database[Doc], settings: Settings) -> tuple[int, int]:
    """Take records back from workers whose lease has ended; returns how many wait for another attempt and how many failed.

    A record that used up its attempts is failed with code ``poison``.
    """
    now = datetime.now(UTC)
    expired = {"status": Status.PROCESSING, "processing.lease.expires_at": {"$lt": now}}
    failed = db[DOCUMENTS].update_many(
        {**expired, "processing.attempts": {"$gte": settings.max_attempts}},
        [
            {
                "$set": {
                    "status": Status.FAILED,
                    "error": {
                        "code": "poison",
                        "message": "every worker that took this document died, hung or lost MongoDB; "
                        "look at the bytes, then retry it",
                        "stage": {"$ifNull": ["$processing.lease.stage", "process"]},
                        "attempts": "$processing.attempts",
                        "exception": None,
                    },
                    "processing.lease": None,
                    "processing.finished_at": now,
                }
            }
        ],
    )
    again = [
        UpdateOne(
            {"_id": found["_id"], "processing.lease.token": found["processing"]["lease"]["token"]},
            {
                "$set": {
                    "status": Status.QUEUED,
                    "processing.lease": None,
                    "processing.queued_at": now,
                    "processing.not_before": now
                    + timedelta(seconds=backoff_seconds(found["processing"]["attempts"], settings)),
                }
            },
        )
        for found in db[DOCUMENTS].find(expired, {"processing.attempts": 1, "processing.lease.token": 1})
    ]
    taken = db[DOCUMENTS].bulk_write(again, ordered=False).modified_count if again else 0
    return taken, failed.modified_count


def overdue(db: Database[Doc], settings: Settings, limit: int) -> Iterator[list[ObjectId]]:
    """Records that should be worked on but perhaps have no message any more, oldest first, marked as published now.

    They come some at a time, so that marking them takes no longer than an operation may take.
    """
    now = datetime.now(UTC)
    documents = db[DOCUMENTS]
    due = {"status": Status.QUEUED, "processing.not_before": {"$lte": now}}
    lost = {
        "status": Status.QUEUED,
        "processing.not_before": None,
        "processing.queued_at": {"$lt": now - timedelta(seconds=settings.overdue_seconds)},
    }
    ids: list[ObjectId] = []
    for query in (due, lost):
        room = limit - len(ids)
        if room > 0:
            ids += [found["_id"] for found in documents.find(query, {"_id": 1}).sort("_id", 1).limit(room)]
    # the sweeper's own mark: what it has published is not published again before it is overdue
    published = {"$set": {"processing.queued_at": now, "processing.not_before": None}}
    for some in batched(ids, MARKED_AT_ONCE):
        documents.update_many({"_id": {"$in": list(some)}, "status": Status.QUEUED}, published)
        yield list(some)
