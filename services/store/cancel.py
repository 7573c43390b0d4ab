"""Cancel a batch: waiting documents become ``canceled``, a final status. Nothing is erased, and running work is not
stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.records import Cancellation, Status
from services.store.setup import BATCHES, DOCUMENTS

Doc = dict[str, Any]
AT_ONCE = 100
"""How many documents one operation cancels, so that none takes long."""


def mark(name: str, key: str | None) -> Doc:
    """Return who cancels and when, in the form that a record stores."""
    return Cancellation(at=datetime.now(UTC), name=name, key=key).model_dump()


def waiting(batch: str) -> Doc:
    """Return the filter for the waiting documents of a batch."""
    return {"source.batch": batch, "status": Status.QUEUED}


def update(canceled: Doc) -> Doc:
    """Return the update that cancels a document. Its time of finishing is now, even if the batch was canceled
    earlier."""
    return {
        "$set": {
            "status": Status.CANCELED,
            "processing.canceled": canceled,
            "processing.finished_at": datetime.now(UTC),
            "processing.not_before": None,
            "processing.watched": False,
        }
    }


def late(db: Database[Doc], batch: str, since: datetime | None, ids: Sequence[ObjectId]) -> bool:
    """Cancel the members of an archive in a batch if the batch was canceled after the archive was queued. Returns
    whether it was. An archive that was reprocessed after the cancellation was queued later, so its members are not
    canceled.
    """
    canceled = {"_id": ObjectId(batch), "canceled.at": {"$gte": since} if since else {"$exists": True}}
    found = db[BATCHES].find_one(canceled, {"canceled": 1})
    if found is None:
        return False
    db[DOCUMENTS].update_many({"_id": {"$in": list(ids)}, "status": Status.QUEUED}, update(found["canceled"]))
    return True
