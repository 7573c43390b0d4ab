"""Snippets: the stretch of the text in which most of the words sought are near each other."""

from __future__ import annotations

from services.search.snippets import snippet
from services.text.terms import search_terms

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
