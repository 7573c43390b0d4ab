"""What an operator does: back up, restore, migrate."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from services.records import SCHEMA_VERSION, Record
from services.store import migrations, setup, work
from services.store.client import connect
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Deployment, eventually, no_text
from workers.lists import passes


def command(deployment: Deployment, *arguments: str, database: str) -> subprocess.CompletedProcess[str]:
    """Run `copydesk` on the deployment's servers, with a separate database."""
    import os

    environment = {**os.environ, **deployment.environment, "COPYDESK_MONGO_DATABASE": database, "COLUMNS": "200"}
    return subprocess.run(
        [COPYDESK, *arguments], capture_output=True, text=True, env=environment, timeout=240, check=False
    )


@pytest.fixture
def other(deployment: Deployment) -> Iterator[Database[dict[str, Any]]]:
    """Yield an empty database on the same server."""
    db = connect(make_settings({**deployment.environment, "COPYDESK_MONGO_DATABASE": f"other_{uuid.uuid4().hex[:8]}"}))
    yield db
    db.client.drop_database(db.name)
    db.client.close()


def text(collection: str, n: int) -> str:
    return (
        f"Lighthouse {n} Lit Again\n\nGDANSK (Coast Wire) - The light of {collection} number {n} shone again on Monday."
    )


def test_a_backup_under_load_restores_to_records_that_all_have_their_bytes(
    deployment: Deployment, other: Database[dict[str, Any]], tmp_path: Path
) -> None:
    db, collection = deployment.db, f"backup-{uuid.uuid4().hex}"
    large = no_text(1_600_000)  # in GridFS
    before = [deployment.post(text(collection, n), collection=collection)["id"] for n in range(8)]
    before.append(deployment.post(large, collection=collection)["id"])
    file = tmp_path / "copydesk.tar.gz"
    stop = threading.Event()
    during: list[str] = []

    def send() -> None:
        while not stop.wait(0.3):
            during.append(deployment.post(text(collection, 1000 + len(during)), collection=collection)["id"])

    sender = threading.Thread(target=send)
    sender.start()
    try:
        eventually(lambda: len(during) > 2, "documents arrive")
        done = command(deployment, "backup", str(file), database=db.name)
    finally:
        stop.set()
        sender.join()
    assert done.returncode == 0, done.stderr
    again = command(deployment, "backup", str(file), database=db.name)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1), "an archive is not written over"

    restored = command(deployment, "restore", str(file), database=other.name)
    assert restored.returncode == 0, restored.stderr
    records = list(other.documents.find({"source.collection": collection}))
    ids = {str(record["_id"]) for record in records}
    assert set(before) <= ids <= {*before, *during}
    for record in records:
        data = work.read_raw(other, record["_id"])
        assert hashlib.sha256(data).hexdigest() == record["raw"]["sha256"]
        assert record["status"] in ("queued", "done", "failed")
        Record.model_validate({name: value for name, value in record.items() if name != "_id"})
    assert work.read_raw(other, ObjectId(before[-1])) == large
    assert other.api_keys.count_documents({}) == db.api_keys.count_documents({})
    assert "bytes_once" in other.documents.index_information()
    assert other.idempotency.count_documents({}) == 0

    twice = command(deployment, "restore", str(file), database=other.name)
    assert (twice.returncode, twice.stderr.count("\n")) == (1, 1)
    assert "--into-nonempty" in twice.stderr
    counts = {name: other[name].count_documents({}) for name in other.list_collection_names()}
    other.documents.delete_one({"_id": records[0]["_id"]})
    into = command(deployment, "restore", str(file), "--into-nonempty", database=other.name)
    assert into.returncode == 0, into.stderr
    assert {name: other[name].count_documents({}) for name in other.list_collection_names()} == counts


def test_sources_searches_and_lists_are_restored_at_rest(
    deployment: Deployment, other: Database[dict[str, Any]], tmp_path: Path
) -> None:
    http, collection, file = deployment.http, f"kept-{uuid.uuid4().hex[:8]}", tmp_path / "copydesk.tar.gz"

    def made(path: str, **given: Any) -> str:
        answer = http.post(path, **given)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    mailbox = {"kind": "mailbox", "address": "imaps://localhost/INBOX", "user": "desk", "password": "t0p-s3cret"}
    source = made("/v1/sources", json={"name": f"Mail {collection}", "collection": collection, **mailbox})
    search = made("/v1/searches", json={"name": "Pilots", "query": {"collection": [collection]}})
    names = made("/v1/lists", params={"name": collection, "collection": collection}, content="name\nSelma Rognvik\n",
                 headers={"Content-Type": "text/csv"})  # fmt: skip
    try:
        id = deployment.post(
            f"Pilot Named\n\nOSLO - Selma Rognvik piloted {collection} on Monday.", collection=collection
        )["id"]
        eventually(lambda: deployment.db.alerts.count_documents({"search": ObjectId(search)}), "an alert")
        done = command(deployment, "backup", str(file), database=deployment.db.name)
        assert done.returncode == 0, done.stderr
    finally:
        for path in (f"sources/{source}", f"searches/{search}", f"lists/{names}"):
            assert http.delete(f"/v1/{path}").status_code == 204
    assert b"t0p-s3cret" not in gzip.decompress(file.read_bytes())
    restored = command(deployment, "restore", str(file), database=other.name)
    assert restored.returncode == 0, restored.stderr
    fetched, saved = (
        other[name].find_one({"_id": ObjectId(one)}) for name, one in (("sources", source), ("searches", search))
    )
    assert fetched and (fetched["paused"], fetched["has_password"], fetched["lease"]) == (True, False, None)
    assert saved and (saved["muted"], saved["name"]) == (True, "Pilots")
    assert [str(one["document"]) for one in other.alerts.find({"search": ObjectId(search)})] == [id]
    # the record has what it had, and is compared with the list again
    other.documents.update_one({"_id": ObjectId(id)}, {"$set": {"lists": []}})
    compared, more = passes.run(other)
    assert compared >= 1 and not more
    found = other.documents.find_one({"_id": ObjectId(id)}) or {}
    assert [(one["list"], one["name"]) for one in found["lists"]] == [(names, "Selma Rognvik")]


def test_documents_that_waited_or_were_worked_on_are_done_after_a_restore(
    deployment: Deployment, tmp_path: Path
) -> None:
    settings = make_settings(deployment.environment)
    db, collection, file = deployment.db, f"waiting-{uuid.uuid4().hex}", tmp_path / "copydesk.tar.gz"
    deployment.kill("worker")
    waiting, held = (deployment.post(text(collection, n), collection=collection)["id"] for n in range(2))
    assert work.claim(db, ObjectId(held), settings.model_copy(update={"lease_seconds": 3600.0}))
    try:
        done = command(deployment, "backup", str(file), database=db.name)
        assert done.returncode == 0, done.stderr
        before = db.documents.count_documents({})
        for name in ("documents", "raw", "raw_large.files", "raw_large.chunks", "story_index"):
            db[name].drop()
        restored = command(deployment, "restore", str(file), database=db.name)
        assert restored.returncode == 0, restored.stderr
        # bytes without a record, of an upload that was cut off, are not kept
        assert {name: db[name].count_documents({}) for name in ("documents", "raw")} == {
            "documents": before,
            "raw": before,
        }
    finally:
        deployment.start_worker()
    for id in (waiting, held):
        assert deployment.final(id)["status"] == "done"


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def rewrite(file: Path, content: dict[str, bytes]) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


@pytest.fixture(scope="module")
def sound(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of one document."""
    db = connect(make_settings({**deployment.environment, "COPYDESK_MONGO_DATABASE": f"sound_{uuid.uuid4().hex[:8]}"}))
    setup.set_up(db, make_settings(deployment.environment))
    known = deployment.db.documents.find_one({"_id": ObjectId(deployment.post(text(uuid.uuid4().hex, 0))["id"])})
    assert known is not None
    db.documents.insert_one(known)
    db.raw.insert_one(deployment.db.raw.find_one({"_id": known["_id"]}) or {})
    file = tmp_path_factory.mktemp("sound") / "copydesk.tar.gz"
    try:
        assert command(deployment, "backup", str(file), database=db.name).returncode == 0
    finally:
        db.client.drop_database(db.name)
        db.client.close()
    return file


@pytest.mark.parametrize("harm", ["newer", "cut", "damaged", "no end", "other", "missing"])
def test_an_archive_that_is_not_sound_restores_nothing(
    deployment: Deployment, other: Database[dict[str, Any]], sound: Path, tmp_path: Path, harm: str
) -> None:
    file = Path(shutil.copy(sound, tmp_path))
    content = members(file)
    manifest = json.loads(content["manifest.json"])
    if harm == "newer":
        content["manifest.json"] = json.dumps(manifest | {"schema_version": SCHEMA_VERSION + 1}).encode()
        end = json.loads(content["end.json"])
        end["sha256"]["manifest.json"] = hashlib.sha256(content["manifest.json"]).hexdigest()
        rewrite(file, content | {"end.json": json.dumps(end).encode()})
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif harm == "damaged":
        part = next(name for name in content if name.startswith("documents/"))
        rewrite(file, content | {part: content[part][:-20] + bytes(20)})
    elif harm == "no end":
        rewrite(file, {name: data for name, data in content.items() if name != "end.json"})
    elif harm == "other":
        file.write_bytes(gzip.compress(b"not a tar"))
    else:
        file.unlink()
    done = command(deployment, "restore", str(file), database=other.name)
    assert done.returncode == 1
    assert done.stderr.startswith("copydesk: ")
    assert done.stderr.count("\n") == 1
    assert other.list_collection_names() == []


def old_record(models: Any) -> dict[str, Any]:
    """Return a record as the previous version wrote it."""
    now = datetime.now(UTC)
    return {
        "schema_version": 1,
        "status": "done",
        "raw": {"sha256": uuid.uuid4().hex * 2, "size_bytes": 1},
        "source": {"collection": "old", "received_at": now},
        "processing": {"stages": {"terms": "1"}, "models": models, "attempts": 1},
    }


def test_a_migration_goes_forward_and_back_while_an_old_worker_writes(
    deployment: Deployment, other: Database[dict[str, Any]]
) -> None:
    bare, full = {"en_core_web_md": "0.1.0"}, {"en_core_web_md": {"version": "0.1.0", "licence": "MIT"}}
    ids = other.documents.insert_many([old_record(bare), old_record(full), old_record({})]).inserted_ids

    def models() -> list[Any]:
        return [other.documents.find_one({"_id": id})["processing"]["models"] for id in ids]  # type: ignore[index]

    setup.set_up(other, make_settings(deployment.environment))  # what `copydesk init` does
    assert migrations.version(other) == SCHEMA_VERSION
    widened = {"en_core_web_md": {"version": "0.1.0", "licence": None}}
    assert models() == [widened, full, {}]
    for record in other.documents.find():
        Record.model_validate({name: value for name, value in record.items() if name != "_id"})

    other.documents.update_one({"_id": ids[2]}, {"$set": {"processing.models": bare}})  # an old worker, after that
    late = other.documents.insert_one(old_record(bare)).inserted_id  # and an old API
    done = command(deployment, "migrate", database=other.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("2 records changed\n")
    ids.append(late)
    assert models() == [widened, full, widened, widened]
    assert other.documents.distinct("schema_version") == [SCHEMA_VERSION]
    assert command(deployment, "migrate", database=other.name).stdout.endswith(" 0 records changed\n")

    back = command(deployment, "migrate", "--to", "1", database=other.name)
    assert back.returncode == 0, back.stderr
    assert models() == [bare] * 4
    assert other.documents.distinct("schema_version") == [1]
    assert migrations.version(other) == 1
    assert command(deployment, "migrate", database=other.name).returncode == 0
    assert models() == [widened] * 4


def test_a_newer_database_and_a_version_that_there_is_not_are_refused(
    deployment: Deployment, other: Database[dict[str, Any]]
) -> None:
    setup.set_up(other, make_settings(deployment.environment))
    wrong = command(deployment, "migrate", "--to", str(SCHEMA_VERSION + 1), database=other.name)
    other.schema.update_one({"_id": "documents"}, {"$set": {"version": SCHEMA_VERSION + 1}})
    newer = [command(deployment, name, database=other.name) for name in ("migrate", "init")]
    for done in (wrong, *newer):
        assert done.returncode == 1
        assert done.stderr.startswith("copydesk: ")
        assert done.stderr.count("\n") == 1
