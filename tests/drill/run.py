"""Run a drill: load and faults drawn from a seed, then the count from outside."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from pymongo.errors import PyMongoError

from tests.drill.desk import EVERY, Desk
from tests.drill.documents import documents
from tests.drill.reckoning import Reckoning, by_http, left_over, reckon
from tests.drill.senders import Senders
from tests.drill.system import System
from tests.drill.witness import Witness

SETTLE_SECONDS = 180.0
"""After this long without any progress, the remaining documents are stuck."""
DOCUMENTS_A_ROUND = 500


@dataclass
class Result:
    """The result of a drill. ``fetched``: documents that Copydesk took from the watched folder; ``untold`` and
    ``told_twice``: documents without an alert, or with more than one. ``forgotten``: acknowledged writes of the witness
    that are gone, and how many there were."""

    seed: int
    servers: str
    faults: Counter[str] = field(default_factory=Counter)
    not_injected: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    tries: int = 0
    refused: int = 0
    accepted: int = 0
    fetched: int = 0
    untold: list[str] = field(default_factory=list)
    told_twice: list[str] = field(default_factory=list)
    reckoning: Reckoning = field(default_factory=Reckoning)
    left_over: int = 0
    forgotten: tuple[int, int] = (0, 0)
    ended: Counter[str] = field(default_factory=Counter)
    recovery_seconds: dict[str, float] = field(default_factory=dict)
    settle_seconds: float = 0.0
    longest_gap_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        found = self.reckoning
        wrong = found.lost or found.duplicated or found.stuck or self.refused or self.untold or self.told_twice
        return not wrong and self.accepted == self.sent


def drill(system: System, seed: int, count: int, *, only: Collection[str] = (), tell: Callable[[str], None]) -> Result:
    """Run a drill. Every kind of fault, or those in ``only``, occurs once for each 500 documents, in an order and at
    documents drawn from ``seed``."""
    rng = random.Random(seed)
    began = time.monotonic()
    available = system.faults()
    chosen = sorted(only or available)
    order = [name for _ in range(max(1, count // DOCUMENTS_A_ROUND)) for name in rng.sample(chosen, len(chosen))]
    moments = sorted(rng.sample(range(count // 20, count - count // 20), len(order)))
    plan = dict(zip(moments, order, strict=True))
    result = Result(seed, system.about)
    senders = Senders(system.api_url, system.headers)
    witness = Witness(system.db)
    system.sending = lambda: senders.sending
    http = httpx.Client(base_url=system.api_url, headers=system.headers, timeout=60)
    desk = Desk(system.watched, http) if system.watched else None
    if desk:
        desk.open()
    senders.start()
    witness.start()
    lifted: list[tuple[str, datetime]] = []
    going: threading.Thread | None = None

    def strike(name: str, dice: random.Random) -> None:
        started = time.monotonic()
        try:
            available[name](dice)
        except Exception as error:
            result.not_injected[name] += 1
            tell(f"{time.monotonic() - began:6.1f} s  {name}: not injected, {error}")
            return
        result.faults[name] += 1
        lifted.append((name, datetime.now(UTC)))
        tell(f"{time.monotonic() - began:6.1f} s  {name} ({time.monotonic() - started:.1f} s)")

    for number, document in enumerate(documents(random.Random(seed), count)):
        if name := plan.get(number):
            if going:
                going.join()
            going = threading.Thread(target=strike, args=(name, random.Random(f"{seed} {number}")))
            going.start()
        if desk and number % EVERY == 0:
            desk.deliver(document)
        else:
            senders.send(document)
        result.sent += 1
    senders.finish()
    if going:
        going.join()
    if desk:
        desk.close()
    witness.stop()
    tell(f"{time.monotonic() - began:6.1f} s  all sent in {senders.tries} tries; waiting for the workers")
    _settle(system, tell)
    accepted = {**senders.accepted, **(desk.fetched(system.db) if desk else {})}
    result.tries, result.accepted, result.refused = senders.tries, len(accepted), len(senders.refused)
    result.reckoning = reckon(system.db, accepted, by_http(http))
    http.close()
    if desk:
        result.fetched = len(desk.delivered)
        result.untold, result.told_twice = desk.alerts(system.db)
    result.left_over = left_over(system.db, system.settings)
    result.forgotten = witness.forgotten()
    _recovery(system, lifted, result)
    result.ended = Counter(system.ended)
    result.seconds = time.monotonic() - began
    return result


def _settle(system: System, tell: Callable[[str], None]) -> None:
    """Wait until nothing is queued or processing, or until nothing changes any more. Looks seldom, because counting
    keeps the server busy."""
    before, moved = -1, time.monotonic()
    while time.monotonic() - moved < SETTLE_SECONDS:
        try:
            left = sum(system.db.documents.count_documents({"status": status}) for status in ("queued", "processing"))
        except PyMongoError:
            left = -2
        if left == 0:
            return
        if left != before:
            before, moved = left, time.monotonic()
        time.sleep(3)
    tell(f"nothing moves any more; {before} are left")


def _recovery(system: System, lifted: list[tuple[str, datetime]], result: Result) -> None:
    """Set the times from the end of each fault to the next finished document, and from the last fault to the last
    document."""
    query = {"processing.finished_at": {"$ne": None}}
    spans = [
        (record["source"]["received_at"], record["processing"]["finished_at"])
        for record in system.db.documents.find(query, {"source.received_at": 1, "processing.finished_at": 1})
    ]
    finished = sorted(instant for _, instant in spans)
    for name, at in lifted:
        later = next((instant for instant in finished if instant > at), None)
        if later:
            result.recovery_seconds[name] = max(
                result.recovery_seconds.get(name, 0.0), round((later - at).total_seconds(), 1)
            )
    if lifted and finished:
        result.settle_seconds = round(max(0.0, (finished[-1] - lifted[-1][1]).total_seconds()), 1)
    result.longest_gap_seconds = round(longest_gap(spans), 1)


def longest_gap(spans: Collection[tuple[datetime, datetime]]) -> float:
    """Return the longest time in seconds in which documents waited and none was finished.

    ``spans`` has the instants at which each document was received and finished.
    """
    longest = 0.0
    waiting_since = datetime.max.replace(tzinfo=UTC)
    by_end = sorted(spans, key=lambda span: span[1])
    starts: list[datetime] = []
    for received, _ in reversed(by_end):
        waiting_since = min(waiting_since, received)
        starts.append(waiting_since)  # of those that are finished then or later
    before = datetime.min.replace(tzinfo=UTC)
    for (_, finished), start in zip(by_end, reversed(starts), strict=True):
        longest = max(longest, (finished - max(before, start)).total_seconds())
        before = finished
    return longest
