"""People and organizations over all documents: one id, whatever they are called."""

from __future__ import annotations

from typing import Any

import pytest

from services import identity
from tests.integration.conftest import Deployment

FIRST = """Ferryman Found Safe On Vestre Skerry

VESTRE, Norway (North Wire) - Ferryman Hélène Brandvold, 51, was found on a skerry near Vestre on Friday.
“The fog was thicker than milk,” Hélène Brandvold told reporters at the quay. Brandvold had drifted for nine hours.
"""
SECOND = """Skipper Of The Lost Ferry Is Honoured

BERGEN, Norway (North Wire) - The council of Bergen gave its medal to HELENE BRANDVOLD on Thursday.
Helene Brandvold thanked the rescuers. “I only held on to the rope,” Helene Brandvold said after the ceremony.
"""
BRANDVOLD = identity.of_name("PERSON", "Helene Brandvold")


@pytest.fixture(scope="module")
def found(deployment: Deployment) -> list[dict[str, Any]]:
    """The records of two documents about one person."""
    ids = [deployment.post(text, collection="skerries")["id"] for text in (FIRST, SECOND)]
    return [deployment.final(id) for id in ids]


def test_a_person_has_one_id_in_all_documents(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    for record in found:
        assert BRANDVOLD in [entity["id"] for entity in record["entities"]]
    ids = sorted(record["id"] for record in found)
    answer = deployment.http.get("/v1/documents", params={"entity_id": BRANDVOLD}).json()
    assert sorted(one["id"] for one in answer["documents"]) == ids
    assert sorted(str(one["_id"]) for one in deployment.db.documents.find({"entities.id": BRANDVOLD})) == ids
    assert deployment.http.get("/v1/documents", params={"entity_id": "Brandvold"}).status_code == 422


def test_the_quotes_of_a_person_are_found_by_id(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    answer = deployment.http.get("/v1/quotes", params={"entity_id": BRANDVOLD}).json()
    assert {one["text"] for one in answer["quotes"]} == {
        "The fog was thicker than milk,",
        "I only held on to the rope,",
    }
    nobody = identity.of_name("PERSON", "Nobody Brandvold")
    assert deployment.http.get("/v1/quotes", params={"entity_id": nobody}).json()["quotes"] == []
