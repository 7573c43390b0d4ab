"""The sample article, an example of messy input, goes through the whole stack."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.conftest import ROOT
from tests.integration.conftest import Deployment


def spans(value: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a record that has a text and offsets."""
    if isinstance(value, dict):
        if {"start", "end"} <= value.keys() and ("text" in value or "heading" in value):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from spans(item)


def test_the_sample_article_is_read_like_a_copy_editor_would(deployment: Deployment) -> None:
    id = deployment.post((ROOT / "seeds/harbour-deal.txt").read_bytes())["id"]
    record = deployment.final(id)
    assert record["status"] == "done", record["error"]
    text = record["text"]
    assert record["code"] == "7145"
    assert record["title"] == "Norway Says Korean Ferries Will Serve Its Northern Fjords"
    assert record["published_at"] == "2015-05-14T09:40:00Z"
    assert record["published_zone"] is None
    assert record["dateline"]["places"] == ["Oslo", "Seoul"]
    assert record["dateline"]["credit"] == "Combined Sources"
    assert [section["heading"] for section in record["sections"]] == [
        "Shipyard In Busan Wins $۲.۴ Billion Ferry Order From Norway"
    ]
    assert [caption["text"] for caption in record["captions"]] == [
        "In March a trial ferry lost power off Hammerfest in heavy snow"
    ]
    assert "trial ferry lost power off Hammerfest" not in text
    assert "trial ferry lost power in heavy snow near" in text
    assert len(record["gaps"]) == 2
    sums = [(found["text"], Decimal(found["amount"]), found["currency"]) for found in record["money"]]
    assert len(sums) == 3
    assert {(amount, currency) for _, amount, currency in sums} == {(Decimal(2_400_000_000), "USD")}
    assert all("۲.۴" in words for words, _, _ in sums)
    days = {found["text"]: found["value"] for found in record["dates"]}
    assert days["Monday"] == "2015-05-11"
    assert days["Wednesday"] == "2015-05-13"
    assert "2015-03" in days.values()
    names = {entity["name"]: entity for entity in record["entities"]}
    assert names["Ingrid Solheim"]["type"] == "PERSON"
    assert names["Ingrid Solheim"]["count"] >= 4
    found = list(spans({key: value for key, value in record.items() if key != "captions"}))
    assert len(found) > 20
    for span in found:
        assert text[span["start"] : span["end"]] == span.get("text", span.get("heading"))


def test_all_sample_documents_become_done(deployment: Deployment) -> None:
    answers = [
        deployment.http.post("/v1/documents", files={"file": (path.name, path.read_bytes())})
        if path.suffix != ".json"
        else deployment.http.post(
            "/v1/documents", content=path.read_bytes(), headers={"Content-Type": "application/json"}
        )
        for path in sorted((ROOT / "seeds").iterdir())
    ]
    records = [deployment.final(answer.json()["id"]) for answer in answers]
    assert [record["error"] for record in records] == [None] * len(records)
    by_title = {record["title"]: record for record in records}
    flood = by_title["River Drava bursts its banks near Osijek"]
    assert flood["published_at"] == "2023-08-06T15:25:00Z"
    assert "How to dry a cellar" not in flood["text"]
    assert "sandbags" not in flood["text"]
    assert "sandbags" in flood["captions"][0]["text"]
