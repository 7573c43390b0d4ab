"""Run one fetch of a source: claim it, fetch what is new, store it, record the position, release it.

Documents are stored before the cursor that covers them, so each is stored once even if a worker dies: an interrupted
run is repeated from the old cursor, and a collection stores the same bytes only once.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import structlog
from bson import ObjectId
from pydantic import ValidationError
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services import queue
from services.inputs import SourceIn, queued
from services.records import Fetched, Priority, Source
from services.settings import Settings
from services.sources import bucket, drift, feed, folder, ftp, mailbox, ndjson, sftp
from services.sources.kinds import Failed, Fetcher, Haul, Item, Trip, Wrong
from services.sources.model import Drift, Look, is_idle
from services.store import backlog, inserts, raw, rights, shares
from services.store import sources as kept
from services.store.setup import DOCUMENTS, SOURCES

Doc = dict[str, Any]
log = structlog.get_logger()

KINDS: dict[str, Fetcher] = {
    "folder": cast(Fetcher, folder),
    "feed": cast(Fetcher, feed),
    "mailbox": cast(Fetcher, mailbox),
    "ftp": cast(Fetcher, ftp),
    "sftp": cast(Fetcher, sftp),
    "bucket": cast(Fetcher, bucket),
    "ndjson": cast(Fetcher, ndjson),
}
DRIFT_SECONDS = 3600.0
FULL_SECONDS = 30.0
"""Pause of a source while too many documents wait for a worker."""
_PROBLEMS = 10
_LOOKED_AT = {"entry": 50, "page": 3}
"""Maximum number of documents in a test run."""
_TOLD = 500


@dataclass(slots=True)
class _Run:
    """The result of a run so far."""

    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("documents", "duplicates", "refused"), 0))
    problems: list[str] = field(default_factory=list)
    more: bool = False
    again_seconds: float | None = None

    def add(self, haul: Haul, stored: dict[str, int]) -> None:
        for name, count in stored.items():
            self.counts[name] += count
        told = [*haul.problems, *(item.refused for item in haul.items if item.refused)]
        self.problems += [one[:_TOLD] for one in told][: _PROBLEMS - len(self.problems)]
        self.more, self.again_seconds = haul.more, haul.again_seconds

    def entry(self, error: str | None) -> Doc:
        return {
            "started_at": self.started_at,
            "finished_at": datetime.now(UTC),
            **self.counts,
            "problems": self.problems,
            "error": error[:_TOLD] if error else None,
        }


def check(plan: Doc, settings: Settings) -> str:
    """Return the address in the form that is stored. Raises Wrong."""
    return KINDS[plan["kind"]].check(plan, settings)


def run(db: Database[Doc], id: ObjectId, settings: Settings) -> None:
    """Fetch the source, if it is due and no other worker is fetching it.

    Raises PyMongoError or raw.Unavailable if the store is away: the lease ends, and a sweep takes the source back.
    """
    source = kept.claim(db, id, settings)
    if source is None:
        return
    done, failed = _Run(), None
    structlog.contextvars.bind_contextvars(source=source["name"])
    try:
        if not rights.keeps(db, source["key"], "admin", [source["collection"]]):
            raise Failed(
                "the key that made it is revoked or expired, or the person may no longer do this: create the source "
                "again with another",
                gone=True,
            )
        _room(db, settings)
        for haul in KINDS[source["kind"]].fetch(_trip(db, source, settings, source["limit"])):
            stored = _store(db, source, haul, settings)
            done.add(haul, stored)
            kept.advance(db, source, source["cursor"] if haul.cursor is None else haul.cursor, stored)
        _compare(db, source)
    except kept.Lost:
        log.info("source_lost", id=str(id))
        return
    except (PyMongoError, raw.Unavailable):
        raise
    except (Failed, Wrong) as error:
        failed = error if isinstance(error, Failed) else Failed(str(error))
    except Exception as error:
        log.exception("source_broke")
        failed = Failed(f"{type(error).__name__}: {error}")
    finally:
        structlog.contextvars.unbind_contextvars("source")
    _finish(db, source, done, failed)


def _compare(db: Database[Doc], source: Doc) -> None:
    """Look for drift in the source's documents, once in `DRIFT_SECONDS`. Raises Lost."""
    now = datetime.now(UTC)
    if (at := source.get("drift_at")) is not None and now - at < timedelta(seconds=DRIFT_SECONDS):
        return
    found = drift.find(db, source, now)
    kept.drifted(db, source, found, now)
    if found and found != source.get("drift"):
        log.warning("source_drifted", source=source["name"], drift=[Drift.model_validate(one).said for one in found])


def _finish(db: Database[Doc], source: Doc, done: _Run, failed: Failed | None) -> None:
    now = datetime.now(UTC)
    entry = done.entry(str(failed) if failed else None)
    failures = source["failures"] + 1 if failed else 0
    try:
        kept.finish(
            db, source, entry, now + _pause(source, done, failed), failures, paused=bool(failed and failed.gone)
        )
    except kept.Lost:
        return
    told = {"source": source["name"], **done.counts}
    if failed:
        log.warning("source_failed", error=entry["error"], failures=failures, **told)
    elif done.counts["documents"] or done.problems:
        log.info("source_fetched", problems=done.problems, **told)
    elif is_idle(source, now):
        log.warning("source_idle", source=source["name"], last_document_at=str(source["last_document_at"]))


def _pause(source: Doc, done: _Run, failed: Failed | None) -> timedelta:
    every: float = source["every_seconds"]
    if failed:
        return timedelta(seconds=max(kept.back_off(source["failures"] + 1, every), failed.retry_seconds))
    if done.more and any(done.counts.values()):
        return timedelta()
    return timedelta(seconds=every if done.again_seconds is None else min(every, max(1.0, done.again_seconds)))


def look(db: Database[Doc], id: ObjectId, settings: Settings) -> Look | None:
    """Return the documents that the next run would store; nothing is stored, moved or remembered. None if the source is
    gone."""
    source = db[SOURCES].find_one({"_id": id})
    if source is None:
        return None
    trip = _trip(db, source, settings, min(source["limit"], _LOOKED_AT[source["take"]]))
    trip.peek = True
    fetching = KINDS[source["kind"]].fetch(trip)
    haul, wrong = Haul([]), None
    try:
        haul = next(iter(fetching), haul)  # the code after its `yield` is only for stored documents
    except (Failed, Wrong) as error:
        wrong = str(error)
    except Exception as error:
        log.exception("source_broke")
        wrong = f"{type(error).__name__}: {error}"
    finally:
        fetching.close()  # type: ignore[attr-defined]
    problems = [*haul.problems, *(item.refused for item in haul.items if item.refused)]
    coming = [one for item in haul.items if not item.refused for one in item.shows()]
    return Look(documents=coming, more=haul.more, problems=problems[:_PROBLEMS], error=wrong)


def _trip(db: Database[Doc], source: Doc, settings: Settings, limit: int) -> Trip:
    end = time.monotonic() + settings.task_soft_seconds / 2

    def reserve(host: str, pause_seconds: float) -> None:
        seconds = kept.wait_for_host(db, host, pause_seconds)
        if time.monotonic() + seconds > end:
            raise Failed(
                f"{host} is used by other sources, too, and requests to it are spaced out", retry_seconds=seconds
            )
        time.sleep(seconds)

    return Trip(source, settings, reserve, limit, end, password=kept.password(db, source))


def _room(db: Database[Doc], settings: Settings) -> None:
    """Check that the queue has room. Raises Failed if it is full."""
    waiting = next(iter(db[DOCUMENTS].aggregate(backlog.stages(settings))), {"documents": 0, "bytes": 0})
    if waiting["documents"] >= settings.max_queued_documents or waiting["bytes"] >= settings.max_queued_bytes:
        raise Failed("too many documents wait for a worker", retry_seconds=FULL_SECONDS)


def _store(db: Database[Doc], source: Doc, haul: Haul, settings: Settings) -> dict[str, int]:
    """Store the documents of a haul like uploaded ones, and mark those that cannot be stored. Returns the number of
    each kind."""
    items = {ObjectId(): item for item in haul.items if item.refused is None}
    room, beyond = shares.room(db, shares.of(source["key"], source["collection"], settings)) if items else (0, None)
    arrivals: list[inserts.Arrival] = []
    lanes: dict[ObjectId, Priority] = {}
    for id, item in items.items():
        try:
            said = _said(source, item)
        except ValidationError as error:
            item.refused = f"{item.url or item.filename}: {error.errors()[0]['msg']}"
            continue
        lanes[id] = Priority.INTERACTIVE if len(lanes) < room else Priority.BULK
        record = queued(
            said,
            sha256=hashlib.sha256(item.data).hexdigest(),
            size=len(item.data),
            declared_media_type=item.media_type,
            filename=item.filename,
            priority=lanes[id],
            beyond_share=beyond if lanes[id] == Priority.BULK else None,
        )
        arrivals.append(inserts.Arrival(id, record, item.data))
    stored = inserts.store(db, arrivals, settings) if arrivals else inserts.Stored()
    for id, why in stored.refused.items():
        items[id].refused = f"MongoDB: {why}"
    for priority in Priority:
        if ids := [str(id) for id in stored.new if lanes[id] == priority]:
            queue.publish(ids, bulk=priority == Priority.BULK)
    refused = sum(item.refused is not None for item in haul.items)
    return {"documents": len(stored.new), "duplicates": stored.known, "refused": refused}


def _said(source: Doc, item: Item) -> Source:
    """Return the metadata of a document. Raises ValidationError."""
    found = SourceIn(
        url=item.url,
        external_id=item.external_id,
        collection=source["collection"],
        publisher=source["publisher"],
        tags=source["tags"],
    ).source()
    found.key = source["key"]
    found.fetched_from = Fetched(id=str(source["_id"]), name=source["name"])
    found.dialect = source.get("dialect")
    return found
