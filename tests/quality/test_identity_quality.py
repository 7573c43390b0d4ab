"""The marked set of people: nobody is joined with a namesake, and most mentions of one person have one id."""

from __future__ import annotations

from tests.quality.identity import marked


def test_people_are_found_over_documents() -> None:
    found = marked.read()
    assert (len(found), len(marked.people())) == (300, 60)
    precision, _, f1 = marked.pairwise(found)
    assert precision >= 0.99
    assert f1 >= 0.95


def test_people_are_found_where_no_rule_was_tuned() -> None:
    found = marked.read(held=True)
    assert (len(found), len(marked.people(held=True))) == (150, 30)
    precision, recall, f1 = marked.pairwise(found)
    assert precision >= 0.95
    assert recall >= 0.89
    assert f1 >= 0.92
