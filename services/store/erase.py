"""Erase a document: its record, its bytes, its entry in its story, and references to it in other records.

Only the entry in the audit log remains, with the id. If an erasure was interrupted, or a worker wrote to the document
at the same moment, `finish_begun` completes it from the audit log.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.records import Failure, Status
from services.settings import Settings
from services.store import items, raw, register, stories
from services.store.alerts import ALERTS
from services.store.audit import AUDIT, Action, entry
from services.store.mails import MAILS
from services.store.setup import DOCUMENTS, IDEMPOTENCY
from services.store.webhooks import DELIVERIES

Doc = dict[str, Any]
BATCH = 500
BEGUN_LATELY = timedelta(hours=3)
_ERASED = Failure(code="erased", message="it is being erased", stage="erase", attempts=0).model_dump()


def with_members(db: Database[Doc], ids: Sequence[ObjectId]) -> list[ObjectId]:
    """Return these documents and, at any depth, those found inside them."""
    found = dict.fromkeys(ids)
    parents = list(ids)
    while parents:
        inside = db[DOCUMENTS].find({"source.parent": {"$in": [str(id) for id in parents]}}, {"_id": 1})
        parents = [child["_id"] for child in inside if child["_id"] not in found]
        found.update(dict.fromkeys(parents))
    return list(found)


def erase(db: Database[Doc], ids: Sequence[ObjectId]) -> int:
    """Erase these documents. Returns how many existed. Safe to repeat; the records are removed last. Raises
    PyMongoError, raw.Unavailable. Documents found inside them lose only the reference to their parent.
    """
    these: Doc = {"_id": {"$in": list(ids)}}
    named: Doc = {"$in": [str(id) for id in ids]}
    documents = db[DOCUMENTS]
    # from here on no worker can write a result
    documents.update_many(these, {"$set": {"status": Status.FAILED, "error": _ERASED, "processing.lease": None}})
    named_in = [register.ids_in(one) for one in documents.find(these, {"entities.id": 1})]
    register.mark(db, set().union(*named_in))
    raw.delete(db, ids)
    items.forget(db, ids)
    renamed = stories.forget(db, ids)
    for story in documents.distinct("story.id", {"story.id": named, "_id": {"$nin": list(ids)}}):
        change = {"story.id": renamed[story]} if renamed[story] else {"story": None}
        documents.update_many({"story.id": story}, {"$set": change})
    first: Doc = {"story.nearest": None, "story.similarity": 0.0, "story.new_paragraphs": []}
    documents.update_many({"story.nearest": named}, {"$set": first})
    documents.update_many({"members.id": named}, {"$pull": {"members": {"id": named}}})
    documents.update_many({"source.parent": named}, {"$set": {"source.parent": None}})
    db[IDEMPOTENCY].delete_many({"$or": [{"answer.body.id": named}, {"answer.body.documents.id": named}]})
    for name in (DELIVERIES, ALERTS):
        db[name].delete_many({"document": {"$in": list(ids)}})
    db[MAILS].update_many({"documents": {"$in": list(ids)}}, {"$pull": {"documents": {"$in": list(ids)}}})
    return documents.delete_many(these).deleted_count


def finish_begun(db: Database[Doc]) -> int:
    """Repeat the erasures of the last hours. Returns how many documents still existed."""
    actions = [Action.DELETE, Action.ERASE, Action.EXPIRE]
    begun = db[AUDIT].find({"at": {"$gte": datetime.now(UTC) - BEGUN_LATELY}, "action": {"$in": actions}})
    alone: set[ObjectId] = set()
    whole: set[ObjectId] = set()
    for found in begun:
        ids = map(ObjectId, found["details"].get("ids", []))
        (whole if found["details"].get("members") else alone).update(ids)
    every = [*alone, *with_members(db, list(whole))]
    return sum(erase(db, every[start : start + BATCH]) for start in range(0, len(every), BATCH))


def expire(db: Database[Doc], settings: Settings, seconds: float) -> tuple[int, bool]:
    """Erase documents older than their collection's ``retention``, for about ``seconds``. Returns how many were erased,
    and whether there may be more.
    """
    end = time.monotonic() + seconds
    erased = 0
    for collection in db[DOCUMENTS].distinct("source.collection") if settings.retention else []:
        days = days_kept(collection, settings)
        if days is None:
            continue
        last = ObjectId.from_datetime(datetime.now(UTC) - timedelta(days=days))
        query = {"source.collection": collection, "_id": {"$lt": last}}
        while ids := [found["_id"] for found in db[DOCUMENTS].find(query, {"_id": 1}).limit(BATCH)]:
            details = {"collection": collection, "days": days, "ids": [str(id) for id in ids]}
            db[AUDIT].insert_one(entry(Action.EXPIRE, f"{len(ids)} documents", settings, name="retention", **details))
            erased += erase(db, ids)
            if time.monotonic() > end:
                return erased, True
    return erased, False


def days_kept(collection: str, settings: Settings) -> float | None:
    """Return the value of the first pattern that matches; None means for ever."""
    return next((days for glob, days in settings.retention.items() if fnmatchcase(collection, glob)), None)
