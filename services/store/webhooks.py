"""Webhooks: the addresses that are called for finished documents, and the log of messages.

``webhooks`` has an entry for each, ``deliveries`` one for each message. They do not slow down processing: the scheduler
uses indexes to find documents that were finished or withdrawn since its last look, or whose embargo has ended. A
message's id is made from the webhook, the document and the time, so that a second look creates no second message.
Signing secrets are in a separate database, which the user ``reader`` cannot read.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from services.store import shown, story_facts
from services.store.keys import access
from services.store.server import DUPLICATE_KEY

Doc = dict[str, Any]

WEBHOOKS, DELIVERIES = "webhooks", "deliveries"
WITHDRAWN = "document.withdrawn"
MATCHED = "search.matched"
OF_DOCUMENTS = ("document.done", "document.failed", "document.canceled", WITHDRAWN)
EVENTS = (*OF_DOCUMENTS, MATCHED)
PAUSES_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Pauses before the second and later attempts: the schedule that Standard Webhooks recommends, about three days in
all."""
KEPT = timedelta(days=30)
OVERLAP = timedelta(seconds=60)
"""How far the clocks of workers may differ, plus the time of a write, before a document is missed."""
_PAGE = 500
_READ = dict.fromkeys(
    ("status", "title", "source", "story.id", "error", "processing.finished_at", "item", "wire.provider", "wire.guid",
     "wire.embargoed_until"), 1
)  # fmt: skip


def seen_mark(id: ObjectId) -> str:
    """Return what the state of a pass keeps of a document that it has seen: a digest of 24 hexadecimal digits, so that
    nothing names a document that was erased."""
    return hashlib.blake2b(id.binary, digest_size=12).hexdigest()


def secrets_database(name: str) -> str:
    """Return the database that holds the secrets of database ``name``."""
    return f"{name}_secrets"


def indexes() -> list[IndexModel]:
    """Return the indexes of ``deliveries``."""
    return [
        IndexModel([("status", 1), ("next_at", 1)], name="due"),
        IndexModel([("webhook", 1), ("created_at", -1)], name="log"),
        IndexModel([("document", 1)], name="document"),
        IndexModel([("expires_at", 1)], name="expiry", expireAfterSeconds=0),
    ]


def enqueue(db: Database[Doc], webhook: Doc) -> int:
    """Create a message for each document that was finished or withdrawn, or whose embargo ended, since the last look.
    Returns how many are new."""
    now = datetime.now(UTC)
    since = max(webhook["after"] - OVERLAP, webhook["created_at"])
    scopes = (shown.EMBARGOED,) if webhook.get("embargoed") else ()
    reach = access(webhook["collections"])
    statuses = [event.removeprefix("document.") for event in webhook["events"] if event not in (WITHDRAWN, MATCHED)]
    made = 0
    if statuses:
        visible = {"status": {"$in": statuses}, **reach, **shown.shown(scopes)}
        made += _look(db, webhook, "processing.finished_at", since, now, visible)
        if not scopes:  # documents whose embargo has ended; they were skipped when they were finished
            made += _look(db, webhook, "wire.embargoed_until", since, now, visible)
    if WITHDRAWN in webhook["events"]:
        taken_back = {**reach, **shown.shown(scopes, withdrawn=True)}
        made += _look(db, webhook, "item.withdrawn.at", since, now, taken_back)
    db[WEBHOOKS].update_one({"_id": webhook["_id"]}, {"$max": {"after": now}})
    return made


def _look(db: Database[Doc], webhook: Doc, path: str, since: datetime, now: datetime, rest: Doc) -> int:
    """Create messages for the documents whose time at ``path`` is from ``since`` to ``now``, using its index."""
    made, withdrawn = 0, path == "item.withdrawn.at"
    while True:
        found = list(
            db.documents.aggregate(
                [
                    {"$match": {path: {"$gte": since, "$lte": now}}},
                    {"$match": rest},
                    {"$sort": {path: 1, "_id": 1}},
                    {"$limit": _PAGE},
                    {"$project": _READ},
                ]
            )
        )
        story_facts.told_at_once(db, found, {name: value for name, value in rest.items() if name != "status"})
        made += _insert(db, webhook, [_message(webhook, record, now, withdrawn=withdrawn) for record in found])
        if len(found) < _PAGE or (last := _at(found[-1], path)) == since:
            return made
        since = last


def _at(record: Doc, path: str) -> datetime:
    value: Any = record
    for name in path.split("."):
        value = value[name]
    return value  # type: ignore[no-any-return]


def _insert(db: Database[Doc], webhook: Doc, messages: list[Doc]) -> int:
    if not messages:
        return 0
    try:
        return len(db[DELIVERIES].insert_many(messages, ordered=False).inserted_ids)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])


def _message(webhook: Doc, record: Doc, now: datetime, *, withdrawn: bool = False) -> Doc:
    taken_back = record["item"]["withdrawn"] if withdrawn else None
    since: datetime = taken_back["at"] if taken_back else record["processing"]["finished_at"]
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
    if taken_back:
        wire = record.get("wire") or {}
        data |= {"withdrawn_by": taken_back["by"], "provider": wire.get("provider"), "guid": wire.get("guid")}
    kind = WITHDRAWN if taken_back else f"document.{record['status']}"
    body = {"type": kind, "timestamp": since.isoformat(), "data": data}
    mark = "w" if taken_back else ""
    return {
        "_id": f"msg_{webhook['_id']}_{record['_id']}_{mark}{int(since.timestamp() * 1000)}",
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
    """Take a due message of a webhook that is not in ``but``, and reserve it for a while; None if there is none. Uses a
    find and an update, because SecantusDB reads every stored message for a findAndModify.
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
    """Record an attempt; ``pause_seconds`` None means it was the last one."""
    now = datetime.now(UTC)
    status = "delivered" if delivered else "pending" if pause_seconds is not None else "failed"
    db[DELIVERIES].update_one(
        {"_id": message["_id"]},
        {
            "$push": {"tries": {"at": now, **outcome}},
            "$set": {"status": status, "next_at": now + timedelta(seconds=pause_seconds or 0)},
        },
    )
