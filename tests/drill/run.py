"""One drill: load and faults drawn from a seed, then the reckoning from outside."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from bson import ObjectId
from pymongo.errors import PyMongoError

from services.store import work
from tests.drill.documents import documents
from tests.drill.embedded import System
from tests.drill.senders import COLLECTION, Senders

SETTLE_SECONDS = 180.0
"""Without any progress for this long, what is left is stuck."""


@dataclass
class Result:
    """``lost``: accepted, and no record or other bytes; ``doubled``: more than one record; ``stuck``: never done nor failed."""

    seed: int
    servers: str
    faults: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    tries: int = 0
    refused: int = 0
    accepted: int = 0
    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    left_over: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    recovery_seconds: dict[str, float] = field(default_factory=dict)
    settle_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.stuck or self.refused) and self.accepted == self.sent


def drill(system: System, seed: int, count: int, *, only: Collection[str] = (), tell: Callable[[str], None]) -> Result:
    """Every kind of fault once, or those in ``only``, in an order and at documents drawn from ``seed``."""
    rng = random.Random(seed)
    began = time.monotonic()
    available = system.faults()
    chosen = sorted(only or available)
    order = rng.sample(chosen, len(chosen))
    moments = sorted(rng.sample(range(count // 20, count - count // 20), len(order)))
    plan = dict(zip(moments, order, strict=True))
    result = Result(seed, f"{system.server} for MongoDB, Valkey for Redis, here without Docker")
    senders = Senders(system.api_url)
    system.sending = lambda: senders.sending
    senders.start()
    lifted: list[tuple[str, datetime]] = []
    going: threading.Thread | None = None

    def strike(name: str, dice: random.Random) -> None:
        started = time.monotonic()
        available[name](dice)
        lifted.append((name, datetime.now(UTC)))
        tell(f"{time.monotonic() - began:6.1f} s  {name} ({time.monotonic() - started:.1f} s)")

    for number, document in enumerate(documents(random.Random(seed), count)):
        if name := plan.get(number):
            if going:
                going.join()
            going = threading.Thread(target=strike, args=(name, random.Random(f"{seed} {name}")))
            going.start()
            result.faults[name] += 1
        senders.send(document)
        result.sent += 1
    senders.finish()
    if going:
        going.join()
    tell(f"{time.monotonic() - began:6.1f} s  all sent in {senders.tries} tries; waiting for the workers")
    _settle(system, tell)
    _reckon(system, senders, result)
    _recovery(system, lifted, result)
    result.ended = Counter(system.ended)
    result.seconds = time.monotonic() - began
    return result


def _settle(system: System, tell: Callable[[str], None]) -> None:
    """Until nothing is queued or being processed, or nothing moves any more."""
    unfinished = {"source.collection": COLLECTION, "status": {"$in": ["queued", "processing"]}}
    before, moved = -1, time.monotonic()
    while time.monotonic() - moved < SETTLE_SECONDS:
        try:
            left = system.db.documents.count_documents(unfinished)
        except PyMongoError:
            left = -2
        if left == 0:
            return
        if left != before:
            before, moved = left, time.monotonic()
        time.sleep(0.5)
    tell(f"nothing moves any more; {before} are left")


def _reckon(system: System, senders: Senders, result: Result) -> None:
    db = system.db
    records = {
        str(record["_id"]): record
        for record in db.documents.find({}, {"status": 1, "error": 1, "raw.sha256": 1, "processing.attempts": 1})
    }
    by_bytes: dict[str, list[str]] = {}
    for id, record in records.items():
        by_bytes.setdefault(record["raw"]["sha256"], []).append(id)
    result.tries, result.accepted, result.refused = senders.tries, len(senders.accepted), len(senders.refused)
    with httpx.Client(base_url=system.api_url, timeout=60) as http:
        for document, ids in senders.accepted.items():
            named = " ".join(sorted(ids))
            if len(ids) > 1 or len(by_bytes.get(document.sha256, [])) > 1:
                result.doubled.append(named)
            found = records.get(named.split()[0])
            raw = http.get(f"/v1/documents/{named.split()[0]}/raw")
            if found is None or hashlib.sha256(raw.content).hexdigest() != document.sha256:
                result.lost.append(named)
            elif found["status"] == "done":
                result.done += 1
            elif found["status"] == "failed" and found["error"]:
                result.failed[f"{found['error']['code']} at {found['error']['stage']}"] += 1
            else:
                result.stuck.append(named)
    sent = {document.sha256 for document in senders.accepted}
    result.doubled += [id for bytes_, ids in by_bytes.items() if bytes_ not in sent for id in ids]
    result.left_over = _left_over(system)


def _left_over(system: System) -> int:
    """Bytes of uploads that never became documents, after the tidying that otherwise comes an hour later."""
    db = system.db
    time.sleep(1)
    work.remove_orphans(db, system.settings.model_copy(update={"orphan_seconds": 0.001}))
    raw = {entry["_id"]: entry.get("file_id") for entry in db.raw.find({}, {"file_id": 1})}
    extra = len(set(raw) - {record["_id"] for record in db.documents.find({}, {"_id": 1})})
    files: set[Any] = {file_id for file_id in raw.values() if file_id}
    extra += len({file["_id"] for file in db["raw_large.files"].find({}, {"_id": 1})} - files)
    chunks: set[ObjectId] = set(db["raw_large.chunks"].distinct("files_id"))
    return extra + len(chunks - files)


def _recovery(system: System, lifted: list[tuple[str, datetime]], result: Result) -> None:
    """From the end of each fault to the next document that is finished, and from the last fault to the last document."""
    query = {"processing.finished_at": {"$ne": None}}
    finished = sorted(
        record["processing"]["finished_at"] for record in system.db.documents.find(query, {"processing.finished_at": 1})
    )
    for name, at in lifted:
        later = next((instant for instant in finished if instant > at), None)
        if later:
            result.recovery_seconds[name] = max(
                result.recovery_seconds.get(name, 0.0), round((later - at).total_seconds(), 1)
            )
    if lifted and finished:
        result.settle_seconds = round(max(0.0, (finished[-1] - lifted[-1][1]).total_seconds()), 1)
