"""JSON-LD articles as others write them: one object in place of a list, words in place of objects, no wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.records import Article, Coded
from tests.unit.parse import samples
from workers.parse import ParseError, parse

LEAD = "The ferry left the quay on Monday, said its pilot."


def read(**more: Any) -> Article:
    item = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Ferry sails",
        "articleBody": LEAD,
        **more,
    }
    article = parse(json.dumps(item).encode()).article
    assert article is not None
    return article


def test_an_article_as_a_publisher_writes_it() -> None:
    found = parse(samples.json_ld())
    article = found.article
    assert found.media_type == "application/ld+json" and article is not None
    assert (article.format, article.title, article.publisher) == ("json-ld", samples.TITLE, "The Vale Courier")
    assert [author.name for author in article.byline] == ["Jane Roe"]
    assert article.published_at is not None and article.published_at.isoformat() == "2012-03-10T10:11:00+00:00"
    assert article.text.count("\n\n") == 2 and article.url == "https://courier.example/1"


@pytest.mark.parametrize(
    "context", ["http://schema.org", "https://schema.org/", ["https://schema.org", {"x": "urn:x:"}]]
)
@pytest.mark.parametrize("kind", ["NewsArticle", "ReportageNewsArticle", "BlogPosting", ["Article", "NewsArticle"]])
def test_kinds_of_article_and_ways_to_name_the_vocabulary(context: Any, kind: Any) -> None:
    assert read(**{"@context": context, "@type": kind}).format == "json-ld"


def test_what_is_no_article_is_read_as_before() -> None:
    item = {"@context": "https://schema.org", "@type": "Event", "headline": "Ferry sails", "text": LEAD}
    article = parse(json.dumps(item).encode()).article
    assert article is not None and article.format == "json"


def test_words_where_objects_are_usual() -> None:
    article = read(author=["Jane Roe", {"@type": "Organization", "name": "North Wire"}], keywords="ferry, Oslo fjord",
                   genre="Feature", about={"name": "Ships"}, publisher="North Wire", version=2)  # fmt: skip
    assert [(author.name, author.agency) for author in article.byline] == [
        ("Jane Roe", None),
        ("North Wire", "North Wire"),
    ]
    wire = article.wire
    assert wire is not None
    assert (wire.keywords, wire.version) == (["ferry", "Oslo fjord"], "2")
    assert (wire.genre, wire.subjects) == ([Coded(name="Feature")], [Coded(name="Ships")])
    assert article.publisher == "North Wire"


@pytest.mark.parametrize("wrong", [None, 7, [], {}, [7, None], {"name": 7}])
def test_values_of_another_type_cost_their_field(wrong: Any) -> None:
    article = read(author=wrong, keywords=wrong, about=wrong, associatedMedia=wrong, publication=wrong, encoding=wrong,
                   datePublished=wrong, publisher=wrong, inLanguage=wrong, genre=wrong)  # fmt: skip
    assert (article.title, article.text, article.byline) == ("Ferry sails", LEAD, [])


def test_without_headline_and_text_there_is_no_article() -> None:
    with pytest.raises(ParseError, match="neither headline nor articleBody"):
        read(headline="", articleBody="")
