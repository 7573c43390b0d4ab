"""Read PPTX (ECMA-376, PresentationML) with python-pptx."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from workers.parse.article.compose import Piece
from workers.parse.base import FAULTS, Parsed, Parser, Source, reading
from workers.parse.containers.package import Package, holds
from workers.parse.formats.cells import plain_number
from workers.parse.formats.slides import Slide, item, read_slides

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_SHOW = "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
_SLIDES = b".presentationml.presentation.main+xml"

_FURNITURE = {"DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"}
_LISTS = {"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"}
_DEPTH = 20  # maximum depth of nested groups


def sniff(source: Source) -> float:
    return 0.96 if holds(source.data, b"ppt/presentation.xml") else 0.0


def parse(source: Source) -> Parsed:
    import pptx  # imported here: processes that read other formats do not need it
    from pptx.exc import PythonPptxError

    package = Package(source)
    package.measure()
    types = package.bytes_of("[Content_Types].xml")
    data = source.data if _SLIDES in types else _as_presentation(package, types)
    with reading("presentation", PythonPptxError):
        shown = islice(pptx.Presentation(io.BytesIO(data)).slides, source.limits.pages + 1)
        slides = [_slide(slide) for slide in shown]
    return Parsed(MEDIA_TYPE, read_slides(slides, source.limits, format="pptx"))


def _as_presentation(package: Package, types: bytes) -> bytes:
    """Return a slide show, or a file with macros, under the type that the library accepts, because their parts are the
    same."""
    for other in (b".presentationml.slideshow.main+xml", b".presentationml.template.main+xml"):
        types = types.replace(other, _SLIDES)
    for macro in (b"presentation", b"slideshow", b"template"):
        types = types.replace(
            b"application/vnd.ms-powerpoint." + macro + b".macroEnabled.main+xml",
            b"application/vnd.openxmlformats-officedocument" + _SLIDES,
        )
    return package.with_part("[Content_Types].xml", types)


def _slide(slide: Any) -> Slide:
    title = slide.shapes.title
    found = Slide(
        title.text_frame.text if title is not None else "",
        hidden=slide._element.get("show") in ("0", "false"),
        notes=_lines(slide.notes_slide.notes_text_frame) if slide.has_notes_slide else [],
    )
    others = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
    found.pieces = [piece for shape in _placed(others) for piece in _pieces(shape, 0)]
    return found


def _placed(shapes: Iterable[Any]) -> list[Any]:
    """Return the shapes from the top down, and from left to right: the file lists them in the order in which they cover
    each other."""
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _pieces(shape: Any, depth: int) -> Iterator[Piece]:
    kind = shape.placeholder_format.type.name if shape.is_placeholder else None
    if kind in _FURNITURE or depth > _DEPTH:
        return
    if hasattr(shape, "shapes"):
        for inner in _placed(shape.shapes):
            yield from _pieces(inner, depth + 1)
    elif getattr(shape, "has_table", False):
        rows = [" | ".join(" ".join(cell.text.split()) for cell in row.cells) for row in shape.table.rows]
        yield Piece("table", "\n".join(row for row in rows if row.strip(" |")))
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    elif shape.has_text_frame:
        lines = _lines(shape.text_frame)
        yield from (item(line, kind in _LISTS and len(lines) > 1) for line in lines)


def _lines(frame: Any) -> list[str]:
    if frame is None:
        return []
    return [text for paragraph in frame.paragraphs if (text := " ".join(paragraph.text.split()))]


def _chart(chart: Any) -> Iterator[Piece]:
    """Yield a chart as a table of its data, under its title; kinds of charts that the library cannot read as tables are
    left out."""
    try:
        if chart.has_title and chart.chart_title.has_text_frame:
            yield from (Piece("paragraph", line) for line in _lines(chart.chart_title.text_frame))
        plot = chart.plots[0]
        series = list(plot.series)
        rows = [["", *(str(each.name) for each in series)]]
        for at, category in enumerate(plot.categories):
            values = [each.values[at] if at < len(each.values) else None for each in series]
            rows.append([str(category), *("" if value is None else plain_number(value) for value in values)])
    except FAULTS:
        return
    if len(rows) > 1:
        yield Piece("table", "\n".join(" | ".join(row) for row in rows))


PARSER = Parser("pptx", (MEDIA_TYPE, _SHOW), sniff, parse, isolated=True)
