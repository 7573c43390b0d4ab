"""XLSX (ECMA-376, SpreadsheetML), with openpyxl: what the cells show, as last calculated."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from workers.parse.base import Parsed, Parser, Source, reading
from workers.parse.containers.package import Package, holds
from workers.parse.formats.cells import shown
from workers.parse.formats.sheets import Sheet, collect

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WITH_MACROS = "application/vnd.ms-excel.sheet.macroenabled.12"


def sniff(source: Source) -> float:
    return 0.96 if holds(source.data, b"xl/workbook.xml") else 0.0


def parse(source: Source) -> Parsed:
    import openpyxl  # imported here: it loads numpy, which processes that read other formats do not need
    from openpyxl.utils.exceptions import InvalidFileException

    Package(source).measure()
    with reading("workbook", InvalidFileException):
        book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
        sheets = (Sheet(sheet.title, _rows(sheet), sheet.sheet_state != "visible") for sheet in book.worksheets)
        found = collect(sheets, source.limits, str(book.properties.title or ""))
    return Parsed(MEDIA_TYPE, found.article("xlsx"))


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # a sheet may claim to have seventeen thousand million cells
    for row in sheet.iter_rows():
        yield [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]


PARSER = Parser("xlsx", (MEDIA_TYPE, _WITH_MACROS), sniff, parse, isolated=True)
