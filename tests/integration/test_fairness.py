"""A flood from one sender makes no other sender wait: documents beyond its share are bulk."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from redis import Redis

from tests.conftest import make_settings
from tests.integration.conftest import Api, Deployment, eventually
from tests.integration.test_priority import TEXT, overtaken, sweeper

FLOOD = 120
SHARE = 20


def key_of(deployment: Deployment, name: str) -> dict[str, str]:
    """Return the header of a new key that may read and write."""
    answer = deployment.http.post("/v1/keys", json={"name": name, "scopes": ["read", "write"], "rate_per_minute": 0})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


def flood(http: httpx.Client, headers: dict[str, str], line: str, documents: int = FLOOD) -> None:
    def send(n: int) -> None:
        content = TEXT.format(n=n, line=line)
        answer = http.post("/v1/documents", content=content, params={"collection": line}, headers=headers)
        assert answer.status_code == 202, answer.text

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(documents)))


def lanes(deployment: Deployment, line: str) -> Counter[tuple[str, str | None]]:
    found = deployment.db.documents.find({"source.collection": line}, {"processing": 1})
    return Counter((one["processing"]["priority"], one["processing"]["beyond_share"]) for one in found)


def one_of_another(deployment: Deployment, headers: dict[str, str], collection: str) -> str:
    answer = deployment.http.post(
        "/v1/documents", content=TEXT.format(n="other", line=collection), headers=headers,
        params={"collection": collection},
    )  # fmt: skip
    return str(answer.json()["id"])


def test_one_document_of_another_key_overtakes_a_flood(idle: Deployment) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    flood(idle.http, key_of(idle, "wire"), line)
    found = lanes(idle, line)
    assert set(found) == {("interactive", None), ("bulk", "key")}
    assert found["interactive", None] <= 2 * SHARE
    other = one_of_another(idle, key_of(idle, "desk"), line)
    record = idle.http.get(f"/v1/documents/{other}").json()
    assert (record["processing"]["priority"], record["processing"]["beyond_share"]) == ("interactive", None)
    assert record["source"]["key"] != idle.db.documents.find_one({"source.collection": line})["source"]["key"]

    # the messages are lost: the sweeper keeps to it
    messages = Redis.from_url(make_settings(idle.environment).broker_address)
    messages.delete("documents", "bulk")
    with sweeper(idle) as sweep:
        assert sweep() > FLOOD
    idle.start_worker("own", concurrency=1)
    assert overtaken(idle, line, other) >= FLOOD - 2 * SHARE - make_settings(idle.environment).batch_documents
    follows = {"source.collection": line, "status": "done", "processing.beyond_share": "key"}
    eventually(lambda: idle.db.documents.count_documents(follows), "what is beyond the share follows")
    idle.kill("own")
    forget(idle, line)


def test_several_api_processes_hold_a_sender_to_its_share(idle: Deployment, tmp_path: Path) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    headers = key_of(idle, "wire")
    second = Api(idle.environment, tmp_path / "api.log")
    try:
        second.wait(200)
        for http in (idle.http, second.http) * 2:
            for n in range(SHARE * 2):
                answer = http.post("/v1/documents", content=TEXT.format(n=uuid.uuid4().hex, line=n), headers=headers,
                                   params={"collection": line})  # fmt: skip
                assert answer.status_code == 202
    finally:
        second.stop()
    assert lanes(idle, line) == {("interactive", None): SHARE, ("bulk", "key"): 7 * SHARE}
    forget(idle, line)


def test_several_keys_together_are_held_to_the_share_of_their_collection(idle: Deployment) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    for n in range(6):
        files = [("file", (f"{i}.txt", TEXT.format(n=uuid.uuid4().hex, line=n), "text/plain")) for i in range(25)]
        answer = idle.http.post(
            "/v1/documents", files=files, params={"collection": line}, headers=key_of(idle, f"k{n}")
        )
        assert answer.status_code == 202, answer.text
    assert lanes(idle, line) == {
        ("interactive", None): 100,
        ("bulk", "key"): 25,
        ("bulk", "collection"): 25,
    }
    forget(idle, line)


def test_a_share_is_free_again_when_what_waited_is_done(idle: Deployment) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    headers = key_of(idle, "wire")
    flood(idle.http, headers, line, SHARE + 1)
    idle.start_worker("own", concurrency=1)
    done = {"source.collection": line, "status": "done"}
    eventually(lambda: idle.db.documents.count_documents(done) == SHARE + 1, "all are done")

    def interactive() -> Any:
        id = one_of_another(idle, headers, line + uuid.uuid4().hex[:8])
        return idle.http.get(f"/v1/documents/{id}").json()["processing"]["priority"] == "interactive"

    eventually(interactive, "the next document is interactive again")


def test_without_keys_the_collection_is_the_sender(idle: Deployment, tmp_path: Path) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    open_api = Api({**idle.environment, "COPYDESK_AUTH": "false"}, tmp_path / "api.log")
    try:
        open_api.wait(200)
        flood(open_api.http, {}, line, 2 * SHARE)
        other = open_api.http.post("/v1/documents", content=TEXT.format(n=1, line=line), params={"collection": "quiet"})
        assert (
            open_api.http.get(f"/v1/documents/{other.json()['id']}").json()["processing"]["priority"] == "interactive"
        )
    finally:
        open_api.stop()
    assert set(lanes(idle, line)) == {("interactive", None), ("bulk", "collection")}
    assert lanes(idle, line)["interactive", None] <= SHARE + 4
    forget(idle, line)


def test_what_an_archive_holds_is_held_to_the_share(deployment: Deployment) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for n in range(3 * SHARE):
            packed.writestr(f"{n}.txt", TEXT.format(n=n, line=line))
    answer = deployment.http.post("/v1/documents", content=archive.getvalue(), params={"collection": line},
                                  headers={**key_of(deployment, "wire"), "Content-Type": "application/zip"})  # fmt: skip
    record = deployment.final(answer.json()["id"])
    assert record["status"] == "done", record["error"]
    found = lanes(deployment, line)
    assert found["interactive", None] == SHARE + 1, "the archive itself and a share of what it holds"
    assert found["bulk", "key"] == 2 * SHARE
    assert {deployment.final(member["id"])["status"] for member in record["members"]} == {"done"}
    keys = deployment.db.documents.distinct("source.key", {"source.collection": line})
    assert keys == [record["source"]["key"]]


def test_a_flood_leaves_room_for_others_where_the_queue_is_nearly_full(idle: Deployment, tmp_path: Path) -> None:
    line = f"flood-{uuid.uuid4().hex}"
    limits = {"COPYDESK_MAX_QUEUED_DOCUMENTS": "60", "COPYDESK_BULK_SHARE": "0.5",
              "COPYDESK_MONGO_DATABASE": f"full_{os.getpid()}"}  # fmt: skip
    narrow = Api({**idle.environment, **limits, "COPYDESK_AUTH": "false"}, tmp_path / "api.log")
    try:
        narrow.wait(200)
        for n in range(40):
            answer = narrow.http.post("/v1/documents", content=TEXT.format(n=n, line=line), params={"collection": line})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (429, "queue-full")
        assert answer.headers["Retry-After"]
        other = narrow.http.post("/v1/documents", content=TEXT.format(n=1, line=line), params={"collection": "quiet"})
        assert other.status_code == 202
    finally:
        narrow.stop()
        idle.db.client.drop_database(limits["COPYDESK_MONGO_DATABASE"])


def forget(deployment: Deployment, line: str) -> None:
    """Prevent workers from reading the rest of a flood."""
    left = {"source.collection": line, "status": {"$ne": "done"}}
    deployment.db.documents.update_many(left, {"$set": {"status": "done", "processing.lease": None}})
    Redis.from_url(make_settings(deployment.environment).broker_address).delete("documents", "alone", "bulk")
