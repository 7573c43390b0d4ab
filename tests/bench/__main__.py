"""`python -m tests.bench [--quick] [--write]`: compare the service with the model alone, side by side in one run."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.bench import bare, report, trips
from tests.bench.corpus import texts
from tests.bench.report import Figures
from tests.bench.service import Service, open_loop, percentile
from workers import enrich


@dataclass(frozen=True)
class Size:
    documents: int
    script: int
    frame: int
    loads: tuple[float, ...]  # shares of the throughput
    load_seconds: float
    warm: int
    drained: int
    trips: int


FULL = Size(2_000, script=200, frame=2_000, loads=(0.5, 0.8, 0.95), load_seconds=60, warm=40, drained=200, trips=160)
QUICK = Size(60, script=20, frame=100, loads=(0.5,), load_seconds=3, warm=10, drained=0, trips=20)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--quick", action="store_true", help="under two minutes, ratios only")
    options.add_argument("--documents", type=int, help="other than 2,000")
    options.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes, of the model alone and of the service"
    )
    options.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = options.parse_args()
    size = QUICK if given.quick else FULL
    documents = texts(given.documents or size.documents, seed=7)
    console = Console(highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        figures = measure(documents, size, given.workers, folder, console)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.show(figures, console)
    report.remember(figures, quick=given.quick)
    if given.write:
        report.write(figures)
    return 0


def measure(documents: list[str], size: Size, workers: int, folder: Path, console: Console) -> Figures:
    def say(what: str) -> None:
        console.print(f"{time.strftime('%H:%M:%S')}  {what}")

    say(f"{len(documents)} texts, {workers} processes")
    enrich.preload()
    say("the model alone, one process, then all")
    few = documents[: max(10, len(documents) // 10)]
    one_seconds = many_seconds = 0.0
    for _ in range(2):  # alternately, because the load of the machine varies
        one_seconds += bare.pipe(few, 1)[0]
        many_seconds += bare.pipe(few, workers)[0]
    bare_seconds, bare_cpu = bare.pipe(documents, workers)
    say("the service")
    service = Service(folder / "stack", workers)
    try:
        service.warm(texts(size.warm, seed=8))
        run = service.throughput(documents)
        say(f"{run.documents / run.seconds:.2f} documents/s; the model alone {len(documents) / bare_seconds:.2f}")
        script_seconds = bare.script(documents[: size.script], service.db)
        say("what the frame costs")
        empty = service.empty_tasks(size.frame, workers)
        began = time.perf_counter()
        for number in range(size.frame):
            service.db.bench_frame.insert_one({"number": number})
        inserts = time.perf_counter() - began
        loads = []
        capacity = run.documents / run.seconds
        for share in size.loads:
            say(f"load of {share:.0%}")
            rate = share * capacity
            with service.bare_endpoint() as url:
                posts, done, beside = service.at_rate(texts(200, seed=9), rate, size.load_seconds, url)
                alone = asyncio.run(open_loop(url, documents, rate, size.load_seconds))
            spreads = (report.Spread.of(times, percentile) for times in (posts, beside, alone, done))
            loads.append(report.Load(share, len(posts), *spreads))
        scaling = None
        if size.drained and workers > 1:
            say("the service with one worker process, then all")
            rates = [service.drain(texts(size.drained, seed=20 + processes), processes) for processes in (1, workers)]
            scaling = rates[1] / rates[0]
        say("round trips")
        round_trips = trips.measure(service, size.trips)
        return Figures(
            server=service.server,
            workers=workers,
            documents=run.documents,
            words=run.words,
            bare_seconds=bare_seconds,
            bare_cpu=bare_cpu,
            bare_scaling=one_seconds / many_seconds,
            run=run,
            script_seconds_each=script_seconds / size.script,
            empty_task_seconds=empty / size.frame,
            insert_seconds=inserts / size.frame,
            loads=loads,
            scaling=scaling,
            trips=round_trips,
            first_result_seconds=service.first_result_seconds,
        )
    finally:
        service.close()


if __name__ == "__main__":
    sys.exit(main())
