"""The pairs of search and document that are left for MongoDB: no matching pair may be missing."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from services.alerts.candidates import Spellings, wanted
from services.alerts.values import Values
from services.search import plan, words
from services.search.params import Search

ID = ObjectId("665f1f77bcf86cd799439011")
RECORD: dict[str, Any] = {
    "_id": ID,
    "status": "done",
    "language": "en",
    "terms": ["dredg", "harbour", "title:dredg"],
    "source": {"collection": "wires", "tags": ["port", "city"]},
    "entities": [{"name": "Kari Solheim", "aliases": ["Solheim"], "type": "PERSON"}],
    "places": [{"name": "Bergen", "country": "NO"}],
    "quotes": [{"speaker": None}, {"speaker": "Kari Solheim"}],
    "topics": [],
}


def has(names: dict[str, list[str]] | None = None, **given: Any) -> bool:
    query, search = words.read(""), Search.model_validate(given)
    conditions = plan.conditions(search, query, ["en"], names or {})
    return Values(RECORD).has(wanted(conditions))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"tag": ["port"]}, True), ({"tag": ["port", "city"]}, True), ({"tag": ["port", "sea"]}, False),
        ({"collection": ["wires", "web"]}, True), ({"collection": ["web"]}, False),
        ({"country": ["NO"]}, True), ({"country": ["Sweden"]}, False),
        ({"speaker": ["Kari Solheim"]}, True), ({"speaker": ["Solheim"]}, False),
        ({"id": [str(ID)]}, True), ({"id": ["665f1f77bcf86cd799439012"]}, False),
        ({"language": ["en"]}, True), ({"topic": ["sport"]}, False),
        ({"entity": ["Kari Solheim"], "entity_type": "ORG"}, True),  # the type of this entity is MongoDB's to test
        ({"published_from": "2024-01-01"}, True), ({"bbox": "4,50,32,72"}, True),  # so are ranges
    ],
)  # fmt: skip
def test_values_are_compared_as_mongodb_compares_them(given: dict[str, Any], found: bool) -> None:
    assert has(**given) is found


def test_words_of_a_name_may_mean_any_name_that_is_known_for_it() -> None:
    assert has(speaker=["Solheim"], names={"Solheim": ["Solheim", "Kari Solheim"]})


def test_spellings_find_a_name_in_other_letters_and_as_a_part() -> None:
    spellings = Spellings([RECORD])
    assert spellings.like("person", "solheim") == {"Kari Solheim"}
    assert spellings.like("entity", "kari solheim") == {"Kari Solheim"}
    assert spellings.like("place", "bergen") == {"Bergen"}
    assert spellings.like("place", "solheim") == set()
    assert Spellings([{"places": [{"name": "New Oslo"}]}]).like("place", "oslo") == set(), "another place"
    board = Spellings([{"entities": [{"name": "Solheim Board", "type": "ORG", "aliases": ["The Solheim"]}]}])
    assert board.like("entity", "solheim") == {"Solheim Board"}
    assert board.like("person", "solheim") == set(), "no person"
    assert board.like("person", "the solheim") == {"Solheim Board"}, "by its alias"
    assert spellings.like("person", "sol") == set(), "a part of a word is no name"


@pytest.mark.parametrize(("q", "found"), [("dredging", True), ("dredging glacier", False), ("glacier OR harbour", True),
                                          ("-glacier", True), ("title:dredging", True), ("title:harbour", False),
                                          ('"the harbour"', True)])  # fmt: skip
def test_words_are_compared_as_terms(q: str, found: bool) -> None:
    query = words.read(q)
    conditions = plan.words(query, ["en"], [1.0] * len(query.clauses))
    assert Values(RECORD).has(wanted(conditions)) is found
