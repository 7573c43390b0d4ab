"""Raw bytes in a bucket: a separate process that speaks S3's protocol, behind a network that can be cut."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bson import ObjectId
from pymongo.database import Database

from services.embedded import free_port
from services.settings import Settings, settings
from services.store import erase, raw, work
from services.store.client import connect
from services.store.raw import bucket
from tests.conftest import deployed, make_settings
from tests.integration.bucket import Store
from tests.integration.conftest import COPYDESK, Deployment, eventually, no_text
from tests.integration.test_doctor import examine
from tests.integration.test_load import Own, _peak

BUCKET, PREFIX = "copydesk-raw", "of/news"
LARGE = 12 * 1024 * 1024  # more than two parts


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    found = Store(tmp_path_factory.mktemp("store") / "store.log")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def own(environment: dict[str, str], store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Yield a deployment whose raw bytes go to the bucket, with a separate database and broker."""
    changed = {
        **environment,
        **store.environment,
        "COPYDESK_MONGO_DATABASE": f"raw_{uuid.uuid4().hex[:8]}",
        "COPYDESK_REDIS_URL": environment["COPYDESK_REDIS_URL"].rstrip("0123456789") + "1",
        "COPYDESK_MAX_BODY_BYTES": str(2 * LARGE),
        "COPYDESK_RETRY_MOST_SECONDS": "1",
        "COPYDESK_ENRICH_LANGUAGES": "en",
    }
    with deployed(changed, tmp_path_factory.mktemp("own")) as found:
        yield found


@pytest.fixture
def config(own: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Yield its settings, which also apply to this process."""
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    for cached in (settings, bucket._store):
        cached.cache_clear()
    yield settings()
    for cached in (settings, bucket._store):
        cached.cache_clear()


def key_of(id: str) -> str:
    return f"{PREFIX}/{id[-2:]}/{id}"


def text(n: int = 0) -> str:
    return f"Quay {n} Opens\n\nODENSE (Belt Wire) - Quay {n} opened on Monday, harbour master Ane Holm said. {uuid.uuid4().hex}"


def large(size: int = LARGE) -> bytes:
    return b"A very long report. " + no_text(size)


def test_documents_go_to_the_bucket_come_back_from_it_and_leave_it_when_they_are_erased(
    own: Deployment, store: Store
) -> None:
    small, big = text(), large()
    ids = [own.post(one)["id"] for one in (small, big)]
    for id, data in zip(ids, (small.encode(), big), strict=True):
        assert store.objects()[key_of(id)] == len(data)
        entry = own.db.raw.find_one({"_id": ObjectId(id)})
        assert entry is not None
        assert (entry["object"], entry["sha256"]) == (f"s3://{BUCKET}/{key_of(id)}", hashlib.sha256(data).hexdigest())
        assert "data" not in entry
        got = own.http.get(f"/v1/documents/{id}/raw")
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["content-length"] == str(len(data))
    assert store.client.head_object(Bucket=BUCKET, Key=key_of(ids[0]))["Metadata"] == {
        "sha256": hashlib.sha256(small.encode()).hexdigest()
    }
    assert own.db["raw_large.files"].count_documents({}) == 0
    assert own.final(ids[0])["status"] == "done"
    assert own.final(ids[1])["status"] in ("done", "failed")
    for id in ids:
        assert own.http.delete(f"/v1/documents/{id}").status_code == 204
        assert key_of(id) not in store.objects()
        assert own.http.get(f"/v1/documents/{id}/raw").status_code == 404
    assert own.db.raw.count_documents({"_id": {"$in": [ObjectId(id) for id in ids]}}) == 0


def test_the_same_bytes_stand_once_and_a_form_and_an_archive_go_there_too(own: Deployment, store: Store) -> None:
    body = text(1)
    id = own.post(body)["id"]
    before = store.objects()
    again = own.post(body)
    assert (again["id"], again["duplicate"]) == (id, True)
    assert store.objects() == before
    # more than is held of a form's small files, and one that is streamed
    files = [("file", (f"{n}.txt", large(900_000), "text/plain")) for n in range(12)]
    files.append(("file", ("large.txt", large(LARGE // 2), "text/plain")))
    answer = own.http.post("/v1/documents", files=files)
    assert answer.status_code == 202, answer.text
    for found, (_, (_, data, _)) in zip(answer.json()["documents"], files, strict=True):
        assert own.http.get(f"/v1/documents/{found['id']}/raw").content == data
    zipped = zip_of({"a.txt": text(2), "b.txt": text(3)})
    parent = own.final(own.post(zipped)["id"])
    assert parent["status"] == "done", parent["error"]
    for member in parent["members"]:
        assert key_of(member["id"]) in store.objects()
        assert own.final(member["id"])["status"] == "done"


def zip_of(members: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("fault", ["cut", "stall"])
@pytest.mark.parametrize("size", [100, LARGE])
def test_a_store_that_is_away_or_stands_still_refuses_and_leaves_no_record(
    own: Deployment, store: Store, fault: str, size: int
) -> None:
    body = large(size)
    before = own.db.documents.count_documents({})
    getattr(store.proxy, fault)()
    try:
        refused = own.http.post("/v1/documents", content=body, headers={"Content-Type": "text/plain"})
        ready = own.http.get("/readyz")
    finally:
        store.proxy.mend()
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["content-type"] == "application/problem+json"
    assert own.db.documents.count_documents({}) == before
    assert ready.status_code == 503
    assert ready.json()["parts"]["raw"].startswith("down")
    eventually(lambda: own.http.get("/readyz").status_code == 200, "it is back")
    answer = own.http.post("/v1/documents", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    assert own.http.get(f"/v1/documents/{answer.json()['id']}/raw").content == body


def test_a_document_waits_while_the_store_is_away_and_is_done_when_it_is_back(own: Deployment, store: Store) -> None:
    own.kill("worker")
    id = own.post(text(5))["id"]
    store.proxy.cut()
    try:
        own.start_worker()
        # longer than all attempts together would take
        log = own.logs / "worker.log"
        tries = log.read_text().count("raw_store_unavailable")
        eventually(lambda: log.read_text().count("raw_store_unavailable") > tries + 5, "it is tried again and again")
        assert own.http.get(f"/v1/documents/{id}").json()["status"] in ("queued", "processing")
        assert own.http.get(f"/v1/documents/{id}/raw").status_code == 503
    finally:
        store.proxy.mend()
    record = own.final(id)
    assert record["status"] == "done", record["error"]
    assert record["processing"]["attempts"] == 1


def test_an_object_that_was_lost_or_changed_fails_its_document(own: Deployment, store: Store) -> None:
    own.kill("worker")
    lost, changed = (own.post(text(n))["id"] for n in (6, 7))
    store.client.delete_object(Bucket=BUCKET, Key=key_of(lost))
    length = store.objects()[key_of(changed)]
    store.client.put_object(Bucket=BUCKET, Key=key_of(changed), Body=b"x" * length)
    own.start_worker()
    for id in (lost, changed):
        record = own.final(id)
        assert (record["status"], record["error"]["exception"]) == ("failed", "Gone")
    assert own.http.get(f"/v1/documents/{lost}/raw").status_code == 404


def test_an_erasure_that_the_store_cut_off_is_finished(own: Deployment, store: Store, config: Settings) -> None:
    id = own.post(text(8))["id"]
    own.final(id)
    store.proxy.cut()
    try:
        assert own.http.delete(f"/v1/documents/{id}").status_code == 503
    finally:
        store.proxy.mend()
    assert key_of(id) in store.objects()
    assert erase.finish_begun(own.db) == 1
    assert key_of(id) not in store.objects()
    assert own.db.documents.count_documents({"_id": ObjectId(id)}) == 0


def test_uploads_that_never_became_documents_are_removed_from_the_bucket(
    own: Deployment, store: Store, config: Settings
) -> None:
    kept = own.post(text(9))["id"]
    old = datetime.now(UTC) - timedelta(seconds=config.orphan_seconds + 60)
    items = [raw.Item(ObjectId.from_datetime(old + timedelta(seconds=n)), b"orphan", "0" * 64) for n in range(3)]
    raw.put(own.db, items, config)
    own.db.raw.delete_one({"_id": items[2].id})
    own.db.raw.insert_one(bucket._entry(items[2].id, config))  # as an upload leaves it that was cut off
    orphans = {key_of(str(item.id)) for item in items}
    assert orphans <= store.objects().keys()
    assert raw.remove_orphans(own.db, config) == 3
    assert not orphans & store.objects().keys()
    assert own.db.raw.count_documents({"_id": {"$in": [item.id for item in items]}}) == 0
    assert key_of(kept) in store.objects()


def test_a_sender_who_leaves_leaves_nothing_in_the_bucket(own: Deployment, store: Store) -> None:
    def entries() -> list[dict[str, Any]]:
        return list(own.db.raw.find({"size_bytes": None, "object": {"$exists": True}}))

    for sent in (2 * 1024 * 1024, 11 * 1024 * 1024):  # before the first part went, and after
        before, objects = entries(), store.objects()
        address = urlsplit(str(own.http.base_url))

        with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
            head = f"POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {own.key}\r\nContent-Length: {LARGE}\r\n\r\n"
            connection.sendall(head.encode() + b"a" * sent)
            eventually(lambda known=before: len(entries()) > len(known), "the upload has begun")
        eventually(lambda known=before: entries() == known, "what came of it is removed")
        assert store.objects() == objects


def test_what_stands_in_mongodb_is_read_after_the_switch_and_an_archive_leads_from_one_to_the_other(
    own: Deployment, store: Store, config: Settings, tmp_path: Path
) -> None:
    in_mongo = config.model_copy(update={"raw_url": None})
    db, contents = own.db, {}
    for data, where in (
        (text(10).encode(), in_mongo),
        (large(), in_mongo),
        (text(11).encode(), config),
        (large(), config),
    ):
        id = ObjectId()
        raw.put(db, [raw.Item(id, data, hashlib.sha256(data).hexdigest())], where)
        known = db.documents.find_one({})
        assert known is not None
        known |= {"_id": id}
        known["source"] |= {"collection": f"both-{id}"}
        known["raw"] |= {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
        db.documents.insert_one(known)
        contents[id] = data
    for id, data in contents.items():
        assert own.http.get(f"/v1/documents/{id}/raw").content == data
        assert work.read_raw(db, id) == data

    file = tmp_path / "copydesk.tar.gz"
    archived = command(own, "backup", str(file))
    assert archived.returncode == 0, archived.stderr
    for name, there in (
        ("in_mongo", {"COPYDESK_RAW_URL": ""}),
        ("in_bucket", {"COPYDESK_RAW_URL": f"s3://{BUCKET}/copy"}),
    ):
        other = restored(own, file, f"{own.db.name}_{name}", there)
        try:
            for id, data in contents.items():
                entry = other.raw.find_one({"_id": id})
                assert entry is not None
                assert entry.get("object") == (
                    f"s3://{BUCKET}/copy/{str(id)[-2:]}/{id}" if name == "in_bucket" else None
                )
                assert raw.read(other, entry) == data
            if name == "in_bucket":
                assert (
                    other["raw_large.files"].count_documents({}) == other["raw_large.chunks"].count_documents({}) == 0
                )
        finally:
            other.client.drop_database(other.name)
            other.client.close()


def command(own: Deployment, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **own.environment, **changes}
    return subprocess.run(
        [COPYDESK, *arguments], capture_output=True, text=True, env=environment, timeout=240, check=False
    )


def restored(own: Deployment, file: Path, name: str, there: dict[str, str]) -> Database[dict[str, Any]]:
    """Restore the archive into a database of that name, twice: the second time must change nothing."""
    db = connect(make_settings({**own.environment, "COPYDESK_MONGO_DATABASE": name}))
    for more in ((), ("--into-nonempty",)):
        done = command(own, "restore", str(file), *more, COPYDESK_MONGO_DATABASE=name, **there)
        assert done.returncode == 0, done.stderr
    return db


def test_a_backup_while_the_store_is_away_says_so(own: Deployment, store: Store, tmp_path: Path) -> None:
    own.post(text(12))
    store.proxy.cut()
    try:
        done = command(own, "backup", str(tmp_path / "copydesk.tar.gz"))
    finally:
        store.proxy.mend()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert not (tmp_path / "copydesk.tar.gz").exists()


def test_doctor_names_what_is_wrong_with_the_bucket_and_what_mends_it(own: Deployment, store: Store) -> None:
    def looked_at(**changes: str) -> dict[str, str]:
        _, found = examine(own, **changes)
        return next(finding for what, finding in found.items() if what.startswith("raw bytes in s3://"))

    away = f"http://127.0.0.1:{free_port()}"
    changes = ({}, {"COPYDESK_RAW_URL": "s3://no-such-bucket/x"}, {"COPYDESK_RAW_ENDPOINT": away})
    with ThreadPoolExecutor(len(changes)) as pool:
        right, no_bucket, nowhere = pool.map(lambda change: looked_at(**change)["fix"], changes)
    assert right == ""
    assert "create the bucket" in no_bucket
    assert "COPYDESK_RAW_ENDPOINT" in nowhere
    # from here on the store looks at keys
    httpx.post(f"{store.url}/moto-api/reset-auth", content="0")
    try:
        wrong = looked_at()
    finally:
        httpx.post(f"{store.url}/moto-api/reset-auth", content="inf")
    assert "COPYDESK_RAW_ACCESS_KEY_ID" in wrong["fix"]
    assert "InvalidAccessKeyId" in wrong["state"]
    assert looked_at()["fix"] == ""


def test_a_wrong_address_of_the_bucket_is_refused_by_name() -> None:
    environment = {**os.environ, "COPYDESK_RAW_URL": "http://bucket/prefix"}
    done = subprocess.run([COPYDESK, "init"], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "raw_url" in done.stderr


def test_many_uploads_take_no_more_memory_than_is_set_aside(own: Deployment, store: Store, tmp_path: Path) -> None:
    mib = 1024 * 1024
    alone = Own(own.environment, tmp_path, upload_memory_bytes=64 * mib, upload_wait_seconds=300)
    before = _peak(alone.api)
    try:
        with ThreadPoolExecutor(24) as pool:
            answers = pool.map(lambda _: alone.post(large()).status_code, range(24))
            assert set(answers) == {202}
        grown = _peak(alone.api) - before
    finally:
        alone.close()
    assert grown < 160 * mib, f"{grown / mib:.0f} MiB for {24 * LARGE / mib:.0f} MiB of bodies, of which 64 may be held"


def test_a_backfill_puts_its_bytes_into_the_bucket_and_waits_while_it_is_away(
    own: Deployment, store: Store, tmp_path: Path
) -> None:
    expected = {}
    for n, data in enumerate([text(1).encode(), text(2).encode(), large()]):
        (tmp_path / f"{n}.txt").write_bytes(data)
        expected[f"{n}.txt"] = data
    manifest = tmp_path / "m.ndjson"
    manifest.write_text("".join(json.dumps({"path": name, "collection": "bulk"}) + "\n" for name in expected))
    store.proxy.cut()
    try:
        process = subprocess.Popen(
            [COPYDESK, "bulk", "load", str(manifest)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **own.environment},
        )  # fmt: skip
        assert process.stdout is not None
        assert "does not answer" in json.loads(process.stdout.readline())["waits"]
        assert own.db.documents.count_documents({"source.collection": "bulk"}) == 0
    finally:
        store.proxy.mend()
    stdout, stderr = process.communicate(timeout=240)
    assert process.returncode == 0, stderr
    assert json.loads(stdout.splitlines()[-1])["stored"] == 3
    records = list(own.db.documents.find({"source.collection": "bulk"}))
    assert len(records) == 3
    for record in records:
        entry = own.db.raw.find_one({"_id": record["_id"]})
        assert entry is not None
        assert entry["object"].endswith(key_of(str(record["_id"])))
        assert own.http.get(f"/v1/documents/{record['_id']}/raw").content == expected[record["raw"]["filename"]]
        if record["raw"]["size_bytes"] < LARGE:  # the large one is no text
            assert own.final(str(record["_id"]))["status"] == "done"
