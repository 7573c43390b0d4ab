"""Server-sent events and batches: what somebody who waits for documents sees."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import threading
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId

from tests.integration.conftest import Api, Deployment, eventually

TEXT = "Lighthouse Lit Again\n\nBERGEN, Norway (North Wire) - The lighthouse was lit again on Monday, the keeper said. {}\n"


def events(http: httpx.Client, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a stream: their names and data."""
    with http.stream("GET", path, timeout=60) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def test_a_document_is_followed_to_its_end(deployment: Deployment) -> None:
    id = deployment.post(TEXT.format(uuid.uuid4()), watch=True)["id"]
    seen = list(events(deployment.http, f"/v1/documents/{id}/events"))
    name, last = seen[-1]
    assert (name, last["status"], last["error"]) == ("end", "done", None)
    assert {"parse", "entities"} <= set(last["timings_ms"])
    assert {name for name, _ in seen[:-1]} <= {"progress"}
    again = deployment.http.get(f"/v1/documents/{id}/events", headers={"Last-Event-ID": "7"})
    assert again.status_code == 204
    assert deployment.http.get(f"/v1/documents/{'0' * 24}/events").status_code == 404


def test_every_listener_sees_the_stages_and_the_failure(deployment: Deployment) -> None:
    """The test plays the worker, and writes its stages as `services.store.work` does."""
    id = ObjectId(deployment.post(TEXT.format(uuid.uuid4()))["id"])
    deployment.final(str(id))
    lease = {"token": "t", "worker": "w", "expires_at": datetime.now(UTC) + timedelta(hours=1), "stage": "parse"}
    record = {"status": "processing", "processing.lease": lease, "processing.attempts": 2}
    deployment.db.documents.update_one({"_id": id}, {"$set": record})
    seen: list[list[tuple[str, dict[str, Any]]]] = [[], []]

    def listen(to: list[tuple[str, dict[str, Any]]]) -> None:
        with httpx.Client(base_url=deployment.http.base_url, headers=deployment.http.headers) as http:
            for event in events(http, f"/v1/documents/{id}/events"):
                to.append(event)

    threads = [threading.Thread(target=listen, args=[to]) for to in seen]
    for thread in threads:
        thread.start()
    eventually(lambda: all(seen), "the first stage")
    deployment.db.documents.update_one({"_id": id}, {"$set": {"processing.lease.stage": "entities"}})
    eventually(lambda: all(len(to) == 2 for to in seen), "the second stage")
    error = {"code": "poison", "message": "m", "stage": "entities", "attempts": 2, "exception": None}
    deployment.db.documents.update_one(
        {"_id": id}, {"$set": {"status": "failed", "error": error, "processing.lease": None}}
    )
    for thread in threads:
        thread.join(timeout=60)
    for to in seen:
        (_, first), (_, second), (end, failed) = to
        assert (first["stage"], first["step"], first["attempts"]) == ("parse", 1, 2)
        assert second["stage"] == "entities" and 1 < second["step"] < second["steps"]
        assert (end, failed["status"], failed["error"]["code"]) == ("end", "failed", "poison")


def test_an_api_that_is_asked_to_stop_ends_its_streams(deployment: Deployment, tmp_path: Path) -> None:
    """Otherwise it would wait ten minutes for them."""
    id = ObjectId(deployment.post(TEXT.format(uuid.uuid4()))["id"])
    deployment.final(str(id))
    lease = {"token": "t", "worker": "w", "expires_at": datetime.now(UTC) + timedelta(hours=1), "stage": "parse"}
    deployment.db.documents.update_one({"_id": id}, {"$set": {"status": "processing", "processing.lease": lease}})
    environment = {**deployment.environment, "COPYDESK_API_SHUTDOWN_SECONDS": "600"}
    api = Api(environment, tmp_path / "api.log", {"Authorization": f"Bearer {deployment.key}"})
    api.wait(200)
    for seen, _ in enumerate(events(api.http, f"/v1/documents/{id}/events")):
        assert seen == 0
        os.kill(api.pid, signal.SIGTERM)
    assert api.ended() in (0, -signal.SIGTERM)
    deployment.http.delete(f"/v1/documents/{id}")


def test_a_batch_of_an_archive(deployment: Deployment) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", TEXT.format(uuid.uuid4()))
        archive.writestr(
            "broken.zip", b"PK\x03\x04" + random.randbytes(2 * 1024 * 1024)
        )  # more than other bodies may have
    taken = deployment.http.post(
        "/v1/batches", content=packed.getvalue(), headers={"Content-Type": "application/zip"},
        params={"collection": "batches"},
    )  # fmt: skip
    assert taken.status_code == 202, taken.text
    id = taken.json()["id"]
    assert taken.headers["location"] == f"/v1/batches/{id}"
    seen = list(events(deployment.http, f"/v1/batches/{id}/events"))
    assert seen[-1][0] == "end"
    batch = deployment.http.get(f"/v1/batches/{id}").json()
    assert batch == seen[-1][1]
    archive_record = deployment.final(taken.json()["documents"][0]["id"])
    assert archive_record["status"] == "done", archive_record["error"]
    assert batch["total"] == 5
    assert batch["by_status"] == {"queued": 0, "processing": 0, "done": 4, "failed": 1, "canceled": 0}
    assert sum(batch["failures"].values()) == 1
    assert batch["eta_seconds"] == 0
    found = deployment.http.get("/v1/documents", params={"batch": id}).json()["documents"]
    assert len(found) == 5


def test_a_batch_of_files_with_some_known(deployment: Deployment) -> None:
    known = TEXT.format(uuid.uuid4())
    deployment.post(known, collection="batches")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    files = [
        ("file", (name, text, "text/plain")) for name, text in (("a.txt", known), ("b.txt", TEXT.format(uuid.uuid4())))
    ]
    send = {"files": files, "params": {"collection": "batches"}, "headers": key}
    taken = deployment.http.post("/v1/batches", **send)
    assert [document.get("duplicate", False) for document in taken.json()["documents"]] == [True, False]
    assert deployment.http.post("/v1/batches", **send).json() == taken.json()
    batch = deployment.http.get(f"/v1/batches/{taken.json()['id']}").json()
    assert (batch["total"], batch["duplicates"]) == (1, 1)


def test_a_batch_is_shown_to_those_who_reach_its_collection(deployment: Deployment) -> None:
    taken = deployment.http.post(
        "/v1/batches", content=TEXT.format(uuid.uuid4()), headers={"Content-Type": "text/plain"},
        params={"collection": "batches"},
    ).json()  # fmt: skip
    grant = {"name": "elsewhere", "scopes": ["read", "write"], "collections": ["elsewhere"]}
    key = deployment.http.post("/v1/keys", json=grant).json()["key"]
    with httpx.Client(base_url=deployment.http.base_url, headers={"Authorization": f"Bearer {key}"}) as http:
        assert http.get(f"/v1/batches/{taken['id']}").status_code == 404
        assert http.get(f"/v1/batches/{taken['id']}/events").status_code == 404
        assert http.get(f"/v1/documents/{taken['documents'][0]['id']}/events").status_code == 404
        refused = http.post("/v1/batches", content="x", params={"collection": "batches"})
        assert refused.status_code == 403
    assert deployment.http.get("/v1/batches/nonsense").status_code == 404
