"""Count the documents that wait for a worker, up to the limit."""

from __future__ import annotations

from typing import Any

from services.records import Status
from services.settings import Settings

REFRESH_SECONDS = 2.0
REFRESH_SHARE = 0.05  # share of the time that counting may take


def stages(settings: Settings) -> list[dict[str, Any]]:
    """Return a pipeline on ``documents`` that gives ``{documents, bytes}``, or nothing if no document waits."""
    return [
        {"$match": {"status": Status.QUEUED}},
        {"$limit": settings.max_queued_documents},
        {"$group": {"_id": None, "documents": {"$sum": 1}, "bytes": {"$sum": "$raw.size_bytes"}}},
    ]
