"""Compare stored documents with the watch lists after a change, by their records: no document is read again.

How far a pass came is in the records themselves: each has the revision of the lists with which it was compared. A pass
takes those with an older one until none is left, so it continues after a kill, and two passes at a time only do some
work twice. A worker that stores a document at the same moment with the lists before the change leaves the old revision
in it; the passes of the first minute after a change find it, and only then does the change count as settled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from pymongo import UpdateOne
from pymongo.database import Database

from services.records import Status
from services.store import lists
from services.store.setup import DOCUMENTS
from workers.lists import watched
from workers.lists.index import Index
from workers.lists.matching import match

Doc = dict[str, Any]
log = structlog.get_logger()
BATCH = 200
RUN_SECONDS = 10.0
"""Seconds after which a pass ends, so that it does not hold up other tasks; the next one continues."""
_READ = dict.fromkeys(
    ("entities", "places", "text", "published_at", "source.collection", "raw.sha256", "revision", "lists",
     "processing.finished_at"), 1
)  # fmt: skip


def run(db: Database[Doc], seconds: float = RUN_SECONDS) -> tuple[int, bool]:
    """Compare documents that were compared with older lists. Returns how many, and whether some are left. Raises
    PyMongoError."""
    lists.count_pending(db)
    state = lists.state(db)
    if state["settled"] >= state["revision"]:
        return 0, False
    began, end, compared = datetime.now(UTC), time.monotonic() + seconds, 0
    index = watched.current(db, now=True)
    while records := _older(db, index.revision):
        compared += _compare(db, index, records, state["changed_at"])
        if time.monotonic() > end:
            log.info("lists_compared", documents=compared, revision=index.revision, more=True)
            return compared, True
    if began >= state["changed_at"] + timedelta(seconds=lists.SETTLE_SECONDS):
        lists.settle(db, state)
    if compared:
        log.info("lists_compared", documents=compared, revision=index.revision, more=False)
    return compared, False


def _older(db: Database[Doc], revision: int) -> list[Doc]:
    """Return records that are done and were compared with older lists, or never."""
    for older in ({"$lt": revision}, None):
        query = {"status": Status.DONE, lists.REVISION: older}
        if found := db[DOCUMENTS].find(query, _READ).limit(BATCH).to_list():
            return found
    return []


def _compare(db: Database[Doc], index: Index, records: Sequence[Doc], changed_at: datetime) -> int:
    """Store the records' matches with the lists, unless a worker or an editor has changed the records since; those are
    taken again. A document that was finished after the change was stored by a worker that did not know it yet, so saved
    searches test it again."""
    writes = []
    now = datetime.now(UTC)
    for record in records:
        found = match(index, record)
        change: Doc = {lists.REVISION: index.revision}
        if found != (record.get("lists") or []):
            change["lists"] = found
            if found and record["processing"]["finished_at"] >= changed_at:
                change["processing.listed_at"] = now
        same = {
            "_id": record["_id"],
            "source.collection": record["source"]["collection"],
            "raw.sha256": record["raw"]["sha256"],
            "revision": record.get("revision"),
            "processing.finished_at": record["processing"]["finished_at"],
        }
        writes.append(UpdateOne(same, {"$set": change}))
    return db[DOCUMENTS].bulk_write(writes, ordered=False).matched_count
