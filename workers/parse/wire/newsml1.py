"""Read NewsML 1 of IPTC (1.0 to 1.2): each NewsItem is a document with XHTML or NITF text in DataContent."""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from services.records import Article, Byline, Coded, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.base import Parsed, ParseError, Source
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import coded, distinct, instant, number, rights, set_published, stated, status
from workers.parse.wire.nitf import read_nitf
from workers.parse.xml import Element, attribute, every, first, text_of


def read(root: Element, source: Source, media_type: str) -> Parsed:
    """Read a NewsML 1 document. Raises ParseError ``empty`` if no item holds text."""
    items = [item for item in every(root, "newsitem") if _content(item) is not None or _line(item, "headline")]
    if not items:
        raise ParseError("empty", "No item holds text.")
    if len(items) == 1:
        return Parsed(media_type, _article(items[0]))
    found = Collector(source.limits, len(source.data))
    for number_, item in enumerate(items, 1):
        path = text_of(first(item, "*", "publicidentifier")) or f"item-{number_}"
        wrapped = b"<NewsML>" + etree.tostring(item, encoding="utf-8", with_tail=False) + b"</NewsML>"
        found.add(path, wrapped, media_type)
    return Parsed(media_type, members=found.result())


def _article(item: Element) -> Article:
    byline = _line(item, "byline")
    head = Head(
        code=_line(item, "slugline") or text_of(first(item, "*", "namelabel")) or None,
        title=_line(item, "headline") or text_of(first(item, "*", "title")) or None,
        deck=_line(item, "subheadline"),
        byline=_people(byline),
        publisher=_provider(item),
        language=_formal(item, "language") or None,
        wire=_wire(item),
    )
    set_published(head, text_of(first(item, "*", "thisrevisioncreated")), text_of(first(item, "*", "firstcreated")))
    pieces: list[Piece] = []
    content = _content(item)
    if content is not None:
        nitf = first(content, "*", "nitf")
        if nitf is not None:
            pieces = read_nitf(nitf, head)[0]
        elif len(content):
            pieces = markup.pieces(content)
        else:
            pieces = [Piece("paragraph", part) for part in re.split(r"\n\s*\n", content.text or "")]
    if dateline := _line(item, "dateline"):
        put_dateline(pieces, dateline)
    return compose(pieces, head, format="newsml-g2", structured=True)


def _content(item: Element) -> Element | None:
    """Return the first DataContent that is text; it may also contain encoded pictures."""
    return next((each for each in every(item, "datacontent") if text_of(each) and not _is_picture(each)), None)


def _is_picture(content: Element) -> bool:
    parent = content.getparent()
    kind = _formal(parent, "mediatype") if parent is not None else ""
    return bool(kind) and "text" not in kind.lower()


def _people(byline: str | None) -> list[Byline]:
    return read_byline(byline) if byline else []


def _line(item: Element, wanted: str) -> str | None:
    """Return a line of NewsLines, first from the item itself, then from its components."""
    return text_of(first(item, "*", wanted)) or None


def _formal(item: Element, wanted: str) -> str:
    found = first(item, "*", wanted)
    return attribute(found, "FormalName") if found is not None else ""


def _provider(item: Element) -> str | None:
    party = first(item, "*", "provider")
    named = _formal(party, "party") if party is not None else ""
    return named or text_of(first(item, "*", "providerid")) or None


def _wire(item: Element) -> Wire | None:
    guid = text_of(first(item, "*", "publicidentifier"))
    revision = text_of(first(item, "*", "revisionid"))
    return stated(
        Wire(
            provider=_provider(item),
            guid=guid or text_of(first(item, "*", "newsitemid")) or None,
            version=revision or None,
            pub_status=status(_formal(item, "status")),
            urgency=number(_formal(item, "urgency"), 9) or number(_formal(item, "priority"), 9),
            slugline=_line(item, "slugline"),
            keywords=[
                word for line in every(item, "keywordline") for word in re.split(r"[,;]\s*", text_of(line)) if word
            ],
            genre=distinct([coded(attribute(each, "FormalName")) for each in every(item, "genre")]),
            subjects=distinct([_subject(each) for each in every(item, "subject", "subjectmatter", "subjectdetail")]),
            places=distinct([coded(None, attribute(each, "Value")) for each in _properties(item, "city", "country")]),
            first_created=instant(text_of(first(item, "*", "firstcreated"))),
            embargoed_until=_embargo(item),
            ednote=text_of(first(item, "*", "instruction")) or None,
            rights=rights(
                _line(item, "copyrightline"), text_of(first(item, "*", "usagerights")), _line(item, "creditline")
            ),
        )
    )


def _subject(element: Element) -> Coded | None:
    return coded(attribute(element, "FormalName"))


def _properties(item: Element, *wanted: str) -> list[Element]:
    return [each for each in every(item, "property") if attribute(each, "FormalName").lower() in wanted]


def _embargo(item: Element) -> datetime | None:
    """Return a status that will change: ``<StatusWillChange><FutureStatus FormalName="Usable"/><DateAndTime>``."""
    change = first(item, "*", "statuswillchange")
    return instant(text_of(first(change, "dateandtime"))) if change is not None else None
