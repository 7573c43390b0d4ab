"""What a worker does to records: claim under a lease, finish, fail, release; and what the sweeper does.

A record is written back only by the holder of its lease token, in one conditional update, so that
however often a message is delivered, the result is written exactly once.
"""

from __future__ import annotations

import socket
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import ReturnDocument, UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.records import Article, Failure, Record, Source, Status, Story
from services.settings import Settings
from services.store.setup import DOCUMENTS, RAW, RAW_LARGE

Doc = dict[str, Any]
WORKER = socket.gethostname()


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that this worker owns until the lease ends."""

    id: ObjectId
    token: str
    attempts: int
    raw: Doc
    source: Source
    received_at: datetime


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
                {"status": Status.PROCESSING, "processing.lease.expires_at": {"$lt": now}},
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
                },
            },
            "$inc": {"processing.attempts": 1},
        },
        projection={"raw": 1, "source": 1, "processing.attempts": 1},
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
    )


def read_raw(db: Database[Doc], id: ObjectId) -> bytes:
    """The document's bytes as they came. Raises LookupError where they are gone."""
    entry = db[RAW].find_one({"_id": id})
    if entry is None:
        raise LookupError(f"no raw bytes for {id}")
    if "data" in entry:
        return bytes(entry["data"])
    return GridFSBucket(db, RAW_LARGE).open_download_stream(entry["file_id"]).read()


def insert(db: Database[Doc], record: Record, data: bytes, settings: Settings) -> ObjectId | None:
    """Store a record and its bytes; returns its id, or None where the same bytes already stand in its collection."""
    id = ObjectId()
    entry: Doc = {"_id": id}
    if len(data) <= settings.inline_raw_bytes:
        entry["data"] = data
    else:
        entry["file_id"] = GridFSBucket(db, RAW_LARGE).upload_from_stream(str(id), data, metadata={"document": id})
    db[RAW].insert_one(entry)
    try:
        db[DOCUMENTS].insert_one({"_id": id, **record.model_dump()})
    except DuplicateKeyError:
        db[RAW].delete_one({"_id": id})
        if "file_id" in entry:
            GridFSBucket(db, RAW_LARGE).delete(entry["file_id"])
        return None
    return id


def finish(
    db: Database[Doc],
    claim: Claim,
    article: Article,
    *,
    media_type: str,
    story: Story | None,
    pipeline_version: str,
    models: dict[str, str],
    timings_ms: dict[str, float],
) -> bool:
    """Write the result, if the lease is still held; says whether it was."""
    content = {**article.model_dump(), "story": story.model_dump() if story else None}
    result = db[DOCUMENTS].update_one(
        {"_id": claim.id, "processing.lease.token": claim.token},
        {
            "$set": {
                **content,
                "status": Status.DONE,
                "error": None,
                "raw.media_type": media_type,
                "processing.pipeline_version": pipeline_version,
                "processing.models": models,
                "processing.timings_ms": timings_ms,
                "processing.finished_at": datetime.now(UTC),
                "processing.lease": None,
            }
        },
    )
    return result.matched_count == 1


def fail(db: Database[Doc], claim: Claim, failure: Failure) -> bool:
    """Write that the document cannot be processed and why, if the lease is still held; says whether it was."""
    result = db[DOCUMENTS].update_one(
        {"_id": claim.id, "processing.lease.token": claim.token},
        {
            "$set": {
                "status": Status.FAILED,
                "error": failure.model_dump(),
                "processing.finished_at": datetime.now(UTC),
                "processing.lease": None,
            }
        },
    )
    return result.matched_count == 1


def release(db: Database[Doc], claim: Claim, *, delay_seconds: float) -> bool:
    """Give the record back, to be tried again not before ``delay_seconds`` from now."""
    now = datetime.now(UTC)
    result = db[DOCUMENTS].update_one(
        {"_id": claim.id, "processing.lease.token": claim.token},
        {
            "$set": {
                "status": Status.QUEUED,
                "processing.lease": None,
                "processing.queued_at": now,
                "processing.not_before": now + timedelta(seconds=delay_seconds),
            }
        },
    )
    return result.matched_count == 1


def overdue(db: Database[Doc], settings: Settings, limit: int) -> list[ObjectId]:
    """Records that should be worked on but perhaps have no message any more, oldest first.

    Those are marked as published now. A record that used up its attempts is failed with code ``poison``.
    """
    now = datetime.now(UTC)
    documents = db[DOCUMENTS]
    expired = {"status": Status.PROCESSING, "processing.lease.expires_at": {"$lt": now}}
    documents.update_many(
        {**expired, "processing.attempts": {"$gte": settings.max_attempts}},
        [
            {
                "$set": {
                    "status": Status.FAILED,
                    "error": {
                        "code": "poison",
                        "message": "every worker that took this document died or ran out of time; "
                        "look at the bytes, then reprocess it",
                        "stage": "process",
                        "attempts": "$processing.attempts",
                    },
                    "processing.lease": None,
                    "processing.finished_at": now,
                }
            }
        ],
    )
    waiting = {
        "status": Status.QUEUED,
        "processing.queued_at": {"$lt": now - timedelta(seconds=settings.overdue_seconds)},
        "$or": [{"processing.not_before": None}, {"processing.not_before": {"$lte": now}}],
    }
    due = {
        "status": Status.QUEUED,
        "processing.not_before": {"$lte": now},
    }
    ids: list[ObjectId] = []
    for query in (expired, due, waiting):
        room = limit - len(ids)
        if room > 0:
            ids += [found["_id"] for found in documents.find(query, {"_id": 1}).sort("_id", 1).limit(room)]
    ids = list(dict.fromkeys(ids))
    if ids:
        # the sweeper's own mark: a waiting record is not published again before it is overdue again
        documents.bulk_write(
            [UpdateOne({"_id": id, "status": Status.QUEUED}, {"$set": {"processing.queued_at": now}}) for id in ids],
            ordered=False,
        )
    return ids


def remove_orphans(db: Database[Doc], settings: Settings) -> int:
    """Remove raw bytes whose upload never became a record; returns how many.

    Looks at the two days before the grace period, so that its cost does not grow with the collection.
    """
    last = datetime.now(UTC) - timedelta(seconds=settings.orphan_seconds)
    window = {"$gte": ObjectId.from_datetime(last - timedelta(days=2)), "$lt": ObjectId.from_datetime(last)}
    join = {"from": DOCUMENTS, "localField": "document", "foreignField": "_id", "as": "record"}
    bucket = GridFSBucket(db, RAW_LARGE)
    removed = 0
    for collection, owner in ((f"{RAW_LARGE}.files", "$metadata.document"), (RAW, "$_id")):
        orphans = db[collection].aggregate(
            [
                {"$match": {"_id": window}},
                {"$project": {"document": owner}},
                {"$lookup": join},
                {"$match": {"record": []}},
            ]
        )
        for orphan in orphans:
            if collection == RAW:
                db[RAW].delete_one({"_id": orphan["_id"]})
            else:
                bucket.delete(orphan["_id"])
            removed += 1
    return removed
