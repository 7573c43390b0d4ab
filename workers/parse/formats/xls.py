"""XLS (Excel 97 to 2003, and before), by xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from workers.parse.base import Parsed, ParseError, Parser, Source, reading
from workers.parse.formats.cells import shown
from workers.parse.formats.ole import kind
from workers.parse.formats.sheets import Sheet, collect

MEDIA_TYPE = "application/vnd.ms-excel"


def sniff(source: Source) -> float:
    return 0.9 if kind(source.data) == "workbook" else 0.0


def parse(source: Source) -> Parsed:
    import xlrd  # imported here: processes that read other formats do not need it
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    with reading("workbook", XLRDError, CompDocError, xlrd.xldate.XLDateError):
        try:
            book = xlrd.open_workbook(
                file_contents=source.data, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
            )
        except XLRDError as error:
            if "encrypted" in str(error).lower():
                raise ParseError("encrypted", "The workbook is locked with a password.") from None
            raise
        found = collect(_sheets(book), source.limits)
    return Parsed(MEDIA_TYPE, found.article("xls"))


def _sheets(book: Any) -> Iterator[Sheet]:
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        yield Sheet(sheet.name, _rows(book, sheet), bool(sheet.visibility))
        book.unload_sheet(number)


def _rows(book: Any, sheet: Any) -> Iterator[list[str]]:
    for row in range(sheet.nrows):
        yield [_shown(book, cell) for cell in sheet.row(row)]


def _shown(book: Any, cell: Any) -> str:
    import xlrd

    value: object = cell.value
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        value = bool(cell.value)
    elif cell.ctype == xlrd.XL_CELL_DATE:
        try:
            value = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError):
            return shown(cell.value, "")
    return shown(value, number_format)


PARSER = Parser("xls", (MEDIA_TYPE,), sniff, parse, isolated=True)
