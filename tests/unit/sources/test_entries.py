"""Splitting feeds: new entries are distinguished from known ones, and entries that are left out leave no trace."""

from __future__ import annotations

import json

import pytest

from services.sources.entries import Broken, NoFeed, take_apart
from workers.parse.base import Source
from workers.parse.containers import feed

BASE = "https://pier.example/news/feed.xml"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel><title>Pier News</title><item><title>Crane repaired</title><link>/crane</link><guid isPermaLink="false">a1</guid>
<description><![CDATA[<p>The crane > of the pier</p>]]></description><media:title>Photo</media:title>
<slash:comments>COMMENTS</slash:comments></item>
<item><title>Café opens</title><link>https://pier.example/cafe</link></item><item><guid>https://pier.example/quay</guid>
<title>Quay closed</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Pier</title><id>urn:feed</id>
<entry><id>urn:1</id><title>Crane repaired</title><link rel="self" href="/self"/><link href="crane"/>
<source><id>urn:other</id><title>Other</title></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></div></content></entry>
<entry><id>urn:2</id><title>Quay closed</title><link rel="alternate" href="https://pier.example/quay"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>
<title>Pier</title></channel><item rdf:about="x"><title>Crane repaired</title><link>https://pier.example/crane</link></item></rdf:RDF>"""
JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "Pier",
    "items": [{"id": "1", "url": "crane", "title": "Crane repaired", "content_text": "Text"}, {"id": 2, "content_html": "<p>Quay</p>"}],
})  # fmt: skip


@pytest.mark.parametrize(
    ("data", "ids", "urls"),
    [
        (RSS, ["a1", None, "https://pier.example/quay"],
         ["https://pier.example/crane", "https://pier.example/cafe", "https://pier.example/quay"]),
        (ATOM, ["urn:1", "urn:2"], ["https://pier.example/news/crane", "https://pier.example/quay"]),
        (RDF, [None], ["https://pier.example/crane"]),
        (JSON, ["1", "2"], ["https://pier.example/news/crane", None]),
    ],
    ids=["RSS", "Atom", "RDF", "JSON Feed"],
)  # fmt: skip
def test_entries_have_their_ids_and_whole_addresses(data: str, ids: list[str], urls: list[str]) -> None:
    found = take_apart(data.encode(), BASE).entries
    assert ([one.id for one in found], [one.url for one in found]) == (ids, urls)
    assert len({one.key for one in found}) == len(found)


@pytest.mark.parametrize("data", [RSS, ATOM], ids=["RSS", "Atom"])
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_the_parser_reads_a_kept_entry_as_it_would_in_the_whole(data: str, encoding: str) -> None:
    text = data.replace('encoding="utf-8"', f'encoding="{encoding}"')
    raw = text.encode(encoding)
    whole = take_apart(raw, BASE)
    read = [member.data for member in feed.parse(Source(raw)).members]
    assert whole.only([one.key for one in whole.entries]) == raw
    for entry, document in zip(whole.entries, read, strict=True):
        [alone] = feed.parse(Source(whole.only({entry.key}))).members
        assert alone.data == document


def test_an_entry_is_new_when_its_text_changes_and_not_for_a_count_of_comments() -> None:
    [first, *_] = take_apart(RSS.encode(), BASE).entries
    [commented, *_] = take_apart(RSS.replace("COMMENTS", "17").encode(), BASE).entries
    [corrected, *_] = take_apart(RSS.replace("The crane >", "The second crane >").encode(), BASE).entries
    assert first == commented
    assert (first.key, first.print) != (corrected.key, corrected.print) and first.key == corrected.key


def test_items_of_a_json_feed_that_are_left_out_are_gone() -> None:
    found = take_apart(JSON.encode(), BASE)
    kept = json.loads(found.only({found.entries[1].key}))
    assert (kept["title"], [one["id"] for one in kept["items"]]) == ("Pier", [2])


@pytest.mark.parametrize(
    "data",
    [b"<!doctype html><title>Sign in</title>", b'{"error": "no key"}', b"{", b"", b"Sign in", b"<urlset><url/></urlset>"],
)  # fmt: skip
def test_what_is_no_feed_is_told_apart(data: bytes) -> None:
    with pytest.raises(NoFeed, match="not a feed"):
        take_apart(data, BASE)


def test_a_feed_that_is_not_well_formed_is_still_a_feed() -> None:
    with pytest.raises(Broken, match="not well-formed"):
        take_apart(RSS.replace("</description>", "").encode(), BASE)
    with pytest.raises(Broken):
        take_apart(RSS.encode("utf-16"), BASE)


def test_entities_that_multiply_are_refused() -> None:
    """Ten levels of ten references each, of which expat allows a part."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "{"x" * 100}">{levels}]><rss><channel><item><title>&e9;</title></item></channel></rss>'
    with pytest.raises(Broken):
        take_apart(bomb.encode(), BASE)
