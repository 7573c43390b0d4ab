"""Rolling upgrades: each version copes with records and messages from the version before and after it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from services import queue
from services.records import SCHEMA_VERSION, Processing, Raw, Record, Source, Status
from services.store import work
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually

NEWER = {
    "schema_version": SCHEMA_VERSION + 1,
    "status_note": {"of": "a later version"},
    "processing.budget": {"seconds": 3},
    "source.desk": "foreign",
    "raw.encoding": "utf-9",
}
"""What a version to come may have put into a record, at the top and inside of what this one knows."""


def text(subject: str) -> str:
    return f"{subject} opens\n\nOSLO (Reuters) - The {subject} opened on Monday. {uuid.uuid4()}"


def queued(deployment: Deployment) -> ObjectId:
    """Return a stored record with its bytes, for which no message was sent yet."""
    now = datetime.now(UTC)
    record = Record(
        status=Status.QUEUED,
        raw=Raw(sha256=uuid.uuid4().hex * 2, size_bytes=1, declared_media_type="text/plain"),
        source=Source(collection="mixed", received_at=now),
        processing=Processing(waiting_since=now, queued_at=now),
    )
    id = work.insert(deployment.db, record, text("bridge").encode(), make_settings(deployment.environment))
    assert id
    return id


def send(deployment: Deployment, task: str, *args: Any, **options: Any) -> None:
    app = queue.make_app(make_settings(deployment.environment))
    with app.connection_for_write() as connection:
        app.send_task(task, args=args, connection=connection, **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"headers": {"of_a_later_version": "1"}, "shadow": "by another name", "priority": 9}],
    ids=["before", "after"],
)
def test_messages_of_the_version_before_and_after_are_understood(
    deployment: Deployment, options: dict[str, Any]
) -> None:
    id = queued(deployment)
    send(deployment, queue.PROCESS, str(id), **options)
    record = deployment.final(str(id))
    assert record["status"] == "done"
    assert record["processing"]["attempts"] == 1


@pytest.mark.parametrize("name", [queue.DOCUMENT_QUEUE, queue.SWEEP_QUEUE])
def test_a_task_of_a_later_version_is_passed_over(deployment: Deployment, name: str) -> None:
    """The next version's scheduler may send one while this version's workers run."""
    send(deployment, "copydesk.of_a_later_version", queue=name)
    assert deployment.final(deployment.post(text("tunnel"))["id"])["status"] == "done"
    swept = deployment.db.metrics.find_one({"_id": "workers"}) or {}
    now = datetime.now(UTC)
    eventually(
        lambda: (
            (deployment.db.metrics.find_one({"_id": "workers"}) or {}).get("swept_at", now) > swept.get("swept_at", now)
        ),
        "the sweep goes on",
    )


def test_a_record_that_a_later_version_queued_is_done(deployment: Deployment) -> None:
    id = queued(deployment)
    deployment.db.documents.update_one({"_id": id}, {"$set": NEWER})
    send(deployment, queue.PROCESS, str(id))
    record = deployment.final(str(id))
    assert record["status"] == "done"
    assert record["processing"]["attempts"] == 1
    assert "bridge" in record["text"]


def test_a_record_that_a_later_version_made_is_read_found_and_made_anew(deployment: Deployment) -> None:
    id = deployment.final(deployment.post(text("harbour"), collection="mixed")["id"])["id"]
    deployment.db.documents.update_one({"_id": ObjectId(id)}, {"$set": NEWER})
    found = deployment.http.get(f"/v1/documents/{id}")
    assert found.status_code == 200
    assert found.json()["status_note"] == NEWER["status_note"]
    for params in ({}, {"q": "harbour"}, {"fields": "title"}):
        listed = deployment.http.get("/v1/documents", params={"collection": "mixed", **params})
        assert listed.status_code == 200
        assert id in [one["id"] for one in listed.json()["documents"]]
    exported = deployment.http.get("/v1/export", params={"collection": "mixed"})
    assert exported.status_code == 200
    assert id in exported.text
    assert deployment.http.post(f"/v1/documents/{id}/reprocess").status_code == 202
    record = deployment.final(id)
    assert record["status"] == "done"
    assert "harbour" in record["text"]


def test_workers_of_a_later_version_may_say_more_of_what_is_current(deployment: Deployment) -> None:
    eventually(lambda: deployment.db.current.find_one({"_id": "pipeline"}), "a worker has said what is current")
    deployment.db.current.update_one({"_id": "pipeline"}, {"$set": {"licences": {"of": "a later version"}}})
    stale = deployment.http.post(
        "/v1/documents/reprocess", json={"stale": True, "where": {"source.collection": "none"}}
    )
    assert stale.status_code in (200, 202), stale.text
    assert deployment.http.get("/status", headers={"Accept": "text/html"}).status_code == 200
