"""Feeds and exports: each entry becomes a document, with what the feed says about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.records import Article
from tests.unit.parse import samples
from workers.parse import ParseError, parse
from workers.parse.containers.wordpress import shown, stamp


def articles(data: bytes) -> list[Article]:
    found = [parse(member.data, member.media_type).article for member in parse(data).members]
    return [article for article in found if article is not None]


def entry(inner: str, root: str = "") -> Article:
    spaces = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    item = f"<item><link>https://courier.example/a</link>{inner}</item>"
    return articles(
        f'<rss version="2.0" {spaces} {root}><channel><title>Courier</title>{item}</channel></rss>'.encode()
    )[0]


def test_a_wordpress_export_gives_its_posts() -> None:
    post, draft = articles(samples.wxr())
    assert (post.title, post.deck, post.byline[0].name) == (samples.TITLE, "Back to the quay.", "Jane Roe")
    assert post.text == "\n\n".join([samples.LEAD, samples.SECOND, samples.HEADING, samples.THIRD])
    assert [section.heading for section in post.sections] == [samples.HEADING]
    assert [caption.text for caption in post.captions] == ["The quay at dawn.", "Dockers on Friday."]
    assert post.published_at is not None and post.published_zone == "+03:00"
    assert post.wire is not None and post.wire.pub_status == "usable"
    assert [subject.code for subject in post.wire.subjects] == ["harbour"] and post.wire.keywords == ["strike"]
    assert [one.url for one in post.wire.associations] == ["https://courier.example/dockers.jpg"]
    assert draft.wire is not None and draft.wire.pub_status == "withheld"
    assert (draft.text, draft.published_at) == (samples.THIRD, None)


def test_an_export_of_pictures_alone_holds_no_document() -> None:
    with pytest.raises(ParseError) as caught:
        parse(samples.wxr().replace(b">post<", b">attachment<").replace(b">revision<", b">wp_template<"))
    assert caught.value.code == "empty"


def test_a_post_of_the_rest_api_and_a_list_of_them() -> None:
    one = samples.wordpress_post()
    for article in (parse(one).article, articles(b"[" + one + b"]")[0]):
        assert article is not None
        assert (article.title, article.byline[0].name) == ("Dockers & owners agree", "Jane Roe")
        assert article.text == f"{samples.LEAD}\n\n{samples.SECOND}"
        assert article.published_zone == "+03:00"


def test_a_json_feed_gives_its_items() -> None:
    first, second = articles(samples.json_feed())
    assert (first.title, first.deck, first.publisher) == (samples.TITLE, "Back to the quay.", "The Vale Courier")
    assert (first.byline[0].name, second.byline[0].name) == ("Jane Roe", "Bo Ek")
    assert (first.text, second.text) == (f"{samples.LEAD}\n\n{samples.SECOND}", samples.THIRD)
    assert (first.url, second.url) == ("https://courier.example/strike", "https://courier.example/ladders")
    assert first.published_zone == "+03:00"
    assert first.wire is not None and first.wire.associations[0].kind == "picture"


def test_a_list_of_articles_in_json_gives_each() -> None:
    assert [article.text for article in articles(samples.json_list())] == [samples.LEAD, samples.THIRD]


@pytest.mark.parametrize(
    "answer",
    [
        '{"status": "ok", "totalResults": 2, "articles": LIST}',
        '{"meta": {"found": 2}, "data": LIST}',
        '{"items": LIST}',
        '{"response": {"status": "ok", "results": LIST}}',
    ],
)
def test_the_answer_of_a_news_api_gives_each_of_its_articles(answer: str) -> None:
    data = answer.replace("LIST", samples.json_list().decode()).encode()
    assert parse(data).parser.startswith("json-feed ")
    assert [article.text for article in articles(data)] == [samples.LEAD, samples.THIRD]


def test_the_day_of_an_article_in_an_answer() -> None:
    item = {"source": {"id": None, "name": "Courier"}, "author": "Jane Roe", "title": samples.TITLE, "content": samples.LEAD,
            "url": "https://courier.example/strike", "publishedAt": "2018-08-27T09:05:00Z"}  # fmt: skip
    (article,) = articles(json.dumps({"status": "ok", "articles": [item]}).encode())
    assert article.published_at == datetime(2018, 8, 27, 9, 5, tzinfo=UTC)
    assert (article.byline[0].name, article.publisher) == ("Jane Roe", "Courier")


@pytest.mark.parametrize(
    "data", [b'{"data": [{"id": 1, "price": 3}]}', b'{"items": []}', b'{"results": [{"name": "Vale"}]}']
)
def test_lists_of_other_things_are_no_articles(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(data)
    assert caught.value.code == "unsupported_format"


def test_the_media_of_an_entry() -> None:
    article = entry(
        '<media:content url="https://courier.example/q.jpg" medium="image"><media:title>quay.jpg</media:title>'
        "<media:description>The &lt;em&gt;quay&lt;/em&gt; at dawn, with all of its cranes and the ships that wait for them.</media:description>"
        "<media:credit>Bo Ek</media:credit></media:content><title>Dockers agree</title>"
        '<enclosure url="https://courier.example/talks.mp3" type="audio/mpeg" length="1"/>'
        "<description>They went back to the quay.</description>"
    )
    assert (article.title, article.text) == ("Dockers agree", "They went back to the quay.")
    assert article.wire is not None
    told = [(one.kind, one.credit, one.url) for one in article.wire.associations]
    assert told == [
        ("picture", "Bo Ek", "https://courier.example/q.jpg"),
        ("audio", None, "https://courier.example/talks.mp3"),
    ]


def test_a_film_is_told_by_its_description() -> None:
    article = entry(
        "<title>Dockers agree</title><media:group><media:content url='https://a.example/v' medium='video'/>"
        "<media:description>They went back to the quay.</media:description></media:group>"
    )
    assert article.text == "They went back to the quay."
    assert article.captions == []


def test_the_beginning_of_the_body_is_no_deck_and_the_source_no_paragraph() -> None:
    source = '<p>The post <a href="https://courier.example/a">Dockers</a> appeared first on <a href="https://courier.example">Courier</a>.</p>'
    body = f"<p>{samples.LEAD}</p><p>{samples.SECOND}</p>{source}"
    article = entry(
        f"<title>Dockers</title><description>{samples.LEAD[:60]} […]</description><content:encoded><![CDATA[{body}]]></content:encoded>"
    )
    assert (article.deck, article.text) == (None, f"{samples.LEAD}\n\n{samples.SECOND}")


def test_an_entry_of_atom_alone_is_read() -> None:
    entry = samples.atom().partition(b"<entry>")[2].partition(b"</entry>")[0]
    found = articles(b'<entry xmlns="http://www.w3.org/2005/Atom">' + entry + b"</entry>")
    assert [article.title for article in found] == ["Dockers & owners agree"]


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("<pre>a\n\nb</pre>\n\nTwo.", "<pre>a\nb</pre>\n<p>Two.</p>"),
        ("<!-- wp:paragraph -->\n\n<p>One.</p>", "<!-- wp:paragraph -->\n\n<p>One.</p>"),
        (
            "[embed]https://a.example/v[/embed]One [sic] [su_x a='1']and[/su_x] two [gallery ids=\"1\"].",
            "One [sic] and two .",
        ),
        ("[dropcap]O[/dropcap]ne.", "One."),
    ],
)
def test_what_wordpress_keeps_is_read_as_it_shows_it(content: str, html: str) -> None:
    assert shown(content, stored=True) == html


@pytest.mark.parametrize(
    ("local", "gmt", "iso"),
    [
        ("2020-05-01 10:00:00", "2020-05-01 08:00:00", "2020-05-01T10:00:00+02:00"),
        ("2020-05-01 00:30:00", "2020-05-01 04:00:00", "2020-05-01T00:30:00-03:30"),
        ("2020-05-01 10:00:00", "0000-00-00 00:00:00", "2020-05-01T10:00:00"),
        ("2020-05-01 10:00:00", "2019-01-01 10:00:00", "2019-01-01T10:00:00+00:00"),
        ("", "2020-05-01T08:00:00", "2020-05-01T08:00:00+00:00"),
        ("soon", "", ""),
    ],
)
def test_the_zone_is_the_wall_clock_less_utc(local: str, gmt: str, iso: str) -> None:
    assert stamp(local, gmt) == iso


@pytest.mark.parametrize("items", [{}, [1, "a", None], [{"id": {"a": 1}, "title": ["x"], "content_html": 7}]])
def test_a_json_feed_without_items_that_say_anything_is_empty(items: Any) -> None:
    with pytest.raises(ParseError) as caught:
        parse(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode())
    assert caught.value.code == "empty"
