"""Helpers for the tests of sources: create a source, wait for its runs, look at the documents."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.integration.conftest import COPYDESK, Deployment, eventually

Doc = dict[str, Any]


def make(deployment: Deployment, **plan: Any) -> Doc:
    answer = deployment.http.post("/v1/sources", json={"name": "Harbour", "every_seconds": 3600, **plan})
    assert answer.status_code == 201, answer.text
    return answer.json()


def state(deployment: Deployment, source: Doc) -> Doc:
    return deployment.http.get(f"/v1/sources/{source['id']}").json()


def ran(deployment: Deployment, source: Doc, runs: int) -> Doc:
    """Wait until the source has been fetched this often, and return it."""

    def look() -> Doc | None:
        found = state(deployment, source)
        return found if found["counts"]["runs"] >= runs and not found["running"] else None

    return eventually(look, f"run {runs} of {source['name']}")


def again(deployment: Deployment, source: Doc) -> Doc:
    runs = state(deployment, source)["counts"]["runs"]
    assert deployment.http.post(f"/v1/sources/{source['id']}/run").status_code == 202
    return ran(deployment, source, runs + 1)


def titles(deployment: Deployment, collection: str, number: int) -> list[str]:
    """Return the titles of the documents in a collection, without containers, once there are this many and all are
    done."""

    def look() -> Any:
        here = {"source.collection": collection}
        found = list(deployment.db.documents.find(here, {"title": 1, "status": 1, "members": 1}))
        said = [one.get("title") for one in found if not one.get("members")]
        return said if len(said) >= number and all(one["status"] == "done" for one in found) else None

    return sorted(
        eventually(
            look,
            f"{number} documents in {collection}",
            state=lambda: list(deployment.db.sources.find({"collection": collection})),
        )
    )


KILLED_BEFORE_IT_REMEMBERS = """
import os, signal, sys
from bson import ObjectId
from services.settings import settings
from services.sources import runs
from services.store.client import connect
runs.kept.advance = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
db, id = connect(settings()), ObjectId(sys.argv[1])
db.sources.update_one({"_id": id}, {"$set": {"paused": False}})  # free for this process before the scheduler looks
runs.run(db, id, settings())
"""


def fetch_and_die_before_it_is_remembered(deployment: Deployment, source: Doc) -> None:
    """Run a paused source in a process that is killed when its documents are stored and its cursor is not."""
    command = [sys.executable, "-c", KILLED_BEFORE_IT_REMEMBERS, source["id"]]
    ended = subprocess.run(command, env={**os.environ, **deployment.environment}, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL


PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
FOREIGN = re.compile(r"\b[a-z0-9]+://[a-z0-9.:]+/")


def run_page(
    deployment: Deployment, theirs: tuple[str, ...], ours: str, also: dict[str, str] | None = None, **environment: str
) -> list[str]:
    """Run the blocks of commands in docs/sources.md that name one of these addresses, with ``ours`` in place of the
    first. Returns what they print."""
    at = str(deployment.http.base_url).rstrip("/")
    given = {
        **os.environ, "COPYDESK_API_URL": at, "COPYDESK_API_KEY": deployment.key, "COLUMNS": "200",
        "PATH": f"{Path(COPYDESK).parent}:{os.environ['PATH']}", "key": f"Authorization: Bearer {deployment.key}",
        **environment,
    }  # fmt: skip
    said = []
    with tempfile.TemporaryDirectory() as here:
        for block in COMMANDS:
            first = next(iter(FOREIGN.findall(block)), "")
            if not first.startswith(theirs):
                continue
            asked = block
            for one, another in {theirs[0]: ours, "http://127.0.0.1:8000": at, **(also or {})}.items():
                asked = asked.replace(one, another)
            command = ["bash", "-euo", "pipefail", "-c", asked]
            ended = subprocess.run(
                command, env=given, cwd=here, capture_output=True, text=True, timeout=300, check=False
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
            said.append(ended.stdout)
    assert said, f"no commands with {theirs[0]}"
    return said
