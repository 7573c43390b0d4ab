"""`python -m tests.bench.memory --documents N`: measure whether a worker grows with the documents that it has read.

Sends short texts, no two alike and each with ten names that no other has, and reads what memory each worker process
adds (PSS) in the meantime. With ``--mixed`` it sends texts of 60 to 1,000 words, web pages and ninjs items, and also
says what failed and which tasks ended with an error.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from html import escape
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


def measure(documents: int, workers: int, folder: Path, console: Console, mixed: bool) -> list[tuple[int, list[float]]]:
    """Return the MiB of each worker process after each twentieth of the documents."""
    rng = random.Random(4)
    service = Service(folder / "stack", workers)
    seen = []
    try:
        with ThreadPoolExecutor(SENDERS) as pool, httpx.Client() as http:
            sent = 0
            for step in range(1, STEPS + 1):
                until = documents * step // STEPS
                while sent < until:
                    count = min(AHEAD, until - sent)
                    some = _mixed(count, sent) if mixed else _short(count, sent, rng)
                    list(pool.map(lambda one: service.send(*one, http), some))
                    sent += len(some)
                    service.wait(max(1, sent - AHEAD))
                service.wait(sent + 1)  # and the one of its start
                seen.append((sent, processes.memory_mib(service.stack.children["worker"].pid)[:workers]))
                console.print(
                    f"{time.strftime('%H:%M:%S')}  {sent:,}: {', '.join(f'{m:.0f}' for m in seen[-1][1])} MiB"
                )
        console.print(f"failed: {_failed(service)}; tasks that ended with an error: {_errors(service) or 'none'}")
    finally:
        service.close()
    return seen


def _short(count: int, seed: int, rng: random.Random) -> list[tuple[str, str]]:
    return [(f"{text}\n{_roll(rng)}\n", "text/plain") for text in written(WORDS, count, seed)]


def _mixed(count: int, seed: int) -> list[tuple[str, str]]:
    """Return texts of 60 words (three in ten), 250 (six in ten) and 1,000 (one in ten); one in ten becomes a web page,
    and one in ten a ninjs item."""
    found: list[tuple[str, str]] = []
    for words, share in ((60, 0.3), (250, 0.6), (1_000, 0.1)):
        found += [(text, "text/plain") for text in written(words, round(count * share), seed + words)]
    for number in range(0, len(found) - 1, 10):
        found[number] = (_page(found[number][0]), "text/html")
        found[number + 1] = (_item(found[number + 1][0], seed + number), "application/octet-stream")
    return found


def _page(text: str) -> str:
    title, *paragraphs = (escape(part) for part in text.strip().split("\n\n"))
    links = "".join(f'<li><a href="/{number}">Section {number}</a></li>' for number in range(40))
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>{title} - The Bench</title></head><body><nav><ul>{links}</ul></nav><article><h1>{title}</h1>{body}</article></body></html>"


def _item(text: str, number: int) -> str:
    title, _, body = text.partition("\n\n")
    return json.dumps({"uri": f"urn:bench:{number}", "type": "text", "headline": title, "body_text": body})


def _failed(service: Service) -> int:
    return service.db.documents.count_documents({"status": "failed"})


def _errors(service: Service) -> dict[str, int]:
    """Return the tasks of the last hour that ended with an error, by kind."""
    found: Counter[str] = Counter()
    for minute in service.db.activity.find({}, {"errors": 1}):
        found.update(minute.get("errors", {}))
    return dict(found)


def _roll(rng: random.Random) -> str:
    names = ["".join(rng.choices(ascii_lowercase, k=9)).capitalize() for _ in range(NEW_NAMES)]
    return f"There were {', '.join(names)} and others."


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    options.add_argument("--documents", type=int, default=20_000)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--mixed", action="store_true", help="documents of many lengths and three formats")
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="memory-"))
    try:
        seen = measure(given.documents, given.workers, folder, Console(highlight=False), given.mixed)
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
