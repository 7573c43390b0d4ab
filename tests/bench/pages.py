"""Time the console's pages with many documents: `python -m tests.bench.pages [--documents N] [--folder F] [--quick | --write]`.

Reads `seeds/` once and stores variations of those records, with other names, dates and words, on the embedded servers.
Then starts the API and requests each page. It prints the time of the first request after the start, the median of the
later ones, and the CPU time of API and MongoDB, which is about the time on an idle machine. Fails if that is over 300
ms.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from bson import ObjectId
from pymongo.database import Database

from services import records
from services.bulk.estimate import table
from services.embedded import Servers, free_port
from services.records import Record, Status
from services.settings import Settings
from services.store import server, setup
from services.store.client import connect
from tests.bench import processes
from tests.bench.corpus import SEEDS
from tests.bench.report import put
from workers import pipeline

DOCUMENTS, QUICK = 10_000, 1_000
BATCH = 250
TIMES = 5
MOST_MS = 300
COMMON, RARE = "dispatch", "zeppelin"
"""A word that every document has, in the title of one in 200; and a word that one in 2,000 has."""
RENAMED = 0.7
Db = Database[dict[str, Any]]

PAGES = {
    "the desk": "/",
    "search, everything": "/search",
    f"search, a word that all have ({COMMON})": f"/search?q={COMMON}",
    f"search, a rare word ({RARE})": f"/search?q={RARE}",
    f"search, both ({COMMON} {RARE})": f"/search?q={COMMON}+{RARE}",
    "search, a frequent word (said)": "/search?q=said",
    "search, a frequent name": "/search?entity=Busan",
    "quotes": "/quotes",
    "quotes, a word that all have": f"/quotes?q={COMMON}",
    "sums over 1 billion": "/sums?amount_min=1000000000",
    "people": "/entities",
    "organizations": "/entities?type=ORG",
    "stories": "/stories",
    "events": "/events",
    "timeline": "/timeline",
    "map": "/map",
    "saved searches": "/searches",
    "collections": "/collections",
    "jobs": "/jobs",
    "failed": "/failed",
    "status": "/status",
    "a name": "/entities/Busan",
}


def seeds() -> list[Record]:
    """Read the documents of `seeds/`."""
    found = []
    for path in sorted(SEEDS.iterdir()):
        source = records.Source(collection="seeds", received_at=datetime.now(UTC))
        read = pipeline.run(path.read_bytes(), source, filename=path.name)
        if read.article.text:
            raw = records.Raw(sha256="0" * 64, size_bytes=path.stat().st_size, media_type=read.media_type)
            spent = records.Processing(finished_at=datetime.now(UTC), timings_ms=read.timings_ms)
            found.append(Record(status=Status.DONE, raw=raw, source=source, processing=spent, **dict(read.article)))
    return found


def varied(models: Sequence[Record], number: int, rng: random.Random) -> dict[str, Any]:
    """Return a record like one of ``models``, with other names for most, another date and some words of its own."""
    record: dict[str, Any] = rng.choice(models).model_dump()
    now = datetime.now(UTC)
    record["_id"] = ObjectId()
    record["raw"]["sha256"] = rng.randbytes(32).hex()
    record["source"] |= {"collection": f"desk-{rng.randrange(5)}", "received_at": now}
    record["processing"]["finished_at"] = now - timedelta(hours=2)
    record["published_at"] = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(500_000))
    record["title"] = f"{record['title']}, report {number}"
    terms = {COMMON, "report", str(number), *(f"word{_rare(rng)}" for _ in range(30))}
    if number % 200 == 0:
        record["title"] = f"{record['title']}, {COMMON}"
        terms.add(f"title:{COMMON}")
    if number % 2_000 == 0:
        terms.add(RARE)
    record["terms"] = sorted({*record["terms"], *terms})
    for entity in record["entities"]:
        if rng.random() < RENAMED:
            other = f"{entity['name']} {_rare(rng)}"
            for quote in record["quotes"]:
                quote["speaker"] = other if quote["speaker"] == entity["name"] else quote["speaker"]
            entity["name"] = other
    story = record["_id"] if number % 10 else ObjectId(f"{number // 30:024x}")
    record["story"] = {"id": str(story), "similarity": 0.0 if number % 10 else 0.9}
    return record


def _rare(rng: random.Random) -> int:
    return min(int(rng.paretovariate(0.6)), 50_000)


def fill(db: Db, until: int) -> None:
    """Add records until there are this many."""
    stored = db.documents.estimated_document_count()
    models = seeds() if stored < until else []
    rng = random.Random(stored)
    while stored < until:
        batch = [varied(models, number, rng) for number in range(stored, min(until, stored + BATCH))]
        db.documents.insert_many(batch, ordered=False, bypass_document_validation=True)
        stored += len(batch)


@contextmanager
def api(servers: Servers) -> Iterator[httpx.Client]:
    """Run `copydesk api` on these servers."""
    port = free_port()
    environment = {**servers.environment, "COPYDESK_API_PORT": str(port), "COPYDESK_AUTH": "false"}
    servers.spawn("api", [str(Path(sys.executable).parent / "copydesk"), "api"], environment)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as http:
        for _ in range(300):
            try:
                if http.get("/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        yield http


@dataclass(frozen=True)
class Timed:
    """Wall-clock milliseconds, CPU milliseconds of API and MongoDB together, and the size of the page."""

    first: float
    later: float
    cpu: float
    kilobytes: float


def timed(http: httpx.Client, path: str, cpu: Callable[[], float]) -> Timed:
    """Request a page several times. Raises httpx.HTTPStatusError."""
    times, used = [], 0.0
    for at in range(1 + TIMES):
        if at == 1:
            used = cpu()
        began = time.perf_counter()
        answer = http.get(path)
        times.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
    return Timed(times[0], median(times[1:]), (cpu() - used) * 1000 / TIMES, len(answer.content) / 1000)


def _cpu(servers: Servers) -> float:
    return sum(processes.cpu_seconds(servers.children[name].pid) for name in ("api", "mongo"))


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    options.add_argument("--documents", type=int, default=DOCUMENTS)
    options.add_argument("--quick", action="store_true", help=f"{QUICK:,} documents")
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options.add_argument("--folder", type=Path, help="where the documents are kept for the next run")
    options.add_argument("--only", help="pages whose address has this")
    given = options.parse_args()
    os.environ["COPYDESK_LOG_LEVEL"] = "WARNING"
    folder = given.folder or Path(tempfile.mkdtemp(prefix="pages-"))
    servers = Servers(folder)
    servers.start()
    try:
        settings = Settings(mongo_url=servers.environment["COPYDESK_MONGO_URL"], mongo_timeout_seconds=600)
        db = connect(settings)
        setup.set_up(db, settings)
        fill(db, QUICK if given.quick else given.documents)
        stored, about = db.documents.estimated_document_count(), str(server.ask(db))
        pages = {name: path for name, path in PAGES.items() if not given.only or given.only in path}
        with api(servers) as http:
            found = {name: timed(http, path, partial(_cpu, servers)) for name, path in pages.items()}
    finally:
        servers.stop()
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)
    lines = [
        (name, f"{one.first:.0f}", f"{one.later:.0f}", f"{one.cpu:.0f}", f"{one.kilobytes:.0f}")
        for name, one in found.items()
    ]
    shown = (
        f"{stored:,} documents like those of `seeds/`, on {about}:\n\n"
        f"{table(['page', 'first time, ms', 'later, ms', 'CPU of API and MongoDB, ms', 'kB'], lines)}"
    )
    print(shown)
    if given.write:
        put("pages", shown)
    return int(any(one.cpu > MOST_MS for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
