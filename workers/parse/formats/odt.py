"""ODT (OpenDocument text, ISO 26300), zipped or flat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workers.parse.article.compose import Piece, PieceKind
from workers.parse.article.normalise import tidy
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.package import Package
from workers.parse.formats.structured import Run, read_structured
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, topmost

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"

_LEFT_OUT = {"tracked-changes", "note", "annotation", "annotation-end", "sequence-decls", "table-of-content", "frame",
             "alphabetical-index", "ruby-text", "forms"}  # fmt: skip
_LOOKED_INTO = {"section", "list-header", "index-body"}


@dataclass(slots=True)
class _Style:
    name: str = ""
    size: float = 0.0
    bold: bool = False
    parent: str = ""


def sniff(source: Source) -> float:
    return sniff_odf(source, MEDIA_TYPE)


def sniff_odf(source: Source, media_type: str) -> float:
    """Return how sure it is that this is an OpenDocument file or template of that type, which is stated in its first
    part."""
    head, wanted = source.data[:200], media_type.encode()
    if head.startswith(b"PK\x03\x04"):
        return 0.96 if b"mimetype" + wanted in head else 0.0
    return 0.96 if b"<office:document" in source.data[:2000] and wanted in source.data[:8000] else 0.0


def parts_of(source: Source) -> list[Element]:
    """Return the styles, if they are a separate part, and the content. Raises ParseError ``encrypted`` or
    ``corrupt``."""
    if not source.data.startswith(b"PK"):
        return [read_xml(source.data)]
    package = Package(source)
    if b"manifest:encryption-data" in package.bytes_of("META-INF/manifest.xml"):
        raise ParseError("encrypted", "The document is locked with a password.")
    return [root for root in (package.xml("styles.xml"), package.need("content.xml")) if root is not None]


def styles_with(root: Element, properties: str, setting: str, value: str) -> set[str]:
    """Return the names of the styles that set this among those properties."""
    return {
        attribute(style, "name")
        for style in every(root, "style")
        if any(attribute(look, setting) == value for look in children(style, properties))
    }


def blocks_of(parent: Iterable[Element]) -> list[Piece]:
    """Return the paragraphs, lists and tables among the elements, whatever their layout."""
    return [run.piece for run in _blocks(parent, {}, "paragraph")]


def parse(source: Source) -> Parsed:
    roots = parts_of(source)
    body = first(roots[-1], "body", "text")
    if body is None:
        raise ParseError("corrupt", "The document has no body.")
    styles = {}
    for root in roots:
        styles.update(_styles(root))
    runs = list(_blocks(body, styles, "paragraph"))
    if not runs:
        raise ParseError("empty", "There is no text in the document.")
    return Parsed(MEDIA_TYPE, read_structured(runs, format="odt"))


def _blocks(parent: Iterable[Element], styles: dict[str, _Style], kind: PieceKind) -> Iterator[Run]:
    for child in parent:
        tag = name(child)
        if tag in ("p", "h"):
            yield from _paragraph(child, styles, kind)
        elif tag == "list":
            for item in children(child, "list-item", "list-header"):
                yield from _blocks(item, styles, "list_item")
        elif tag == "table":
            yield from _table(child, styles)
        elif tag == "frame":  # a text box on the page, not in a paragraph
            for box in children(child, "text-box"):
                yield from _blocks(box, styles, "paragraph")
        elif tag in _LOOKED_INTO:
            yield from _blocks(child, styles, kind)


def _paragraph(paragraph: Element, styles: dict[str, _Style], kind: PieceKind) -> Iterator[Run]:
    style = _resolved(attribute(paragraph, "style-name"), styles)
    pieces = list(_texts(paragraph, style, styles))
    text = tidy("".join(part for part, _, _ in pieces))
    if text:
        seen = [(size, bold) for part, size, bold in pieces if part.strip()]
        named = style.name
        if name(paragraph) == "h":
            named = named if named.lower().startswith(("title", "heading")) else "Heading"
        elif named.lower() in ("quotations", "quote"):
            kind = "blockquote"
        elif named.lower() in ("caption", "illustration", "figure", "drawing"):
            kind = "caption"
        yield Run(Piece(kind, text), max(size for size, _ in seen), all(bold for _, bold in seen), named)
    for box in topmost(paragraph, "text-box"):
        yield from _blocks(box, styles, "paragraph")


def _texts(element: Element, style: _Style, styles: dict[str, _Style]) -> Iterator[tuple[str, float, bool]]:
    """Yield text with its type size and weight."""
    yield element.text or "", style.size, style.bold
    for child in element:
        tag = name(child)
        if tag == "s" or tag in ("tab", "line-break"):
            yield " ", style.size, style.bold
        elif tag and tag not in _LEFT_OUT:
            inner = style
            if tag == "span":
                own = styles.get(attribute(child, "style-name"), _Style())
                inner = _Style(style.name, own.size or style.size, own.bold or style.bold)
            yield from _texts(child, inner, styles)
        yield child.tail or "", style.size, style.bold


def _table(table: Element, styles: dict[str, _Style]) -> Iterator[Run]:
    cells = [
        [list(_blocks(cell, styles, "paragraph")) for cell in children(row, "table-cell")]
        for row in every(table, "table-row")
    ]
    prose = any(len(run.piece.text) > 200 for row in cells for cell in row for run in cell)
    if prose or max((len(row) for row in cells), default=0) < 2:
        for row in cells:
            for cell in row:
                yield from cell
        return
    lines = [" | ".join(" ".join(run.piece.text for run in cell) for cell in row) for row in cells if any(row)]
    if lines:
        yield Run(Piece("table", "\n".join(lines)))


def _styles(root: Element) -> dict[str, _Style]:
    found = {}
    for element in every(root, "style"):
        properties = first(element, "text-properties")
        size = attribute(properties, "font-size") if properties is not None else ""
        points = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)pt", size)
        weight = attribute(properties, "font-weight") if properties is not None else ""
        found[attribute(element, "name")] = _Style(
            (attribute(element, "display-name") or attribute(element, "name")).replace("_20_", " "),
            float(points[1]) if points else 0.0,
            weight == "bold" or (weight.isdigit() and int(weight) >= 600),
            attribute(element, "parent-style-name"),
        )
    return found


def _resolved(style_name: str, styles: dict[str, _Style]) -> _Style:
    """Return the style with the properties of its parents; an automatic style (P1) gets the name of the style it is
    based on."""
    style = styles.get(style_name, _Style(style_name.replace("_20_", " ")))
    named, size, bold, parent, steps = style.name, style.size, style.bold, style.parent, 0
    automatic = re.fullmatch(r"P\d+", named) is not None
    while parent and steps < 10:
        above = styles.get(parent, _Style(parent.replace("_20_", " ")))
        if automatic:
            named, automatic = above.name, False
        size, bold = size or above.size, bold or above.bold
        parent, steps = above.parent, steps + 1
    return _Style(named, size or 12.0, bold)


PARSER = Parser("odt", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
