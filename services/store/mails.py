"""Mails about alerts that are to be sent or were sent, collection ``mails``; `services.alerts.mails` says what is in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

Doc = dict[str, Any]
MAILS = "mails"


def indexes() -> list[IndexModel]:
    """Return the indexes of ``mails``."""
    return [
        IndexModel([("status", ASCENDING), ("next_at", ASCENDING)], name="due"),
        IndexModel([("search", ASCENDING), ("created_at", ASCENDING)], name="log"),
        IndexModel([("alerts", ASCENDING)], name="alert"),
        IndexModel([("documents", ASCENDING)], name="document"),
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ]


async def insert(db: AsyncDatabase[Doc], mail: Doc) -> None:
    """Store a mail, once."""
    try:
        await db[MAILS].insert_one(mail)
    except DuplicateKeyError:
        return


def take(db: Database[Doc], hold_seconds: float) -> Doc | None:
    """Take a mail that is due and reserve it for a while; None if there is none."""
    now = datetime.now(UTC)
    hold = {"$set": {"next_at": now + timedelta(seconds=hold_seconds)}}
    while mail := db[MAILS].find_one({"status": "pending", "next_at": {"$lte": now}}, sort=[("next_at", 1)]):
        unchanged = {"_id": mail["_id"], "status": "pending", "next_at": mail["next_at"]}
        if db[MAILS].update_one(unchanged, hold).matched_count:
            return mail
    return None


def told(db: Database[Doc], mail: Doc, error: str | None, *, pause_seconds: float | None) -> None:
    """Record an attempt. ``error`` is None if the server took the mail; ``pause_seconds`` is None after the last one."""
    now = datetime.now(UTC)
    status = "delivered" if error is None else "failed" if pause_seconds is None else "pending"
    change = {
        "$push": {"tries": {"at": now, "error": error}},
        "$set": {"status": status, "next_at": now + timedelta(seconds=pause_seconds or 0)},
    }
    db[MAILS].update_one({"_id": mail["_id"]}, change)
