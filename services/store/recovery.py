"""Take back records whose worker died, hung or lost its connection to MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.records import Failure, Status
from services.settings import Settings
from services.stages import PROCESS
from services.store.setup import DOCUMENTS
from services.store.work import Claim, back, backoff_seconds

Doc = dict[str, Any]


def take_back(db: Database[Doc], settings: Settings, which: Doc) -> tuple[int, int]:
    """Take records back from their workers. Returns how many wait for another attempt and how many failed. ``which`` is
    a filter for the leases. A record without attempts left fails with the code ``poison``. Records that were claimed
    together are due at once, one at a time. Records that were renewed or written in the meantime are left unchanged.
    """
    now = datetime.now(UTC)
    again, failed = [], []
    shown = {"processing.attempts": 1, "processing.lease": 1}
    for found in db[DOCUMENTS].find({"status": Status.PROCESSING, **which}, shown):
        lease, attempts = found["processing"]["lease"], found["processing"]["attempts"]
        mine = {
            "_id": found["_id"],
            "processing.lease.token": lease["token"],
            "processing.lease.expires_at": lease["expires_at"],
        }
        if lease.get("shared"):
            again.append(UpdateOne(mine, back(0, counted=False)))
        elif attempts < settings.max_attempts:
            again.append(UpdateOne(mine, back(backoff_seconds(attempts, settings))))
        else:
            failed.append(UpdateOne(mine, _poisoned(lease.get("stage") or PROCESS, attempts, now)))
    waiting, over = (
        db[DOCUMENTS].bulk_write(writes, ordered=False).modified_count if writes else 0 for writes in (again, failed)
    )
    return waiting, over


def _poisoned(stage: str, attempts: int, now: datetime) -> Doc:
    failure = Failure(
        code="poison",
        message="every worker that took this document died, hung or lost its connection to MongoDB; look at the bytes, then retry it",
        stage=stage,
        attempts=attempts,
    )
    return {
        "$set": {
            "status": Status.FAILED,
            "error": failure.model_dump(),
            "processing.lease": None,
            "processing.finished_at": now,
        }
    }


def survived(db: Database[Doc], claim: Claim) -> None:
    """Do not count the attempt: its lease was taken back, but the worker was alive and finished the document."""
    unfinished = {"$in": [Status.QUEUED, Status.PROCESSING]}
    counted = {"_id": claim.id, "status": unfinished, "processing.attempts": {"$gte": claim.attempts}}
    db[DOCUMENTS].update_one(counted, {"$inc": {"processing.attempts": -1}})
