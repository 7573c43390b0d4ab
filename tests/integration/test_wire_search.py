"""Wire items are found by what their provider says about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.conftest import Deployment


@pytest.fixture(scope="module")
def items(deployment: Deployment) -> dict[str, str]:
    """Return two wire items by name, in the collection ``desk-wire``."""
    common = {"type": "text", "provider": "Coast Wire", "pubstatus": "usable", "language": "en"}
    tide = {"uri": "urn:tide:1", "urgency": 2, "slugline": "TIDE-BARRIER/", "headline": "Barrier closes",
            "subject": [{"scheme": "medtop", "code": "20000150", "name": "natural disaster"}],
            "place": [{"scheme": "iso3166-1a2", "code": "NL", "name": "Netherlands"}], "keywords": ["storm"],
            "body_text": "The tide barrier was closed on Monday."}  # fmt: skip
    market = {"uri": "urn:market:1", "urgency": 5, "slugline": "MARKET-FISH/", "headline": "Fish dearer",
              "subject": [{"scheme": "desk", "code": "20000150", "name": "fish"}],
              "body_text": "Fish became dearer in the market on Monday."}  # fmt: skip
    ids = {}
    for name, item in {"tide": tide, "market": market}.items():
        answer = deployment.http.post("/v1/documents", params={"collection": "desk-wire"},
                                      content=json.dumps(common | item),
                                      headers={"Content-Type": "application/octet-stream"})  # fmt: skip
        ids[answer.json()["id"]] = name
    for id in ids:
        assert deployment.final(id)["status"] == "done"
    return ids


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"provider": "Coast Wire"}, {"tide", "market"}),
        ({"guid": "urn:tide:1"}, {"tide"}),
        ({"guid": ["urn:tide:1", "urn:market:1"]}, {"tide", "market"}),
        ({"pub_status": "usable", "urgency": 5}, {"market"}),
        ({"urgency": [2, 3]}, {"tide"}),
        ({"slugline": "TIDE-*"}, {"tide"}),
        ({"slugline": ["TIDE-*", "MARKET-FISH/"]}, {"tide", "market"}),
        ({"slugline": "TIDE"}, set()),
        ({"subject": "medtop:20000150"}, {"tide"}),
        ({"subject": "20000150"}, {"tide", "market"}),
        ({"subject": "fish"}, {"market"}),
        ({"wire_place": "Netherlands", "wire_keyword": "storm"}, {"tide"}),
        ({"wire_place": "iso3166-1a2:NO"}, set()),
        ({"q": "slugline:MARKET-FISH/"}, {"market"}),
    ],
)
def test_what_the_wire_says(
    deployment: Deployment, items: dict[str, str], params: dict[str, Any], found: set[str]
) -> None:
    answer = deployment.http.get("/v1/documents", params={"collection": "desk-wire", **params})
    assert answer.status_code == 200, answer.text
    assert {items[one["id"]] for one in answer.json()["documents"]} == found
