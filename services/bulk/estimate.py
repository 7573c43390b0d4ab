"""Estimate machines, hours and cost of a backfill, and processes for a queue, from measured figures and assumptions.

All costs are assumed to be linear in the number of documents and, for one document, in its words; ``measured.json`` has
both coefficients of each, measured with documents of two lengths. ``make bench OF=footprint`` measures them again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

MEASURED = Path(__file__).with_name("measured.json")
MACHINES = (1, 4, 16, 64, 256)
GB = 1e9


class Linear(BaseModel):
    """The cost of a document: a ``fixed`` part, and a part for every 1,000 words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fixed: float
    per_1000_words: float

    @classmethod
    def through(cls, one: tuple[float, float], other: tuple[float, float]) -> Linear:
        """Return the line through two points ``(words, cost)``; flat if noise makes it fall, and never below 0."""
        (x, y), (z, w) = sorted((one, other))
        slope = max(0.0, (w - y) / (z - x))
        return cls(fixed=max(0.0, y - slope * x), per_1000_words=slope * 1000)

    def at(self, words: float) -> float:
        return self.fixed + self.per_1000_words * words / 1000


class Measured(BaseModel):
    """Figures of one run. Bytes are before compression; index bytes are the size of the keys, as the server counts
    them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str
    commit: str
    machine: str
    server: str
    documents: int
    words: tuple[float, float]
    worker_cpu_seconds: Linear
    load_seconds: Linear
    raw_bytes: Linear
    record_bytes: Linear
    record_index_bytes: Linear
    story_bytes: Linear
    story_index_bytes: Linear
    message_bytes: float
    operations: float
    worker_memory_mib: float


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumptions that the user can replace. Prices are in any currency; a GB is 10^9 bytes."""

    documents: float = 100e6
    words: float = 600
    workers_per_machine: int = 8
    efficiency: float = 0.85
    price_per_hour: float = 0.40
    operations_per_second: float = 5_000
    mongo_price_per_hour: float = 1.50
    replicas: int = 3
    compression: float = 0.5
    price_per_gb_month: float = 0.10
    queued_documents: int = 90_000

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0")
        if self.efficiency > 1:
            raise ValueError("efficiency is a ratio of at most 1")


def measured() -> Measured:
    """Return the figures of the last run."""
    return Measured.model_validate_json(MEASURED.read_text())


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate. ``sizes`` are (what, figure, how); ``plans`` are by number of worker machines, see ``PLAN``."""

    sizes: list[Row]
    plans: list[Row]


SIZE = ("what", "figure", "how")
WAITING = (1_000, 10_000, 100_000, 1_000_000)
PLAN = ("worker machines", "documents/s", "time", "loaders", "MongoDB shards", "cost of workers", "cost of MongoDB")


def estimate(found: Measured, given: Assumed) -> Estimate:
    cpu = found.worker_cpu_seconds.at(given.words)
    rate = given.workers_per_machine * given.efficiency / cpu  # documents per second of one machine
    loader = 1 / found.load_seconds.at(given.words)
    machine_hours = given.documents / rate / 3600
    plans: list[Row] = []
    for machines in MACHINES:
        pace = machines * rate
        hours = given.documents / pace / 3600
        shards = math.ceil(pace * found.operations / given.operations_per_second)
        plans.append(
            (
                f"{machines:,}",
                f"{pace:,.0f}" if pace >= 10 else f"{pace:.1f}",
                _time(hours),
                str(math.ceil(pace / loader)),
                str(shards),
                f"{machine_hours * given.price_per_hour:,.0f}",
                f"{hours * shards * given.mongo_price_per_hour:,.0f}",
            )
        )
    return Estimate(_sizes(found, given, cpu, machine_hours), plans)


def _sizes(found: Measured, given: Assumed, cpu: float, machine_hours: float) -> list[Row]:
    words, count = given.words, given.documents
    data = {
        "raw bytes": found.raw_bytes.at(words),
        "records": found.record_bytes.at(words),
        "story index, entries": found.story_bytes.at(words),
    }
    indexes = found.record_index_bytes.at(words) + found.story_index_bytes.at(words)
    stored = (sum(data.values()) + indexes) * given.compression * given.replicas * count / GB
    return [
        ("worker CPU", f"{cpu:.2f} s a document", "measured"),
        ("machine hours of workers", f"{machine_hours:,.0f}", f"CPU, {given.workers_per_machine} processes at {given.efficiency:.0%}"),
        *((name, f"{each / 1000:.1f} kB a document, {each * count / GB:,.0f} GB", "measured") for name, each in data.items()),
        ("indexes", f"{indexes / 1000:.1f} kB a document, {indexes * count / GB:,.0f} GB", "measured, keys without compression"),
        ("disks of MongoDB", f"{stored:,.0f} GB", f"all of these, compressed to {given.compression:.0%}, {given.replicas} copies"),
        ("disks, a month", f"{stored * given.price_per_gb_month:,.0f}", f"{given.price_per_gb_month:g} a GB"),
        ("memory for indexes", f"{indexes * given.compression * count / GB:,.0f} GB over all shards", "all of them in the cache"),
        ("memory of a worker process", f"{found.worker_memory_mib:,.0f} MiB", "measured, shared pages divided"),
        ("Redis", f"{found.message_bytes * given.queued_documents / 1e6:,.0f} MB",
         f"{found.message_bytes:,.0f} bytes a message, {given.queued_documents:,} wait at most"),
    ]  # fmt: skip


def _time(hours: float) -> str:
    return f"{hours:,.1f} hours" if hours < 48 else f"{hours / 24:,.1f} days"


def markdown(found: Measured, given: Assumed) -> str:
    """Return the two tables, for docs/backfill.md."""
    result = estimate(found, given)
    return "\n\n".join(
        [
            f"{given.documents:,.0f} documents of {given.words:,.0f} words, from {found.documents} documents of "
            f"{found.words[0]:,.0f} words and as many of {found.words[1]:,.0f} on {found.server}, {found.machine}, "
            f"{found.when}, {found.commit}:",
            table(PLAN, result.plans),
            table(SIZE, result.sizes),
        ]
    )


def processes_to_clear(found: Measured, given: Assumed) -> str:
    """Return the table of how many worker processes clear a queue in time, for docs/operations.md."""
    seconds = found.worker_cpu_seconds.at(given.words) / given.efficiency
    rows = [
        [f"{waiting:,}", *(f"{math.ceil(waiting * seconds / allowed):,}" for allowed in (600, 3600))]
        for waiting in WAITING
    ]
    head = (f"waiting, {given.words:,.0f} words each", "processes to clear it in 10 minutes", "in an hour")
    return (
        f"One worker process takes {seconds:.2f} s for a document of {given.words:,.0f} words with all enrichment on, "
        f"{given.words / seconds:,.0f} words a second ({found.server}, {found.machine}, {found.when}, {found.commit}; "
        f"{given.efficiency:.0%} of a core each).\n\n{table(head, rows)}"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with figures aligned to the right."""
    rule = "| --- " + "| --: " * (len(head) - 1) + "|"
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])
