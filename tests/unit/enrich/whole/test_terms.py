from __future__ import annotations

import pytest

from services.records import Article
from services.text.terms import search_terms
from workers.enrich import enrich


@pytest.mark.parametrize(
    ("text", "query", "language"),
    [
        ("The ministries were negotiating", "ministry negotiated", "en"),
        ("Les négociations ont échoué", "negociation", "fr"),
        ("Die Häuser brannten", "hauser", "de"),
        ("بلغت ۱۲ مليون", "12", "ar"),
        ("Президент подписал договоры", "договор", "ru"),
        ("東京都知事", "知事", "ja"),
        ("ＮＡＴＯ summit", "nato", "en"),
        ("Iran’s navy", "iran", "en"),
    ],
)
def test_a_query_finds_the_text(text: str, query: str, language: str) -> None:
    assert set(search_terms(query, language)) <= set(search_terms(text, language)) != set()


def test_sorted_unique_and_without_stopwords() -> None:
    terms = search_terms("The ships and the ship were in the harbour, he said.", "en")
    assert terms == sorted(set(terms))
    assert "ship" in terms and not {"the", "and", "said", "were"} & set(terms)


def test_a_text_without_words_has_no_terms() -> None:
    assert search_terms(" … — !", "en") == []


def test_title_and_deck_are_searchable() -> None:
    article = Article(title="Ferries idle", deck="Crews walk out", text="Nothing sailed.", language="en")
    assert {"ferri", "crew", "sail"} <= set(enrich(article).article.terms)


def test_title_terms_stand_apart() -> None:
    terms = enrich(Article(title="Ferries idle", text="Nothing sailed, ferries least.", language="en")).article.terms
    assert "title:ferri" in terms
    assert "title:sail" not in terms
