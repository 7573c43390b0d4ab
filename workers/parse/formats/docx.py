"""DOCX (ECMA-376, WordprocessingML): paragraphs with their styles, and tables; deleted and hidden text is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from workers.parse.article.compose import Piece
from workers.parse.article.normalise import tidy
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.package import Package, holds
from workers.parse.formats.structured import Run, read_structured
from workers.parse.xml import Element, attribute, children, every, first, name, topmost

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_LEFT_OUT = {
    "del", "movefrom", "instrtext", "deltext", "fallback", "txbxcontent", "commentreference", "footnotereference",
    "endnotereference", "rpr", "ppr", "sectpr", "pict", "drawing", "object",
}  # fmt: skip
_BREAKS = {"br", "cr"}


@dataclass(slots=True)
class _Style:
    name: str = ""
    size: float = 0.0
    bold: bool = False
    based_on: str = ""


def sniff(source: Source) -> float:
    return 0.96 if holds(source.data, b"word/document") else 0.0


def parse(source: Source) -> Parsed:
    package = Package(source)
    main = next((part for part in package.names() if part.startswith("word/document") and part.endswith(".xml")), "")
    body = first(package.need(main or "word/document.xml"), "body")
    if body is None:
        raise ParseError("corrupt", "The document has no body.")
    styles = _styles(package.xml("word/styles.xml"))
    runs = list(_blocks(body, styles))
    if not any(run.piece.text for run in runs):
        if any(part.startswith("word/media/") for part in package.names()):
            raise ParseError("needs_ocr", "The document holds pictures and no text.")
        raise ParseError("empty", "There is no text in the document.")
    return Parsed(MEDIA_TYPE, read_structured(runs, format="docx"))


def _blocks(parent: Element, styles: dict[str, _Style]) -> Iterator[Run]:
    """Yield paragraphs and tables in order; including those in content controls and tracked insertions."""
    for child in parent:
        tag = name(child)
        if tag == "p":
            yield from _paragraph(child, styles)
        elif tag == "tbl":
            yield from _table(child, styles)
        elif tag in ("sdt", "sdtcontent", "ins", "moveto", "customxml", "smarttag", "alternatecontent", "choice"):
            yield from _blocks(child, styles)


def _paragraph(paragraph: Element, styles: dict[str, _Style]) -> Iterator[Run]:
    style = _resolved(attribute_of(first(paragraph, "ppr", "pstyle")), styles)
    sizes, bold, parts = [], True, []
    for run in every(paragraph, "r"):
        if any(name(up) in _LEFT_OUT for up in takewhile(lambda up: up is not paragraph, run.iterancestors())):
            continue
        look = first(run, "rpr")
        if _on(first(look, "vanish")):
            continue
        text = "".join(_text(run))
        parts.append(text)
        if text.strip():
            size = attribute_of(first(look, "sz"))
            sizes.append(float(size) / 2 if size.isdigit() else style.size)
            own = first(look, "b")
            bold = bold and (_on(own) if own is not None else style.bold)
    text = "".join(parts)
    numbered = first(paragraph, "ppr", "numpr") is not None or style.name.lower().startswith("list")
    kind = "list_item" if numbered and not style.name.lower().startswith("heading") else "paragraph"
    if style.name.lower() in ("quote", "intense quote", "block text"):
        kind = "blockquote"
    elif style.name.lower() == "caption":
        kind = "caption"
    if text.strip():
        yield Run(Piece(kind, tidy(text)), max(sizes, default=0.0), bold and bool(sizes), style.name)  # type: ignore[arg-type]
    for box in topmost(paragraph, "txbxcontent", without="fallback"):  # a text box, once: the fallback repeats it
        yield from _blocks(box, styles)


def _text(run: Element) -> Iterator[str]:
    for child in run:
        tag = name(child)
        if tag == "t":
            yield child.text or ""
        elif tag == "tab" or tag in _BREAKS:
            yield " "
        elif tag == "nobreakhyphen":
            yield "-"


def _table(table: Element, styles: dict[str, _Style]) -> Iterator[Run]:
    """Yield a table, or the content of its cells if it is only layout: if it has one column, or paragraphs of prose in
    its cells."""
    rows = [children(row, "tc") for row in children(table, "tr")]
    cells = [[list(_blocks(cell, styles)) for cell in row] for row in rows]
    prose = any(len(run.piece.text) > 200 for row in cells for cell in row for run in cell)
    if prose or max((len(row) for row in cells), default=0) < 2:
        for row in cells:
            for cell in row:
                yield from cell
        return
    lines = [" | ".join(" ".join(run.piece.text for run in cell) for cell in row) for row in cells if any(row)]
    if lines:
        yield Run(Piece("table", "\n".join(lines)))


def _styles(root: Element | None) -> dict[str, _Style]:
    found: dict[str, _Style] = {}
    if root is None:
        return found
    default = _look(first(root, "docdefaults", "rprdefault", "rpr"), _Style())
    found[""] = _Style(size=default.size or 10.0, bold=default.bold)
    for element in children(root, "style"):
        style = _look(first(element, "rpr"), _Style())
        style.name = attribute_of(first(element, "name"))
        style.based_on = attribute_of(first(element, "basedon"))
        found[attribute(element, "styleId")] = style
        if attribute(element, "default") in ("1", "true") and attribute(element, "type") == "paragraph":
            found[""] = _Style(size=style.size or found[""].size, bold=style.bold)
    return found


def _look(properties: Element | None, style: _Style) -> _Style:
    size = attribute_of(first(properties, "sz"))
    style.size = float(size) / 2 if size.isdigit() else 0.0
    style.bold = _on(first(properties, "b"))
    return style


def _resolved(style_id: str, styles: dict[str, _Style]) -> _Style:
    """Return the style with the properties of the styles it is based on."""
    base = styles.get("", _Style())
    style = styles.get(style_id, _Style(name=style_id))
    size, bold, above, steps = style.size, style.bold, style.based_on, 0
    while above in styles and steps < 10:
        size, bold = size or styles[above].size, bold or styles[above].bold
        above, steps = styles[above].based_on, steps + 1
    return _Style(name=style.name, size=size or base.size, bold=bold or base.bold)


def attribute_of(element: Element | None, wanted: str = "val") -> str:
    return attribute(element, wanted) if element is not None else ""


def _on(element: Element | None) -> bool:
    return element is not None and attribute(element, "val") not in ("0", "false", "off", "none")


PARSER = Parser("docx", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
