"""Bytes to Article: what a reader of the record would notice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from workers.parse import ParseError, parse

WIRE = """Code : 77
Harbour Town Opens Its First Tram Line
Saturday 10 March 2012 13:11

OSLO, BERGEN (Combined Sources)—The mayor of Harbour Town opened a tram line on Friday, saying that it would carry nine thousand people a day.

The line runs from the old fish market to the hospital and was built in four years at a cost that the council has yet to publish in full.

Opposition Asks Who Will Pay for the New Trams
Members of the opposition asked on Friday who would pay for the twelve trams that the council has ordered, and when they would arrive.

“We have seen no contract,” said Ms. Lunde in her report for

© 2012 Harbour Wire. All rights reserved.
"""


def test_a_wire_story_is_read_whole() -> None:
    article = parse(WIRE.encode()).article
    assert article is not None
    assert (article.code, article.title) == ("77", "Harbour Town Opens Its First Tram Line")
    assert (article.published_at, article.published_zone) == (datetime(2012, 3, 10, 13, 11, tzinfo=UTC), None)
    assert article.dateline is not None
    assert (article.dateline.places, article.dateline.credit) == (["Oslo", "Bergen"], "Combined Sources")
    assert [section.heading for section in article.sections] == ["Opposition Asks Who Will Pay for the New Trams"]
    assert [gap.text for gap in article.gaps] == ["in her report for"]
    assert [notice.kind for notice in article.notices] == ["copyright"]
    assert "©" not in article.text
    for span in (article.dateline, *article.gaps):
        assert article.text[span.start : span.end] == span.text


def test_a_page_gives_its_head_and_body() -> None:
    body = "".join(
        f"<p>The council met for the {n}th time and put the question off until the spring once again.</p>"
        for n in range(4, 9)
    )
    page = (
        '<html><head><title>Trams | Wire</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"Trams",'
        '"datePublished":"2020-05-01T10:00:00+02:00","author":{"name":"Jane Roe"}}</script></head>'
        f"<body><nav>Home</nav><article><h1>Trams</h1>{body}</article></body></html>"
    )
    parsed = parse(page.encode())
    assert parsed.media_type == "text/html" and parsed.article is not None
    assert parsed.article.title == "Trams"
    assert parsed.article.published_at == datetime(2020, 5, 1, 8, tzinfo=UTC)
    assert [author.name for author in parsed.article.byline] == ["Jane Roe"]
    assert "8th time" in parsed.article.text and "Home" not in parsed.article.text


def test_the_envelope_is_believed() -> None:
    envelope = {"text": "PARIS (AFP) - The trams ran.", "title": "Trams", "published_at": "2020-05-01T10:00:00Z"}
    article = parse(json.dumps(envelope).encode()).article
    assert article is not None and article.dateline is not None
    assert (article.title, article.dateline.places, article.published_zone) == ("Trams", ["Paris"], "Z")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_encoding_is_found(codec: str) -> None:
    article = parse(WIRE.encode(codec)).article
    assert article is not None and article.title == "Harbour Town Opens Its First Tram Line"


def test_nothing_to_read_is_said() -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"  \n ")
    assert caught.value.code == "empty"
