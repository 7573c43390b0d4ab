"""Measure what saved searches cost, relative to reading: `python -m tests.bench.alerts [--write | --quick]`.

A worker reads documents, as `copydesk up` runs it. Then passes test the same documents with saved searches, fifty
documents at a time, as many as arrive in five seconds at ten a second. The figure is the CPU time of the passes,
MongoDB's included, as a share of the CPU time that the worker took. Fails if that is over a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bson import ObjectId

from services.alerts.passes import Alerter
from services.bulk.estimate import table
from services.store import server
from services.store.client import connect_async
from tests.bench import processes
from tests.bench.corpus import texts
from tests.bench.report import put
from tests.bench.service import Service

Doc = dict[str, Any]
SEARCHES, DOCUMENTS, QUICK = 1_000, 300, 100
TOGETHER = 50
MOST = 0.1


def queries(records: Sequence[Doc], count: int, rng: random.Random) -> list[Doc]:
    """Return searches of several kinds for what is in a few of the documents: words, phrases, names, speakers, places,
    topics. A saved search is usually selective: its first word or name is in at most two documents of a hundred.
    """
    common = Counter(word for record in records for word in _words(record) | _names(record))
    most = max(1, len(records) // 50)
    made: list[Doc] = []
    while len(made) < count:
        record = rng.choice(records)
        words = [word for word in record["text"].split() if word.isalpha() and len(word) > 5]
        rare = [at for at, word in enumerate(words[:-1]) if common[word] <= most]
        if not rare:
            continue
        at = rng.choice(rare)
        named = [one["name"] for one in record["entities"] if common[one["name"]] <= most]
        speakers = [one["speaker"].split()[-1] for one in record["quotes"] if one["speaker"] in named]
        kinds: list[Doc] = [
            {"q": f"{words[at]} {rng.choice(words)}"},
            {"q": f"{words[at]} OR {words[rng.choice(rare)]} -{rng.choice(words)}", "language": ["en"]},
            {"q": f'"{words[at]} {words[at + 1]}"'},
            *({"entity": [name]} for name in named[:1]),
            *({"speaker": [name]} for name in speakers[:1]),
            *({"place": [one["name"]], "q": words[at]} for one in record["places"][:1]),
            *({"topic": [one["name"]], "q": words[at]} for one in record["topics"][:1]),
        ]
        made.append(rng.choice(kinds))
    return made


def _words(record: Doc) -> set[str]:
    return set(record["text"].split())


def _names(record: Doc) -> set[str]:
    return {one["name"] for one in record["entities"]}


def entry(number: int, query: Doc, now: datetime) -> Doc:
    plain = {"webhook": None, "mail": None, "muted": False, "key": None, "known": None, "error": None}
    return {
        "_id": ObjectId(),
        "name": f"Search {number}",
        "query": query,
        "since": now,
        "created_at": now,
        "changed_at": now,
        **plain,
    }


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def passes(service: Service, ids: Sequence[ObjectId]) -> tuple[float, float, int]:
    """Return the CPU seconds of the pass over the first fifty documents, which prepares the searches, and of the other
    passes; and how many matched."""
    db = connect_async(service.settings)
    alerter = Alerter(db, service.settings)
    of_mongo = partial(processes.cpu_seconds, service.stack.children["mongo"].pid)
    first, rest, matched = 0.0, 0.0, 0
    await alerter.run()
    for at in range(0, len(ids), TOGETHER):
        these = {"_id": {"$in": list(ids[at : at + TOGETHER])}}
        await db.documents.update_many(these, {"$set": {"processing.finished_at": datetime.now(UTC)}})
        before = own_cpu() + of_mongo()
        matched += await alerter.run()
        used = own_cpu() + of_mongo() - before
        first, rest = (used, rest) if at == 0 else (first, rest + used)
    await db.client.close()
    return first, rest, matched


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.alerts", description=__doc__)
    options.add_argument("--quick", action="store_true", help=f"{QUICK} documents in place of {DOCUMENTS}")
    options.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = options.parse_args()
    count = QUICK if given.quick else DOCUMENTS
    os.environ["COPYDESK_ALERT_SECONDS"] = "1000000"  # the worker makes no passes
    folder = Path(tempfile.mkdtemp(prefix="alerts-"))
    service = Service(folder, 1)
    try:
        worker = partial(processes.cpu_seconds, service.stack.children["worker"].pid)
        before = worker()
        for text in texts(count, 4):
            service.send(text)
        service.wait(count + 1)
        reading = worker() - before
        records = list(service.db.documents.find({"status": "done"}).sort("_id", 1))[1:]
        rng, now = random.Random(7), datetime.now(UTC)
        service.db.searches.insert_many([entry(at, one, now) for at, one in enumerate(queries(records, SEARCHES, rng))])
        ids = [one["_id"] for one in records]
        first, rest, matched = asyncio.run(passes(service, ids))
        about = str(server.ask(service.db))
    finally:
        service.close()
        shutil.rmtree(folder, ignore_errors=True)
    share = rest / (len(ids) - TOGETHER) / (reading / len(ids))
    lines = [
        ("a pass of a process that has the searches prepared", f"{share:.1%}"),
        ("the first pass, which prepares them", f"{first / TOGETHER / (reading / len(ids)):.1%}"),
    ]
    shown = (
        f"{SEARCHES:,} saved searches, {len(ids)} documents, {matched / len(ids):.1f} alerts for each, on {about}:\n\n"
        f"{table(['CPU as a share of what reading the same documents takes', 'share'], lines)}"
    )
    print(shown)
    if given.write:
        put("alerts", shown)
    return int(share > MOST)


if __name__ == "__main__":
    sys.exit(main())
