"""Whatever happens after the 202, a document ends as one record."""

from __future__ import annotations

import signal
import time
import uuid

from redis import Redis

from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually, no_text


def _send_many(deployment: Deployment, count: int) -> tuple[str, list[str]]:
    collection = f"faults-{uuid.uuid4().hex}"
    text = "Ferry {n} Delayed\n\nPIRAEUS (Aegean News) - Ferry number {n} of line {c} left late on Tuesday, officials said."
    return collection, [
        deployment.post(text.format(n=n, c=collection), collection=collection)["id"] for n in range(count)
    ]


def _all_done(deployment: Deployment, collection: str, count: int) -> None:
    query = {"source.collection": collection}
    eventually(
        lambda: deployment.db.documents.count_documents({**query, "status": "done"}) == count,
        f"{count} documents done; they are {list(deployment.db.documents.aggregate([{'$match': query}, {'$group': {'_id': '$status', 'n': {'$sum': 1}}}]))}",
        seconds=180,
    )
    assert deployment.db.documents.count_documents(query) == count


def test_killed_workers_lose_and_double_nothing(deployment: Deployment) -> None:
    collection, ids = _send_many(deployment, 200)
    done = {"source.collection": collection, "status": "done"}
    eventually(lambda: deployment.db.documents.count_documents(done) >= 20, "work under way")
    deployment.kill("worker")
    assert deployment.db.documents.count_documents(done) < 200
    deployment.start_worker()
    _all_done(deployment, collection, len(ids))
    attempts = [r["processing"]["attempts"] for r in deployment.db.documents.find(done, {"processing.attempts": 1})]
    assert max(attempts) <= 2


def test_a_worker_that_is_stopped_finishes_what_it_holds(deployment: Deployment) -> None:
    collection, ids = _send_many(deployment, 60)
    documents, query = deployment.db.documents, {"source.collection": collection}
    eventually(lambda: documents.count_documents({**query, "status": "done"}) >= 5, "work under way")
    worker = deployment.processes.pop("worker")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    assert documents.count_documents({**query, "status": "processing"}) == 0
    assert documents.count_documents({**query, "status": "queued"}) > 0
    deployment.start_worker()
    _all_done(deployment, collection, len(ids))
    assert documents.distinct("processing.attempts", query) == [1]


def test_a_flushed_redis_loses_nothing(deployment: Deployment) -> None:
    collection, ids = _send_many(deployment, 60)
    settings = make_settings(deployment.environment)
    with Redis.from_url(settings.redis_address) as redis:
        redis.flushall()
    _all_done(deployment, collection, len(ids))


def test_a_redis_that_refuses_writes_ends_no_worker(deployment: Deployment) -> None:
    worker = deployment.processes["worker"]
    collection, before = _send_many(deployment, 30)
    settings = make_settings(deployment.environment)
    with Redis.from_url(settings.redis_address) as redis:
        redis.config_set("min-replicas-to-write", 1)  # as where its disk is full, each write is answered with an error
        try:
            again, during = _send_many(deployment, 5)
            lost = "Trying to re-establish the connection"
            eventually(lambda: deployment.said("worker", lost), "the worker met a refusal")
            time.sleep(3)
        finally:
            redis.config_set("min-replicas-to-write", 0)
    _all_done(deployment, collection, len(before))
    _all_done(deployment, again, len(during))
    assert worker.poll() is None


def test_a_late_worker_cannot_write_over_the_result(deployment: Deployment) -> None:
    from bson import ObjectId

    from services.records import Article, Failure
    from services.store import work

    deployment.kill("worker")
    settings = make_settings(deployment.environment)
    id = ObjectId(deployment.post(f"A title\n\nBody {uuid.uuid4().hex}.")["id"])
    slow = work.claim(deployment.db, id, settings)
    assert slow is not None
    assert work.claim(deployment.db, id, settings) is None, "a leased record has one owner"
    deployment.start_worker()
    record = deployment.final(str(id))
    assert record["status"] == "done", record["error"]
    late = work.Outcome(Article(title="late"), "x", [], None, "0", "x", {}, {}, {})
    assert not work.finish(deployment.db, [(slow, late)])
    assert not work.fail(deployment.db, slow, Failure(code="x", message="x", stage="x", attempts=1))
    assert deployment.http.get(f"/v1/documents/{id}").json()["title"] == record["title"]


def test_uploads_that_never_became_documents_are_tidied_away(deployment: Deployment) -> None:
    from datetime import UTC, datetime, timedelta

    from bson import ObjectId
    from gridfs import GridFSBucket

    from services.store import raw

    settings = make_settings(deployment.environment)
    old = datetime.now(UTC) - timedelta(seconds=settings.orphan_seconds + 60)
    orphan = ObjectId.from_datetime(old)
    deployment.db.raw.insert_one({"_id": orphan, "data": b"x"})
    bucket = GridFSBucket(deployment.db, "raw_large")
    bucket.upload_from_stream_with_id(ObjectId.from_datetime(old), "x", b"y" * 10, metadata={"document": orphan})
    chunks = deployment.db["raw_large.chunks"]
    cut_off = ObjectId()
    for n in (0, 1):  # an upload whose process died has only chunks
        chunks.insert_one(
            {"_id": ObjectId.from_datetime(old + timedelta(seconds=n)), "files_id": cut_off, "n": n, "data": b"z"}
        )
    large = deployment.post(no_text(1_120_000))["id"]
    kept = deployment.post(f"Kept\n\nBody {uuid.uuid4().hex}.")["id"]
    assert raw.remove_orphans(deployment.db, settings) == 3
    assert deployment.db.raw.count_documents({"_id": {"$in": [orphan, ObjectId(kept)]}}) == 1
    assert chunks.count_documents({"files_id": cut_off}) == 0
    assert len(deployment.http.get(f"/v1/documents/{large}/raw").content) == 1_120_000
