"""The background comparison of stored documents: it continues where it was cut off, and misses nothing that arrives meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from services.records import Processing, Raw, Record, Source, Status
from services.store import lists, setup
from services.store.client import connect
from tests.conftest import make_settings
from workers.lists import passes, watched

Doc = dict[str, Any]
NAME = "Torvald Grindheim"


@pytest.fixture
def db(environment: dict[str, str]) -> Iterator[Database[Doc]]:
    """Yield a database for this test alone."""
    settings = make_settings({**environment, "COPYDESK_MONGO_DATABASE": "copydesk_passes"})
    found = connect(settings)
    found.client.drop_database(found.name)
    setup.set_up(found, settings)
    yield found
    found.client.drop_database(found.name)
    found.client.close()


def insert(db: Database[Doc], number: int, revision: int | None = None, matches: list[Doc] | None = None) -> ObjectId:
    """Insert a record as a worker that had loaded the lists of this revision writes it."""
    now = datetime.now(UTC)
    entity = {"name": NAME, "type": "PERSON", "mentions": [{"text": NAME, "start": 0, "end": len(NAME)}], "count": 1}
    record = Record(
        status=Status.DONE, raw=Raw(sha256=f"{number:064x}", size_bytes=1), source=Source(received_at=now), text=NAME,
        entities=[entity], processing=Processing(finished_at=now, lists_revision=revision), lists=matches or [],
    )  # fmt: skip
    return db.documents.insert_one(record.model_dump()).inserted_id


def load(db: Database[Doc], names: list[str]) -> ObjectId:
    """Store a list as an API does that dies before it has counted the change."""
    id, load = ObjectId(), ObjectId()
    db.list_entries.insert_one(
        {"load": load, "id": "Q1", "kind": "person", "names": names, "countries": [], "born": [], "ids": []}
    )
    db.lists.insert_one(
        {"_id": id, "name": str(id), "collections": ["*"], "load": load, "pending": True, "deleted": False}
    )
    return id


def test_a_pass_that_is_cut_off_continues_beside_new_documents(
    db: Database[Doc], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "BATCH", 4)
    ids = [insert(db, number) for number in range(10)]
    made = load(db, [NAME])
    assert passes.run(db, seconds=0) == (4, True), "one batch, then the process is gone"
    revision = lists.state(db)["revision"]
    old = insert(db, 100, revision - 1)  # by a worker that does not know the list yet
    new = insert(
        db,
        101,
        revision,
        [{"list": str(made), "entry": "Q1", "name": NAME, "text": NAME, "score": 0.95, "reason": "new"}],
    )
    compared = [4]
    while True:
        number, more = passes.run(db, seconds=0)
        compared.append(number)
        if not more:
            break
    assert sum(compared) == len(ids) + 1, "each once, and not the one that a worker had compared"
    for record in db.documents.find():
        assert [(hit["list"], hit["entry"]) for hit in record["lists"]] == [(str(made), "Q1")]
        assert record["processing"]["lists_revision"] == revision
    assert db.documents.find_one({"_id": new, "lists.reason": "new"})
    assert db.documents.find_one({"_id": old, "processing.listed_at": {"$ne": None}}), "saved searches test it again"
    assert passes.run(db) == (0, False)


def test_a_document_that_changes_during_the_comparison_is_compared_again(
    db: Database[Doc], monkeypatch: pytest.MonkeyPatch
) -> None:
    id = insert(db, 1)
    load(db, [NAME])
    real = passes.match

    def corrected_meanwhile(index: Any, record: Doc) -> list[Doc]:
        monkeypatch.setattr(passes, "match", real)
        db.documents.update_one({"_id": id}, {"$set": {"revision": 1, "entities": []}})
        return real(index, record)

    monkeypatch.setattr(passes, "match", corrected_meanwhile)
    passes.run(db)
    record = db.documents.find_one({"_id": id})
    assert record and record["lists"] == [] and record["processing"]["lists_revision"], "the corrected names count"


def test_a_change_is_settled_only_when_no_worker_can_store_the_one_before(db: Database[Doc]) -> None:
    insert(db, 1)
    load(db, [NAME])
    passes.run(db)
    assert lists.state(db)["settled"] == 0
    before = datetime.now(UTC) - timedelta(seconds=lists.SETTLE_SECONDS + 1)
    db.list_state.update_one({}, {"$set": {"changed_at": before}})
    passes.run(db)
    state = lists.state(db)
    assert state["settled"] == state["revision"] == watched.current(db).revision
