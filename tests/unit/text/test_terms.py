"""Search terms: a word finds the texts that contain it, however it is spelt in either."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.stopwords import languages, stopwords
from services.text.terms import LONGEST_TERM, in_title, search_terms, spaced, spans, words


def finds(query: str, text: str, language: str | None) -> bool:
    sought = set(search_terms(query, language))
    return bool(sought) and sought <= set(search_terms(text, language))


@pytest.mark.parametrize(
    ("text", "query", "language"),
    [
        ("Senator O’Brien spoke", "O'Brien", "en"),
        ("Senator O’Brien spoke", "obrien", "en"),
        ("O'Brien's bill", "O’Brien", "en"),
        ("the ship's crew", "ship", "en"),
        ("the ministers' talks", "minister", "en"),
        ("troops near Xi'an", "Xian", "en"),
        ("Abidjan, Côte d’Ivoire", "cote d'ivoire", "en"),
        ("l’accord d’Oslo", "accord", "fr"),
        ("dell’accordo", "accordo", "it"),
        ("Ankara’da toplandı", "Ankara", "tr"),
        ("İstanbul’da", "istanbul", "tr"),
        ("हिन्दी भाषा", "भाषा", "hi"),
        ("தமிழ் மொழி", "மொழி", "ta"),
        ("قال مُحَمَّد", "محمد", "ar"),
        ("שָׁלוֹם", "שלום", "he"),
        ("รัฐบาลไทยประกาศ", "ไทย", "th"),
        ("ລັດຖະບານລາວ", "ລາວ", "lo"),
        ("Straße", "STRASSE", "de"),
        ("Åsgårdstrand", "asgardstrand", "nb"),
        ("ﬁnance", "finance", "en"),
    ],
)
def test_a_query_finds_the_text(text: str, query: str, language: str) -> None:
    assert finds(query, text, language)
    decomposed = unicodedata.normalize("NFD", text)
    assert finds(unicodedata.normalize("NFD", query), decomposed, language)
    assert finds(query, decomposed, language), "as macOS writes file names, and some agencies their copy"


@pytest.mark.parametrize(
    ("text", "query", "language"),
    [("हिन्दी", "हाथ", "hi"), ("ไทย", "ลาว", "th"), ("O'Brien", "Brian", "en"), ("the ship's crew", "shop", "en")],
)  # fmt: skip
def test_another_word_does_not(text: str, query: str, language: str) -> None:
    assert not finds(query, text, language)


def test_a_term_is_no_longer_than_the_index_takes() -> None:
    [term] = search_terms("x" * 10_000, None)
    assert len(term) == LONGEST_TERM
    assert finds("x" * 10_000, f"before {'x' * 10_000} after", None)


def test_a_language_of_a_region_is_read_as_its_language_and_an_unknown_one_as_none() -> None:
    assert search_terms("ferries sailed", "en-GB") == search_terms("ferries sailed", "en")
    assert search_terms("ferries sailed", "tlh") == search_terms("ferries sailed", None) == ["ferries", "sailed"]


@given(st.text("aé's’ʼ 東京ไทहिन्दी\u0301\u200cİ1-", max_size=30), st.sampled_from(["en", "fr", "hi", "th", "ja", None]))
def test_words_where_they_stand_have_the_terms_of_the_whole(text: str, language: str | None) -> None:
    """Otherwise a result would not show the words for which it was found."""
    text = unicodedata.normalize("NFC", text)
    found = set()
    for start, end, terms in spans(text, language):
        assert 0 <= start < end <= len(text) and text[start:end] == text[start:end].strip()
        found |= terms
    assert found == set(search_terms(text, language))


def test_terms_of_a_title_never_equal_those_of_a_text() -> None:
    assert not set(in_title(search_terms("title ferry", "en"))) & set(search_terms("title:ferry title ferry", "en"))


@pytest.mark.parametrize(
    ("text", "apart"),
    [("oil prices", True), ("東京都", False), ("서울", False), ("ไทย", False), ("हिन्दी भाषा", True), ("", True)],
)
def test_scripts_without_spaces_are_told(text: str, apart: bool) -> None:
    assert spaced(text) is apart


def test_words_stand_as_they_are_written() -> None:
    assert words("O’Brien's “Straße”, 4-2; हिन्दी") == ["O’Brien", "s", "Straße", "4", "2", "हिन्दी"]


def test_every_list_of_stopwords_is_of_words_that_a_text_can_have() -> None:
    """They are in lower case and folded like the words of a text; any other entry would have no effect."""
    assert {"en", "fr", "de", "ru"} <= set(languages())
    for language in languages():
        for word in stopwords(language):
            assert search_terms(word.upper() if language not in ("tr", "de") else word, language) == [], (
                language,
                word,
            )
    assert stopwords("en-US") == stopwords("en")
    assert stopwords(None) == stopwords("tlh") == frozenset()
