"""A document that somebody waits for overtakes those sent in bulk."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from redis import Redis

from services.store import work
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually

BULK = 80
TEXT = (
    "Ferry {n} Delayed\n\nPIRAEUS (Aegean News) - Ferry number {n} of line {line} left late on Tuesday, officials said."
)


def send_bulk(deployment: Deployment) -> str:
    line = f"bulk-{uuid.uuid4().hex}"
    for n in range(BULK):
        deployment.post(TEXT.format(n=n, line=line), collection=line, priority="bulk")
    return line


def overtaken(deployment: Deployment, line: str, id: str) -> int:
    """Return how many documents of the collection were begun after this one."""
    begun, starts = _starts(deployment, line, id)
    return sum(start is None or start > begun for start in starts)


def begun_between(deployment: Deployment, line: str, since: datetime, id: str) -> int:
    """Return how many documents of the collection were begun after that moment and before this one."""
    begun, starts = _starts(deployment, line, id)
    return sum(start is not None and since < start < begun for start in starts)


def _starts(deployment: Deployment, line: str, id: str) -> tuple[datetime, list[datetime | None]]:
    begun = datetime.fromisoformat(deployment.final(id)["processing"]["started_at"])
    everything = deployment.db.documents.find({"source.collection": line}, {"processing.started_at": 1})
    return begun, [one["processing"]["started_at"] for one in everything]


def test_an_interactive_document_overtakes_bulk_ones_that_wait(idle: Deployment) -> None:
    line = send_bulk(idle)
    before = idle.post(TEXT.format(n="before", line=line))["id"]
    stats = idle.http.get("/v1/stats").json()
    assert stats["queue_depth_bulk"] > BULK // 2
    assert stats["queue_depth"] > stats["queue_depth_bulk"]
    metrics = idle.http.get("/metrics").text
    assert f'copydesk_queue_depth{{queue="bulk"}} {stats["queue_depth_bulk"]}.0' in metrics
    idle.start_worker("own", concurrency=1)
    assert overtaken(idle, line, before) >= BULK - 2
    done = {"source.collection": line, "status": "done"}
    eventually(lambda: idle.db.documents.count_documents(done) >= 1, "a bulk document done")
    amid = idle.post(TEXT.format(n="amid", line=line))["id"]
    answered = datetime.now(UTC)
    in_hand = make_settings(idle.environment).batch_documents
    assert begun_between(idle, line, answered, amid) <= in_hand, "no more than what the worker had in hand"
    assert overtaken(idle, line, amid), "what comes while bulk documents are worked on, too"
    eventually(lambda: idle.db.documents.count_documents(done) == BULK, "bulk documents follow")


def test_what_is_bulk(deployment: Deployment) -> None:
    def priority(id: str) -> Any:
        return deployment.http.get(f"/v1/documents/{id}").json()["processing"]["priority"]

    line = uuid.uuid4().hex
    assert priority(deployment.post(f"A title\n\nOne {line}.")["id"]) == "interactive"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", TEXT.format(n=1, line=line))
    taken = deployment.http.post("/v1/batches", content=archive.getvalue(), headers={"Content-Type": "application/zip"})
    record = deployment.final(taken.json()["documents"][0]["id"])
    assert [priority(id) for id in (record["id"], record["members"][0]["id"])] == ["bulk", "bulk"]
    assert deployment.final(record["members"][0]["id"])["status"] == "done"
    hurry = deployment.http.post("/v1/batches?priority=interactive", content=f"A title\n\nTwo {line}.")
    assert priority(hurry.json()["documents"][0]["id"]) == "interactive"

    one = {"where": {"_id": {"$oid": record["id"]}}}
    deployment.http.post(f"/v1/documents/{record['id']}/reprocess")
    assert priority(record["id"]) == "interactive"
    deployment.final(record["id"])
    assert deployment.http.post("/v1/documents/reprocess", json=one).json()["queued"] == 1
    assert priority(record["id"]) == "bulk"
    deployment.http.post("/v1/documents/reprocess", json={**one, "priority": "interactive"})
    assert priority(record["id"]) == "interactive"
    deployment.final(record["id"])
    refused = deployment.http.post("/v1/documents?priority=soon", content="A title\n\nThree.")
    assert refused.status_code == 422
    assert "priority" in refused.text


def test_the_sweeper_publishes_what_has_no_message_and_no_more(idle: Deployment) -> None:
    line = uuid.uuid4().hex
    messages = Redis.from_url(make_settings(idle.environment).broker_address)
    messages.delete("documents", "alone", "bulk")  # documents that killed workers of other tests held are queued again
    ids = [idle.post(TEXT.format(n=n, line=line))["id"] for n in range(5)]
    with sweeper(idle) as sweep:
        assert sweep() == 0  # all are overdue, and all have their message
        messages.rpop("documents", 2)
        assert sweep() == 2
        assert sweep() == 0
        messages.delete("documents")
        assert sweep() == 5
    idle.start_worker("own", concurrency=1)
    assert [idle.final(id)["status"] for id in ids] == ["done"] * 5


SWEEPER = 'import sys; from workers.tasks import sweep; [print("swept", sweep(), flush=True) for _ in sys.stdin]'


@contextmanager
def sweeper(deployment: Deployment) -> Iterator[Callable[[], int]]:
    """Yield a function that sweeps as if every waiting document were overdue, and returns how many messages were
    sent."""
    environment = {**os.environ, **deployment.environment, "COPYDESK_OVERDUE_SECONDS": "0.000001"}
    command = [sys.executable, "-c", SWEEPER]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def sweep() -> int:
            stdin.write("\n")
            stdin.flush()
            return int(next(line for line in stdout if line.startswith("swept ")).split()[1])

        yield sweep
        stdin.close()


def test_the_sweeper_knows_bulk_from_interactive(idle: Deployment) -> None:
    line = uuid.uuid4().hex
    ids = {
        bulk: ObjectId(idle.post(TEXT.format(n=bulk, line=line), priority="bulk" if bulk else "interactive")["id"])
        for bulk in (True, False)
    }
    unmarked = ObjectId(idle.post(TEXT.format(n="unmarked", line=line))["id"])
    # as an older version stored it
    idle.db.documents.update_one({"_id": unmarked}, {"$unset": {"processing.priority": 1}})
    settings = make_settings({**idle.environment, "COPYDESK_OVERDUE_SECONDS": "0.000001"})
    found = {
        bulk: [id for ids, _ in work.overdue(idle.db, settings, 1000, lost=3, bulk=bulk) for id in ids]
        for bulk in (True, False)
    }
    assert ids[True] in found[True]
    assert {ids[False], unmarked} <= set(found[False])
    assert not set(found[True]) & set(found[False])
    idle.start_worker("own", concurrency=1)
    for id in (*ids.values(), unmarked):
        assert idle.final(str(id))["status"] == "done"
