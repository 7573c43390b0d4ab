"""NewsML-G2 of IPTC: a newsItem with its text inline, or a newsMessage of several, each a document.

NewsML 1's NewsItem is read as far as it holds NITF or XHTML inline.
"""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from services.records import Article, Byline
from workers.parse.article.byline import is_agency, read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dates import read_stamp
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.nitf import iso_date, read_nitf
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

MEDIA_TYPE = "application/vnd.iptc.g2.newsitem+xml"
MESSAGE_TYPE = "application/vnd.iptc.g2.newsmessage+xml"

_ROOT = re.compile(rb"<(?:[A-Za-z0-9]+:)?(newsItem|newsMessage|packageItem|NewsML)[\s>]")
_TEXT_TYPES = re.compile(r"nitf|xhtml|html|plain|text", re.IGNORECASE)


def sniff(source: Source) -> float:
    head = source.data[:4096].replace(b"\x00", b"")
    found = _ROOT.search(head)
    return 0.97 if found and b"<html" not in head[: found.start()].lower() else 0.0


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    items = [root] if name(root) == "newsitem" else list(every(root, "newsitem"))
    items = [item for item in items if _contents(item)]
    if not items:
        raise ParseError("empty", "No item holds text.")
    if len(items) == 1:
        return Parsed(MEDIA_TYPE, _article(items[0]))
    found = Collector(source.limits, len(source.data))
    for number, item in enumerate(items, 1):
        path = attribute(item, "guid") or f"item-{number}"
        found.add(path, etree.tostring(item, encoding="utf-8", with_tail=False), MEDIA_TYPE)
    return Parsed(MESSAGE_TYPE, members=found.result())


def _contents(item: Element) -> list[Element]:
    """What may hold text: inlineXML and inlineData of G2, DataContent of NewsML 1."""
    return [
        part
        for part in every(item, "inlinexml", "inlinedata", "datacontent")
        if _TEXT_TYPES.search(attribute(part, "contenttype") or "text") and text_of(part)
    ]


def _article(item: Element) -> Article:
    meta, item_meta = first(item, "contentmeta"), first(item, "itemmeta")
    head = Head(
        code=_first(meta, "slugline"),
        title=_first(meta, "headline") or text_of(first(item, "*", "headline")) or text_of(first(item, "*", "title")),
        deck=_headline(meta, "subheadline"),
        byline=_bylines(meta),
        publisher=_publisher(item, item_meta, meta),
        language=_language(item, meta),
    )
    for written in (
        text_of(first(meta, "contentcreated")),
        text_of(first(item_meta, "firstcreated")),
        text_of(first(item_meta, "versioncreated")),
        text_of(first(item, "*", "dateandtime")),
        text_of(first(item, "*", "firstcreated")),
    ):
        if head.published_at is None and (stamp := read_stamp(iso_date(written)) if written else None):
            head.published_at, head.published_zone = stamp.instant, stamp.zone
    head.updated_at = _updated(meta, item_meta, head)
    pieces: list[Piece] = []
    for part in _contents(item)[:1]:
        pieces = _pieces(part, head)
    dateline = _first(meta, "dateline")
    if dateline:
        put_dateline(pieces, dateline)
    for notice in ("copyrightnotice", "usageterms"):
        if text := text_of(first(item, "rightsinfo", notice)):
            pieces.append(Piece("notice", text))
    if head.title and pieces and pieces[0].text.casefold() == head.title.casefold():
        del pieces[0]
    return compose(pieces, head, format="newsml-g2")


def _pieces(part: Element, head: Head) -> list[Piece]:
    nitf = first(part, "*", "nitf")
    if nitf is not None:
        return read_nitf(nitf, head)[0]
    if len(part):
        return markup.pieces(part)
    text = part.text or ""
    if re.search(r"<(p|div|br|html|body|h\d)\b", text, re.IGNORECASE):
        return markup.pieces(markup.read_html(text))
    return [Piece("paragraph", paragraph) for paragraph in re.split(r"\n\s*\n", text)]


def _first(meta: Element | None, wanted: str) -> str | None:
    return text_of(first(meta, wanted)) or None


def _headline(meta: Element | None, role: str) -> str | None:
    for element in children(meta, "headline", "description") if meta is not None else []:
        if role in attribute(element, "role").lower():
            return text_of(element) or None
    return None


def _bylines(meta: Element | None) -> list[Byline]:
    if meta is None:
        return []
    for by in children(meta, "by"):
        if found := read_byline(text_of(by)):
            return found
    found = []
    for creator in children(meta, "creator"):
        named = text_of(first(creator, "name")) or attribute(creator, "literal")
        person = attribute(creator, "type").endswith("person") or re.search(
            r":(?:aut|reporter|writer)", attribute(creator, "role")
        )
        if person and named:
            found.append(Byline(name=named))
        elif not attribute(creator, "type") and " " in named and not is_agency(named):
            found += read_byline(named)
    return found


def _publisher(item: Element, item_meta: Element | None, meta: Element | None) -> str | None:
    for element in (first(item_meta, "provider"), first(meta, "infosource")):
        if element is not None:
            named = text_of(first(element, "name")) or attribute(element, "literal")
            if named:
                return named
    holder = first(item, "rightsinfo", "copyrightholder")
    return (text_of(first(holder, "name")) or attribute(holder, "literal") or None) if holder is not None else None


def _language(item: Element, meta: Element | None) -> str | None:
    language = first(meta, "language")
    return (attribute(language, "tag") if language is not None else "") or attribute(item, "lang") or None


def _updated(meta: Element | None, item_meta: Element | None, head: Head) -> datetime | None:
    for written in (text_of(first(meta, "contentmodified")), text_of(first(item_meta, "versioncreated"))):
        stamp = read_stamp(iso_date(written)) if written else None
        if stamp and head.published_at and stamp.instant > head.published_at:
            return stamp.instant
    return None


PARSER = Parser("newsml-g2", (MEDIA_TYPE, MESSAGE_TYPE, "application/newsml+xml"), sniff, parse, isolated=True)
