"""The drill's count notices every mishap: each is caused on purpose, to records that were correct."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bson import ObjectId
from gridfs import GridFSBucket
from pymongo.database import Database

from services.records import Raw, Record, Source, Status
from services.settings import Settings
from services.store import setup, work
from services.store.client import connect
from tests.conftest import make_settings
from tests.drill.documents import Document, documents
from tests.drill.reckoning import left_over, reckon
from tests.drill.witness import Witness

Doc = dict[str, Any]
Db = Database[Doc]
INSERTED = 20  # of which one is large


@pytest.fixture(scope="module")
def settings(environment: dict[str, str]) -> Settings:
    return make_settings({**environment, "COPYDESK_MONGO_DATABASE": f"reckoning_{uuid.uuid4().hex[:8]}"})


@pytest.fixture(scope="module")
def db(settings: Settings) -> Iterator[Db]:
    db = connect(settings)
    setup.set_up(db, settings)
    yield db
    db.client.drop_database(db.name)
    db.client.close()


@pytest.fixture
def accepted(db: Db, settings: Settings) -> Iterator[dict[Document, set[str]]]:
    found: dict[Document, set[str]] = {}
    for document in documents(random.Random(uuid.uuid4().int), INSERTED):
        id = work.insert(db, _record(document), document.data, settings)
        found[document] = {str(id)}
    db.documents.update_many({}, {"$set": {"status": Status.DONE}})
    yield found
    for name in ("documents", "raw", "raw_large.files", "raw_large.chunks"):
        db[name].delete_many({})


def _record(document: Document, collection: str = "drill") -> Record:
    source = Source(collection=collection, received_at="2026-01-01T00:00:00Z")  # type: ignore[arg-type]
    raw = Raw(sha256=document.sha256, size_bytes=len(document.data))
    return Record(status=Status.DONE, raw=raw, source=source)


def _fetch(db: Db) -> Callable[[str], bytes | None]:
    def fetch(id: str) -> bytes | None:
        try:
            return work.read_raw(db, ObjectId(id))
        except LookupError:
            return None

    return fetch


def _lose_record(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    db.documents.delete_one({"_id": id})


def _lose_bytes(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    db.raw.delete_one({"_id": id})


def _change_a_byte(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    db.raw.update_one({"_id": id}, {"$set": {"data": b"?" + document.data[1:]}})


def _double(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    work.insert(db, _record(document, "another"), document.data, settings)


def _add_unpromised(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    other = Document(None, b"nobody sent this", "text/plain", "plain")
    work.insert(db, _record(other), other.data, settings)


def _leave_queued(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    db.documents.update_one({"_id": id}, {"$set": {"status": Status.QUEUED}})


def _fail_without_reason(db: Db, settings: Settings, id: ObjectId, document: Document) -> None:
    db.documents.update_one({"_id": id}, {"$set": {"status": Status.FAILED, "error": None}})


MISHAPS = {
    _lose_record: ("lost", "no record"),
    _lose_bytes: ("lost", "no bytes"),
    _change_a_byte: ("lost", "other bytes"),
    _double: ("duplicated", "records of the same bytes"),
    _add_unpromised: ("duplicated", "nobody was promised"),
    _leave_queued: ("stuck", "queued"),
    _fail_without_reason: ("stuck", "failed"),
}


def test_what_is_in_order_is_found_in_order(db: Db, settings: Settings, accepted: dict[Document, set[str]]) -> None:
    found = reckon(db, accepted, _fetch(db))
    assert (found.done, found.lost, found.duplicated, found.stuck) == (INSERTED, [], [], [])
    assert left_over(db, settings) == 0


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_is_noticed(mishap: Any, db: Db, settings: Settings, accepted: dict[Document, set[str]]) -> None:
    document = next(document for document in accepted if len(document.data) < settings.inline_raw_bytes)
    mishap(db, settings, ObjectId(*accepted[document]), document)
    found = reckon(db, accepted, _fetch(db))
    kind, why = MISHAPS[mishap]
    counts = {name: len(getattr(found, name)) for name in ("lost", "duplicated", "stuck")}
    assert counts == {"lost": 0, "duplicated": 0, "stuck": 0, kind: 1}
    assert why in getattr(found, kind)[0]


def test_two_answers_to_one_document_are_noticed(db: Db, accepted: dict[Document, set[str]]) -> None:
    next(iter(accepted.values())).add(str(ObjectId()))
    assert len(reckon(db, accepted, _fetch(db)).duplicated) == 1


def test_a_large_document_without_a_chunk_is_noticed(db: Db, accepted: dict[Document, set[str]]) -> None:
    chunk = db["raw_large.chunks"].find_one({})
    assert chunk
    db["raw_large.chunks"].update_one({"_id": chunk["_id"]}, {"$set": {"data": bytes(len(chunk["data"]))}})
    assert "other bytes" in reckon(db, accepted, _fetch(db)).lost[0]


def test_bytes_that_the_tidying_does_not_find_are_counted(
    db: Db, settings: Settings, accepted: dict[Document, set[str]]
) -> None:
    db["raw_large.chunks"].insert_one({"files_id": ObjectId(), "n": 1, "data": b"the middle of an upload"})
    GridFSBucket(db, "raw_large").upload_from_stream("an upload", b"cut off")  # this one it finds
    assert left_over(db, settings) == 1


def test_a_server_that_forgets_is_told_apart(db: Db) -> None:
    witness = Witness(db)
    witness.start()
    while not db.drill_witness.find_one({"_id": 3, "value": 2}):
        pass
    witness.stop()
    assert witness.forgotten()[0] == 0
    db.drill_witness.delete_one({"_id": 1})
    db.drill_witness.update_one({"_id": 2}, {"$set": {"value": 1}})
    assert witness.forgotten()[0] == 3
