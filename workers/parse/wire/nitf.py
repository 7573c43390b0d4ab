"""NITF, the News Industry Text Format of IPTC (versions 2 and 3)."""

from __future__ import annotations

import re

from services.records import Byline
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dates import read_stamp
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.web import markup
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

MEDIA_TYPE = "application/nitf+xml"

_BASIC_DATE = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d{4})?$")
_APART = {"body.head", "hedline", "dateline", "byline", "distributor", "abstract", "series", "media-metadata",
          "media-reference", "media-producer", "media-object"}  # fmt: skip
_NOTICE = {"tagline", "bibliography", "rights", "copyrite", "note"}


def sniff(source: Source) -> float:
    return 0.96 if re.search(rb"<(?:[a-z]+:)?nitf[\s>]", source.data[:4096].replace(b"\x00", b"")) else 0.0


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    nitf = root if name(root) == "nitf" else first(root, "*", "nitf")
    if nitf is None:
        raise ParseError("corrupt", "There is no <nitf> element.")
    head = Head()
    pieces, warnings = read_nitf(nitf, head)
    return Parsed(MEDIA_TYPE, compose(pieces, head, format="nitf", warnings=warnings))


def read_nitf(nitf: Element, head: Head) -> tuple[list[Piece], list[str]]:
    """The body's blocks; what ``head`` lacks is filled from the NITF head and body.head."""
    top = first(nitf, "body", "body.head")
    docdata = first(nitf, "head", "docdata")
    headline = first(top, "hedline")
    head.title = head.title or text_of(first(headline, "hl1")) or text_of(first(nitf, "head", "title")) or None
    head.deck = head.deck or text_of(first(headline, "hl2")) or text_of(first(top, "abstract")) or None
    head.byline = head.byline or _bylines(top)
    head.publisher = head.publisher or _publisher(nitf, docdata, top)
    head.language = head.language or attribute(nitf, "lang") or attribute(first_or(nitf, "body"), "lang") or None
    head.code = head.code or _code(nitf, docdata)
    head.url = head.url or _url(nitf)
    _dates(docdata, top, nitf, head)
    body = first(nitf, "body", "body.content")
    pieces = markup.pieces(body, skip=_is_apart) if body is not None else []
    put_dateline(pieces, text_of(first(top, "dateline")))
    for part in every(nitf, "tagline", "bibliography"):
        if text := text_of(part):
            pieces.append(Piece("notice", text))
    if rights := text_of(first(top, "rights")):
        pieces.append(Piece("notice", rights))
    return pieces, []


def first_or(element: Element, wanted: str) -> Element:
    found = first(element, wanted)
    return element if found is None else found


def _is_apart(element: Element) -> bool:
    return name(element) in _APART or name(element) in _NOTICE


def _bylines(top: Element | None) -> list[Byline]:
    """``<byline>By <person>Jane Roe</person><byttl>Reporter</byttl></byline>``, or words alone."""
    found: list[Byline] = []
    for byline in children(top, "byline") if top is not None else []:
        role = text_of(first(byline, "byttl")) or None
        people = [text_of(person) for person in every(byline, "person")]
        if people:
            found += [Byline(name=person, role=role) for person in people if person]
        elif role:
            words = text_of(byline).removesuffix(role).strip(" ,")
            found += [Byline(name=author.name, role=author.role or role) for author in read_byline(words)]
        else:
            found += read_byline(text_of(byline))
    return found


def _publisher(nitf: Element, docdata: Element | None, top: Element | None) -> str | None:
    holder = first(docdata, "doc.copyright") if docdata is not None else None
    pubdata = first(nitf, "head", "pubdata")
    return (
        (attribute(pubdata, "name") if pubdata is not None else "")
        or text_of(first(top, "distributor"))
        or (attribute(holder, "holder") if holder is not None else "")
        or None
    )


def _code(nitf: Element, docdata: Element | None) -> str | None:
    """The slug: du-key, the fixture, or the meta that some agencies write."""
    for where in ("du-key", "fixture"):
        element = first(docdata, where)
        if element is not None and (value := attribute(element, "key") or attribute(element, "fix-id")):
            return value
    for meta in every(nitf, "meta"):
        if attribute(meta, "name").lower() in ("slug", "slugline", "anpa-keyword") and attribute(meta, "content"):
            return attribute(meta, "content")
    return None


def _url(nitf: Element) -> str | None:
    pubdata = first(nitf, "head", "pubdata")
    url = attribute(pubdata, "ex-ref") if pubdata is not None else ""
    return url if url.startswith(("http://", "https://")) else None


def _dates(docdata: Element | None, top: Element | None, nitf: Element, head: Head) -> None:
    pubdata = first(nitf, "head", "pubdata")
    candidates = [
        (first(docdata, "date.issue"), "norm"),
        (pubdata, "date.publication"),
        (first(docdata, "date.release"), "norm"),
        (first(top, "dateline", "story.date"), "norm"),
    ]
    for element, wanted in candidates:
        if head.published_at is None and element is not None:
            stamp = read_stamp(iso_date(attribute(element, wanted) or text_of(element)))
            if stamp:
                head.published_at, head.published_zone = stamp.instant, stamp.zone


def iso_date(written: str) -> str:
    """ISO 8601's basic form, which NITF and NewsML use, as its extended form; other text as it is."""
    found = _BASIC_DATE.match(written.strip())
    if not found:
        return written.strip()
    year, month, day, hour, minute, second, zone = found.groups()
    date = f"{year}-{month}-{day}"
    if not hour:
        return date
    offset = zone[:3] + ":" + zone[3:] if zone and zone != "Z" else zone or ""
    return f"{date}T{hour}:{minute}:{second or '00'}{offset}"


PARSER = Parser("nitf", (MEDIA_TYPE, "text/vnd.iptc.nitf", "application/x-nitf"), sniff, parse, isolated=True)
