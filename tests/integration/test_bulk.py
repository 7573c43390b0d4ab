"""Backfills with `copydesk bulk`, on real servers: killed, shared, delayed, and cut off from MongoDB."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import tarfile
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from services import embedded
from services.records import Record
from services.store import setup, work
from services.store.client import connect
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Deployment, eventually

Env = dict[str, str]
REJECTED = 3


def start(environment: Env, *arguments: str, settings: Env | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COPYDESK, "bulk", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **environment, "COLUMNS": "300", **(settings or {})},
    )  # fmt: skip


def run(environment: Env, *arguments: str, settings: Env | None = None) -> subprocess.CompletedProcess[str]:
    process = start(environment, *arguments, settings=settings)
    stdout, stderr = process.communicate(timeout=240)
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def last(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the last line that a load prints."""
    return dict(json.loads(done.stdout.splitlines()[-1]))


def article(n: int, length: int = 0) -> str:
    return f"Lock {n} Reopens\n\nPANAMA CITY (Canal Wire) - Lock {n} reopened on Monday. {uuid.uuid4()}{'.' * length}\n"


def write(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def sums(db: Database[dict[str, Any]], collection: str) -> Counter[str]:
    found = db.documents.find({"source.collection": collection}, {"raw.sha256": 1})
    return Counter(record["raw"]["sha256"] for record in found)


@pytest.fixture
def other(environment: Env) -> Iterator[tuple[Env, Database[dict[str, Any]]]]:
    """Yield a separate database, whose documents no worker takes."""
    mine = {**environment, "COPYDESK_MONGO_DATABASE": f"bulk_{uuid.uuid4().hex[:8]}"}
    settings = make_settings(mine)
    db = connect(settings)
    setup.set_up(db, settings)
    yield mine, db
    db.client.drop_database(db.name)
    db.client.close()


def test_killed_twice_every_line_is_one_record_that_is_done_or_failed(deployment: Deployment, tmp_path: Path) -> None:
    db, collection = deployment.db, f"backfill-{uuid.uuid4().hex[:8]}"
    expected: list[bytes] = []
    lines: list[Any] = []
    for n in range(240):
        (tmp_path / f"{n}.txt").write_text(article(n))
        expected.append((tmp_path / f"{n}.txt").read_bytes())
        lines.append({"path": f"{n}.txt", "sha256": hashlib.sha256(expected[-1]).hexdigest()})
    for n in range(60):
        lines.append({"text": article(1000 + n), "title": f"Given {n}", "tags": ["inline"]})
        expected.append(json.dumps(lines[-1]).encode())
    lines[100]["metadata"] = {"box": 7}
    lines[100]["published_at"] = "1998-03-02T10:00:00+02:00"
    wrong = [
        {"path": "gone.txt"},
        {"path": "0.txt", "sha256": "0" * 64},
        {"path": "1.txt", "colour": "red"},
        {"text": "a", "html": "b"},
        "{not JSON",
        [1],
        {"path": "2.txt", "published_at": "yesterday"},
    ]
    for n, line in enumerate(wrong):
        lines.insert(40 * n + 5, line)
    manifest = write(tmp_path / "all.ndjson", lines)
    arguments = ("load", str(manifest), "--collection", collection, "--tag", "old", "--batch", "7")

    query = {"source.collection": collection}
    for least in (40, 160):
        process = start(deployment.environment, *arguments)
        eventually(lambda least=least: db.documents.count_documents(query) >= least, "documents are loaded")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was in the middle"
        assert db.documents.count_documents(query) < 300
    done = run(deployment.environment, *arguments)
    assert done.returncode == REJECTED, done.stderr
    counts = last(done)
    assert counts["stored"] + counts["already_there"] == 300
    assert counts["rejected"] == len(wrong)

    assert sums(db, collection) == Counter(hashlib.sha256(data).hexdigest() for data in expected)
    rejects = [json.loads(line) for line in (tmp_path / "all.ndjson.rejects.ndjson").read_text().splitlines()]
    assert [one["given"] for one in rejects] == wrong, "each once, in their order"
    data = manifest.read_bytes()
    for one in rejects:
        line = data[one["offset"] :].partition(b"\n")[0].decode()
        assert line == (one["given"] if isinstance(one["given"], str) else json.dumps(one["given"]))
    for reason, part in zip(
        [one["reason"] for one in rejects],
        [
            "no such file",
            "SHA-256",
            "colour: unknown field",
            "either",
            "not JSON",
            "not a JSON object",
            "published_at",
        ],
        strict=True,
    ):
        assert part in reason

    def finished() -> bool:
        wanted = {"source.collection": collection, "status": {"$in": ["done", "failed"]}}
        return bool(db.documents.count_documents(wanted) == 300)

    eventually(finished, "every document done or failed", seconds=300)
    by_sum = {hashlib.sha256(data).hexdigest(): data for data in expected}
    for record in db.documents.find({"source.collection": collection}):
        assert work.read_raw(db, record["_id"]) == by_sum[record["raw"]["sha256"]]
        Record.model_validate({name: value for name, value in record.items() if name != "_id"})
        assert record["status"] == "done"
        assert record["source"]["tags"] == (["inline"] if record["source"]["title"] else ["old"])
    dated = db.documents.find_one({"source.collection": collection, "source.metadata.box": 7})
    assert dated is not None
    assert (dated["published_at"].isoformat(), dated["published_zone"]) == ("1998-03-02T08:00:00+00:00", "+02:00")

    name = f"{tmp_path}/all.ndjson"
    notes = list(db.audit.find({"action": "document.bulk", "target": name}))
    assert len(notes) == 3
    assert notes[-1]["details"]["position"] > notes[0]["details"]["position"] == 0
    again = run(deployment.environment, *arguments)
    assert (again.returncode, last(again)["rejected"]) == (REJECTED, len(wrong)), "it is known to be finished"
    looked = run(deployment.environment, *arguments, "--again")
    assert (last(looked)["stored"], last(looked)["already_there"]) == (0, 300)
    assert len((tmp_path / "all.ndjson.rejects.ndjson").read_text().splitlines()) == len(wrong)


def test_the_same_document_by_post_and_in_a_manifest_is_one(deployment: Deployment, tmp_path: Path) -> None:
    collection = f"both-{uuid.uuid4().hex[:8]}"
    document = {"text": article(1), "collection": collection, "url": "https://example.org/1"}
    body = json.dumps(document)
    sent = deployment.http.post("/v1/documents", content=body, headers={"Content-Type": "application/json"}).json()
    done = run(
        deployment.environment, "load", str(write(tmp_path / "m.ndjson", [document, {**document, "text": article(2)}]))
    )
    assert (done.returncode, last(done)["stored"], last(done)["already_there"]) == (0, 1, 1), done.stderr
    found = deployment.db.documents.find({"source.collection": collection})
    one, two = sorted(found, key=lambda record: str(record["_id"]) != sent["id"])  # ids of one second have no order
    assert str(one["_id"]) == sent["id"]
    differ = {"received_at", "key"}  # no key loads a manifest
    assert {k: v for k, v in one["source"].items() if k not in differ} == {
        k: v for k, v in two["source"].items() if k not in differ
    }
    assert set(one) == set(two)
    assert one["raw"]["declared_media_type"] == two["raw"]["declared_media_type"]


def test_parts_share_a_manifest_and_load_each_line_once(
    other: tuple[Env, Database[dict[str, Any]]], tmp_path: Path
) -> None:
    environment, db = other
    lines = [{"text": article(n, length=(n * 37) % 900)} for n in range(150)]
    manifest = write(tmp_path / "shared.ndjson", lines)
    processes = [start(environment, "load", str(manifest), "--part", f"{n}/4", "--batch", "9") for n in (1, 2, 3, 4)]
    ends = [process.communicate(timeout=240) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, ends
    counts = [json.loads(stdout.splitlines()[-1]) for stdout, _ in ends]
    assert sum(one["stored"] for one in counts) == 150
    assert all(one["stored"] > 10 and one["already_there"] == 0 for one in counts)
    assert sums(db, "default") == Counter(hashlib.sha256(json.dumps(line).encode()).hexdigest() for line in lines)
    listed = [json.loads(line) for line in run(environment, "status").stdout.splitlines()]
    assert {(one["part"], one["share"], bool(one["finished_at"])) for one in listed} == {
        (f"{n}/4", 1.0, True) for n in (1, 2, 3, 4)
    }
    wrong = run(environment, "load", str(manifest), "--part", "5/4")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)


def test_it_waits_while_the_queue_is_full_and_goes_on_when_there_is_room(
    other: tuple[Env, Database[dict[str, Any]]], tmp_path: Path
) -> None:
    environment, db = other
    manifest = write(tmp_path / "many.ndjson", [{"text": article(n)} for n in range(56)])
    limits = {"COPYDESK_MAX_QUEUED_DOCUMENTS": "40", "COPYDESK_BULK_SHARE": "0.5"}
    queued = {"status": "queued"}
    process = start(environment, "load", str(manifest), "--batch", "8", settings=limits)
    try:
        most = 0
        for stored in (16, 32, 48):
            eventually(lambda stored=stored: db.documents.count_documents({}) == stored, f"{stored} loaded")
            end = time.monotonic() + 2
            while time.monotonic() < end:  # it stays there
                most = max(most, db.documents.count_documents(queued))
                assert db.documents.count_documents({}) == stored
                assert process.poll() is None
                time.sleep(0.2)
            db.documents.update_many(queued, {"$set": {"status": "done"}})
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert most <= 20
    assert process.returncode == 0, stderr
    assert json.loads(stdout.splitlines()[-1])["stored"] == 56
    assert any("wait for a worker" in (json.loads(line).get("waits") or "") for line in stdout.splitlines())


def tar(path: Path, mode: str, members: dict[str, bytes]) -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def test_a_manifest_of_folders_archives_and_ndjson_loads_what_is_in_them(
    other: tuple[Env, Database[dict[str, Any]]], tmp_path: Path
) -> None:
    environment, db = other
    made = iter(range(1000))

    def members(kind: str) -> dict[str, bytes]:
        return {f"{kind}/{n}.txt": article(next(made)).encode() for n in range(5)}

    everything: list[bytes] = []
    folder = tmp_path / "folder" / "1998"
    folder.mkdir(parents=True)
    large = article(0).encode() + os.urandom(700_000).hex().encode()  # over the inline limit
    for name, data in [("é.html", b"<p>" + article(1).encode()), ("large.txt", large), ("b.xml", b"<a>1</a>")]:
        (folder / name).write_bytes(data)
        everything.append(data)
    (folder / ".hidden").write_text("no")
    for kind, mode in (("tar", "w"), ("tar.gz", "w:gz")):
        held = members(kind)
        tar(tmp_path / f"news.{kind}", mode, held)
        everything += held.values()
    held = members("zip")
    with zipfile.ZipFile(tmp_path / "news.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    everything += held.values()
    lines = [json.dumps({"headline": f"Line {n}", "body": article(n)}) for n in range(4)]
    (tmp_path / "news.ndjson").write_text("\n" + "\n\n".join(lines) + "\n")
    everything += [line.encode() for line in lines]
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "x.txt").write_text(pattern := article(5))
    everything.append(pattern.encode())

    names = [
        str(tmp_path / name) for name in ("folder", "news.tar", "news.tar.gz", "news.zip", "news.ndjson", "**/x.*")
    ]
    written = run(environment, "manifest", *names, "--relative-to", str(tmp_path), "--sha256")
    assert written.returncode == 0, written.stderr
    assert len(written.stdout.splitlines()) == len(everything)
    manifest = tmp_path / "m.ndjson"
    manifest.write_text(written.stdout)
    checked = run({**environment, "COPYDESK_MONGO_URL": "mongodb://127.0.0.1:1"}, "load", str(manifest), "--dry-run")
    assert (checked.returncode, last(checked)["valid"]) == (0, len(everything)), checked.stderr
    done = run(environment, "load", str(manifest), "--batch", "4")
    assert (done.returncode, last(done)["stored"]) == (0, len(everything)), done.stderr
    records = list(db.documents.find({}))
    assert Counter(work.read_raw(db, record["_id"]) for record in records) == Counter(everything)
    said = {record["raw"]["filename"]: record["raw"]["declared_media_type"] for record in records}
    assert said["é.html"] == "text/html"
    assert said["0.txt"] == "text/plain"
    assert sum(kind == "application/json" for kind in said.values()) == 4
    assert db["raw_large.files"].count_documents({}) == 1

    moved = run(environment, "load", str(manifest), "--collection", "again")
    assert (moved.returncode, last(moved)["stored"]) == (0, len(everything)), "another collection is another load"

    (folder / "b.xml").write_bytes(b"<a>2</a>")
    later = run(environment, "load", str(manifest), "--dry-run")
    assert later.returncode == REJECTED
    assert "SHA-256" in (tmp_path / "m.ndjson.dry-run.ndjson").read_text()


def test_of_two_processes_at_one_part_the_first_ends(
    other: tuple[Env, Database[dict[str, Any]]], tmp_path: Path
) -> None:
    environment, db = other
    manifest = write(tmp_path / "one.ndjson", [{"text": article(n)} for n in range(40)])
    full = {"COPYDESK_MAX_QUEUED_DOCUMENTS": "20", "COPYDESK_BULK_SHARE": "0.5"}
    first = start(environment, "load", str(manifest), "--batch", "5", settings=full)
    eventually(lambda: (db.bulk_loads.find_one({}) or {}).get("stored") == 10, "the first fills the queue")
    second = run(environment, "load", str(manifest), "--batch", "5")
    assert (second.returncode, last(second)["stored"]) == (0, 40), second.stderr  # the first ones included
    db.documents.update_many({}, {"$set": {"status": "done"}})
    _, stderr = first.communicate(timeout=60)
    assert first.returncode == 1
    assert "another process" in stderr
    assert sorted(sums(db, "default").values()) == [1] * 40


def test_mongodb_may_be_killed_under_it(tmp_path: Path) -> None:
    """Run on the embedded server, which can be started again with its data."""
    servers = embedded.Servers(tmp_path / "servers")
    servers.start()
    try:
        environment = {**servers.environment, "COPYDESK_MONGO_DATABASE": "killed"}
        settings = make_settings(environment)
        db = connect(settings)
        setup.set_up(db, settings)
        lines = [{"text": article(n)} for n in range(400)]
        process = start(environment, "load", str(write(tmp_path / "m.ndjson", lines)), "--batch", "20")
        eventually(lambda: db.documents.count_documents({}) >= 100, "some are loaded")
        for _ in range(2):
            before = db.bulk_loads.find_one({}) or {}
            servers.children["mongo"].kill()
            servers.children["mongo"].wait()
            servers.run_mongo()
            after = db.bulk_loads.find_one({}) or {}
            assert after["stored"] >= before["stored"]
            assert db.documents.count_documents({}) >= after["stored"], "what the checkpoint counts is in the journal"
        stdout, stderr = process.communicate(timeout=240)
        assert process.returncode == 0, stderr
        counts = json.loads(stdout.splitlines()[-1])
        assert counts["stored"] == 400, counts
        servers.children["mongo"].kill()  # whatever was not in the journal is gone now
        servers.children["mongo"].wait()
        servers.run_mongo()
        assert sums(db, "default") == Counter(hashlib.sha256(json.dumps(line).encode()).hexdigest() for line in lines)
        ids: list[ObjectId] = [record["_id"] for record in db.documents.find({}, {"_id": 1})]
        assert db.raw.count_documents({"_id": {"$in": ids}}) == 400
        db.client.close()
    finally:
        servers.stop()
