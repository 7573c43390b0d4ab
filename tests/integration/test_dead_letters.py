"""Documents that failed, distinguished by code, stage, collection and the key that sent them."""

from __future__ import annotations

import json
import uuid

import httpx

from tests.integration.conftest import Deployment, eventually
from tests.integration.test_cli import run


def sender(deployment: Deployment, name: str) -> tuple[str, dict[str, str]]:
    """Return the id of a new key, and its header."""
    made = deployment.http.post("/v1/keys", json={"name": name, "scopes": ["read", "write"]}).json()
    return made["id"], {"Authorization": f"Bearer {made['key']}"}


def send_broken(http: httpx.Client, headers: dict[str, str], collection: str) -> str:
    content = b"%PDF-1.7 " + uuid.uuid4().bytes
    answer = http.post("/v1/documents", content=content, headers=headers, params={"collection": collection})
    return str(answer.json()["id"])


def test_dead_letters_are_counted_listed_and_retried_by_sender_and_collection(deployment: Deployment) -> None:
    line = uuid.uuid4().hex[:12]
    first, second = (sender(deployment, name) for name in ("wire", "desk"))
    ids = {
        (key, collection): send_broken(deployment.http, headers, collection)
        for key, headers in (first, second)
        for collection in (f"a-{line}", f"b-{line}")
    }
    records = {where: deployment.final(id) for where, id in ids.items()}
    assert {record["status"] for record in records.values()} == {"failed"}
    code, stage = (records[first[0], f"a-{line}"]["error"][name] for name in ("code", "stage"))

    counts = json.loads(run("failed", "--count", "--key", first[0], api=deployment).stdout)
    assert counts == {
        "code": {code: 2}, "stage": {stage: 2}, "collection": {f"a-{line}": 1, f"b-{line}": 1}, "key": {first[0]: 2}
    }  # fmt: skip
    narrow = ["--code", code, "--stage", stage, "--collection", f"a-{line}", "--key", second[0]]
    (row,) = [json.loads(text) for text in run("failed", *narrow, api=deployment).stdout.splitlines()]
    assert (row["id"], row["key"], row["collection"]) == (ids[second[0], f"a-{line}"], second[0], f"a-{line}")
    assert run("failed", "--key", first[0], "--stage", "nowhere", api=deployment).stdout == ""

    found = deployment.http.get("/v1/documents", params={"error_stage": stage, "key": second[0]}).json()["documents"]
    assert {one["id"] for one in found} == {ids[second[0], f"a-{line}"], ids[second[0], f"b-{line}"]}

    page = deployment.http.get("/failed", params={"key": first[0], "collection": f"b-{line}"})
    assert ids[first[0], f"b-{line}"] in page.text
    assert ids[first[0], f"a-{line}"] not in page.text
    assert ids[second[0], f"b-{line}"] not in page.text

    before = {where: record["processing"]["finished_at"] for where, record in records.items()}
    retried = run("retry", "--key", second[0], "--collection", f"b-{line}", api=deployment)
    assert (retried.returncode, retried.stdout) == (0, "1 queued\n"), retried.stderr
    once = (second[0], f"b-{line}")
    eventually(lambda: deployment.final(ids[once])["processing"]["finished_at"] > before[once], "it was tried again")
    own = {"Origin": str(deployment.http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    form = {"key": first[0], "stage": stage}
    answer = deployment.http.post("/failed/retry", data=form, headers=own)
    assert answer.status_code == 303, answer.text
    for collection in (f"a-{line}", f"b-{line}"):
        where = (first[0], collection)
        eventually(lambda: deployment.final(ids[where])["processing"]["finished_at"] > before[where], "tried again")  # noqa: B023
    untouched = (second[0], f"a-{line}")
    assert deployment.final(ids[untouched])["processing"]["finished_at"] == before[untouched]
    assert deployment.http.post("/failed/retry", data={}, headers=own).status_code == 422
