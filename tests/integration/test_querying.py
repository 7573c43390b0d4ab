"""docs/querying.md against its documents: the PyMongo code on the page is run, and its mongosh code is parsed."""

from __future__ import annotations

import json
import mimetypes
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bson import Decimal128
from pymongo import MongoClient
from pymongo.database import Database

from services import corrections
from services.api.schema import record_schema
from services.embedded import free_port
from services.records import SCHEMA_VERSION, Fetched, Processing, Raw, Record, Source, Status
from services.store import counts, setup, work
from services.store.client import connect
from services.store.schema import record_schema as validator
from services.store.views import VIEWS
from tests.conftest import ROOT, make_settings
from tests.querying.list_questions import watch
from tests.querying.page import page
from tests.querying.questions import CHAPTERS
from tests.querying.render import answer, read_mongosh
from workers import attempts
from workers.attempts import Attempt
from workers.enrich.registry import STAGES

PAGE = ROOT / "docs/querying.md"
SCHEMA = ROOT / f"docs/schema/{SCHEMA_VERSION}.json"
SAMPLES = [path for folder in ("seeds", "tests/querying/wire") for path in sorted((ROOT / folder).iterdir())]
WRITE = bool(os.environ.get("WRITE"))
"""`make querying` writes the page anew instead of testing it."""

FOLDER = Fetched(id="665f1f77bcf86cd799439011", name="Wire folder")
"""What the items of the wire came from."""

_BLOCK = re.compile(r"^### (?P<asks>.+?)\n.*?```js\n(?P<js>.*?)\n```\n\n```python\n(?P<python>.*?)\n```\n\n"
                    r"(?:```json\n(?P<answer>.*?)\n```|Nothing\.)", re.S | re.M)  # fmt: skip
QUESTIONS = [question for questions in CHAPTERS.values() for question in questions]


@pytest.fixture(scope="module")
def seeded(environment: dict[str, str]) -> Iterator[Database[Any]]:
    """Yield a separate database with the seeds and a wire item, read one after the other by the worker's own code."""
    settings = make_settings({**environment, "COPYDESK_MONGO_DATABASE": "copydesk_querying",
                              "COPYDESK_TASK_SOFT_SECONDS": "60", "COPYDESK_TASK_HARD_SECONDS": "61",
                              "COPYDESK_LEASE_SECONDS": "62", "COPYDESK_VISIBILITY_SECONDS": "63"})  # fmt: skip
    db = connect(settings)
    db.client.drop_database(db.name)
    setup.set_up(db, settings)
    tally = counts.Tally(db)
    watch(db)
    for path in SAMPLES:
        data = path.read_bytes()
        raw = Raw(sha256=sha256(data).hexdigest(), size_bytes=len(data), filename=path.name,
                  declared_media_type=mimetypes.guess_type(path.name)[0])  # fmt: skip
        now = datetime.now(UTC)
        record = Record(
            status=Status.QUEUED,
            raw=raw,
            source=Source(received_at=now, fetched_from=FOLDER if path.parent.name == "wire" else None),
            processing=Processing(queued_at=now),
        )
        id = work.insert(db, record, data, settings)
        assert id is not None
        claim = work.claim(db, id, settings)
        assert claim is not None
        attempts.alone(Attempt(db, claim, settings, STAGES, tally))
    assert db.documents.count_documents({"status": "done"}) == len(SAMPLES)
    edited(db)
    yield db
    db.client.drop_database(db.name)
    db.client.close()


def edited(db: Database[Any]) -> None:
    """Tag a document and comment on it as an editor, which changes no other answer."""
    record = db.documents.find_one({"title": {"$ne": None}}, sort=[("title", 1)])
    assert record is not None
    by = {"by": {"name": "desk", "key": None}, "at": datetime(2024, 5, 6, tzinfo=UTC), "was": {}, "applied": False}
    made = [
        {"id": "1", "kind": "tag", "target": None, "now": {"tag": "checked"}, **by},
        {"id": "2", "kind": "comment", "target": None, "now": {"text": "The sum is the ministry's."}, **by},
    ]
    db.documents.update_one({"_id": record["_id"]}, {"$set": corrections.stored(record, made)})


@pytest.fixture(scope="module")
def blocks(seeded: Database[Any]) -> dict[str, dict[str, str | None]]:
    """Return the page's questions by their headings."""
    if WRITE:
        PAGE.write_text(page(seeded), "utf-8")
    return {match["asks"]: match.groupdict() for match in _BLOCK.finditer(PAGE.read_text("utf-8"))}


def test_there_are_enough(blocks: dict[str, Any]) -> None:
    assert len(blocks) == len(QUESTIONS) >= 30


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.asks[:40])
def test_each_answer_is_what_the_page_says(seeded: Database[Any], blocks: dict[str, Any], question: Any) -> None:
    block = blocks[question.asks]
    rows = list(eval(block["python"], {"db": seeded, "datetime": datetime, "UTC": UTC, "Decimal128": Decimal128}))
    assert answer(rows) == (block["answer"] or "")
    assert read_mongosh(block["js"]) == (question.on, question.calls)


def test_views_survive_another_init_and_follow_their_definition(
    seeded: Database[Any], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(environment)
    before = list(seeded.quotes_by_speaker.find())
    assert before
    setup.set_up(seeded, settings)
    assert list(seeded.quotes_by_speaker.find()) == before
    monkeypatch.setitem(VIEWS, "quotes_by_speaker", [*VIEWS["quotes_by_speaker"], {"$limit": 1}])
    setup.set_up(seeded, settings)
    assert len(list(seeded.quotes_by_speaker.find())) == 1
    monkeypatch.undo()
    setup.set_up(seeded, settings)
    assert list(seeded.quotes_by_speaker.find()) == before


def test_the_change_stream_example_prints_what_becomes_done(tmp_path: Path) -> None:
    """It runs on a separate SecantusDB that is started as a replica set; those of `copydesk up` and the containers are
    not."""
    port = free_port()
    server = subprocess.Popen(
        [Path(sys.executable).parent / "secantusd-py", "--host", "127.0.0.1", "--port", str(port), "--storage-path", tmp_path],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    client: MongoClient[Any] = MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true")
    try:
        db = client.copydesk
        id = db.documents.insert_one({"title": "Tide Table", "status": "queued"}).inserted_id
        code = (
            PAGE.read_text("utf-8").partition("## Following changes")[2].partition("```python\n")[2].partition("```")[0]
        )
        watching = threading.Event()
        printed: list[str] = []

        class Enough(Exception):
            pass

        def show(title: str) -> None:
            printed.append(title)
            raise Enough

        class Watched:
            def watch(self, *arguments: Any, **options: Any) -> Any:
                stream = db.documents.watch(*arguments, **options)
                watching.set()
                return stream

        def follow() -> None:
            with suppress(Enough):
                exec(code, {"db": SimpleNamespace(documents=Watched()), "print": show})

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        assert watching.wait(60)
        db.documents.update_one({"_id": id}, {"$set": {"status": "processing"}})
        db.documents.update_one({"_id": id}, {"$set": {"status": "done"}})
        thread.join(timeout=60)
        assert printed == ["Tide Table"]
    finally:
        client.close()
        server.terminate()
        server.wait(timeout=30)


def test_the_published_schema_is_that_of_the_records(seeded: Database[Any]) -> None:
    schema = record_schema()
    if WRITE:
        SCHEMA.parent.mkdir(exist_ok=True)
        SCHEMA.write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(SCHEMA.read_text("utf-8")) == schema
    assert set(schema["properties"]) - {"id"} == set(validator()["properties"])
    record = seeded.documents.find_one({})
    assert record is not None and set(record) - {"_id"} <= set(schema["properties"])
