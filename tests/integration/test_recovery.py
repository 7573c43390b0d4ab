"""Other workers take over a dead worker's documents within seconds, and a living worker keeps its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from redis import Redis

from services.store import recovery, work
from tests.conftest import make_settings
from tests.drill.proxy import Proxy
from tests.drill.run import longest_gap
from tests.integration.conftest import Deployment, eventually

TEXT = "Lock {n} opens\n\nGDYNIA (Baltic Wire) - The keepers of the lock hold {flag} until the tide is in. Number {unique}."
TAKEN_UP_SECONDS = 15
PATIENT = {
    "COPYDESK_ENRICH_REPLACE": "terms=tests.integration.poison:stage",
    "COPYDESK_TASK_SOFT_SECONDS": "50",
    "COPYDESK_TASK_HARD_SECONDS": "55",
    "COPYDESK_VISIBILITY_SECONDS": "70",
}


@pytest.fixture
def other(idle: Deployment) -> Iterator[Deployment]:
    """Yield ``idle``; whatever runs as ``other`` is stopped at the end."""
    yield idle
    if "other" in idle.processes:
        idle.kill("other")


def processing(deployment: Deployment, id: str) -> dict[str, Any]:
    return deployment.db.documents.find_one({"_id": ObjectId(id)}, {"processing": 1, "status": 1})["processing"]


def held(deployment: Deployment, id: str) -> dict[str, Any]:
    """Wait until a worker has the record, and return its processing."""
    return eventually(lambda: (found := processing(deployment, id))["lease"] and found, "a worker has the document")


def post(deployment: Deployment, flag: Path | str) -> str:
    unique = uuid.uuid4().hex
    return deployment.post(TEXT.format(n=unique[:6], flag=flag, unique=unique))["id"]


@contextmanager
def reading_through_a_proxy(idle: Deployment, flag: Path) -> Iterator[tuple[Proxy, str]]:
    """Yield the network between MongoDB and a worker that is reading a document, and the document's id."""
    settings = make_settings(idle.environment)
    host, _, port = settings.mongo_url.removeprefix("mongodb://").partition("/")[0].rpartition(":")
    proxy = Proxy(int(port), host)
    through = {"COPYDESK_MONGO_URL": settings.mongo_url.replace(f"{host}:{port}", f"127.0.0.1:{proxy.port}")}
    try:
        idle.start_worker("own", PATIENT | through, concurrency=2)
        beating(idle, 1)
        id = post(idle, flag)
        held(idle, id)
        yield proxy, id
    finally:
        idle.kill("own")
        proxy.close()


def beating(deployment: Deployment, workers: int) -> None:
    """Wait until this many workers have had their first heartbeats."""
    deployment.db.workers.delete_many({})
    eventually(lambda: deployment.db.workers.count_documents({"beats.2": {"$exists": True}}) == workers, "heartbeats")


def taken_up(deployment: Deployment, id: str, before: datetime) -> None:
    """Wait until the document has been claimed again, which is promised within 15 seconds."""
    eventually(lambda: processing(deployment, id)["started_at"] > before, "taken up", seconds=TAKEN_UP_SECONDS)


def test_a_document_of_a_killed_process_is_taken_up_within_15_seconds(idle: Deployment, flag: Path) -> None:
    idle.start_worker("own", PATIENT, concurrency=1)
    beating(idle, 1)
    id = post(idle, flag)
    found = held(idle, id)
    os.kill(int(found["lease"]["worker"].rpartition("/")[2]), signal.SIGKILL)
    flag.unlink()
    taken_up(idle, id, found["started_at"])
    record = idle.final(id)
    assert (record["status"], record["processing"]["attempts"]) == ("done", 2), record["error"]


def test_a_worker_that_loses_redis_while_it_reads_goes_on(idle: Deployment, flag: Path) -> None:
    idle.start_worker("own", PATIENT, concurrency=2)
    try:
        beating(idle, 1)
        id = post(idle, flag)
        held(idle, id)
        worker = idle.processes["own"]
        with Redis.from_url(make_settings(idle.environment).redis_address, single_connection_client=True) as redis:
            most = redis.config_get("maxclients")["maxclients"]
            redis.config_set("maxclients", 1)  # nobody else is let in
            # of its two connections the one on which it waits for messages ends last
            redis.client_kill_filter(_type="pubsub")
            redis.client_kill_filter(_type="normal", skipme=True)
            try:
                eventually(lambda: idle.said("own", "Connection to broker lost"), "the worker lost Redis")
            finally:
                redis.config_set("maxclients", most)
        flag.unlink()
        record = idle.final(id)
        assert (record["status"], record["processing"]["attempts"]) == ("done", 1), idle.said("own", id)
        assert idle.final(post(idle, flag))["status"] == "done", "it takes new ones, too"
        assert worker.poll() is None
    finally:
        idle.kill("own")


def test_a_document_of_a_killed_worker_is_taken_up_by_another_within_15_seconds(other: Deployment, flag: Path) -> None:
    other.start_worker("own", PATIENT, concurrency=1)
    id = post(other, flag)
    found = held(other, id)
    other.start_worker("other", PATIENT, concurrency=1)
    beating(other, 2)
    other.kill("own")
    flag.unlink()
    taken_up(other, id, found["started_at"])
    record = other.final(id)
    assert (record["status"], record["processing"]["attempts"]) == ("done", 2), record["error"]
    assert record["processing"]["lease"] is None


def test_a_living_worker_keeps_its_document_for_as_long_as_that_takes(idle: Deployment, flag: Path) -> None:
    idle.start_worker("own", PATIENT, concurrency=2)
    id = post(idle, flag)
    first = held(idle, id)["lease"]["expires_at"]
    settings = make_settings(idle.environment)
    much_later = first + timedelta(seconds=settings.lease_seconds)
    eventually(lambda: processing(idle, id)["lease"]["expires_at"] > much_later, "the lease is renewed")
    flag.unlink()
    record = idle.final(id)
    assert (record["status"], record["processing"]["attempts"]) == ("done", 1), record["error"]


def test_a_mongodb_that_stalls_takes_no_document_from_a_living_worker(idle: Deployment, flag: Path) -> None:
    with reading_through_a_proxy(idle, flag) as (proxy, id):
        proxy.stall()

        def is_over() -> bool:
            now = idle.db.command("hello")["localTime"]
            return processing(idle, id)["lease"]["expires_at"] < now.replace(tzinfo=UTC)

        eventually(is_over, "the lease has ended")
        proxy.mend()
        eventually(lambda: not is_over(), "the lease is renewed")
        flag.unlink()
        record = idle.final(id)
        assert (record["status"], record["processing"]["attempts"]) == ("done", 1), record["error"]


def test_what_a_worker_could_not_write_is_taken_up_once_mongodb_is_back(idle: Deployment, flag: Path) -> None:
    settings = make_settings(idle.environment)
    host, _, port = settings.mongo_url.removeprefix("mongodb://").partition("/")[0].rpartition(":")
    proxy = Proxy(int(port), host)
    through = {"COPYDESK_MONGO_URL": settings.mongo_url.replace(f"{host}:{port}", f"127.0.0.1:{proxy.port}")}
    try:
        idle.start_worker("own", PATIENT | through | {"COPYDESK_MONGO_TIMEOUT_SECONDS": "3"}, concurrency=2)
        beating(idle, 1)
        id = post(idle, flag)
        found = held(idle, id)
        proxy.stall()
        flag.unlink()

        def failed() -> bool:
            lines = (idle.logs / "own.log").read_text().splitlines()
            return any(id in line and "raised unexpected" in line for line in lines)

        eventually(failed, "the task has failed")
        proxy.mend()
        taken_up(idle, id, found["started_at"])
        record = idle.final(id)
        assert (record["status"], record["processing"]["attempts"]) == ("done", 2), record["error"]
    finally:
        idle.kill("own")
        proxy.close()


def test_a_lease_goes_by_the_clock_of_mongodb(idle: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    class Behind(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(hours=1)

    monkeypatch.setattr(work, "datetime", Behind)
    id = post(idle, "none")
    assert work.claim(idle.db, ObjectId(id), make_settings(idle.environment))
    assert processing(idle, id)["lease"]["expires_at"] > datetime.now(UTC)


def test_an_attempt_does_not_count_where_the_worker_lived(idle: Deployment) -> None:
    settings = make_settings(idle.environment)
    id = ObjectId(post(idle, "none"))
    claim = work.claim(idle.db, id, settings)
    assert claim
    assert recovery.take_back(idle.db, settings, {"processing.lease.token": claim.token}) == (1, 0)
    recovery.survived(idle.db, claim)
    assert processing(idle, str(id))["attempts"] == 0
    recovery.survived(idle.db, claim)
    assert processing(idle, str(id))["attempts"] == 0


def test_two_schedulers_do_no_harm(idle: Deployment) -> None:
    line = uuid.uuid4().hex
    texts = [TEXT.format(n=n, flag="none", unique=f"{n} of {line}") for n in range(40)]
    ids = [idle.post(text, collection=line)["id"] for text in texts]
    with Redis.from_url(make_settings(idle.environment).redis_address) as redis:
        redis.flushall()
    schedule = str(idle.logs / "second-beat")
    idle.spawn("second", "celery", "-A", "services.queue", "beat", "--schedule", schedule, "--pidfile=")
    try:
        idle.start_worker("own", PATIENT)
        done = {"source.collection": line, "status": "done"}
        eventually(lambda: idle.db.documents.count_documents(done) >= 10, "work under way")
        idle.kill("own")
        idle.start_worker("own", PATIENT)
        records = [idle.final(id) for id in ids]
        assert {record["status"] for record in records} == {"done"}
        assert max(record["processing"]["attempts"] for record in records) <= 2
        assert idle.db.documents.count_documents({"source.collection": line}) == len(ids)
    finally:
        idle.kill("second")


def test_periodic_tasks_of_a_time_without_workers_do_not_wait_before_the_documents(idle: Deployment) -> None:
    with Redis.from_url(make_settings(idle.environment).redis_address) as redis:
        eventually(lambda: redis.llen("maintenance") >= 4, "nobody takes the scheduler's messages")
        environment = {**os.environ, **idle.environment}
        command = [sys.executable, "-c", "from services import queue; queue.drop_periodic(); print(queue.depths())"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        assert redis.llen("maintenance") < 4
    id = post(idle, "none")
    idle.start_worker("own")
    assert idle.final(id)["status"] == "done"


def test_the_longest_gap_is_counted_while_documents_wait() -> None:
    def at(second: int) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)

    assert longest_gap([]) == 0
    assert longest_gap([(at(0), at(2)), (at(100), at(103))]) == 3, "nothing waited in between"
    assert longest_gap([(at(0), at(2)), (at(1), at(22)), (at(3), at(4))]) == 18
