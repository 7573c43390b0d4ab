"""Write the bench's figures to a terminal, to docs/performance.md and, only the ratios, to docs/bench-history.csv."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.bulk.estimate import table
from tests.bench.service import Run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"
HISTORY = ROOT / "docs" / "bench-history.csv"


@dataclass(frozen=True)
class Spread:
    """Percentiles, in seconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, times: Sequence[float], percentile: Callable[[Sequence[float], float], float]) -> Spread:
        return cls(*(percentile(times, share) for share in (0.5, 0.95, 0.99)))

    def __str__(self) -> str:
        return " / ".join(f"{value * 1000:.0f}" for value in (self.p50, self.p95, self.p99))


@dataclass(frozen=True)
class Load:
    """Latencies at a ``share`` of capacity: ``posts`` of the service, ``bare`` of an endpoint with one insert at the
    same time, ``alone`` of the same endpoint afterwards, while the workers are idle; ``done`` is the time from POST to
    done."""

    share: float
    documents: int
    posts: Spread
    bare: Spread
    alone: Spread
    done: Spread


@dataclass(frozen=True)
class Figures:
    server: str
    workers: int
    documents: int
    words: int
    bare_seconds: float
    bare_cpu: float
    bare_scaling: float
    run: Run
    script_seconds_each: float
    empty_task_seconds: float
    insert_seconds: float
    loads: list[Load]
    scaling: float | None
    trips: dict[str, float]
    first_result_seconds: float

    @property
    def ratio(self) -> float:
        """Documents per second of the service divided by those of the model alone, by wall clock, with all parts on the
        same cores."""
        return self.bare_seconds / self.run.seconds

    @property
    def rules_to_model(self) -> float:
        """Time of all stages except the model divided by that of the model, inside the workers."""
        share = self.run.rules_share
        return share / (1 - share)

    @property
    def without_rules(self) -> float:
        """CPU of the model alone divided by that of the workers without the stages: what the service adds to the
        model."""
        return self.bare_cpu / (self.run.cpu["worker"] * (1 - self.run.rules_share))

    @property
    def cpu_ratio(self) -> float:
        """CPU of the model alone divided by that of the service's workers."""
        return self.bare_cpu / self.run.cpu["worker"]


def rows(figures: Figures) -> list[tuple[str, str]]:
    run, count = figures.run, figures.documents
    script = 1 / figures.script_seconds_each
    last = run.memory_mib[-1][: figures.workers]
    first = run.memory_mib[0][: figures.workers]
    return [
        ("documents, words", f"{count:,}, {figures.words:,}"),
        ("processes", str(figures.workers)),
        ("(a) the model alone", f"{count / figures.bare_seconds:.2f} documents/s, {figures.words / figures.bare_seconds:,.0f} words/s"),
        ("(b) the service, POST to done", f"{count / run.seconds:.2f} documents/s, {figures.words / run.seconds:,.0f} words/s"),
        ("(c) a script of one process", f"{script:.2f} documents/s"),
        ("b/a, wall clock", f"{figures.ratio:.2f}"),
        ("b/a, CPU of the workers", f"{figures.cpu_ratio:.2f}"),
        ("b/a, CPU of the workers, stages counted apart", f"{figures.without_rules:.2f}"),
        ("all stages to the model", f"{figures.rules_to_model:.2f}"),
        ("(d) an empty task; an empty insert", f"{figures.empty_task_seconds * 1000:.1f} ms; {figures.insert_seconds * 1000:.1f} ms"),
        ("the model alone, one process to all", f"{figures.bare_scaling:.2f} times"),
        *([("the service, one worker process to all", f"{figures.scaling:.2f} times")] if figures.scaling else []),
        ("round trips to MongoDB a document", f"API {figures.trips['api']:.1f}, worker {figures.trips['worker']:.1f}"),
        ("reads by Redis a document", f"{run.redis_reads:.1f}"),
        ("memory of a worker process, first and last quarter", f"{_mean(first):.0f} MiB, {_mean(last):.0f} MiB"),
        ("start to first result", f"{figures.first_result_seconds:.0f} s"),
    ]  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def cpu_rows(figures: Figures) -> list[tuple[str, str, str]]:
    """Return the CPU seconds of each part, relative to the model alone."""
    return [
        (name, f"{seconds:.1f} s", f"{seconds / figures.bare_cpu:.2f}")
        for name, seconds in sorted(figures.run.cpu.items(), key=lambda found: -found[1])
    ]


def stage_rows(figures: Figures) -> list[tuple[str, str]]:
    """Return the share of each stage in the time of all stages, by wall clock inside the worker."""
    total = figures.run.stages.total()
    return [(name, f"{seconds / total:.1%}") for name, seconds in figures.run.stages.most_common()]


def _tables(figures: Figures) -> list[tuple[str, list[str], list[tuple[str, ...]]]]:
    tables: list[tuple[str, list[str], list[tuple[str, ...]]]] = [
        ("", ["what", "figure"], [*rows(figures)]),
        ("CPU by part", ["part", "CPU", "of the model alone"], [*cpu_rows(figures)]),
        ("Time by stage", ["stage", "share"], [*stage_rows(figures)]),
        ("Latency, p50 / p95 / p99 in ms", ["load", "documents", "POST", "endpoint with one insert, at the same time", "afterwards", "POST to done"],
         [(f"{load.share:.0%}", str(load.documents), *map(str, (load.posts, load.bare, load.alone, load.done))) for load in figures.loads]),
    ]  # fmt: skip
    return tables


def show(figures: Figures, console: Console) -> None:
    for title, head, lines in _tables(figures):
        table = Table(*head, title=title or figures.server)
        for line in lines:
            table.add_row(*line)
        console.print(table)


def write(figures: Figures) -> None:
    """Write the tables between the markers of docs/performance.md."""
    parts = [f"On {figures.server}:"]
    for title, head, lines in _tables(figures):
        if title:
            parts.append(f"**{title}**")
        parts.append(table(head, lines))
    put("bench", "\n\n".join(parts))


def put(part: str, text: str, page: Path = PAGE) -> None:
    """Write the text between the markers of that name on the page."""
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    before, _, rest = page.read_text().partition(begin)
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}")


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return done.stdout.strip()


def remember(figures: Figures, *, quick: bool) -> None:
    """Append a line with the ratios, so that a decline is noticed."""
    new = not HISTORY.exists()
    half = figures.loads[0]
    with HISTORY.open("a", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        if new:
            lines.writerow(
                ["when", "commit", "size", "server", "b/a wall", "b/a cpu", "post p99 to bare at 50 %", "trips"]
            )
        lines.writerow(
            [f"{datetime.now(UTC):%Y-%m-%d %H:%M}", commit(), "quick" if quick else "full", figures.server,
             f"{figures.ratio:.2f}", f"{figures.cpu_ratio:.2f}", f"{half.posts.p99 / half.bare.p99:.1f}",
             f"{figures.trips['api'] + figures.trips['worker']:.1f}"]
        )  # fmt: skip
