"""`copydesk doctor` on a working set-up, and on the usual mistakes."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from services.embedded import free_port
from tests.integration.conftest import COPYDESK, Deployment


def examine(running: Deployment, **changes: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit status, and the findings by what was checked."""
    environment = {
        **os.environ,
        **running.environment,
        "COPYDESK_API_URL": str(running.http.base_url),
        "COPYDESK_API_KEY": running.key,
        **changes,
    }
    done = subprocess.run(
        [COPYDESK, "doctor"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    return done.returncode, {found["what"]: found for found in map(json.loads, done.stdout.splitlines())}


def test_a_set_up_that_works_has_nothing_to_mend(deployment: Deployment) -> None:
    deployment.final(
        deployment.post("A tunnel opens\n\nRIGA (Baltic Wire) - It opened on Tuesday.")["id"]
    )  # by now a worker is up
    status, found = examine(deployment)
    assert status == 0, found
    assert {"API", "API key", "MongoDB", "clocks", "database", "documents", "Redis", "workers"} <= set(found)


def test_each_mistake_is_named_with_what_mends_it(deployment: Deployment) -> None:
    nowhere = str(free_port())
    mistakes: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("settings", "LEASE", {"COPYDESK_LEASE_SECONDS": "1000"}),
        ("API", "COPYDESK_API_URL", {"COPYDESK_API_URL": f"http://127.0.0.1:{nowhere}"}),
        ("API key", "keys create", {"COPYDESK_API_KEY": "cd_0123456789ab_wrong"}),
        ("MongoDB", "COPYDESK_MONGO_PASSWORD", {"COPYDESK_MONGO_PASSWORD": "wrong"}),
        ("Redis", "COPYDESK_REDIS_URL", {"COPYDESK_REDIS_PASSWORD": "wrong"}),
        ("database", "copydesk init", {"COPYDESK_MONGO_DATABASE": "empty"}),
    )
    with ThreadPoolExecutor(len(mistakes)) as pool:
        examined = list(pool.map(lambda mistake: examine(deployment, **mistake[2]), mistakes))
    for (what, words, _), (status, found) in zip(mistakes, examined, strict=True):
        assert status == 1, what
        assert words in found[what]["fix"], found[what]


def test_waiting_documents_show_that_nobody_works(deployment: Deployment) -> None:
    deployment.final(deployment.post("A bridge opens\n\nRIGA (Baltic Wire) - It opened on Monday.")["id"])
    record = deployment.db.documents.find_one({"status": "done"})
    assert record
    record |= {"status": "queued"}
    record["processing"] |= {"queued_at": datetime(2001, 1, 1, tzinfo=UTC), "not_before": None}
    elsewhere = deployment.db.client.get_database("doctor", codec_options=deployment.db.codec_options)
    elsewhere.documents.insert_one(record)
    try:
        status, found = examine(deployment, COPYDESK_MONGO_DATABASE="doctor")
        assert status == 1
        assert "copydesk up --workers" in found["documents"]["fix"]
    finally:
        deployment.db.client.drop_database("doctor")
