"""`python -m tests.bench.memory --documents N`: does a worker grow with the documents that it has read?

Sends short texts, no two alike and each with ten names that no other has, and reads what memory each worker process adds (PSS)
as they go.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import ascii_lowercase

import httpx
from rich.console import Console

from tests.bench import processes
from tests.bench.corpus import written
from tests.bench.report import put
from tests.bench.service import SENDERS, Service

STEPS = 20
AHEAD = 200
WORDS = 60
NEW_NAMES = 10


def measure(documents: int, workers: int, folder: Path, console: Console) -> list[tuple[int, list[float]]]:
    """MiB of each worker process after each twentieth of the documents."""
    rng = random.Random(4)
    service = Service(folder / "stack", workers)
    seen = []
    try:
        with ThreadPoolExecutor(SENDERS) as pool, httpx.Client() as http:
            sent = 0
            for step in range(1, STEPS + 1):
                until = documents * step // STEPS
                while sent < until:
                    texts = written(WORDS, min(AHEAD, until - sent), seed=sent)
                    some = [f"{text}\n{_roll(rng)}\n" for text in texts]
                    list(pool.map(lambda text: service.send(text, http), some))
                    sent += len(some)
                    service.wait(max(1, sent - AHEAD))
                service.wait(sent + 1)  # and the one of its start
                seen.append((sent, processes.memory_mib(service.stack.children["worker"].pid)[:workers]))
                console.print(
                    f"{time.strftime('%H:%M:%S')}  {sent:,}: {', '.join(f'{m:.0f}' for m in seen[-1][1])} MiB"
                )
    finally:
        service.close()
    return seen


def _roll(rng: random.Random) -> str:
    names = ["".join(rng.choices(ascii_lowercase, k=9)).capitalize() for _ in range(NEW_NAMES)]
    return f"There were {', '.join(names)} and others."


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    options.add_argument("--documents", type=int, default=20_000)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="memory-"))
    try:
        seen = measure(given.documents, given.workers, folder, Console(highlight=False))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.write:
        rows = [f"| {count:,} | {' | '.join(f'{one:.0f}' for one in sizes)} |" for count, sizes in seen[::2]]
        head = f"| documents read | {' | '.join(f'process {n + 1}, MiB' for n in range(given.workers))} |"
        last = f"| {seen[-1][0]:,} | {' | '.join(f'{one:.0f}' for one in seen[-1][1])} |"
        put("memory", "\n".join([head, "| --: " * (given.workers + 1) + "|", *rows, last]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
