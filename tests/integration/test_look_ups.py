"""Look-ups of entities, stories and statistics."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.integration.conftest import Deployment, eventually

FIRST = """Pilot Boat Sinks Off Tromso

TROMSO, Norway (North Wire) - A pilot boat sank off Tromso on Monday, said Astrid Vikeland, the harbour master.
“We lost the boat and no lives,” Astrid Vikeland said.

The boat was built in Bergen in 1988 and carried a crew of three, who reached the shore by themselves before noon.
"""
SECOND = (
    FIRST.replace("crew of three", "crew of four")
    + """
Divers found a hole in the hull on Tuesday, and prosecutors in Oslo opened a case against the owner of the boat.
"""
)


@pytest.fixture(scope="module")
def told(deployment: Deployment) -> dict[str, Any]:
    """Return the records of two versions of one story in the collection ``tales``, by two publishers."""
    found = {}
    for name, text, when in (("first", FIRST, "2024-04-01T08:00:00Z"), ("second", SECOND, "2024-04-02T08:00:00Z")):
        id = deployment.post(text, collection="tales", publisher=f"The {name}", published_at=when)["id"]
        found[name] = deployment.final(id)
        assert found[name]["status"] == "done"
    return found


def test_an_entity(deployment: Deployment, told: dict[str, Any]) -> None:
    found = deployment.http.get("/v1/entities/Astrid Vikeland").json()
    assert found["name"] == "Astrid Vikeland"
    assert found["total"] == 2
    assert found["types"] == [{"value": "PERSON", "count": 2}]
    assert any("harbour master" in role["value"] for role in found["roles"])
    assert [document["id"] for document in found["documents"]] == [told["second"]["id"], told["first"]["id"]]
    for quote in found["quotes"]:
        record = next(one for one in told.values() if one["id"] == quote["document"])
        assert record["text"][quote["start"] : quote["end"]] == quote["text"]
    assert "We lost the boat and no lives" in found["quotes"][0]["text"]
    assert {"Norway", "Bergen"} <= {one["value"] for one in found["with"]}
    assert found["timeline"] == [{"value": "2024-04-01T00:00:00Z", "count": 2}]


def test_an_entity_by_another_name_and_one_that_is_not(deployment: Deployment, told: dict[str, Any]) -> None:
    entity = next(one for one in told["first"]["entities"] if one["name"] == "Astrid Vikeland")
    for alias in entity["aliases"]:
        assert deployment.http.get(f"/v1/entities/{alias}").json()["name"] == "Astrid Vikeland"
    missing = deployment.http.get("/v1/entities/Nobody At All")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("prefix", ["Astrid V", "astrid", "ASTRID"])
def test_names_are_completed(deployment: Deployment, told: dict[str, Any], prefix: str) -> None:
    found = deployment.http.get("/v1/entities", params={"prefix": prefix}).json()["entities"]
    assert {"name": "Astrid Vikeland", "type": "PERSON", "count": 2} in found
    found = deployment.http.get("/v1/entities", params={"prefix": prefix, "type": "GPE"}).json()["entities"]
    assert found == []


def test_a_story_with_what_each_version_added(deployment: Deployment, told: dict[str, Any]) -> None:
    story = told["second"]["story"]["id"]
    assert story == told["first"]["story"]["id"]
    found = deployment.http.get(f"/v1/stories/{story}").json()
    assert found["total"] == 2
    first, second = found["versions"]
    assert (first["publisher"], first["compared_with"], first["changes"]) == ("The first", None, [])
    assert second["compared_with"] == first["id"]
    assert [one["text"][:12] for one in second["added"]] == ["Divers found"]
    text = told["second"]["text"]
    said = [(one["kind"], one["text"]) for one in second["changes"]]
    assert ("removed", "three,") in said
    assert ("added", "four,") in said
    assert said[-1][0] == "added" and said[-1][1].startswith("Divers found")
    for one in second["changes"]:
        if one["kind"] == "added":
            assert text[one["start"] : one["end"]] == one["text"]
    assert deployment.http.get("/v1/stories/none").status_code == 404


def test_a_key_without_the_collection_sees_none_of_it(deployment: Deployment, told: dict[str, Any]) -> None:
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": [f"elsewhere-{uuid.uuid4().hex[:6]}"]}
    key = deployment.http.post("/v1/keys", json=grant).json()["key"]
    with httpx.Client(base_url=deployment.http.base_url, headers={"Authorization": f"Bearer {key}"}) as http:
        assert http.get("/v1/entities/Astrid Vikeland").status_code == 404
        assert http.get("/v1/entities", params={"prefix": "Astrid"}).json()["entities"] == []
        assert http.get(f"/v1/stories/{told['first']['story']['id']}").status_code == 404
        stats = http.get("/v1/stats").json()
        assert (
            stats["total"] == sum(stats["by_status"].values()) == sum(day["received"] for day in stats["by_day"]) == 0
        )


def test_statistics(deployment: Deployment, told: dict[str, Any]) -> None:
    broken = deployment.http.post(
        "/v1/documents", content=b"%PDF-1.7 " + uuid.uuid4().hex.encode(), headers={"Content-Type": "application/pdf"}
    ).json()["id"]
    error = deployment.final(broken)["error"]

    def counted() -> Any:
        stats = deployment.http.get("/v1/stats", params={"days": 2}).json()
        return stats if stats["failures"].get(error["code"]) else None

    stats = eventually(counted, "the failure is counted")
    assert stats["total"] == sum(stats["by_status"].values())
    assert stats["by_status"]["done"] >= 2
    assert len(stats["by_day"]) == 2
    assert stats["by_day"][-1]["received"] > 0
    assert stats["finished"]["1"] <= stats["finished"]["5"] <= stats["finished"]["15"]
    assert stats["finished"]["15"] >= 1
    assert stats["queue_depth"] is not None
