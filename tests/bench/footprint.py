"""Measure what a document of a backfill costs, in CPU, bytes and messages: `python -m tests.bench.footprint [--write |
--page]`.

Loads documents of two lengths with `copydesk bulk` into a running service. ``--write`` puts the figures into
services/bulk/measured.json and the tables that follow from them into docs/backfill.md and docs/operations.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis

from services.bulk import estimate
from services.bulk.estimate import Assumed, Linear, Measured
from services.settings import Settings
from services.store import setup
from services.store.client import connect
from tests.bench import processes, report, trips
from tests.bench.corpus import texts, written
from tests.bench.service import Service

PAGE = report.ROOT / "docs" / "backfill.md"
OPERATIONS = report.ROOT / "docs" / "operations.md"
LENGTHS = (150, 1_200)  # words
NEWS = 400  # words of a usual article, for docs/operations.md
DOCUMENTS = 60
LOADED = 2_000
WARM = 10
TRIPS = 40
LOADER_OPERATIONS = 2  # the record and its bytes


@dataclass(frozen=True)
class Point:
    """Means over documents; ``words`` as the worker counts them."""

    words: float
    cpu: float
    load_seconds: float
    sizes: dict[str, float]
    memory_mib: float


def measure(service: Service, folder: Path) -> Measured:
    short, long = (_point(service, folder, words, seed) for seed, words in enumerate(LENGTHS, 101))

    def line(short_cost: float, long_cost: float) -> Linear:
        return Linear.through((short.words, short_cost), (long.words, long_cost))

    bytes_of = {name: line(short.sizes[name], long.sizes[name]) for name in short.sizes}
    message_bytes = _message_bytes(service)
    round_trips = trips.measure(service, TRIPS)  # last: it ends the worker
    return Measured(
        when=f"{datetime.now(UTC):%Y-%m-%d}",
        commit=report.commit(),
        machine=f"{os.cpu_count()} cores {platform.machine()}, shared with all parts of the service",
        server=service.server,
        documents=DOCUMENTS,
        words=(round(short.words), round(long.words)),
        worker_cpu_seconds=line(short.cpu, long.cpu),
        load_seconds=line(short.load_seconds, long.load_seconds),
        **bytes_of,
        message_bytes=message_bytes,
        operations=round_trips["worker"] + LOADER_OPERATIONS,
        worker_memory_mib=long.memory_mib,
    )


def _point(service: Service, folder: Path, words: int, seed: int) -> Point:
    database = service.db
    manifest = _manifest(folder, [f"{text}\nFootprint {words}.\n" for text in written(words, DOCUMENTS, seed)])
    before, stored = _sizes(database), service.stored()
    worker = service.stack.children["worker"].pid
    cpu = processes.cpu_seconds(worker)
    _load(manifest, {**os.environ, **service.stack.environment})
    service.wait(stored + DOCUMENTS)
    cpu = processes.cpu_seconds(worker) - cpu
    after = _sizes(database)
    counts = [
        one["word_count"] for one in database.documents.find({}, {"word_count": 1}).sort("_id", -1).limit(DOCUMENTS)
    ]
    return Point(
        sum(counts) / DOCUMENTS,
        cpu / DOCUMENTS,
        _load_seconds(service, folder, words, seed),
        {name: (after[name] - before[name]) / DOCUMENTS for name in after},
        max(processes.memory_mib(worker)),
    )


def _manifest(folder: Path, documents: list[str]) -> Path:
    manifest = Path(tempfile.mkdtemp(dir=folder)) / "manifest.ndjson"
    with manifest.open("w") as out:
        for n, document in enumerate(documents):
            (manifest.parent / f"{n}.txt").write_text(document)
            out.write(f'{{"path": "{n}.txt"}}\n')
    return manifest


def _load_seconds(service: Service, folder: Path, words: int, seed: int) -> float:
    """Return the wall-clock seconds of one loader for each document, into a database of its own that no worker uses."""
    rng = random.Random(seed)
    some = written(words, 20, seed)
    manifest = _manifest(folder, [f"{rng.choice(some)}\nLoaded {n}.\n" for n in range(LOADED)])
    environment = _apart(service, f"load_{words}")
    config = Settings(
        mongo_url=environment["COPYDESK_MONGO_URL"], mongo_database=environment["COPYDESK_MONGO_DATABASE"]
    )
    apart = connect(config)
    setup.set_up(apart, config)
    apart.client.close()
    return _load(manifest, environment) / LOADED


def _load(manifest: Path, environment: dict[str, str]) -> float:
    """Return the seconds that the load took, without those to start."""
    command = [str(Path(sys.executable).parent / "copydesk"), "bulk", "load", str(manifest)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _apart(service: Service, database: str) -> dict[str, str]:
    redis = service.stack.environment["COPYDESK_REDIS_URL"].rpartition("/")[0]
    return {
        **os.environ,
        **service.stack.environment,
        "COPYDESK_MONGO_DATABASE": database,
        "COPYDESK_REDIS_URL": f"{redis}/1",
    }


def _message_bytes(service: Service) -> float:
    """Return the mean size of the messages that the separate loads left."""
    with Redis.from_url(_apart(service, "")["COPYDESK_REDIS_URL"]) as redis:
        size = redis.memory_usage("bulk", samples=0)
        return int(size or 0) / int(redis.llen("bulk"))  # type: ignore[arg-type]


def _sizes(db: Any) -> dict[str, float]:
    def of(collection: str) -> tuple[float, float]:
        found = db.command("collStats", collection)
        return float(found["size"]), float(found["totalIndexSize"])

    raw, records, story = of("raw"), of("documents"), of("story_index")
    return {
        "raw_bytes": raw[0],
        "record_bytes": records[0],
        "record_index_bytes": records[1] + raw[1],
        "story_bytes": story[0],
        "story_index_bytes": story[1],
    }


def write(found: Measured) -> None:
    estimate.MEASURED.write_text(found.model_dump_json(indent=2) + "\n")
    write_pages(found)


def write_pages(found: Measured) -> None:
    report.put("estimate", estimate.markdown(found, Assumed()), PAGE)
    report.put("processes", estimate.processes_to_clear(found, Assumed(words=NEWS)), OPERATIONS)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.footprint", description=__doc__)
    options.add_argument("--write", action="store_true", help="keep the figures, and write the pages from them")
    options.add_argument("--page", action="store_true", help="measure nothing, write the pages from the last figures")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    if given.page:
        write_pages(estimate.measured())
        return 0
    folder = Path(tempfile.mkdtemp(prefix="footprint-"))
    service = Service(folder / "stack", given.workers)
    try:
        service.warm(texts(WARM, seed=8))
        found = measure(service, folder)
        print(found.model_dump_json(indent=2))
        if given.write:
            write(found)
    finally:
        service.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
