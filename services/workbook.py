"""Write rows as an XLSX workbook for spreadsheets, piece by piece, so that memory and disk stay bounded.

The libraries for XLSX write a whole sheet to a file before its first byte can be sent. Here a row is sent as soon as it
is written: a workbook is a ZIP archive of a few XML files (ECMA-376), and the sheets are streamed into it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from services.export import Doc, Forward, Pages, cell, drained, fitting, safe

MOST_ROWS = 1_048_576
"""Maximum rows of a sheet ("Excel specifications and limits"); further rows go on the next sheet."""
MOST_BYTES = 1_000_000_000
"""Maximum bytes of a sheet's XML: a longer one needs ZIP64, which spreadsheets do not read from a stream."""
NUMBERS = ("amount", "amount_max")
"""Columns whose decimal numbers are sent as text."""

_NUMBER = re.compile(r"-?(?=[\d.]{1,16}$)\d+(?:\.\d+)?", re.ASCII)
"""Matches `12`, `-1.5`; not `1e6`, nor numbers of more than 15 digits, which a spreadsheet would round."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Matches the underscore of `_x000D_`, which a spreadsheet would read as a carriage return."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class _Sheets:
    """The sheets of an archive, written one after the other; each begins with the names of the columns."""

    def __init__(self, archive: zipfile.ZipFile, columns: list[str]) -> None:
        self._archive, self._header = archive, _row(columns)
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self.count += 1
        self._sheet: IO[bytes] = self._archive.open(f"xl/worksheets/sheet{self.count}.xml", "w")
        self._rows = self._bytes = 0
        self._write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self._add(self._header)

    def _write(self, data: bytes) -> None:
        self._bytes += self._sheet.write(data)

    def _add(self, row: bytes) -> None:
        self._write(row)
        self._rows += 1

    def add(self, row: bytes) -> None:
        """Add a row, on a new sheet if this one is full."""
        if self._rows >= MOST_ROWS or self._bytes + len(row) > MOST_BYTES:
            self.end()
            self._begin()
        self._add(row)

    def end(self) -> None:
        self._write(b"</sheetData></worksheet>")
        self._sheet.close()


async def workbook(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield an XLSX file with a header line. Amounts are numbers; text that a spreadsheet would run as a formula gets an
    apostrophe before it, and text that is too long for a cell is cut off."""
    sink = io.BytesIO()
    with zipfile.ZipFile(Forward(sink), "w", zipfile.ZIP_DEFLATED) as archive:
        sheets = _Sheets(archive, columns)
        async for page in pages:
            for record in page:
                sheets.add(_row([_value(record, column) for column in columns]))
            yield drained(sink)
        sheets.end()
        for name, text in _parts(sheets.count):
            archive.writestr(name, _HEAD + text)
    yield drained(sink)


def _value(record: Doc, column: str) -> Any:
    value = cell(record, column)
    if column in NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return fitting(safe(value))


def _row(values: list[Any]) -> bytes:
    return f"<row>{''.join(map(_cell, values))}</row>".encode()


def _cell(value: Any) -> str:
    """Return a cell. Text is marked as text, so that it is never a formula."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    text = escape(_ESCAPE.sub("_x005F_", _NOT_IN_XML.sub("", str(value).replace("\r\n", "\n"))))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """Yield the other files of the archive, which list the sheets."""
    numbers = range(1, sheets + 1)
    yield "[Content_Types].xml", (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers)
        + "</Types>"
    )  # fmt: skip
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/_rels/workbook.xml.rels", _relations([("worksheet", f"worksheets/sheet{n}.xml") for n in numbers])
    listed = "".join(f'<sheet name="Copydesk {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'


def _relations(targets: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type={quoteattr(f"{_OFFICE}/{kind}")} Target={quoteattr(target)}/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'
