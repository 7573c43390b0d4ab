"""The query language: text in the search box, and the MongoDB query that it becomes."""

from __future__ import annotations

import re
import unicodedata

import pytest

from services.search.words import Query, WrongQuery, read


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


@pytest.mark.parametrize("typed", ["", "   ", '""', "OR", "-", "... — !", '"…"'])
def test_what_has_no_word_seeks_nothing(typed: str) -> None:
    assert read(typed) == Query()


@pytest.mark.parametrize(
    ("typed", "groups"),
    [
        ("OR ferry", [["ferry"]]),
        ("ferry OR", [["ferry"]]),
        ("ferry OR OR boat", [["ferry", "boat"]]),
        ("ferry or boat", [["ferry"], ["or"], ["boat"]]),
        ("a OR b OR c d", [["a", "b", "c"], ["d"]]),
        ("ferry OR -boat", [["ferry"], ["boat"]]),
        ("ferry OR place:Oslo boat", [["ferry"], ["boat"]]),
        ('"OR" ferry', [["OR"], ["ferry"]]),
    ],
)
def test_or_joins_its_neighbours_alone(typed: str, groups: list[list[str]]) -> None:
    assert [[sought.text for sought in clause.any_of] for clause in read(typed).clauses] == groups


def test_a_word_with_a_colon_that_is_no_field_says_what_to_do_and_in_quotation_marks_is_a_word() -> None:
    with pytest.raises(WrongQuery, match="quotation marks"):
        read("Reuters:exclusive")
    assert read('"Reuters:exclusive"').clauses[0].any_of[0].phrase
    assert read("TITLE:ferry").clauses[0].any_of[0].title


def test_a_query_typed_in_pieces_of_letters_is_the_same() -> None:
    """macOS gives `é` as `e` and an accent."""
    assert read(unicodedata.normalize("NFD", "place:Zürich négociation")) == read("place:Zürich négociation")


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ('"oil prices"', "as oil prices rose", True),
        ('"oil prices"', "OIL\nPRICES fell", True),
        ('"oil prices"', "“oil prices”", True),
        ('"oil prices"', "oil, prices", True),
        ('"oil prices"', "boil prices", False),
        ('"oil prices"', "oil prices2", False),
        ('"oil prices"', "prices oil", False),
        ("\"l'accord d'Oslo\"", "sur l’accord d’Oslo.", True),
        ('"l’accord d’Oslo"', "sur l'accord d'Oslo.", True),
        ('"4.5 per cent"', "rose 4.5 per cent", True),
        ('"東京都 知事"', "小池東京都知事は", True),
        ('"รัฐบาล ไทย"', "เพราะรัฐบาลไทยประกาศ", True),
        ('"قال الوزير"', "وقال: الوزير", False),
        ('"قال الوزير"', "ثم قال الوزير، أمس", True),
    ],
)
def test_a_phrase_is_found_as_words_of_their_own(phrase: str, text: str, found: bool) -> None:
    (clause,) = read(phrase).clauses
    row = clause.any_of[0].where([None])["$and"][1]["$or"][0]["text"]
    assert bool(re.search(row["$regex"], text, re.IGNORECASE)) is found


def test_signs_of_patterns_are_words_like_others() -> None:
    (clause,) = read('"C++ (beta) $5"').clauses
    pattern = clause.any_of[0].where([None])["$and"][1]["$or"][0]["text"]["$regex"]
    assert re.search(pattern, "the C beta 5") and not re.search(pattern, "the CC beta 5")


def test_a_word_is_sought_by_the_stem_of_each_documents_language() -> None:
    (clause,) = read("banken").clauses
    assert clause.where(["de", "en"]) == {
        "$or": [{"language": {"$in": ["de"]}, "terms": "bank"}, {"language": {"$in": ["en"]}, "terms": "banken"}]
    }
    assert clause.any_term(["de", "en"]) == ["bank", "banken"]


def test_a_word_that_every_document_has_narrows_nothing_and_excludes_nothing() -> None:
    the, not_the = read("the").clauses[0], read("-the").clauses[0]
    assert the.where(["en"]) == not_the.where(["en"]) == {}
    assert the.any_term(["en"]) is None
    assert read("the OR ferry").clauses[0].where(["en"]) == {}
    assert read("-ferry").clauses[0].any_term(["en"]) is None


def test_a_phrase_too_long_for_a_regular_expression_of_mongodb_is_refused() -> None:
    with pytest.raises(WrongQuery, match="a phrase has at most 60 words"):
        read(f'"{"a " * 61}"')
    assert read(f'"{"a " * 60}"').clauses and len(read("a " * 400).clauses) == 400


def test_a_long_phrase_is_sought_in_parts_that_every_server_takes() -> None:
    said = [f"remarkable{number}" for number in range(40)]
    (clause,) = read(f'"{" ".join(said)}"').clauses
    patterns = [part["text"]["$regex"] for part in clause.any_of[0].where([None])["$and"][1]["$or"][0]["$and"]]
    assert max(map(len, patterns)) <= 1000
    assert all(re.search(pattern, ", ".join(said)) for pattern in patterns)
    for left_out in range(40):
        text = " ".join(said[:left_out] + said[left_out + 1 :])
        assert not all(re.search(pattern, text) for pattern in patterns)
