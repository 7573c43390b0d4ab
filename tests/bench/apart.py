"""Measure workers on a core of their own, as if the servers were on other machines: `python -m tests.bench.apart
[--write]`.

Worker processes have one core, and API, scheduler, servers and senders have another. The model alone runs on the
workers' core by itself, before and after, because the load of the machine varies.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.bulk.estimate import table
from tests.bench import bare, processes, report
from tests.bench.corpus import texts
from tests.bench.service import Run, Service
from workers import enrich

WARM = 40
PROCESSES = (1, 2)


@contextmanager
def on(core: int) -> Iterator[None]:
    """Run this process, its children and its later threads on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measure(documents: Sequence[str], folder: Path, cores: tuple[int, int]) -> tuple[float, list[Run], str]:
    """Return the seconds of the model alone, a run of the service with each number of ``PROCESSES``, and the server.
    ``cores`` are that of the workers and that of everything else."""
    workers_core, other_core = cores
    enrich.preload()
    with on(workers_core):
        alone = bare.pipe(documents, 1)[0]
    runs = []
    with on(other_core):
        for number in PROCESSES:
            service = Service(folder / f"stack{number}", number)
            try:
                processes.pin(service.stack.children["worker"].pid, workers_core)
                service.warm(texts(WARM, seed=8))
                runs.append(service.throughput(documents))
            finally:
                service.close()
    with on(workers_core):
        alone += bare.pipe(documents, 1)[0]
    return alone / 2, runs, service.server


def shown(alone: float, runs: Sequence[Run], server: str) -> str:
    """Return the table, in Markdown."""
    count = runs[0].documents
    rows = [("documents/s", f"{count / alone:.2f}", *(f"{count / run.seconds:.2f}" for run in runs))]
    rows.append(("to the model alone, wall clock", "", *(f"{alone / run.seconds:.2f}" for run in runs)))
    without = [run.seconds - run.rules_share * run.cpu["worker"] for run in runs]
    rows.append(("CPU of the stages counted apart", "", *(f"{alone / seconds:.2f}" for seconds in without)))
    rows.append(("the workers' core in use", "", *(f"{run.cpu['worker'] / run.seconds:.0%}" for run in runs)))
    rows.append(("the other core in use", "", *(f"{_others(run) / run.seconds:.0%}" for run in runs)))
    head = ["", "the model alone", *(f"service, {number} worker process{'es' * (number > 1)}" for number in PROCESSES)]
    return f"{count:,} documents, {runs[0].words:,} words, on {server}:\n\n{table(head, rows)}"


def _others(run: Run) -> float:
    return sum(seconds for part, seconds in run.cpu.items() if part != "worker")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.apart", description=__doc__)
    options.add_argument("--documents", type=int, default=400)
    options.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = options.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("this bench needs two cores", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="bench-apart-"))
    try:
        figures = measure(texts(given.documents, seed=7), folder, (cores[0], cores[1]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(shown(*figures))
    if given.write:
        report.put("apart", shown(*figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
