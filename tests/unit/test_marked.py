"""Records written as marked articles say what the record says, as the scorer of the quality sets reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services import marked
from tests.quality.enrich.gold import HERE, load
from tests.quality.enrich.score import new_table, score
from workers.enrich import enrich

ARTICLES = sorted((HERE / "articles" / "tuning").glob("*.txt"))[::9]
EXACT = ("entities", "places", "quotes", "money", "dates", "cites", "roles")


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_what_was_read_is_marked(path: Path, tmp_path: Path) -> None:
    gold = load(path)
    found = enrich(gold.article).article
    record = {**found.model_dump(mode="json", by_alias=True), "source": {"received_at": "2024-05-06T07:08:09Z"}}
    for suffix, text in marked.files(record).items():
        (tmp_path / f"a.{suffix}").write_text(text, "utf-8")
    own = load(tmp_path / "a.txt")
    assert own.article.text == gold.article.text.rstrip()
    table = new_table()
    score(own, found, table)
    for row in EXACT:
        tally = table[row]
        assert not tally.errors or tally.precision > 0.9, (row, tally.errors)
        assert tally.recall == 1.0 or not tally.tp + tally.fn, (row, tally.errors)


def test_only_some_mentions_and_what_the_form_cannot_say() -> None:
    text = "Lamar met Lamar in Lamar County. “We = they,” Lamar said.\n\nThe sum / total is $5."
    spans = {"second": (10, 15), "county": (19, 31)}
    entities = [
        {"name": "Jim Lamar", "type": "PERSON", "mentions": [{"text": "Lamar", "start": 10, "end": 15}]},
        {"name": "Lamar County", "type": "GPE", "mentions": [{"text": "Lamar County", "start": 19, "end": 31}]},
        {"name": "A / B", "type": "ORG", "mentions": [{"text": "sum / total", "start": 63, "end": 74}]},
    ]
    assert [text[start:end] for start, end in spans.values()] == ["Lamar", "Lamar County"]
    record = {
        "title": "One\nTwo", "published_at": "2024-05-06T07:08:09Z", "text": text, "entities": entities, "language": "en-GB",
        "money": [{"text": "$5", "start": 78, "end": 80, "amount": "5.00", "currency": None}],
        "quotes": [{"text": "We = they,", "start": 34, "end": 44, "kind": "speech", "speaker": "Jim Lamar"}],
        "source": {"received_at": "2024-05-07T00:00:00Z"},
    }  # fmt: skip
    files = marked.files(record)
    assert files["txt"].startswith("One Two\n2024-05-06\n\nLamar met")
    assert files["ann"].splitlines() == [
        "published: 2024-05-06T07:08", "", "PERSON Jim Lamar = Lamar#2", "GPE Lamar County @?", "QUOTE We … they, = Jim Lamar",
    ]  # fmt: skip
