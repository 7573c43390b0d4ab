"""The right to erasure, and retention: afterwards only the audit log knows the document."""

from __future__ import annotations

import hashlib
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from bson import json_util

from services import queue
from services.settings import Settings
from services.store.erase import days_kept
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually, no_text
from tests.integration.test_cli import run


def story(secret: str, *more: str) -> str:
    lines = [f"Line {n} of the {secret} inquiry was read aloud in the town hall of Zamość on Monday." for n in range(6)]
    return "\n\n".join([f"Inquiry {secret} opens", *lines, *more])


def archive(*texts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for n, text in enumerate(texts):
            packed.writestr(f"{n}.txt", text)
    return out.getvalue()


def send_archive(deployment: Deployment, collection: str, *texts: str) -> str:
    answer = deployment.http.post(
        "/v1/documents",
        content=archive(*texts),
        params={"collection": collection},
        headers={"Content-Type": "application/zip"},
    )
    return str(answer.json()["id"])


def where_known(deployment: Deployment, *words: str) -> set[str]:
    """Return the collections that contain one of the words, in a value or in the bytes."""
    found = set()
    for name in deployment.db.list_collection_names():
        for document in deployment.db[name].find():
            text = json_util.dumps(document, default=str)
            data = bytes(document["data"]) if isinstance(document.get("data"), bytes) else b""
            if any(word in text or word.encode() in data for word in words):
                found.add(name)
    return found


def settled(deployment: Deployment, id: str) -> None:
    record = deployment.final(id)
    assert record["status"] == "done", record["error"]


def test_an_erased_document_is_known_to_nobody(deployment: Deployment) -> None:
    secret, collection = f"q{uuid.uuid4().hex[:12]}", f"erase-{uuid.uuid4().hex}"
    first = story(secret)
    headers = {"Content-Type": "text/plain", "Idempotency-Key": uuid.uuid4().hex}
    sent = deployment.http.post("/v1/documents", content=first, params={"collection": collection}, headers=headers)
    id = sent.json()["id"]
    settled(deployment, id)
    second = deployment.post(story(secret, "A second day was set."), collection=collection)["id"]
    settled(deployment, second)
    third = deployment.post(story(secret, "A second day was set.", "A third one, too."), collection=collection)["id"]
    settled(deployment, third)
    before = {one: deployment.final(one)["story"] for one in (second, third)}
    assert before[second]["nearest"] == id
    assert {story["id"] for story in before.values()} == {id}
    sha256 = hashlib.sha256(first.encode()).hexdigest()
    assert where_known(deployment, id, sha256) >= {"documents", "raw", "story_index", "idempotency"}

    assert deployment.http.delete(f"/v1/documents/{id}").status_code == 204
    assert where_known(deployment, id, sha256) == {"audit"}
    assert where_known(deployment, sha256) == set()
    after = {one: deployment.final(one)["story"] for one in (second, third)}
    assert {story["id"] for story in after.values()} == {second}, "the story is named after the oldest that is left"
    assert after[second]["nearest"] is None
    assert after[third]["nearest"] == second
    fourth = deployment.post(story(secret, "A second day was set.", "And a fourth."), collection=collection)["id"]
    settled(deployment, fourth)
    assert deployment.final(fourth)["story"]["id"] == second
    again = deployment.http.post("/v1/documents", content=first, params={"collection": collection}, headers=headers)
    assert again.status_code == 202
    assert again.json()["id"] != id
    settled(deployment, again.json()["id"])


@pytest.fixture
def patient(deployment: Deployment) -> Iterator[None]:
    """Yield a worker with enough time to start the process that reads archives, even on a busy machine."""
    limits = {"TASK_SOFT": "50", "TASK_HARD": "55", "VISIBILITY": "90"}
    deployment.kill("worker")
    deployment.start_worker(settings={f"COPYDESK_{name}_SECONDS": seconds for name, seconds in limits.items()})
    yield
    deployment.kill("worker")
    deployment.start_worker()


@pytest.mark.usefixtures("patient")
def test_an_archive_goes_with_its_members_on_request_and_a_large_one_with_its_chunks(deployment: Deployment) -> None:
    collection = f"erase-{uuid.uuid4().hex}"
    words = [f"w{uuid.uuid4().hex[:12]}" for _ in range(2)]
    alone = [send_archive(deployment, collection, f"Report {word}\n\nWords of {word}.") for word in words]
    inside = {}
    for posted, word in zip(alone, words, strict=True):
        settled(deployment, posted)
        inside[word] = deployment.final(posted)["members"][0]["id"]
        settled(deployment, inside[word])

    assert deployment.http.delete(f"/v1/documents/{alone[0]}").status_code == 204
    left = deployment.final(inside[words[0]])
    assert (left["status"], left["source"]["parent"], left["source"]["path"]) == ("done", None, "0.txt")
    assert where_known(deployment, alone[0]) == {"audit"}

    deleted = deployment.http.delete(f"/v1/documents/{alone[1]}", params={"members": True})
    assert deleted.status_code == 204
    assert where_known(deployment, alone[1], inside[words[1]]) == {"audit"}
    assert where_known(deployment, words[1]) == set()

    # a member alone: its archive no longer names it
    both = send_archive(deployment, collection, f"Kept {words[0]}\n\nKept.", f"Gone {words[0]}\n\nGone.")
    settled(deployment, both)
    kept, gone = (member["id"] for member in deployment.final(both)["members"])
    settled(deployment, kept)
    settled(deployment, gone)
    assert deployment.http.delete(f"/v1/documents/{gone}").status_code == 204
    assert [member["id"] for member in deployment.final(both)["members"]] == [kept]

    large = deployment.post(no_text(1_120_000), collection=collection)["id"]
    assert deployment.http.delete(f"/v1/documents/{large}").status_code == 204
    eventually(lambda: where_known(deployment, large) == {"audit"}, "nothing is left of it")


def test_all_that_a_filter_finds_is_erased(deployment: Deployment) -> None:
    collection, publisher = f"erase-{uuid.uuid4().hex}", f"Paper {uuid.uuid4().hex}"
    ids = [deployment.post(f"Note {n} {publisher}", collection=collection, publisher=publisher)["id"] for n in range(5)]
    other = deployment.post(f"Another {uuid.uuid4().hex}", collection=collection)["id"]
    where = {"source.publisher": publisher}
    counted = deployment.http.post("/v1/documents/erase", json={"where": where, "dry_run": True, "limit": 2})
    assert counted.json() == {"found": 5, "erased": 0, "more": False}
    page = deployment.http.post("/v1/documents/erase", json={"where": where, "limit": 2}).json()
    assert page == {"found": 2, "erased": 2, "more": True}
    done = run("erase", "--where", json.dumps(where), "--yes", api=deployment)
    assert (done.returncode, done.stdout) == (0, "3 erased\n"), done.stderr
    # a worker may have been at one of them
    eventually(lambda: where_known(deployment, *ids) == {"audit"}, "nothing is left of them")
    assert deployment.http.get(f"/v1/documents/{other}").status_code == 200
    declined = run("erase", other, stdin="n\n", api=deployment)
    assert declined.returncode == 1
    assert deployment.http.get(f"/v1/documents/{other}").status_code == 200
    for wrong in ({}, {"where": {"$where": "1"}}, {"where": {}, "limit": 0}):
        assert deployment.http.post("/v1/documents/erase", json=wrong).status_code == 422


def test_what_was_kept_long_enough_is_erased_by_the_scheduler(deployment: Deployment) -> None:
    name = f"short-{uuid.uuid4().hex}"
    ids = [deployment.post(f"Tide table {n}\n\nHigh water {uuid.uuid4()}.", collection=name)["id"] for n in range(3)]
    kept = deployment.post(f"Tide table\n\nLow water {uuid.uuid4()}.", collection=f"long-{uuid.uuid4().hex}")["id"]
    for id in [*ids, kept]:
        settled(deployment, id)
    assert make_settings(deployment.environment).retention == {"short-*": 0.00001}
    time.sleep(1.5)  # an id contains its second

    scheduler = queue.make_app(make_settings(deployment.environment))

    def gone() -> bool:
        scheduler.send_task(queue.TIDY)
        return deployment.db.documents.count_documents({"source.collection": name}) == 0

    eventually(gone, "the documents are erased")
    eventually(lambda: where_known(deployment, *ids) == {"audit"}, "nothing is left of them")
    entry = deployment.db.audit.find_one({"action": "document.expire", "details.collection": name})
    assert entry is not None
    assert entry["actor"] == {"key": None, "name": "retention"}
    assert deployment.http.get(f"/v1/documents/{kept}").status_code == 200


def test_an_erasure_that_was_cut_off_is_finished(deployment: Deployment) -> None:
    from datetime import UTC, datetime

    from bson import ObjectId

    from services.store import erase

    id = deployment.post(f"Cut off\n\nWords {uuid.uuid4()}.")["id"]
    settled(deployment, id)
    details: dict[str, Any] = {"collection": "default", "ids": [id], "members": False}
    entry = {"at": datetime.now(UTC), "action": "document.delete", "target": id, "details": details}
    deployment.db.audit.insert_one(entry)  # the API was killed at this point
    erase.finish_begun(deployment.db)
    assert where_known(deployment, id) == {"audit"}
    assert erase.erase(deployment.db, [ObjectId(id)]) == 0


def test_the_first_pattern_that_fits_says_how_long() -> None:
    settings = Settings(retention={"wire-fast": 1, "wire-*": 30, "*": 365})
    assert [days_kept(name, settings) for name in ("wire-fast", "wire-slow", "desk")] == [1, 30, 365]
    assert days_kept("desk", Settings()) is None
