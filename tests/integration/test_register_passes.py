"""A pass over the register whose process is killed in the middle: the next one leaves the entries as if nothing had
happened."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from services import identity
from services.records import Processing, Raw, Record, Source, Status
from services.store import setup
from services.store.client import connect
from tests.conftest import ROOT, make_settings
from workers import register

Doc = dict[str, Any]
DATABASE = "copydesk_register"
NAMESAKE = identity.of_name("PERSON", "Anders Myklebust") or ""
PASS = """
import sys, time
from services.settings import settings
from services.store.client import connect
from workers import likeness, register

def waits(*_):
    print("reached", flush=True)
    time.sleep(600)

setattr(likeness if sys.argv[1] == "suggest" else register, sys.argv[1], waits)
register.run(connect(settings()), settings())
"""
"""A pass that gets as far as one of its functions."""


@pytest.fixture
def db(environment: dict[str, str]) -> Iterator[Database[Doc]]:
    """A database of the test's own, with documents of two people of one name and of others."""
    settings = make_settings({**environment, "COPYDESK_MONGO_DATABASE": DATABASE})
    found = connect(settings)
    found.client.drop_database(found.name)
    setup.set_up(found, settings)
    roles = ["Judge", "striker"] * 3
    found.documents.insert_many(_record(at, "Anders Myklebust", role) for at, role in enumerate(roles))
    found.documents.insert_many(_record(10 + at, f"Person Number{at % 3}", "mayor") for at in range(9))
    yield found
    found.client.drop_database(found.name)
    found.client.close()


def _record(at: int, name: str, role: str) -> Doc:
    now = datetime.now(UTC)
    spans = [{"text": name, "start": 0, "end": len(name)}]
    entity = {"id": identity.of_name("PERSON", name), "name": name, "type": "PERSON", "role": role, "mentions": spans,
              "count": 1}  # fmt: skip
    return Record(
        status=Status.DONE, raw=Raw(sha256=f"{at:064x}", size_bytes=1), source=Source(received_at=now), text=name,
        entities=[entity], processing=Processing(finished_at=now),
    ).model_dump()  # fmt: skip


@pytest.mark.parametrize("reached", ["_correct", "suggest"])
def test_a_killed_pass_leaves_no_wrong_entry(db: Database[Doc], environment: dict[str, str], reached: str) -> None:
    settings = make_settings({**environment, "COPYDESK_MONGO_DATABASE": DATABASE})
    with subprocess.Popen(
        [sys.executable, "-c", PASS, reached], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, **environment, "COPYDESK_MONGO_DATABASE": DATABASE},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line == "reached\n":
                break
        else:
            pytest.fail("the pass ended by itself")
        process.kill()
    assert register.run(db, settings) == 0, "the turn of the killed process has not ended"
    db.entity_pass.update_one({"_id": "pass"}, {"$set": {"until": datetime.now(UTC)}})  # as if its time were over
    while register.run(db, settings):
        pass
    judges, strikers = (_ids_of(db, role) for role in ("Judge", "striker"))
    assert (len(judges), len(strikers), judges & strikers) == (1, 1, set())
    assert {identity.base(id) for id in judges | strikers} == {NAMESAKE}
    counts = {one["_id"]: one["documents"] for one in db.entities.find({"documents": {"$gt": 0}})}
    assert sorted(counts.values()) == [3] * 5
    assert counts.keys() == {id for role in ("Judge", "striker", "mayor") for id in _ids_of(db, role)}
    left = sorted(db.entities.find(), key=lambda one: str(one["_id"]))
    for name in ("entities", "entity_stale", "entity_pass"):
        db[name].delete_many({})
    register.run(db, settings)
    assert sorted(db.entities.find(), key=lambda one: str(one["_id"])) == left, "as made from the records again"


def _ids_of(db: Database[Doc], role: str) -> set[str]:
    return {one["entities"][0]["id"] for one in db.documents.find({"entities.role": role})}
