"""From bytes to an Article: what a reader of the record would notice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workers.parse import ParseError, parse
from workers.parse.article.dateline import read_dateline
from workers.parse.article.dates import read_stamp
from workers.parse.encoding import decode

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


@pytest.mark.parametrize(
    ("line", "instant", "zone"),
    [
        ("2012-03-10T13:11:00+03:30", "2012-03-10T09:41", "+03:30"),
        ("Published: Saturday, March 10, 2012, 1:11 p.m. EST", "2012-03-10T18:11", "EST"),
        ("شنبه ۲۰ اسفند ۱۳۹۰ - ۱۳:۱۱", "2012-03-10T13:11", None),
        ("17 ربيع الثاني 1433", "2012-03-10T00:00", None),
        ("10 марта 2012, 13:11", "2012-03-10T13:11", None),
        ("10 de marzo de 2012", "2012-03-10T00:00", None),
        ("10 Dec 2012", "2012-12-10T00:00", None),
        ("2012年3月10日 下午1时11分", "2012-03-10T13:11", None),
    ],
)
def test_date_lines(line: str, instant: str, zone: str | None) -> None:
    stamp = read_stamp(line)
    assert stamp is not None
    assert (stamp.instant.isoformat()[:16], stamp.zone, stamp.ambiguous) == (instant, zone, False)


def test_day_and_month_may_be_either_unless_the_weekday_tells() -> None:
    either, told = read_stamp("04/03/2012"), read_stamp("Tuesday 04/03/2012")
    assert either is not None and either.ambiguous
    assert told is not None and not told.ambiguous and told.instant.month == 4


@pytest.mark.parametrize(
    ("opening", "places", "credit"),
    [
        ("LONDON, March 3 (Reuters) - Oil rose.", ["London"], "Reuters"),
        ("Washington — The president spoke.", ["Washington"], None),
        ("(AP) — Officials said.", [], "AP"),
        ("NEW DELHI, Nov 2: The minister spoke.", ["New Delhi"], None),
        ("KYIV, Ukraine (AP) — Trains ran.", ["Kyiv"], "AP"),
        ("MOSCOW, November 3. /TASS/. Trains ran.", ["Moscow"], "TASS"),
        ("Madrid, 3 mar (EFE).- El tren salió.", ["Madrid"], "EFE"),
        ("МОСКВА, 3 ноября - РИА Новости. Поезда идут.", ["Москва"], "РИА Новости"),
        ("القاهرة (رويترز) - قال مسؤول", ["القاهرة"], "رويترز"),
        ("新华社北京11月3日电 列车开通", ["北京"], "新华社"),
    ],
)
def test_datelines(opening: str, places: list[str], credit: str | None) -> None:
    found = read_dateline(opening)
    assert found is not None and opening.startswith(found.text)
    assert (found.places, found.credit) == (places, credit)


@pytest.mark.parametrize(
    "opening", ["Analysis — The end.", "He said: Nothing.", "Roe - the mayor - spoke.", "Firm (XYZ) - A day."]
)
def test_what_is_no_dateline(opening: str) -> None:
    assert read_dateline(opening) is None


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
def test_an_undeclared_encoding_is_guessed_and_said(codec: str) -> None:
    said = "Город открыл новую линию трамвая, которая ведёт от старого рынка к больнице на холме."
    assert decode(said.encode(codec)) == (said, ["encoding_guessed"])


def test_mojibake_is_repaired_and_said() -> None:
    assert decode("The cafÃ© said â€œyesâ€\x9d".encode()) == ("The café said “yes”", ["mojibake_repaired"])


def test_markdown_keeps_its_structure() -> None:
    article = parse(b"# Trams\n\nPARIS (AFP) - The **trams** ran.\n\n## Why\n\n- one\n- two\n\n> So it is.\n").article
    assert article is not None
    assert (article.title, article.text) == ("Trams", "PARIS (AFP) - The trams ran.\n\nWhy\n\none\n\ntwo\n\nSo it is.")
    assert [block.kind for block in article.blocks] == ["paragraph", "heading", "list_item", "list_item", "blockquote"]


def test_a_flash_of_one_line_is_title_and_text() -> None:
    article = parse(b"FLASH: Harbour Town mayor resigns\n").article
    assert article is not None
    assert article.title == article.text == "FLASH: Harbour Town mayor resigns"
    assert "no_text" not in article.warnings


def test_markdown_with_front_matter() -> None:
    article = parse(
        b"---\ntitle: 'Trams: a history'\nauthors: [Ann Lee, Bo Ek]\ndate: 2012-03-10T13:11:00Z\n---\n\n"
        b"# Trams: a history\n\nThe [trams](https://trams.example/) ran ![bell](b.png) on.\n"
    ).article
    assert article is not None
    assert (article.format, article.title, article.text) == ("markdown", "Trams: a history", "The trams ran on.")
    assert [author.name for author in article.byline] == ["Ann Lee", "Bo Ek"]
    assert article.published_at == datetime(2012, 3, 10, 13, 11, tzinfo=UTC)


def test_a_markdown_head_is_read_as_that_of_a_text() -> None:
    body = (
        "PARIS (AFP) - The trams of the old line ran again on Friday for the first time in sixty years, said the mayor."
    )
    head = "Trams Run Again\n===============\n\n*Sixty years were enough*\n\n**By Ann Lee**\n10 March 2012\n\n"
    picture = "![A tram](tram.jpg)\n*The first tram.*\n\n![](x.png)\n\n![Its driver](driver.jpg)\n\n"
    article = parse(f"{head}{body}\n\n{picture}It was blue.\n".encode()).article
    assert article is not None
    assert (article.title, article.deck) == ("Trams Run Again", "Sixty years were enough")
    assert [author.name for author in article.byline] == ["Ann Lee"]
    assert article.published_at == datetime(2012, 3, 10, tzinfo=UTC)
    assert article.dateline is not None and article.dateline.credit == "AFP"
    assert article.text == f"{body}\n\nIt was blue."
    assert [caption.text for caption in article.captions] == ["The first tram.", "Its driver"]


def test_a_line_at_the_top_is_no_front_matter_without_fields() -> None:
    article = parse(b"---\nships sailed\n---\n\nThe ships sailed on.\n", "text/markdown").article
    assert article is not None and "ships sailed" in f"{article.title} {article.text}"


def test_a_page_with_figure_heading_list_and_read_more() -> None:
    article = parse((Path(__file__).parents[2] / "fixtures/html/ferry.html").read_bytes()).article
    assert article is not None and article.dateline is not None
    assert (article.title, article.byline[0].name, article.publisher) == ("Ferry strike ends", "Ann Berg", "Coast Post")
    assert (article.dateline.places, article.dateline.credit) == (["Bergen"], "AP")
    assert [section.heading for section in article.sections] == ["What the islands lost"]
    assert [caption.credit for caption in article.captions] == ["AP Photo/Ola Nes"]
    assert [notice.kind for notice in article.notices] == ["related"]
    assert "Read more" not in article.text and "harbour of Bergen" not in article.text
    assert article.text.endswith("until the end of March.")


def test_a_line_of_one_mark_is_no_line() -> None:
    lines = "\n".join(
        ["Ships sail", "^", "Crews went aboard on Friday after a week of storms,", "^", "and the port opened."] * 3
    )
    article = parse(lines.encode()).article
    assert article is not None and "^" not in article.text
    assert not [warning for warning in article.warnings if warning.startswith("field_failed")]
