"""What an operator does with waiting documents: cancel a batch, pause and resume the queues."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import uuid
import zipfile
from datetime import datetime
from typing import Any

import httpx
from bson import ObjectId
from redis import Redis

from services import webhooks
from services.records import Priority
from services.store import work
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Deployment, eventually
from tests.integration.test_cli import run
from tests.integration.test_following import events
from tests.integration.test_webhooks import deliveries, make
from workers import members
from workers.parse import Member

TEXT = "Crane {} Repaired\n\nGDANSK (Baltic Wire) - Crane {} of the port was repaired on Monday, the port said."


def text() -> str:
    return TEXT.format(uuid.uuid4(), uuid.uuid4())


def send_batch(deployment: Deployment, documents: int = 5, **params: str) -> tuple[str, list[str]]:
    files = [("file", (f"{n}.txt", text(), "text/plain")) for n in range(documents)]
    taken = deployment.http.post("/v1/batches", files=files, params={"collection": "control", **params})
    assert taken.status_code == 202, taken.text
    return taken.json()["id"], [one["id"] for one in taken.json()["documents"]]


def cancel(deployment: Deployment, batch: str) -> dict[str, Any]:
    answer = deployment.http.post(f"/v1/batches/{batch}/cancel")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def record(deployment: Deployment, id: str) -> dict[str, Any]:
    return dict(deployment.http.get(f"/v1/documents/{id}").json())


def test_what_waits_of_a_batch_is_canceled_and_nothing_is_erased(idle: Deployment) -> None:
    batch, ids = send_batch(idle)
    other = idle.post(text(), collection="control")["id"]
    before = idle.http.get("/v1/stats").json()["by_status"]
    state = cancel(idle, batch)
    assert state["by_status"] == {"queued": 0, "processing": 0, "done": 0, "failed": 0, "canceled": 5}
    assert (state["canceled"]["name"], state["eta_seconds"]) == ("bootstrap", 0)
    found = record(idle, ids[0])
    assert found["status"] == "canceled"
    assert found["error"] is None
    assert found["processing"]["canceled"] == state["canceled"]
    assert idle.http.get(f"/v1/documents/{ids[0]}/raw").status_code == 200
    assert record(idle, other)["status"] == "queued"
    assert cancel(idle, batch)["by_status"] == state["by_status"], "it may be repeated"
    audited = idle.db.audit.find_one({"action": "batch.cancel", "target": batch})
    assert audited is not None
    assert audited["actor"]["name"] == "bootstrap"

    assert len(idle.http.get("/v1/documents", params={"status": "canceled", "batch": batch}).json()["documents"]) == 5
    assert 'copydesk_documents{status="canceled"}' in idle.http.get("/metrics").text
    stats = eventually(lambda: _counted(idle, before["canceled"] + 5), "statistics count them")
    assert before["queued"] - stats["queued"] >= 5
    page = idle.http.get(f"/documents/{ids[0]}", headers={"Accept": "text/html"}).text
    assert "bootstrap canceled it" in page
    assert list(events(idle.http, f"/v1/documents/{ids[0]}/events"))[-1][0] == "end"
    assert list(events(idle.http, f"/v1/batches/{batch}/events"))[-1][1]["by_status"]["canceled"] == 5

    # the messages are still there: a worker takes none of these documents
    idle.start_worker("own", concurrency=1)
    assert idle.final(other)["status"] == "done"
    assert {record(idle, id)["status"] for id in ids} == {"canceled"}

    retried = run("retry", ids[0], api=idle)
    assert (retried.returncode, retried.stdout) == (0, "1 queued\n"), retried.stderr
    again = {"where": {"source.batch": batch, "status": "canceled"}}
    assert idle.http.post("/v1/documents/reprocess", json=again).json()["queued"] == 4
    for id in ids:
        after = idle.final(id)
        assert (after["status"], after["processing"]["canceled"]) == ("done", None)


def _counted(deployment: Deployment, canceled: int) -> Any:
    counts = deployment.http.get("/v1/stats").json()["by_status"]
    return counts if counts["canceled"] >= canceled else None


def test_webhooks_are_told_of_canceled_documents(idle: Deployment) -> None:
    hook = make(idle, "http://127.0.0.1:9/hook", events=["document.canceled"])
    batch, ids = send_batch(idle, 2)
    cancel(idle, batch)
    webhooks.deliver(idle.db, make_settings({**idle.environment, "COPYDESK_WEBHOOK_PRIVATE": "true"}))
    told = deliveries(idle, hook)
    assert {one["document"] for one in told} == set(ids)
    assert {one["type"] for one in told} == {"document.canceled"}
    idle.http.delete(f"/v1/webhooks/{hook['id']}")


def test_what_runs_ends_and_what_it_holds_is_canceled(idle: Deployment) -> None:
    settings = make_settings(idle.environment)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", text())
    taken = idle.http.post("/v1/batches", content=packed.getvalue(), headers={"Content-Type": "application/zip"})
    batch, id = taken.json()["id"], ObjectId(taken.json()["documents"][0]["id"])
    claim = work.claim(idle.db, id, settings)
    assert claim is not None
    assert cancel(idle, batch)["by_status"] == {"queued": 0, "processing": 1, "done": 0, "failed": 0, "canceled": 0}
    inside, new = members.store(idle.db, claim, [Member("a.txt", text().encode())], settings)
    assert not any(new.values()), "no message is sent"
    assert record(idle, inside[0].id)["status"] == "canceled"
    assert record(idle, str(id))["status"] == "processing"

    # somebody wants the archive after all
    idle.http.post(f"/v1/documents/{id}/reprocess")
    claim = work.claim(idle.db, id, settings)
    assert claim is not None
    inside, new = members.store(idle.db, claim, [Member("b.txt", text().encode())], settings)
    assert new[Priority.INTERACTIVE] == [inside[0].id]
    idle.http.post(f"/v1/documents/{id}/reprocess")
    idle.start_worker("own", concurrency=1)
    assert {idle.final(one)["status"] for one in (str(id), inside[0].id)} == {"done"}


def test_a_batch_is_canceled_by_those_who_may_write_to_its_collection(idle: Deployment) -> None:
    batch, ids = send_batch(idle, 1)
    for scopes, collections, status in (
        (["read"], ["*"], 403),
        (["read", "write"], ["elsewhere"], 404),
        (["read", "write"], ["control"], 200),
    ):
        grant = {"name": "desk", "scopes": scopes, "collections": collections}
        key = idle.http.post("/v1/keys", json=grant).json()["key"]
        with httpx.Client(base_url=idle.http.base_url, headers={"Authorization": f"Bearer {key}"}) as http:
            assert http.post(f"/v1/batches/{batch}/cancel").status_code == status
            assert http.post("/v1/queues/pause").status_code == 403
    assert record(idle, ids[0])["processing"]["canceled"]["name"] == "desk"


def given_back(deployment: Deployment, ids: list[str]) -> bool:
    """Return whether no message of these documents waits or is held by a worker."""
    broker: Any = Redis.from_url(make_settings(deployment.environment).broker_address)
    there = [message for name in ("documents", "alone", "bulk") for message in broker.lrange(name, 0, -1)]
    there += broker.hvals("unacked")
    bodies = [base64.b64decode(json.loads(message)["body"] if isinstance(json.loads(message), dict) else
                               json.loads(message)[0]["body"]) for message in there]  # fmt: skip
    return not any(id.encode() in body for body in bodies for id in ids)


def test_paused_workers_take_nothing_and_nothing_is_lost(deployment: Deployment) -> None:
    paused = json.loads(run("pause", api=deployment).stdout)
    try:
        assert paused["interactive"]["name"] == "bootstrap"
        assert json.loads(run("pause", api=deployment).stdout) == paused, "it may be repeated"
        ready = deployment.http.get("/readyz")
        assert (ready.status_code, ready.json()["paused"]) == (200, ["interactive", "bulk"])
        ids = [deployment.post(text(), collection="control")["id"] for _ in range(3)]
        ids += send_batch(deployment, 3)[1]
        eventually(lambda: given_back(deployment, ids), "the worker has given every message back")
        assert {record(deployment, id)["status"] for id in ids} == {"queued"}
        stats = eventually(lambda: _paused(deployment), "the statistics say that it is paused")
        assert stats["by_status"]["queued"] >= 6
        page = deployment.http.get("/status", headers={"Accept": "text/html"}).text
        assert "copydesk resume" in page
        assert "until `copydesk resume`" in subprocess.run(
            [COPYDESK, "doctor"], capture_output=True, text=True, check=False, timeout=120,
            env={**os.environ, **deployment.environment, "COLUMNS": "200"},
        ).stdout  # fmt: skip

        # workers and the broker are restarted: it stays paused
        deployment.kill("worker")
        Redis.from_url(make_settings(deployment.environment).broker_address).flushdb()
        deployment.start_worker()
        ids.append(deployment.post(text(), collection="control")["id"])
        eventually(lambda: given_back(deployment, ids), "the new worker has given the message back as well")
        assert {record(deployment, id)["status"] for id in ids} == {"queued"}
        assert deployment.http.get("/v1/queues").json() == paused
    finally:
        resumed = json.loads(run("resume", api=deployment).stdout)
    assert resumed == {"interactive": None, "bulk": None}
    for id in ids:
        found = deployment.final(id)
        assert (found["status"], found["processing"]["attempts"]) == ("done", 1)
    assert deployment.http.get("/readyz").json()["paused"] == []
    assert deployment.http.post("/v1/queues/resume").json() == resumed, "it may be repeated"
    done = deployment.db.audit.distinct("action", {"action": {"$in": ["queue.pause", "queue.resume"]}})
    assert done == ["queue.pause", "queue.resume"]


def _paused(deployment: Deployment) -> Any:
    stats = deployment.http.get("/v1/stats").json()
    return stats if stats["paused"] == ["interactive", "bulk"] and stats["by_status"]["queued"] >= 6 else None


def test_one_queue_is_paused_while_the_other_goes_on(deployment: Deployment) -> None:
    answer = deployment.http.post("/v1/queues/pause", params={"queue": "bulk"})
    try:
        assert answer.json()["interactive"] is None
        assert datetime.fromisoformat(answer.json()["bulk"]["at"])
        waiting = send_batch(deployment, 3)[1]
        # a bulk document whose message is in the other queue waits as well
        moved = deployment.post(text(), collection="control", priority="bulk")["id"]
        publish = f"from services import queue; queue.publish([{moved!r}]); queue.publish([{moved!r}], alone=True)"
        subprocess.run([sys.executable, "-c", publish], env={**os.environ, **deployment.environment}, check=True)
        ids = [deployment.post(text(), collection="control")["id"] for _ in range(3)]
        assert {deployment.final(id)["status"] for id in ids} == {"done"}
        eventually(lambda: given_back(deployment, [*waiting, moved]), "their messages were given back")
        assert {record(deployment, id)["status"] for id in [*waiting, moved]} == {"queued"}
    finally:
        deployment.http.post("/v1/queues/resume", params={"queue": "bulk"})
    assert {deployment.final(id)["status"] for id in [*waiting, moved]} == {"done"}


def test_documents_under_way_when_the_queues_are_paused_are_finished(deployment: Deployment) -> None:
    _, ids = send_batch(deployment, 40)
    deployment.http.post("/v1/queues/pause")
    try:
        running = {"source.collection": "control", "status": "processing"}
        eventually(lambda: not deployment.db.documents.count_documents(running), "what runs has ended")
    finally:
        deployment.http.post("/v1/queues/resume")
    for id in ids:
        found = deployment.final(id)
        assert (found["status"], found["processing"]["attempts"]) == ("done", 1)
