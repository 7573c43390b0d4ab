"""Does a document cost more when many are stored? Fills the collections with synthetic records and asks again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.records import Processing, Raw, Record, Source, Status
from workers.enrich import story

BATCH = 1_000


def fill(db: Database[dict[str, Any]], until: int, seed: int) -> int:
    """Add records until there are so many, with raw bytes and story fingerprints like real ones; returns how many."""
    added = 0
    rng = random.Random(seed)
    stored = db.documents.estimated_document_count()
    while stored + added < until:
        ids = [ObjectId() for _ in range(min(BATCH, until - stored - added))]
        db.documents.insert_many([_record(id, rng) for id in ids], ordered=False)
        db.raw.insert_many([{"_id": id, "data": rng.randbytes(200)} for id in ids], ordered=False)
        db.story_index.insert_many([{"_id": id, "story": str(id), **_fingerprint(rng)} for id in ids], ordered=False)
        added += len(ids)
    return added


def _record(id: ObjectId, rng: random.Random) -> dict[str, Any]:
    now = datetime.now(UTC)
    record = Record(
        status=Status.DONE,
        title=f"Synthetic {id}",
        text="Synthetic.",
        word_count=1,
        language="en",
        published_at=now,
        terms=sorted({f"term{min(int(rng.paretovariate(0.6)), 200_000)}" for _ in range(60)}),
        raw=Raw(sha256=rng.randbytes(32).hex(), size_bytes=200),
        source=Source(collection="bench-fill", received_at=now),
        processing=Processing(queued_at=now, finished_at=now),
    )
    return {"_id": id, **record.model_dump()}


def _fingerprint(rng: random.Random) -> dict[str, Any]:
    signature = list(_numbers(rng, (story.BANDS + story.LEAD_BANDS) * story.ROWS))
    return {"bands": story.bands(signature), "signature": signature, "size": 300, "facts": list(_numbers(rng, 20))}


def _numbers(rng: random.Random, count: int) -> Iterator[int]:
    return (rng.getrandbits(31) for _ in range(count))
