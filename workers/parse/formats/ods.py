"""ODS (OpenDocument spreadsheet, ISO 26300), zipped or flat: its cells contain the text that they show."""

from __future__ import annotations

from collections.abc import Iterator

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.formats.odt import parts_of, sniff_odf, styles_with
from workers.parse.formats.sheets import Sheet, collect
from workers.parse.xml import Element, attribute, children, first, name, text_of

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

_WIDEST = 16384  # columns; no program shows more
_LOOKED_INTO = {"table-row-group", "table-rows", "table-header-rows"}


def sniff(source: Source) -> float:
    return sniff_odf(source, MEDIA_TYPE)


def parse(source: Source) -> Parsed:
    roots = parts_of(source)
    body = first(roots[-1], "body", "spreadsheet")
    if body is None:
        raise ParseError("corrupt", "The workbook has no sheets.")
    hidden = styles_with(roots[-1], "table-properties", "display", "false")
    sheets = (
        Sheet(attribute(table, "name"), _rows(table, source.limits.cells), attribute(table, "style-name") in hidden)
        for table in children(body, "table")
    )
    return Parsed(MEDIA_TYPE, collect(sheets, source.limits).article("ods"))


def _rows(parent: Element, most: int) -> Iterator[list[str]]:
    """Yield the rows. A repeated row is yielded as often as it is repeated, but a run of empty rows only once."""
    for child in parent:
        if name(child) in _LOOKED_INTO:
            yield from _rows(child, most)
        elif name(child) == "table-row":
            cells: list[str] = []
            for cell in children(child, "table-cell", "covered-table-cell"):
                cells += [_shown(cell)] * min(_times(cell, "number-columns-repeated"), _WIDEST - len(cells))
            filled = any(cells)
            for _ in range(min(_times(child, "number-rows-repeated"), most + 1) if filled else 1):
                yield list(cells) if filled else []


def _times(element: Element, wanted: str) -> int:
    said = attribute(element, wanted)
    return max(1, int(said)) if said.isdecimal() and len(said) < 10 else 1


def _shown(cell: Element) -> str:
    """Return the cell's text; a date in figures alone, in which day and month could be either, as ISO 8601."""
    text = " ".join(filter(None, (text_of(paragraph) for paragraph in children(cell, "p"))))
    date = attribute(cell, "date-value")
    if date and not any(char.isalpha() for char in text):
        return date.removesuffix("T00:00:00").replace("T", " ")
    return text


PARSER = Parser("ods", (MEDIA_TYPE,), sniff, parse, isolated=True)
