"""ODP (OpenDocument presentation, ISO 26300), zipped or flat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workers.parse.article.compose import Piece
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.formats.odt import blocks_of, parts_of, sniff_odf, styles_with
from workers.parse.formats.slides import Slide, item, read_slides
from workers.parse.xml import Element, attribute, children, first, name

MEDIA_TYPE = "application/vnd.oasis.opendocument.presentation"

_FURNITURE = {"date-time", "footer", "header", "page-number", "page"}
_SHAPES = {"frame", "custom-shape", "rect", "ellipse", "circle", "line", "connector", "path", "polygon", "g", "a"}
_DEPTH = 20


def sniff(source: Source) -> float:
    return sniff_odf(source, MEDIA_TYPE)


def parse(source: Source) -> Parsed:
    roots = parts_of(source)
    body = first(roots[-1], "body", "presentation")
    if body is None:
        raise ParseError("corrupt", "The presentation has no slides.")
    hidden = styles_with(roots[-1], "drawing-page-properties", "visibility", "hidden")
    slides = (_slide(page, attribute(page, "style-name") in hidden) for page in children(body, "page"))
    return Parsed(MEDIA_TYPE, read_slides(slides, source.limits, format="odp"))


def _slide(page: Element, hidden: bool) -> Slide:
    found = Slide("", hidden=hidden)
    for shape in _placed(page):
        if attribute(shape, "class") == "title" and not found.title:
            found.title = " ".join(piece.text for piece in _pieces(shape, 0))
        else:
            found.pieces += _pieces(shape, 0)
    for notes in children(page, "notes"):
        found.notes += [piece.text for shape in _placed(notes) for piece in _pieces(shape, 0)]
    return found


def _placed(parent: Element) -> list[Element]:
    """Return the shapes from the top down, and from left to right: the file has them in the order in which they cover
    each other."""
    shapes = [child for child in parent if name(child) in _SHAPES]
    return sorted(shapes, key=lambda shape: (_length(attribute(shape, "y")), _length(attribute(shape, "x"))))


def _length(said: str) -> float:
    """Return a length in any unit: a program uses one unit for the whole document."""
    found = re.match(r"-?\d{1,6}(?:\.\d{1,6})?", said)
    return float(found[0]) if found else 0.0


def _pieces(shape: Element, depth: int) -> Iterator[Piece]:
    kind = attribute(shape, "class")
    if kind in _FURNITURE or depth > _DEPTH:
        return
    if name(shape) in ("g", "a"):
        for inner in _placed(shape):
            yield from _pieces(inner, depth + 1)
        return
    boxes: Iterable[Element] = children(shape, "text-box") if name(shape) == "frame" else [shape]
    pieces = [piece for box in boxes for piece in blocks_of(box)]
    pieces += [piece for table in children(shape, "table") for piece in blocks_of([table])]
    listed = kind in ("outline", "object") and len(pieces) > 1
    yield from (item(piece.text, listed) if piece.kind == "paragraph" else piece for piece in pieces)


PARSER = Parser("odp", (MEDIA_TYPE,), sniff, parse, isolated=True)
