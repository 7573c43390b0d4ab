"""A document that kills or blocks every worker that takes it fails alone, and says why."""

from __future__ import annotations

import uuid

import pytest
from bson import ObjectId

from tests.integration.conftest import Deployment

POISONS = ("segfault", "vanish", "cling")
FAULTS = {
    "gorge": "MemoryError",
    "spin": "StageTimeout",
    "dawdle": "StageTimeout",
    "stumble": "ZeroDivisionError",
}


def test_poison_fails_after_its_attempts_and_a_fault_costs_its_field_alone(deployment: Deployment) -> None:
    text = "Port {what}\n\nGDYNIA (Baltic Wire) - Crews were told to {what} on Friday. Number {unique}."
    deployment.kill("worker")
    short = {
        "MAX_ATTEMPTS": "2",
        "STAGE_SECONDS": "6",
        "TASK_MEMORY_BYTES": str(2 * 1024**3),
        # a process that takes the place of a dead one starts its helpers first: on a busy machine that takes ten seconds
        "TASK_SOFT_SECONDS": "25",
        "TASK_HARD_SECONDS": "27",
    }
    settings = {f"COPYDESK_{name}": value for name, value in short.items()}
    settings["COPYDESK_ENRICH_REPLACE"] = "terms=tests.integration.poison:stage"
    deployment.start_worker("poisoned", settings)
    try:
        bad, good = {}, []
        for what in (*POISONS, *FAULTS):
            bad[what] = deployment.post(text.format(what=what, unique=uuid.uuid4()))["id"]
            good += [deployment.post(text.format(what="wait", unique=uuid.uuid4()))["id"] for _ in range(3)]
        for id in good:
            record = deployment.final(id)
            assert (record["status"], record["processing"]["attempts"]) == ("done", 1), deployment.said("poisoned", id)
            assert record["processing"]["failures"] == []
        for what in POISONS:
            record = deployment.final(bad[what])
            assert record["status"] == "failed"
            error = record["error"]
            assert (error["code"], error["exception"], error["stage"], error["attempts"]) == (
                "poison",
                None,
                "terms",
                2,
            )
        for what, exception in FAULTS.items():
            record = deployment.final(bad[what])
            assert (record["status"], record["error"]) == ("done", None), what
            (failure,) = record["processing"]["failures"]
            assert (failure["stage"], failure["exception"]) == ("terms", exception)
            assert failure["place"].startswith("tests.integration.poison:")
            assert "stage_failed:terms" in record["warnings"]
            assert deployment.db.documents.find_one({"_id": ObjectId(bad[what])}, {"terms": 1})["terms"] == []
            assert record["entities"], "the other stages' fields are there"
            assert "secret" not in str(record["processing"])
        found = deployment.http.get("/v1/documents", params={"failed_stage": "terms", "limit": 100}).json()["documents"]
        assert {bad[what] for what in FAULTS} <= {document["id"] for document in found}
    finally:
        deployment.kill("poisoned")
        deployment.start_worker()


@pytest.mark.parametrize("attempts", [1, 3, 50])
def test_pauses_between_attempts_grow_up_to_a_bound(attempts: int) -> None:
    from services.settings import Settings
    from services.store.work import backoff_seconds

    settings = Settings(retry_base_seconds=4, retry_most_seconds=10)
    pauses = [backoff_seconds(attempts, settings) for _ in range(200)]
    assert max(pauses) <= min(10, 4 * 2 ** (attempts - 1))
    assert len(set(pauses)) > 100, "workers that failed together do not come back together"
