"""Store alerts and the webhook messages about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.alerts.mails import due_at
from services.alerts.standing import Kept
from services.settings import Settings
from services.store import alerts
from services.store.setup import DOCUMENTS
from services.store.webhooks import KEPT, MATCHED

Doc = dict[str, Any]
BATCH = 200
"""Maximum number of alerts that are stored together."""
_READ = dict.fromkeys(
    ("status", "title", "text", "error", "url", "publisher", "published_at", "source.collection", "source.external_id",
     "source.batch", "processing.finished_at"), 1
)  # fmt: skip


async def store(db: AsyncDatabase[Doc], turn: Doc, pairs: Sequence[tuple[Kept, ObjectId]], settings: Settings) -> int:
    """Store an alert for each search and document, and its message. Returns how many are new. Raises alerts.TurnLost."""
    ids = list({id for _, id in pairs})
    records = {one["_id"]: one for one in await db[DOCUMENTS].find({"_id": {"$in": ids}}, _READ).to_list()}
    now = datetime.now(UTC)
    oldest = now - timedelta(days=settings.alert_days)
    made, told = [], {}
    for kept, id in pairs:
        record = records.get(id)
        if record is None or id.generation_time < oldest:  # its alert may have expired
            continue
        one = _alert(kept.entry, record, now, settings)
        made.append(one)
        if kept.entry["webhook"] is not None:
            told[one["_id"]] = _message(kept.entry, one, record, now)
    new = 0
    for at in range(0, len(made), BATCH):
        new += await alerts.store(db, made[at : at + BATCH], told)
        await alerts.advance(db, turn)
    return new


def _alert(entry: Doc, record: Doc, now: datetime, settings: Settings) -> Doc:
    mail = entry["mail"]
    return {
        "_id": alerts.alert_id(entry["_id"], record),
        "search": entry["_id"],
        "document": record["_id"],
        "at": now,
        "told": entry["webhook"] is None,
        "expires_at": now + timedelta(days=settings.alert_days),
        **({"mail_at": due_at(mail["every"], mail["hour"], now)} if mail else {}),
    }


def _message(entry: Doc, alert: Doc, record: Doc, now: datetime) -> Doc:
    """Return the message for the search's webhook."""
    data = {
        "search": {"id": str(entry["_id"]), "name": entry["name"]},
        "id": str(record["_id"]),
        "url": f"/v1/documents/{record['_id']}",
        "status": record["status"],
        "title": record.get("title"),
        "publisher": record.get("publisher"),
        "collection": record["source"]["collection"],
        "external_id": record["source"].get("external_id"),
        "batch": record["source"].get("batch"),
    }
    finished: datetime = record["processing"]["finished_at"]
    return {
        "_id": f"msg_{alert['_id']}",
        "webhook": entry["webhook"],
        "search": entry["_id"],
        "key": entry["key"],
        "document": record["_id"],
        "body": {"type": MATCHED, "timestamp": finished.isoformat(), "data": data},
        "status": "pending",
        "tries": [],
        "created_at": now,
        "next_at": now,
        "expires_at": now + KEPT,
    }
