"""Read XML in an agency's own vocabulary, with the paths in its dialect.

A path is names of elements without namespace, in any case, below the one it starts from: ``head/slug``. The first may
be at any depth. ``[id=7]`` selects by an attribute, a final ``@id`` is an attribute's value, and ``.`` is the element
itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree

from services.records import Article, Association, Coded, Wire
from workers.parse import dialects
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.dialects import Coding, Dialect, Fields, Record
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import coded, distinct, instant, number, set_published, status
from workers.parse.xml import Element, attribute, children, every, name, read_xml, text_of

MEDIA_TYPE = "application/x-agency+xml"

_ROOT = re.compile(rb"<(?:[A-Za-z0-9_]+:)?([A-Za-z][\w.-]*)[\s>/]")
_STEP = re.compile(r"(?P<name>[\w.-]+)(?:\[(?P<key>[\w.-]+)=(?P<value>[^\]]*)\])?")
_TRUE = frozenset(["true", "1", "yes", "ja"])


def sniff(source: Source) -> float:
    head = source.data[:1024].replace(b"\x00", b"")
    found = next((each for each in _ROOT.finditer(head)), None)
    return 0.96 if found and _dialect(found[1].decode("latin-1")) else 0.0


def _dialect(root: str) -> tuple[Dialect, Record] | None:
    for dialect in dialects.known():
        record = dialect.record
        if record and root.lower() in {each.lower() for each in (record.element, *record.wrapped_in)}:
            return dialect, record
    return None


def parse(source: Source) -> Parsed:
    """Read the document. Raises ParseError ``empty`` if it has no record."""
    root = read_xml(source.data)
    found = _dialect(name(root))
    if found is None:
        raise ParseError("corrupt", f"No dialect reads <{name(root)}>.")
    dialect, record = found
    if name(root) == record.element.lower():
        return Parsed(MEDIA_TYPE, _article(root, dialect, record))
    members = Collector(source.limits, len(source.data))
    for at, each in enumerate(every(root, record.element.lower()), 1):
        guid = said(each, dialect.fields.guid)
        members.add(guid or f"item-{at}", etree.tostring(each, encoding="utf-8", with_tail=False), MEDIA_TYPE)
    if not members.members:
        raise ParseError("empty", "The answer holds no record.")
    return Parsed(MEDIA_TYPE, members=members.result())


def _article(element: Element, dialect: Dialect, record: Record) -> Article:
    fields, escaped = dialect.fields, record.escaped
    head = Head(
        code=said(element, fields.code, escaped) or None,
        title=said(element, fields.title, escaped) or None,
        deck=said(element, fields.deck, escaped) or None,
        byline=read_byline(said(element, fields.byline, escaped)),
        publisher=said(element, fields.publisher, escaped) or dialect.name,
        language=said(element, fields.language) or None,
        updated_at=instant(said(element, fields.updated_at)),
        wire=read_wire(element, dialect, escaped),
    )
    set_published(head, said(element, fields.published_at))
    pieces = _pieces(next(iter(_elements(element, record.body)), None), escaped)
    lead = next((piece.text for piece in pieces if piece.kind == "paragraph"), "")
    if (place := said(element, fields.place, escaped)) and read_dateline(lead) is None:
        put_dateline(pieces, place)
    return compose(pieces, head, format=record.format, structured=True)


def read_wire(element: Element, dialect: Dialect, escaped: int = 1) -> Wire:
    """Return what an agency says about an item besides its text, as mapped by its dialect."""
    fields = dialect.fields
    canceled = said(element, fields.canceled).lower() in _TRUE
    notes = [piece.text for each in _elements(element, fields.ednote) for piece in _pieces(each, escaped)]
    replaced = said(element, fields.replaces, escaped)
    return Wire(
        provider=dialect.name,
        guid=said(element, fields.guid, escaped) or None,
        version=said(element, fields.version, escaped) or None,
        pub_status="canceled" if canceled else status(said(element, fields.pub_status)) or _usable(fields),
        urgency=number(said(element, fields.urgency), 9),
        slugline=said(element, fields.slugline, escaped) or None,
        keywords=values(element, fields.keywords),
        subjects=_codings(element, fields.subjects, escaped),
        genre=_codings(element, fields.genre, escaped),
        places=_codings(element, fields.places, escaped),
        ednote=" ".join(notes) or None,
        signals=[signal for signal, path in fields.signals.items() if said(element, path).lower() in _TRUE],
        associations=[Association(kind="item", guid=replaced, relation="replaces")] if replaced else [],
    )


def _usable(fields: Fields) -> str | None:
    """Return the status; an item that has a place for a status but does not say canceled is usable."""
    return "usable" if fields.canceled else None


def _codings(element: Element, codings: list[Coding], escaped: int) -> list[Coded]:
    found: list[Coded | None] = []
    for coding in codings:
        for each in _elements(element, coding.at):
            code, label = said(each, coding.code, escaped), said(each, coding.name, escaped)
            if code and coding.scheme:
                found.append(Coded(scheme=coding.scheme, code=code, name=label or None))
            else:
                found.append(coded(code, label))
    return distinct(found)


def said(element: Element, path: str | None, escaped: int = 1) -> str:
    """Return the first value at a path, or an empty string."""
    return next((unescaped(value, escaped) for value in _values(element, path) if value.strip()), "").strip()


def values(element: Element, path: str | None) -> list[str]:
    """Return every value at a path that says something, each once."""
    return list(dict.fromkeys(value.strip() for value in _values(element, path) if value.strip()))


def _values(element: Element, path: str | None) -> Iterator[str]:
    if not path:
        return
    where, at, wanted = path.partition("@")
    for each in _elements(element, where.rstrip("/") or "."):
        yield attribute(each, wanted) if at else text_of(each)


def _elements(element: Element, path: str | None) -> list[Element]:
    if not path or path == ".":
        return [element] if path else []
    found = [element]
    for at, step in enumerate(path.split("/")):
        parsed = _STEP.fullmatch(step)
        if parsed is None:
            return []
        wanted = parsed["name"].lower()
        found = [
            inner
            for outer in found
            for inner in (children(outer, wanted) if at else every(outer, wanted))
            if parsed["key"] is None or attribute(inner, parsed["key"]).lower() == parsed["value"].lower()
        ]
    return found


def _pieces(element: Element | None, escaped: int) -> list[Piece]:
    """Return the blocks of escaped HTML; an element that is nil has none."""
    text = "".join(element.itertext()) if element is not None else ""
    return markup.pieces(markup.read_html(unescaped(text, escaped))) if text.strip() else []


def unescaped(text: str, times: int) -> str:
    """Return text without escapes, of which there may be so many layers, one already removed by XML."""
    for _ in range(times):
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text


PARSER = Parser("agency-xml", (MEDIA_TYPE,), sniff, parse, isolated=True)
