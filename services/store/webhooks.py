"""Webhooks: who is told of finished documents, and the log of what was told them.

``webhooks`` has an entry for each, ``deliveries`` one for each message. No document pays for them: the scheduler looks
for what was finished since, by the index on ``processing.finished_at``, and a message's id is made of the webhook, the
document and that instant, so that looking twice makes no second message. Signing secrets are in a database of their
own, which the user ``reader`` does not reach.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from services.store.keys import access
from services.store.server import DUPLICATE_KEY

Doc = dict[str, Any]

WEBHOOKS, DELIVERIES = "webhooks", "deliveries"
EVENTS = ("document.done", "document.failed", "document.canceled")
PAUSES_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Before the second try and so on: the schedule that Standard Webhooks recommends, about three days in all."""
KEPT = timedelta(days=30)
OVERLAP = timedelta(seconds=60)
"""How far the clocks of workers may be apart, and a write may take, before a document is passed over."""
_PAGE = 500


def secrets_database(name: str) -> str:
    """The database that holds the secrets of database ``name``."""
    return f"{name}_secrets"


def indexes() -> list[IndexModel]:
    """Of ``deliveries``."""
    return [
        IndexModel([("status", 1), ("next_at", 1)], name="due"),
        IndexModel([("webhook", 1), ("created_at", -1)], name="log"),
        IndexModel([("document", 1)], name="document"),
        IndexModel([("expires_at", 1)], name="expiry", expireAfterSeconds=0),
    ]


def enqueue(db: Database[Doc], webhook: Doc) -> int:
    """Make a message for each document that was finished since the last look; returns how many are new."""
    now = datetime.now(UTC)
    since, made = max(webhook["after"] - OVERLAP, webhook["created_at"]), 0
    statuses = [event.removeprefix("document.") for event in webhook["events"]]
    while True:
        found = list(
            db.documents.aggregate(
                [
                    {"$match": {"processing.finished_at": {"$gte": since, "$lte": now}}},
                    {"$match": {"status": {"$in": statuses}, **access(webhook["collections"])}},
                    {"$sort": {"processing.finished_at": 1, "_id": 1}},
                    {"$limit": _PAGE},
                    {"$project": {"status": 1, "title": 1, "source": 1, "story.id": 1, "error": 1, "processing": 1}},
                ]
            )
        )
        made += _insert(db, webhook, found, now)
        if len(found) < _PAGE or found[-1]["processing"]["finished_at"] == since:
            break
        since = found[-1]["processing"]["finished_at"]
    db[WEBHOOKS].update_one({"_id": webhook["_id"]}, {"$max": {"after": now}})
    return made


def _insert(db: Database[Doc], webhook: Doc, found: list[Doc], now: datetime) -> int:
    messages = [_message(webhook, record, now) for record in found]
    if not messages:
        return 0
    try:
        return len(db[DELIVERIES].insert_many(messages, ordered=False).inserted_ids)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])


def _message(webhook: Doc, record: Doc, now: datetime) -> Doc:
    finished: datetime = record["processing"]["finished_at"]
    error = record.get("error")
    data = {
        "id": str(record["_id"]),
        "url": f"/v1/documents/{record['_id']}",
        "status": record["status"],
        "title": record.get("title"),
        "collection": record["source"]["collection"],
        "external_id": record["source"].get("external_id"),
        "batch": record["source"].get("batch"),
        "story": (record.get("story") or {}).get("id"),
        "error": {"code": error["code"], "message": error["message"]} if error else None,
    }
    body = {"type": f"document.{record['status']}", "timestamp": finished.isoformat(), "data": data}
    return {
        "_id": f"msg_{webhook['_id']}_{record['_id']}_{int(finished.timestamp() * 1000)}",
        "webhook": webhook["_id"],
        "document": record["_id"],
        "body": body,
        "status": "pending",
        "tries": [],
        "created_at": now,
        "next_at": now,
        "expires_at": now + KEPT,
    }


def take(db: Database[Doc], hold_seconds: float, but: list[ObjectId]) -> Doc | None:
    """A message that is due, kept from others for a while, of no webhook in ``but``; None where there is none.

    A find and an update: for a findAndModify SecantusDB reads every message that is kept.
    """
    now = datetime.now(UTC)
    due = {"status": "pending", "next_at": {"$lte": now}, **({"webhook": {"$nin": but}} if but else {})}
    hold = {"$set": {"next_at": now + timedelta(seconds=hold_seconds)}}
    while message := db[DELIVERIES].find_one(due, sort=[("next_at", 1)]):
        unchanged = {"_id": message["_id"], "status": "pending", "next_at": message["next_at"]}
        if db[DELIVERIES].update_one(unchanged, hold).matched_count:
            return message
    return None


def told(db: Database[Doc], message: Doc, outcome: Doc, *, delivered: bool, pause_seconds: float | None) -> None:
    """Write down a try; ``pause_seconds`` None: it was the last one."""
    now = datetime.now(UTC)
    status = "delivered" if delivered else "pending" if pause_seconds is not None else "failed"
    db[DELIVERIES].update_one(
        {"_id": message["_id"]},
        {
            "$push": {"tries": {"at": now, **outcome}},
            "$set": {"status": status, "next_at": now + timedelta(seconds=pause_seconds or 0)},
        },
    )
