"""Saved searches and their alerts: collections ``searches``, ``alerts`` and ``alert_pass``.

An entry of ``searches`` is a search with a name, its owner (the id of an API key), where its alerts go, and

- ``since``: the search ignores documents finished earlier; it is set again when the search is changed or unmuted;
- ``known``: ``{at, values: [[name, [forms]]], others: []}``, what the names in the search may refer to, as looked up at
  ``at``. ``others`` are spellings that looked alike then and were not meant.

An entry of ``alerts`` is one document that one search found. Its id is made from the search, the document and a digest
of what was read (`alert_id`). ``mail_at`` says when it is put into a mail (`services.alerts.mails`); it is missing
if the alert is already in a mail or needs none. However often a document is tested, a search reports it once, and
again only if its title or text has changed.

``alert_pass`` has one entry, the progress of the search for new documents. ``after`` is the time up to which documents
were tested; the next pass begins ``OVERLAP`` earlier, since clocks differ and writes take time, and skips ``seen``.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.store.server import DUPLICATE_KEY
from services.store.webhooks import DELIVERIES, OVERLAP

Doc = dict[str, Any]
SEARCHES, ALERTS, PASS = "searches", "alerts", "alert_pass"
TURN_SECONDS = 20.0
"""Seconds without a report from a process, after which another one may continue its pass."""
_ID = "finished"


def search_indexes() -> list[IndexModel]:
    """Return the indexes of ``searches``."""
    return [IndexModel([("key", ASCENDING), ("_id", ASCENDING)], name="owner")]


def alert_indexes() -> list[IndexModel]:
    """Return the indexes of ``alerts``."""
    return [
        IndexModel([("search", ASCENDING), ("at", DESCENDING)], name="log"),
        IndexModel([("document", ASCENDING)], name="document"),
        IndexModel([("mail_at", ASCENDING)], name="mail", sparse=True),
        IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ]


def alert_id(search: ObjectId, record: Doc) -> str:
    """Return the id of the alert about a record as it is read now."""
    read = [str(record.get(name) or "") for name in ("title", "text")]
    read.append(str((record.get("error") or {}).get("code") or ""))
    digest = hashlib.blake2b("\0".join(read).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{search}_{record['_id']}_{digest}"


async def take_turn(db: AsyncDatabase[Doc]) -> Doc | None:
    """Begin a pass: return how far the last one came, or None while another process is running one."""
    now, token = datetime.now(UTC), uuid.uuid4().hex
    turn = {"token": token, "until": now + timedelta(seconds=TURN_SECONDS)}
    free = {"_id": _ID, "until": {"$not": {"$gt": now}}}
    if (await db[PASS].update_one(free, {"$set": turn})).matched_count:
        return await db[PASS].find_one({"_id": _ID, "token": token})
    first = {"_id": _ID, **turn, "after": now, "seen": [], "matched": 0, "documents": 0}
    try:
        await db[PASS].insert_one(first)
    except DuplicateKeyError:
        return None
    return first


class TurnLost(RuntimeError):
    """Another process has taken the turn, because this one was silent for too long."""


async def advance(db: AsyncDatabase[Doc], turn: Doc, seen: Sequence[str] = (), matched: int = 0) -> None:
    """Keep the turn, and record that these documents were tested and their alerts stored. Raises TurnLost."""
    until = datetime.now(UTC) + timedelta(seconds=TURN_SECONDS)
    change = {
        "$push": {"seen": {"$each": list(seen)}},
        "$inc": {"matched": matched, "documents": len(seen)},
        "$set": {"until": until},
    }
    if not (await db[PASS].update_one({"_id": _ID, "token": turn["token"]}, change)).matched_count:
        raise TurnLost


async def end_turn(db: AsyncDatabase[Doc], turn: Doc, after: datetime, seen: list[str]) -> None:
    """End the pass. ``after`` is how far it came, ``seen`` are the documents that the next one will find again."""
    state = {"after": after, "seen": seen, "until": None, "ended_at": datetime.now(UTC)}
    await db[PASS].update_one({"_id": _ID, "token": turn["token"]}, {"$set": state})


def window_start(turn: Doc) -> datetime:
    """Return the time from which a pass looks for documents."""
    start: datetime = turn["after"] - OVERLAP
    return start


async def store(db: AsyncDatabase[Doc], alerts: list[Doc], messages: dict[str, Doc]) -> int:
    """Store alerts and the ``messages`` about them, each once, by the alert's id. Returns how many alerts are new.

    An alert with a message is marked as ``told`` after the message is stored, any other at once. If a process died in
    between, the next pass finds the document again and stores the message.
    """
    ids = [one["_id"] for one in alerts]
    if not ids:
        return 0
    told = {one["_id"] for one in await db[ALERTS].find({"_id": {"$in": ids}, "told": True}, {"_id": 1}).to_list()}
    left = [one for one in alerts if one["_id"] not in told]
    if not left:
        return 0
    new = await _insert(db, ALERTS, left)
    if due := [one["_id"] for one in left if not one["told"]]:
        await _insert(db, DELIVERIES, [messages[id] for id in due])
        await db[ALERTS].update_many({"_id": {"$in": due}}, {"$set": {"told": True}})
    return new


async def _insert(db: AsyncDatabase[Doc], name: str, entries: list[Doc]) -> int:
    try:
        return len((await db[name].insert_many(entries, ordered=False)).inserted_ids)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])
