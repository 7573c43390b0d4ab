"""RBNews, the XML of Ritzau: one record, or the answer of its queue that holds several, each a document.

The content is escaped HTML whose entities may be escaped once or twice more.
"""

from __future__ import annotations

import html
import re

from lxml import etree

from services.records import Article, Association, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import coded, distinct, number, set_published
from workers.parse.xml import Element, every, first, name, read_xml, text_of

MEDIA_TYPE = "application/x-rbnews+xml"

_ROOT = re.compile(rb"<(RBNews|XMLNewsQueuedResponse)[\s>]")
_MOST_ESCAPES = 3


def sniff(source: Source) -> float:
    return 0.96 if _ROOT.search(source.data[:1024]) else 0.0


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    if name(root) == "rbnews":
        return Parsed(MEDIA_TYPE, _article(root))
    found = Collector(source.limits, len(source.data))
    for at, record in enumerate(every(root, "rbnews"), 1):
        path = text_of(first(record, "newsid")) or f"item-{at}"
        found.add(path, etree.tostring(record, encoding="utf-8", with_tail=False), MEDIA_TYPE)
    if not found.members:
        raise ParseError("empty", "The answer holds no record.")
    return Parsed(MEDIA_TYPE, members=found.result())


def _article(record: Element) -> Article:
    def said(field: str) -> str:
        return _unescaped(text_of(first(record, field)))

    canceled = said("annuleret").lower() == "true"
    head = Head(
        code=said("strapline") or None,
        title=said("headline") or None,
        deck=said("subtitle") or None,
        byline=read_byline(said("byline")),
        publisher="Ritzau",
        wire=Wire(
            provider="Ritzau",
            guid=said("newsid") or None,
            version=said("version") or None,
            pub_status="canceled" if canceled else "usable",
            urgency=number(said("priority"), 9),
            slugline=said("strapline") or None,
            subjects=distinct([coded(f"ritzau section:{said('sectionid')}", said("section"))]),
            genre=distinct([coded(None, said("format"))]),
            ednote=" ".join(piece.text for piece in _pieces(first(record, "tilredaktionen"))) or None,
            signals=[flag for flag in ("Korrektion", "InfoFlash", "NyVersion") if said(flag.lower()).lower() == "true"],
            associations=[Association(kind="item", guid=said("replaces"), relation="replaces")]
            if said("replaces")
            else [],
        ),
    )
    set_published(head, said("publishdate"))
    pieces = _pieces(first(record, "content"))
    lead = next((piece.text for piece in pieces if piece.kind == "paragraph"), "")
    if (town := said("town")) and read_dateline(lead) is None:
        put_dateline(pieces, town)
    return compose(pieces, head, format="rbnews", structured=True)


def _pieces(element: Element | None) -> list[Piece]:
    """The blocks of escaped HTML; an element that is nil has none."""
    text = "".join(element.itertext()) if element is not None else ""
    return markup.pieces(markup.read_html(_unescaped(text))) if text.strip() else []


def _unescaped(text: str) -> str:
    for _ in range(_MOST_ESCAPES):
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text


PARSER = Parser("rbnews", (MEDIA_TYPE,), sniff, parse, isolated=True)
