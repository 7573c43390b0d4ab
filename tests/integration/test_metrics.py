"""`/metrics` as Prometheus reads it, and the alert rules that use it."""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT
from tests.integration.conftest import Deployment, eventually

RULES = ROOT / "deploy/prometheus/alerts.yml"
FROM_PROMETHEUS = {"up"}
PROMTOOL = shutil.which("promtool")


def samples(deployment: Deployment) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return the values by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(deployment.http.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def value(deployment: Deployment, name: str, **labels: str) -> float:
    return samples(deployment).get(name, {}).get(tuple(sorted(labels.items())), 0.0)


def test_what_becomes_of_documents_shows(deployment: Deployment) -> None:
    failed = deployment.final(deployment.post(b"%PDF-1.7 " + uuid.uuid4().bytes)["id"])
    code = failed["error"]["code"]
    deployment.final(deployment.post(f"Weir raised\n\nThe weir was raised. {uuid.uuid4()}")["id"])
    assert value(deployment, "copydesk_documents_failed", code=code) == deployment.db.documents.count_documents(
        {"error.code": code}
    )
    assert value(deployment, "copydesk_documents", status="done") > 0

    def counted(**labels: str) -> Any:
        return eventually(
            lambda: value(deployment, "copydesk_processed_total", **labels) or None, "workers tell what they did"
        )

    assert counted(status="done", code="") > 0
    assert counted(status="failed", code=code) > 0
    now = samples(deployment)
    stages = {dict(labels)["stage"] for labels in now["copydesk_stage_seconds_count"]}
    assert {"parse", "entities", "terms"} <= stages
    entities = [(dict(labels)["le"], n) for labels, n in now["copydesk_stage_seconds_bucket"].items() if ("stage", "entities") in labels]  # fmt: skip
    counts = [n for _, n in sorted(entities, key=lambda bucket: float(bucket[0]))]
    assert counts == sorted(counts)
    total = next(n for labels, n in now["copydesk_stage_seconds_count"].items() if ("stage", "entities") in labels)
    assert counts[-1] == total > 0
    assert now["copydesk_last_sweep_timestamp_seconds"][()] > 1.7e9
    uploads = (("method", "POST"), ("route", "/v1/documents"), ("status", "202"))
    assert now["copydesk_http_requests_total"][uploads] >= 2


def test_how_long_the_oldest_waits_shows_also_when_it_is_published_again(deployment: Deployment) -> None:
    deployment.kill("worker")
    try:
        deployment.post(f"Nobody reads\n\nThis one waits. {uuid.uuid4()}")
        first = eventually(lambda: value(deployment, "copydesk_oldest_queued_seconds"), "a document waits")
        assert value(deployment, "copydesk_documents", status="queued") >= 1
        deployment.db.documents.update_many({"status": "queued"}, [{"$set": {"processing.queued_at": "$$NOW"}}])
        eventually(lambda: value(deployment, "copydesk_oldest_queued_seconds") > first, "it waits longer")
    finally:
        deployment.start_worker()
    eventually(lambda: value(deployment, "copydesk_oldest_queued_seconds") == 0, "nobody waits any more")


def test_every_metric_of_the_alert_rules_is_there(deployment: Deployment) -> None:
    deployment.final(deployment.post(f"One is done\n\nSo that it is counted. {uuid.uuid4()}")["id"])
    eventually(lambda: "copydesk_stage_seconds_bucket" in samples(deployment), "workers tell what they did")
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 5
    there = samples(deployment).keys()
    for rule in rules:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        named = set(re.findall(r"\b(?:copydesk_\w+|up)\b(?=[\[{)])", rule["expr"]))
        assert named, rule["expr"]
        assert named - FROM_PROMETHEUS <= there, rule["alert"]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_finds_no_fault(deployment: Deployment, tmp_path: Path) -> None:
    assert PROMTOOL is not None
    for arguments in (["check", "rules", RULES], ["test", "rules", RULES.with_suffix(".test.yml")]):
        done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    text = deployment.http.get("/metrics").text
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if line.startswith("copydesk_")]
    assert not complaints
