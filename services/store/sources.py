"""Sources that Copydesk fetches, collection ``sources``: their settings, how far each has been read, and who is
fetching it.

An entry has the requested settings (`services.sources.model.Plan`) and the state:

- ``next_at``, when it is due; ``published_at``, when a worker was last told of it;
- ``lease``: ``{token, worker, started_at, expires_at}`` while a worker fetches it, otherwise null. The worker's
  heartbeat renews it, as it renews those of documents (`leases`);
- ``cursor``: what the source's kind keeps between two runs, such as an ETag and the entries seen. It is written only
  when the documents it covers are stored, and only by the holder of the lease. If a worker is killed in between, the
  fetch is repeated, and a collection stores the same bytes only once;
- ``has_password``: whether the database of secrets has a password of the source's user, under the source's id;
- ``drift``, how its documents have changed (`services.sources.drift`), as found at ``drift_at`` among those received
  since ``compared_from``;
- ``failures`` in a row, ``error``, ``last_run``, ``last_document_at``, ``counts``.

``source_hosts`` says when the next request to each host is allowed, over all workers.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from services.settings import Settings
from services.store import leases
from services.store.setup import SOURCE_HOSTS, SOURCES
from services.store.webhooks import secrets_database

Doc = dict[str, Any]
PUBLISHED_SECONDS = 30.0
"""A worker is told again about a due source if none took it in this time; then the earlier message expires."""
BACK_OFF_SECONDS = 30.0
"""Pause after the first failure in a row; it doubles with each."""
MOST_BACK_OFF_SECONDS = 6 * 3600.0
"""Longest such pause, unless the source's own schedule is longer."""
STATE: Doc = {
    "published_at": None,
    "lease": None,
    "cursor": {},
    "failures": 0,
    "error": None,
    "last_run": None,
    "last_document_at": None,
    "drift": [],
    "drift_at": None,
    "compared_from": None,
    "counts": {"runs": 0, "documents": 0, "duplicates": 0, "refused": 0, "errors": 0},
    "test": None,
}
"""The state of a source that has never been fetched."""


class Lost(RuntimeError):
    """This process does not hold the source any more: it was changed or deleted, or another worker has taken it up."""


def back_off(failures: int, every_seconds: float) -> float:
    """Return the seconds until the next attempt after this many failures in a row; 0 after none."""
    if not failures:
        return 0.0
    return min(BACK_OFF_SECONDS * 2.0 ** min(failures - 1, 30), max(MOST_BACK_OFF_SECONDS, every_seconds))


async def set_password(db: AsyncDatabase[Doc], id: ObjectId, password: str | None) -> None:
    """Store the password of a source in the database of secrets, which the user ``reader`` cannot read; None removes
    it."""
    kept = db.client[secrets_database(db.name)][SOURCES]
    if password is None:
        await kept.delete_one({"_id": id})
    else:
        await kept.replace_one({"_id": id}, {"_id": id, "secret": password}, upsert=True)


def password(db: Database[Doc], source: Doc) -> str | None:
    """Return the password of a source, None if it has none."""
    if not source.get("has_password"):
        return None
    found = db.client[secrets_database(db.name)][SOURCES].find_one({"_id": source["_id"]})
    return str(found["secret"]) if found else None


def due(db: Database[Doc], settings: Settings) -> list[ObjectId]:
    """Return the sources that workers should fetch now, longest waiting first, and record that workers were told.

    At most ``source_fetches`` are being fetched or announced at a time.
    """
    now = datetime.now(UTC)
    told = now - timedelta(seconds=PUBLISHED_SECONDS)
    on_their_way = db[SOURCES].count_documents(
        {"$or": [{"lease": {"$ne": None}}, {"published_at": {"$gt": told}}]}, limit=settings.source_fetches
    )
    room = settings.source_fetches - on_their_way
    if room <= 0:
        return []
    waiting = {"paused": False, "lease": None, "next_at": {"$lte": now}, "published_at": {"$not": {"$gt": told}}}
    found = [one["_id"] for one in db[SOURCES].find(waiting, {"_id": 1}).sort("next_at", 1).limit(room)]
    if found:
        db[SOURCES].update_many({"_id": {"$in": found}}, {"$set": {"published_at": now}})
    return found


def claim(db: Database[Doc], id: ObjectId, settings: Settings) -> Doc | None:
    """Claim the source under a lease. Returns None if it is gone, paused, not due, or being fetched by another
    worker."""
    token = uuid.uuid4().hex
    free = {"_id": id, "paused": False, "lease": None, "next_at": {"$lte": datetime.now(UTC)}}
    lease = {"token": token, "worker": leases.process(), "started_at": "$$NOW", "expires_at": leases.end(settings)}
    if not db[SOURCES].update_one(free, [{"$set": {"lease": lease, "published_at": None}}]).matched_count:
        return None
    return db[SOURCES].find_one({"_id": id, "lease.token": token})


def advance(db: Database[Doc], source: Doc, cursor: Doc, stored: Doc) -> None:
    """Record how far the source has been read; the documents that ``cursor`` covers are already stored. Raises Lost.

    ``stored`` counts ``documents``, ``duplicates`` and ``refused`` since the last call.
    """
    changed: Doc = {"cursor": cursor}
    if stored["documents"]:
        changed["last_document_at"] = datetime.now(UTC)
    _write(db, source, {"$set": changed, "$inc": {f"counts.{name}": count for name, count in stored.items()}})


def drifted(db: Database[Doc], source: Doc, drift: list[Doc], now: datetime) -> None:
    """Record how the documents of the source have changed. Raises Lost."""
    _write(db, source, {"$set": {"drift": drift, "drift_at": now}})


def finish(db: Database[Doc], source: Doc, run: Doc, next_at: datetime, failures: int, *, paused: bool = False) -> None:
    """End the run and release the source. ``run`` becomes ``last_run``; its ``error`` is null if all went well.

    Raises Lost.
    """
    error = {"at": run["finished_at"], "message": run["error"]} if run["error"] else None
    state = {"lease": None, "next_at": next_at, "failures": failures, "error": error, "last_run": run}
    if paused:
        state["paused"] = True
    _write(db, source, {"$set": state, "$inc": {"counts.runs": 1, "counts.errors": int(error is not None)}})


def _write(db: Database[Doc], source: Doc, update: Doc) -> None:
    mine = {"_id": source["_id"], "lease.token": source["lease"]["token"]}
    if not db[SOURCES].update_one(mine, update).matched_count:
        raise Lost(str(source["_id"]))


def renew(db: Database[Doc], pids: Iterable[int], settings: Settings) -> None:
    """Renew the leases of these processes of this worker, unless their time limit must have ended the fetch."""
    began = datetime.now(UTC) - timedelta(seconds=settings.task_hard_seconds)
    mine = {"lease.worker": {"$in": [leases.process(pid) for pid in pids]}, "lease.started_at": {"$gt": began}}
    db[SOURCES].update_many(mine, [{"$set": {"lease.expires_at": leases.end(settings)}}])


def take_back(db: Database[Doc], which: Doc) -> int:
    """Take sources back from workers that died; returns how many.

    After the first time such a source is due at once, later only after a pause, so that a source that kills workers
    does not kill all of them.
    """
    taken = 0
    for source in db[SOURCES].find({"lease": {"$ne": None}, **which}):
        now = datetime.now(UTC)
        failures = source["failures"]
        run = {
            "started_at": now,
            "finished_at": now,
            "documents": 0,
            "duplicates": 0,
            "refused": 0,
            "problems": [],
            "error": "the worker that fetched it died",
        }
        pause = timedelta(seconds=back_off(failures, source["every_seconds"]))
        try:
            finish(db, source, run, now + pause, failures + 1)
            taken += 1
        except Lost:
            continue
    return taken


def wait_for_host(db: Database[Doc], host: str, pause_seconds: float) -> float:
    """Reserve the next request to the host; returns the seconds to wait before it is sent."""
    turn = db[SOURCE_HOSTS].find_one_and_update(
        {"_id": host},
        [{"$set": {"next_at": {"$add": [{"$max": ["$next_at", "$$NOW"]}, int(pause_seconds * 1000)]}}}],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert turn is not None  # it is inserted if it is missing
    free_at: datetime = turn["next_at"] - timedelta(seconds=pause_seconds)
    return max(0.0, (free_at - datetime.now(UTC)).total_seconds())
