"""What waits for a worker, counted as far as it may wait."""

from __future__ import annotations

from typing import Any

from services.records import Status
from services.settings import Settings

REFRESH_SECONDS = 2.0
REFRESH_SHARE = 0.05  # of the time may go into counting


def stages(settings: Settings) -> list[dict[str, Any]]:
    """A pipeline on ``documents`` that gives ``{documents, bytes}``, or nothing where nothing waits."""
    return [
        {"$match": {"status": Status.QUEUED}},
        {"$limit": settings.max_queued_documents},
        {"$group": {"_id": None, "documents": {"$sum": 1}, "bytes": {"$sum": "$raw.size_bytes"}}},
    ]
