"""Reprocessing: only what changed, by filter and by version, without damage to stories."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_cli import run

THINGS = [
    "harbour",
    "ferry",
    "bridge",
    "market",
    "engine",
    "museum",
    "tunnel",
    "theatre",
    "library",
    "stadium",
    "school",
    "tower",
]
OWN_STAGE = """
from services.records import Money


def none(reading):
    return [Money(text=reading.article.text[:1], start=0, end=1, amount=42)]
"""


@pytest.fixture
def collection() -> str:
    return f"again-{uuid.uuid4().hex}"


@pytest.fixture
def versions(deployment: Deployment, collection: str) -> list[dict[str, Any]]:
    """Return a story's first version and a longer one, both done."""
    pick = random.Random(collection).choice
    lines = [
        f"The {pick(THINGS)} and the {pick(THINGS)} of Gdynia will be rebuilt for ${pick(range(2, 900))} million, said the "
        f"mayor, Ewa Lis, because a {pick(THINGS)} fell on the {pick(THINGS)} last week."
        for _ in range(6)
    ]
    texts = ["Piers to be rebuilt", *lines], ["Piers to be rebuilt", *lines, "A ferry to Karlskrona waits."]
    return [deployment.final(deployment.post("\n\n".join(text), collection=collection)["id"]) for text in texts]


@pytest.fixture
def own_money(deployment: Deployment, tmp_path: Path) -> Iterator[str]:
    """Run a worker with a different stage for money."""
    before = dict(deployment.environment)
    (tmp_path / "own_stages.py").write_text(OWN_STAGE)
    path = os.pathsep.join(filter(None, [str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH")]))
    deployment.environment.update({"COPYDESK_ENRICH_REPLACE": "money=own_stages:none", "PYTHONPATH": path})
    restart(deployment, "own_stages:none 1")
    yield "own_stages:none 1"
    deployment.environment.clear()
    deployment.environment.update(before)
    restart(deployment)


def restart(deployment: Deployment, money: str = "") -> None:
    deployment.db.current.delete_many({})
    deployment.kill("worker")
    deployment.start_worker()
    told = eventually(deployment.db.current.find_one, "the worker says what is current")
    assert told["stages"]["money"].startswith(money)


def reprocess(deployment: Deployment, *options: str) -> str:
    done = run("reprocess", *options, api=deployment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_the_changed_stage_and_what_needs_it_run_again(
    deployment: Deployment, versions: list[dict[str, Any]], collection: str, own_money: str
) -> None:
    options = ("--stale", "--where", json.dumps({"source.collection": collection}))
    assert reprocess(deployment, *options) == "2 queued"
    for before in versions:
        after = deployment.final(before["id"])
        assert set(after["processing"]["timings_ms"]) == {"model", "money", "quantities", "dates", "events"}
        assert after["processing"]["stages"] == before["processing"]["stages"] | {"money": own_money}
        assert after["processing"]["models"]["en_core_web_md"]["licence"] == "MIT"
        assert [found["amount"] for found in after["money"]] == ["42"]
        for kept in ("text", "entities", "quotes", "story", "published_at", "warnings"):
            assert after[kept] == before[kept], kept
    assert reprocess(deployment, *options) == "0 queued"


def test_force_makes_everything_anew_and_a_story_stays_as_it_was(
    deployment: Deployment, versions: list[dict[str, Any]], collection: str
) -> None:
    first, second = versions
    assert second["story"]["id"] == first["story"]["id"]
    assert second["story"]["nearest"] == first["id"]
    where = ("--where", json.dumps({"source.collection": collection}))
    assert reprocess(deployment, *where) == "2 queued"
    assert [deployment.final(one["id"])["processing"]["timings_ms"] for one in versions] == [{}, {}]
    assert reprocess(deployment, *where, "--force") == "2 queued"
    for before in versions:
        after = deployment.final(before["id"])
        assert {"parse", "entities", "terms"} <= set(after["processing"]["timings_ms"])
        for same in ("story", "money", "entities"):
            assert after[same] == before[same], same


def test_pages_of_a_selection_come_to_an_end(
    deployment: Deployment, versions: list[dict[str, Any]], collection: str
) -> None:
    selection = {"where": {"source.collection": collection}, "limit": 1}
    after, seen = None, 0
    while True:
        answer = deployment.http.post("/v1/documents/reprocess", json={**selection, "after": after}).json()
        seen += answer["queued"]
        if (after := answer["next"]) is None:
            break
    assert seen == 2
    where = {"_id": {"$oid": versions[0]["id"]}, "source.received_at": {"$gt": {"$date": "2020-01-01T00:00:00Z"}}}
    assert deployment.http.post("/v1/documents/reprocess", json={"where": where}).json()["queued"] == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "give a filter in `where`"),
        ({"where": {"$where": "sleep(1000)"}}, "$where is not allowed"),
        ({"where": {"a": {"$not": {"$function": {"body": "x"}}}}}, "$function is not allowed"),
        ({"where": {"$or": [{"$expr": {"$eq": [1, 1]}}]}}, "$expr is not allowed"),
        ({"where": {"a": {"$code": "x"}}}, "Code is not allowed"),
        ({"where": {"_id": {"$oid": "x"}}}, "cannot be read"),
        ({"where": {"status": {"$in": "done"}}}, "$in"),
    ],
)
def test_a_wrong_filter_queues_nothing(deployment: Deployment, body: dict[str, Any], says: str) -> None:
    answer = deployment.http.post("/v1/documents/reprocess", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("options", [(), ("0" * 24, "--stale"), ("--where", "status=done"), ("--where", "[]")])
def test_a_wrong_command_is_told_in_one_line(options: tuple[str, ...]) -> None:
    done = run("reprocess", *options, "--api", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.startswith("copydesk: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value"), [("COPYDESK_ENRICH_SKIP", "sums"), ("COPYDESK_DIALECTS", "/no/such/folder")]
)
def test_a_worker_with_a_wrong_setting_ends_at_once_with_one_line(
    deployment: Deployment, setting: str, value: str
) -> None:
    wrong = {**os.environ, **deployment.environment, setting: value}
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "workers.tasks",
        "worker",
        "-Q",
        "none",
        "-c",
        "1",
        "-n",
        "wrong@%h",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=wrong, timeout=60, check=False)
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if setting in line]
    assert len(told) == 1
    assert told[0].startswith("copydesk: ")
    assert "Traceback" not in done.stderr
