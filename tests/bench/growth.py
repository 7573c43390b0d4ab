"""`python -m tests.bench.growth --until N`: measure whether a document costs more when many are stored.

Fills the collections with synthetic records and measures, at 1,000 and each power of ten up to N, the server's CPU time
for one document (storing, claiming, looking up near-duplicates, finishing, sweeping) and for a look-up by each index.
CPU time does not depend on what else the machine is doing. A million records take hours: with ``--folder``, an
interrupted run is continued.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database
from rich.console import Console
from rich.table import Table

from services import records
from services.embedded import Servers
from services.records import Article, Record, Status
from services.settings import Settings
from services.store import recovery, server, setup, stories, work
from services.store.client import connect
from tests.bench import processes
from tests.bench.report import put
from workers.enrich.whole import story, versions

FIRST = 1_000
BATCH = 500
TIMES = 40
TOGETHER = 8
LEVELS = "levels.json"
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
Db = Database[dict[str, Any]]


def fill(db: Db, until: int, rng: random.Random) -> None:
    """Add records until there are this many, with raw bytes and story fingerprints like real ones."""
    stored = db.documents.estimated_document_count()
    with ThreadPoolExecutor(1) as sender:  # the server stores one batch while the next is made
        sent: Future[None] | None = None
        while stored < until:
            batch = _batch(rng, min(BATCH, until - stored))
            if sent:
                sent.result()
            sent = sender.submit(_insert, db, batch)
            stored += len(batch["documents"])
        if sent:
            sent.result()


def _batch(rng: random.Random, count: int) -> dict[str, list[dict[str, Any]]]:
    ids = [ObjectId() for _ in range(count)]
    prints = [_fingerprint(rng) for _ in ids]
    return {
        "documents": [{"_id": id, **_record(rng).model_dump()} for id in ids],
        "raw": [{"_id": id, "data": rng.randbytes(200)} for id in ids],
        "story_index": [
            {"_id": id, "story": str(id), "bands": p.bands, "signature": p.signature, "size": p.size, "facts": p.facts}
            for id, p in zip(ids, prints, strict=True)
        ],
    }


def _insert(db: Db, batch: dict[str, list[dict[str, Any]]]) -> None:
    for collection, documents in batch.items():
        db[collection].insert_many(documents, ordered=False, bypass_document_validation=True)


def _record(rng: random.Random, status: Status = Status.DONE) -> Record:
    now = datetime.now(UTC)
    source = records.Source(
        collection=f"desk-{rng.randrange(20)}",
        received_at=now,
        tags=[f"tag{_rare(rng)}"],
        batch=f"batch-{_rare(rng)}",
        parent=str(ObjectId()),
    )
    raw = records.Raw(sha256=rng.randbytes(32).hex(), size_bytes=200)
    processing = records.Processing(queued_at=now, finished_at=now if status == Status.DONE else None)
    article = _article(rng) if status == Status.DONE else Article()
    return Record(
        status=status,
        raw=raw,
        source=source,
        processing=processing,
        story=records.Story(id=str(ObjectId()), similarity=0.9, nearest=str(ObjectId())),
        members=[records.MemberRef(path="a.txt", id=str(ObjectId()))],
        **dict(article),
    )


def _article(rng: random.Random) -> Article:
    """Return an article with every field that has an index. Names are as frequent as words of a language: few very
    often, most hardly ever."""
    span = {"text": "x", "start": 0, "end": 1}
    names = [f"Name {_rare(rng)}" for _ in range(4)]
    point = records.Point(coordinates=[round(rng.uniform(-180, 180), 3), round(rng.uniform(-85, 85), 3)])
    return Article(
        title="Synthetic",
        text="Synthetic.",
        word_count=1,
        language=rng.choice(["en", "fr", "ru", "de"]),
        publisher=f"Publisher {_rare(rng)}",
        published_at=NOON + timedelta(minutes=rng.randrange(2_000_000)),
        entities=[
            records.Entity(name=name, type="PERSON", aliases=[f"Alias {_rare(rng)}"], mentions=[], count=1)
            for name in names
        ],
        places=[records.Place(name=f"Town {_rare(rng)}", country=rng.choice("AB") + rng.choice("CDEFG"), location=point, mentions=[])],
        quotes=[records.Quote(**span, speaker=names[0])],
        money=[records.Money(**span, amount=Decimal(rng.randrange(10**9)), currency=rng.choice(["USD", "EUR"]))],
        events=[records.Event(**span, actor=names[1], action=rng.choice(["AGREE", "AID", "ASSAULT", "PROTEST"]))],
        topics=[records.Topic(code="medtop:01000000", name=f"topic {rng.randrange(17)}", score=1.0)],
        terms=sorted({f"term{_rare(rng)}" for _ in range(60)}),
    )  # fmt: skip


def _rare(rng: random.Random) -> int:
    return min(int(rng.paretovariate(0.6)), 200_000)


def _fingerprint(rng: random.Random) -> stories.Fingerprint:
    signature = [rng.getrandbits(31) for _ in range((story.BANDS + story.LEAD_BANDS) * story.ROWS)]
    facts = sorted(rng.getrandbits(31) for _ in range(20))
    return stories.Fingerprint(story.bands(signature), signature, 300, facts)


@dataclass(frozen=True)
class Cost:
    """The server's CPU time in milliseconds for an operation; ``matches`` are the records that have a look-up's
    value."""

    milliseconds: float
    matches: int | None = None

    def beside(self, first: Cost) -> str:
        times = f"{self.milliseconds / first.milliseconds:.1f}" if first.milliseconds else "–"
        return f"{times} ({self.matches / first.matches:.0f})" if self.matches and first.matches else times


def costs(
    db: Db, settings: Settings, cpu: Callable[[], float], rng: random.Random, say: Callable[[str], Any]
) -> dict[str, Cost]:
    """Return what each operation costs the server, by name; each is printed as soon as it is known."""
    found: dict[str, Cost] = {}

    def measure(name: str, steps: list[Callable[[], Any]], each: int = 1, matches: int | None = None) -> list[Any]:
        before = cpu()
        results = [step() for step in steps]
        found[name] = Cost((cpu() - before) * 1000 / (len(steps) * each), matches)
        say(f"{name}: {found[name].milliseconds:.2f} ms")
        return results

    def store(n: int) -> ObjectId:
        data = rng.randbytes(200)
        record = _record(random.Random(f"{n} {found}"), Status.QUEUED)
        record.raw.sha256 = sha256(data).hexdigest()
        id = work.insert(db, record, data, settings)
        assert id is not None
        return id

    count = TIMES * TOGETHER
    ids = measure("store", [lambda n=n: store(n) for n in range(count + TIMES)])  # type: ignore[misc]
    alone = measure("claim alone", [lambda id=id: work.claim(db, id, settings) for id in ids[count:]])  # type: ignore[misc]
    assert all(alone)
    work.finish(db, [(one, _outcome(rng)) for one in alone])  # otherwise the next levels would sweep their leases
    groups = [ids[at : at + TOGETHER] for at in range(0, count, TOGETHER)]
    claims = measure("claim", [lambda g=g: work.claim_together(db, g, settings) for g in groups], TOGETHER)  # type: ignore[misc]
    assert sum(map(len, claims)) == count
    prints = [{id: _fingerprint(rng) for id in group} for group in groups]

    def same(_: ObjectId, one: stories.Fingerprint, other: stories.Fingerprint) -> float:
        return versions.same(one, other)

    measure("near-duplicates", [lambda p=p: stories.assign(db, p, same) for p in prints], TOGETHER)  # type: ignore[misc]
    written = [[(claim, _outcome(rng)) for claim in some] for some in claims]
    measure("finish", [lambda w=w: work.finish(db, w) for w in written], TOGETHER)  # type: ignore[misc]
    measure("sweep", [lambda: _sweep(db, settings)] * TIMES)
    for name, collection, query, sort in _look_ups(db):
        look_up = partial(_first, db[collection], query, sort)
        began = time.perf_counter()
        measure(f"index {name}", [look_up], matches=db[collection].count_documents(query))
        if times := min(TIMES, int(2 / (time.perf_counter() - began))):  # otherwise it is so slow that once is enough
            measure(f"index {name}", [look_up] * times, matches=found[f"index {name}"].matches)
    return found


def _sweep(db: Db, settings: Settings) -> None:
    recovery.take_back(db, settings, {"processing.lease.expires_at": {"$lt": datetime.now(UTC)}})
    for _ in work.overdue(db, settings, 100, lost=100, bulk=False):
        pass


def _outcome(rng: random.Random) -> work.Outcome:
    told = records.Story(id=str(ObjectId()), similarity=0.0)
    return work.Outcome(_article(rng), "text/plain", [], told, "1", "text 1", {}, {}, {"parse": 1.0})


def _first(collection: Collection[dict[str, Any]], query: dict[str, Any], sort: list[Any]) -> list[Any]:
    return list(collection.find(query, {"_id": 1}).sort(sort).limit(20))


def _look_ups(db: Db) -> Iterator[tuple[str, str, dict[str, Any], list[Any]]]:
    """Yield for each index its name, collection, a query for the first record's value, and the order of the page."""
    like = db.documents.find_one({"members.path": "a.txt"}, sort=[("_id", 1)])
    assert like is not None
    for index in setup.document_indexes(geo_index=False):
        document = index.document
        name, keys = document["name"], list(document["key"].items())
        if name in ("overdue", "holder"):
            continue  # the sweep's
        asked = keys if name == "bytes_once" else keys[:1]
        query = dict(document.get("partialFilterExpression", {})) | {key: _value(like, key) for key, _ in asked}
        yield name, "documents", query, [key for key in keys[1:] if key[0] == "_id"] or keys[:1]
    told = db.story_index.find_one({"bands": {"$exists": True}}) or {}
    for name in ("story", "into"):
        yield f"story_index.{name}", "story_index", {name: told["story"]}, [("_id", 1)]


def _value(record: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(record, list):
            record = record[int(part)] if part.isdigit() else record[0][part]  # of the first element
        else:
            record = record[part]
    return record[0] if isinstance(record, list) else record


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    options.add_argument("--until", type=int, default=100_000)
    options.add_argument(
        "--folder", type=Path, help="where the records are kept for the next run; else they are removed"
    )
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = options.parse_args()
    console = Console(highlight=False)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="growth-"))
    servers = Servers(folder)
    servers.start()
    try:
        settings = Settings(mongo_url=servers.environment["COPYDESK_MONGO_URL"], mongo_timeout_seconds=3600)
        db = connect(settings)
        setup.set_up(db, settings)
        levels = _earlier(folder)
        rng = random.Random(5 + db.documents.estimated_document_count())  # another one than in an earlier run
        stored = FIRST * 10 ** len(levels)
        while stored <= given.until:
            began = time.perf_counter()
            fill(db, stored, rng)
            console.print(f"{stored:,} stored, {time.perf_counter() - began:.0f} s")
            server_cpu = partial(processes.cpu_seconds, servers.children["mongo"].pid)
            levels[stored] = costs(db, settings, server_cpu, rng, console.print)
            _keep(folder, levels)
            stored *= 10
            show(levels, str(server.ask(db)), console)
            if given.write:
                write(levels, str(server.ask(db)))
    finally:
        servers.stop()
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _earlier(folder: Path) -> dict[int, dict[str, Cost]]:
    """Return the results of earlier runs in the folder, by number of records."""
    kept = folder / LEVELS
    found = json.loads(kept.read_text()) if kept.exists() else {}
    return {int(n): {name: Cost(*cost) for name, cost in one.items()} for n, one in found.items()}


def _keep(folder: Path, levels: dict[int, dict[str, Cost]]) -> None:
    found = {n: {name: astuple(cost) for name, cost in one.items()} for n, one in levels.items()}
    (folder / LEVELS).write_text(json.dumps(found))


def _lines(levels: dict[int, dict[str, Cost]]) -> Iterator[list[str]]:
    first, *others = levels
    for name, cost in levels[first].items():
        yield [name, f"{cost.milliseconds:.2f} ms", *(levels[n][name].beside(cost) for n in others)]


def _head(levels: dict[int, dict[str, Cost]]) -> list[str]:
    first, *others = levels
    return ["once", f"at {first:,}", *(f"at {count:,}, times that (matches, times those)" for count in others)]


def show(levels: dict[int, dict[str, Cost]], about: str, console: Console) -> None:
    table = Table(*_head(levels), title=f"CPU of the server, {about}")
    for line in _lines(levels):
        table.add_row(*line)
    console.print(table)


def write(levels: dict[int, dict[str, Cost]], about: str) -> None:
    head = _head(levels)
    lines = [f"| {' | '.join(line)} |" for line in (head, ["---", *["--:"] * (len(head) - 1)], *_lines(levels))]
    put("growth", f"CPU of the server ({about}) for each thing done once:\n\n" + "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
