"""Measure what a look-up costs among very many look-alikes: `python -m tests.bench.lookalikes [--write | --quick]`.

Puts texts made from one template into the index, sixteen at a time as a worker does, and then adds look-alikes and
distinct texts alternately. The figures are ratios of the two: of the server's CPU, of the time, and of the bytes that
the server sends and receives. Fails if a look-alike costs more than `MOST` distinct texts.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bson
from bson import ObjectId
from pymongo import monitoring
from pymongo.database import Database

from services.bulk.estimate import table
from services.embedded import Servers
from services.settings import Settings
from services.store import server, setup, stories
from services.store.client import connect
from tests.bench import processes
from tests.bench.report import put
from workers.enrich.whole import story, versions

STORED, QUICK = 20_000, 1_000
ROUNDS = 80
MOST = 2.0
WORDS = (150, 30)
"""Words of a long and a short text."""


class Bytes(monitoring.CommandListener):
    """The size of all commands and their answers."""

    def __init__(self) -> None:
        self.total = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.total += len(bson.encode(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self.total += len(bson.encode(event.reply))

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@dataclass
class Cost:
    """The cost of some documents: CPU seconds of the server, seconds, bytes sent and received."""

    documents: int = 0
    cpu: float = 0.0
    seconds: float = 0.0
    bytes: int = 0

    def to(self, other: Cost) -> tuple[float, float, float]:
        scale = other.documents / self.documents
        return (
            self.cpu / other.cpu * scale,
            self.seconds / other.seconds * scale,
            self.bytes / other.bytes * scale,
        )


def words(rng: random.Random, count: int) -> str:
    """Return words that no other text has."""
    return " ".join("".join(rng.choices("bdfgklmnprst", k=3)) + rng.choice("aeiou") for _ in range(count))


def look_alike(rng: random.Random, length: int) -> str:
    """Return a text made from the template, with a company, a town and two figures of its own."""
    template = words(random.Random(length), length)
    name, town = (word.capitalize() for word in words(rng, 2).split())
    return f"{name} said in {town} it pays {rng.randrange(5, 400)} cents a share on {rng.randrange(10**6)} shares. {template}"


def fingerprint(text: str) -> stories.Fingerprint:
    return stories.Fingerprint(**story.numbers(text, text[:60]))


def batches(texts: Sequence[str], size: int) -> list[dict[ObjectId, stories.Fingerprint]]:
    prints = [fingerprint(text) for text in texts]
    return [{ObjectId(): one for one in prints[at : at + size]} for at in range(0, len(prints), size)]


def measure(
    db: Database[dict[str, Any]], cpu: Any, wire: Bytes, stored: int, length: int
) -> dict[str, tuple[float, float, float]]:
    """Return the ratios by name: of documents added one by one, and of sixteen together."""
    rng = random.Random(stored + length)

    def assign(prints: dict[ObjectId, stories.Fingerprint]) -> None:
        stories.assign(db, prints, lambda _, one, other: versions.same(one, other))

    for batch in batches([look_alike(rng, length) for _ in range(stored)], 16):
        assign(batch)
    found = {}
    for size, name in ((1, "alone"), (16, "sixteen together")):
        alike, distinct = Cost(), Cost()
        for _ in range(ROUNDS // (1 if size == 1 else 4)):
            for cost, text in ((alike, look_alike), (distinct, words)):
                [batch] = batches([text(rng, length) for _ in range(size)], size)
                before, began, sent = cpu(), time.perf_counter(), wire.total
                assign(batch)
                cost.seconds += time.perf_counter() - began
                cost.cpu += cpu() - before
                cost.bytes += wire.total - sent
                cost.documents += size
        found[f"{length} words, {name}"] = alike.to(distinct)
    return found


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.lookalikes", description=__doc__)
    options.add_argument("--quick", action="store_true", help=f"{QUICK:,} look-alikes in place of {STORED:,}")
    options.add_argument(
        "--documents", type=int, default=STORED, help="look-alikes of each length that are stored before"
    )
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = options.parse_args()
    stored = QUICK if given.quick else given.documents
    wire = Bytes()
    monitoring.register(wire)
    folder = Path(tempfile.mkdtemp(prefix="lookalikes-"))
    servers = Servers(folder)
    servers.start()
    try:
        settings = Settings(mongo_url=servers.environment["COPYDESK_MONGO_URL"], mongo_timeout_seconds=3600)
        db = connect(settings)
        setup.set_up(db, settings)
        about = str(server.ask(db))
        cpu = partial(processes.cpu_seconds, servers.children["mongo"].pid)
        found: dict[str, tuple[float, float, float]] = {}
        for length in WORDS:
            found |= measure(db, cpu, wire, stored, length)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)
    head = ["a look-alike to a distinct text", "CPU of the server", "time", "bytes"]
    lines = [(name, *(f"{ratio:.2f}" for ratio in ratios)) for name, ratios in found.items()]
    shown = f"{stored:,} look-alikes of each length stored, on {about}:\n\n{table(head, lines)}"
    print(shown)
    if given.write:
        put("lookalikes", shown)
    return int(max(ratios[0] for ratios in found.values()) > MOST)


if __name__ == "__main__":
    sys.exit(main())
