"""Requests that the OpenAPI document allows, and many that it does not, are answered as the document says."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from services.records import Failure, Status
from services.store import keys, setup
from services.store.client import connect
from tests.conftest import make_settings
from tests.deep import of
from tests.integration.conftest import COPYDESK, Api

SCHEMATHESIS = str(Path(COPYDESK).parent / "schemathesis")
EXAMPLES = os.environ.get("OPENAPI_EXAMPLES", str(of(4, 25)))
SEED = os.environ.get("OPENAPI_SEED", "20120310")


@contextmanager
def finished(db: Database[dict[str, Any]]) -> Iterator[None]:
    """Make waiting documents fail soon, as if a worker could not read them, so that whoever listens for their end does
    not wait long."""
    failure = Failure(code="empty", message="it has no text", stage="parse", attempts=1).model_dump()
    over = Event()

    def fail() -> None:
        while not over.wait(0.3):
            db.documents.update_many({"status": Status.QUEUED}, {"$set": {"status": Status.FAILED, "error": failure}})

    thread = Thread(target=fail)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def api(environment: dict[str, str], tmp_path: Path) -> Iterator[Api]:
    """Yield an API whose database has no worker, with a key of full rights and a document under the id of the
    examples."""
    key = keys.generate()
    own = {
        **environment,
        "COPYDESK_MONGO_DATABASE": f"openapi_{uuid.uuid4().hex[:8]}",
        "COPYDESK_BOOTSTRAP_KEY": key,
        "COPYDESK_SOURCE_TEST_SECONDS": "0.5",
    }
    settings = make_settings(own)
    db = connect(settings)
    setup.set_up(db, settings)
    api = Api(own, tmp_path / "api.log", {"Authorization": f"Bearer {key}"})
    api.wait(200)
    id = api.http.post("/v1/documents", content=b"Ships sail.", headers={"Content-Type": "text/plain"}).json()["id"]
    for collection in (db.documents, db.raw):
        entry = collection.find_one({"_id": ObjectId(id)}) or {}
        collection.delete_one({"_id": ObjectId(id)})
        collection.insert_one({**entry, "_id": ObjectId("665f1f77bcf86cd799439011")})
    with finished(db):
        yield api
    api.stop()
    db.client.drop_database(db.name)
    db.client.close()


def test_every_answer_is_documented(api: Api, tmp_path: Path) -> None:
    # Not checked: that valid input is accepted. No schema states which fields may occur together (`text` or `html`).
    # Not requested: what a worker answers, because there is none here (test_watchlist_faces.py does).
    run = subprocess.run(
        [SCHEMATHESIS, "run", f"{api.http.base_url}/openapi.json", "--header", f"Authorization: {api.http.headers['authorization']}",
         "--phases", "examples,coverage,fuzzing,stateful", "--exclude-checks", "positive_data_acceptance", "--exclude-path", "/v1/lists/ask",
         "--request-timeout", "20", "--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2000:]
    assert "Tested: " in run.stdout
    assert "request_failed" not in (tmp_path / "api.log").read_text()
