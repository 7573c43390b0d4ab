"""The query language: what is typed into the search box, and what it asks of MongoDB."""

from __future__ import annotations

import pytest

from services.search.words import WrongQuery, read


def test_words_all_apply_and_or_joins_two() -> None:
    query = read("ferry Busan OR Seoul -strike")
    assert [[sought.text for sought in clause.any_of] for clause in query.clauses] == [
        ["ferry"],
        ["Busan", "Seoul"],
        ["strike"],
    ]
    assert [clause.excluded for clause in query.clauses] == [False, False, True]
    assert [sought.text for sought in query.sought] == ["ferry", "Busan", "Seoul"]


def test_a_phrase_is_words_in_a_row_whatever_its_marks() -> None:
    for written in ('"oil prices"', "“oil prices”", "«oil prices»"):
        (clause,) = read(written).clauses
        assert clause.any_of[0].phrase and clause.any_of[0].text == "oil prices"
    assert not read('"oil"').clauses[0].any_of[0].phrase


def test_fields_are_filters_and_a_title_is_words() -> None:
    query = read('speaker:"Ingrid Solheim" -country:NO title:ferry')
    assert query.filters == (("speaker", "Ingrid Solheim", False), ("country", "NO", True))
    assert query.clauses[0].any_of[0].title


def test_an_address_is_no_field() -> None:
    assert read("https://news.example/ferry").filters == ()


@pytest.mark.parametrize(("typed", "told"), [('"oil prices', "not closed"), ("spaeker:Cook", "no field 'spaeker'")])
def test_what_cannot_be_read_says_what_to_change(typed: str, told: str) -> None:
    with pytest.raises(WrongQuery, match=told):
        read(typed)


def test_the_same_word_is_sought_by_its_stem_in_each_language() -> None:
    (clause,) = read("ferries").clauses
    assert clause.any_of[0].terms("en") == read("ferry").clauses[0].any_of[0].terms("en")
