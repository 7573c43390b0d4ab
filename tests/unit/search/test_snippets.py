"""Snippets: the passage of the text with most of the words that were searched for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.search.snippets import WIDTH, snippet
from services.text.terms import LONGEST_TERM, search_terms

TEXT = (
    "The port was quiet. " * 20
    + "\n\nA ferry left Busan on Monday with twelve lorries.\n\n"
    + "The ferry company said little. " * 20
)


def terms(words: str) -> set[str]:
    return set(search_terms(words, "en"))


def test_the_words_are_marked_where_they_are() -> None:
    found = snippet(TEXT, "en", terms("ferry Busan"))
    assert found is not None
    assert found["text"] == TEXT[found["start"] : found["end"]] == "A ferry left Busan on Monday with twelve lorries."
    assert [TEXT[mark["start"] : mark["end"]] for mark in found["marks"]] == ["ferry", "Busan"]


def test_a_text_without_the_words_has_none() -> None:
    assert snippet(TEXT, "en", terms("glacier")) is None


def test_the_stretch_with_most_different_words_is_shown_not_the_first() -> None:
    text = "A ferry sank. " + "Nothing else was said. " * 60 + "\n\nThe ferry left Busan with lorries."
    found = snippet(text, "en", terms("ferry Busan lorries"))
    assert found is not None and found["text"] == "The ferry left Busan with lorries."


def test_a_long_paragraph_is_cut_between_words() -> None:
    text = "quay " * 400 + "ferry " + "pier " * 400
    found = snippet(text, "en", terms("ferry"))
    assert found is not None and len(found["text"]) <= WIDTH
    assert set(found["text"].split()) == {"quay", "ferry", "pier"}
    assert found["text"] == text[found["start"] : found["end"]]


@given(st.text("ferry 東京ไท\n🚢", max_size=600))
def test_a_snippet_is_of_the_text_and_its_marks_are_the_words(text: str) -> None:
    sought = set(search_terms("ferry 東京", "ja"))
    found = snippet(text, "ja", sought)
    if found is None:
        assert not sought & set(search_terms(text, "ja"))
        return
    assert found["text"] == text[found["start"] : found["end"]] and found["marks"]
    for mark in found["marks"]:
        assert found["start"] <= mark["start"] < mark["end"] <= found["end"]
        assert sought & set(search_terms(text[mark["start"] : mark["end"]], "ja"))


def test_a_word_longer_than_a_snippet_is_shown_whole_or_not_marked() -> None:
    found = snippet("x" * 1000, None, {"x" * LONGEST_TERM})
    assert found is not None and len(found["text"]) <= WIDTH
    assert all(mark["end"] <= found["end"] for mark in found["marks"])
