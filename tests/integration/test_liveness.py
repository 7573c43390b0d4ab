"""The status shows who works on what, and why nothing is being finished."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.api import liveness
from services.settings import Settings
from services.store.client import connect_async
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Deployment, eventually
from tests.integration.test_recovery import PATIENT, beating, held, post, reading_through_a_proxy

QUIET_SECONDS = 1.0


def look(settings: Settings) -> liveness.Liveness:
    """Return the status if a second without a finished document already counts as long."""

    async def once() -> liveness.Liveness:
        db = connect_async(settings)
        try:
            return await liveness.look(db, settings, {}, broker=True, quiet_seconds=QUIET_SECONDS)
        finally:
            await db.client.close()

    return asyncio.run(once())


def said(deployment: Deployment, words: str) -> liveness.Liveness:
    """Wait until the reason contains these words, and return the status."""
    settings = make_settings(deployment.environment)

    def stalled() -> liveness.Liveness | None:
        found = look(settings)
        return found if words in (found.stalled or "") else None

    found: liveness.Liveness = eventually(stalled, words)
    return found


def test_without_a_worker_it_says_so(idle: Deployment) -> None:
    post(idle, "none")
    long_ago = datetime.now(UTC) - timedelta(seconds=liveness.GONE_SECONDS)
    idle.db.workers.update_many({}, {"$set": {"seen_at": long_ago}})  # they were killed just now
    assert said(idle, "no worker is running").workers == []


def test_a_stage_that_hangs_is_named_with_its_process(idle: Deployment, flag: Path) -> None:
    idle.db.workers.delete_many({})
    idle.start_worker("own", PATIENT, concurrency=1)
    id = post(idle, flag)
    lease = held(idle, id)["lease"]
    found = said(idle, "at stage terms")
    [worker] = found.workers
    [process] = worker.processes
    assert f"{worker.name}/{process.pid}" == lease["worker"]
    assert (process.documents, process.count, process.stage) == ([id], 1, "terms")
    assert f"process {process.pid}" in (found.stalled or "")
    environment = {**os.environ, "COPYDESK_API_URL": str(idle.http.base_url), "COPYDESK_API_KEY": idle.key}
    shown = subprocess.run([COPYDESK, "status"], env=environment, capture_output=True, text=True, check=True).stdout
    [worker] = json.loads(shown)["stats"]["workers"]
    assert worker["processes"][0]["documents"] == [id]
    page = idle.http.get("/status", headers={"Accept": "text/html"}).text
    assert worker["name"] in page and f"/documents/{id}" in page
    flag.unlink()
    idle.final(id)
    eventually(lambda: look(make_settings(idle.environment)).workers[0].processes[0].count == 0, "the process is idle")


def test_a_slow_mongodb_is_named_and_takes_no_document_from_a_worker(idle: Deployment, flag: Path) -> None:
    with reading_through_a_proxy(idle, flag) as (proxy, id):
        proxy.slow(4)
        said(idle, "MongoDB answers the workers slowly")
        proxy.mend()
        flag.unlink()
        record = idle.final(id)
        assert (record["status"], record["processing"]["attempts"]) == ("done", 1), record["error"]


def test_errors_retries_and_the_time_of_each_stage_are_those_of_the_last_hour(idle: Deployment, flag: Path) -> None:
    idle.start_worker("own", PATIENT, concurrency=1)
    beating(idle, 1)
    before = look(make_settings(idle.environment))
    id = post(idle, flag)
    os.kill(int(held(idle, id)["lease"]["worker"].rpartition("/")[2]), signal.SIGKILL)
    flag.unlink()
    idle.final(id)

    def told() -> liveness.Liveness | None:
        now = look(make_settings(idle.environment))
        lost = now.errors.get("WorkerLost", 0) > before.errors.get("WorkerLost", 0)
        return now if lost and {"parse", "story", "store"} <= now.stages.keys() else None

    now = eventually(told, "workers tell what they did")
    assert now.retries > before.retries
    assert now.stages["store"].documents > 0 and now.stages["store"].mean_ms > 0


def test_a_key_without_the_collection_sees_no_id_of_what_is_read(idle: Deployment, flag: Path) -> None:
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": [f"elsewhere-{uuid.uuid4().hex[:6]}"]}
    key = idle.http.post("/v1/keys", json=grant).json()["key"]
    idle.db.workers.delete_many({})
    idle.start_worker("own", PATIENT, concurrency=1)
    beating(idle, 1)
    held(idle, post(idle, flag))
    [worker] = idle.http.get("/v1/stats", headers={"Authorization": f"Bearer {key}"}).json()["workers"]
    assert (worker["processes"][0]["count"], worker["processes"][0]["documents"]) == (1, [])
    flag.unlink()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"broker": "redis"}, "Redis does not answer"),
        ({"late": True}, "MongoDB answers the workers slowly"),
        ({"unswept": True}, "start the scheduler"),
        ({"errors": {"NetworkTimeout": 3, "ValueError": 1}}, "most often NetworkTimeout"),
        ({}, "read the workers' log"),
    ],
)
def test_the_reason_says_what_to_look_at(state: dict[str, object], words: str) -> None:
    idle = liveness.Worker(name="a/1", seconds=1, processes=[liveness.Process(pid=1)])
    usual = {"broker": None, "late": False, "unswept": False, "errors": {}}
    assert words in liveness.reason([idle], **(usual | state))  # type: ignore[arg-type]
