"""Write records as lines of JSON, rows of CSV, a Parquet file or in news formats, piece by piece, page by page."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from asyncio import to_thread
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from services import marked
from services.formats import FORMATS, Format, Name, is_story

Doc = dict[str, Any]
Pages = AsyncIterator[list[Doc]]

COLUMNS = ("id", "status", "source.collection", "title", "publisher", "published_at", "language", "word_count", "url",
           "story.id", "entities", "places", "topics", "text")  # fmt: skip
"""The fields of CSV, XLSX and Parquet if the request names none."""
MEDIA_TYPES = {"ndjson": "application/x-ndjson", "marked": "application/zip", "csv": "text/csv; charset=utf-8",
               "parquet": "application/vnd.apache.parquet",
               "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
LONGEST_CELL = 32_766
"""Maximum characters of a cell; Excel's limit is one more ("Excel specifications and limits")."""
TABLES = ("csv", "xlsx", "parquet")
FILENAMES = {name: f"copydesk.{name}" for name in ("ndjson", *TABLES)} | {"marked": "copydesk-marked.zip"}


_UNSEEN = r"[\s\"'‘’,;\x00-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_SIGN = re.compile(rf"(?<!{_UNSEEN})(?P<before>{_UNSEEN}*+)(?P<sign>[=+\-@＝＋－＠﹦﹢﹣﹫−])")
"""Matches the start of a formula, with white space, quotation marks and separators before it: `=1+1`, `\n=1+1`, `＝1+1`,
`" @SUM(A1)`."""
_OTHER_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_ENDS_CELL = re.compile(r"[;\t\r\n\v\f\x85\u2028\u2029]")


class NoParquet(RuntimeError):
    """pyarrow is not installed."""


async def ndjson(pages: Pages) -> AsyncIterator[bytes]:
    """Write one complete record per line."""
    async for page in pages:
        yield "".join(_line(record) for record in page).encode()


def _line(record: Doc) -> str:
    """Return a record as a line of JSON, in which no character ends a line for a program that splits text at more than
    line feeds."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
    return _OTHER_LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


async def table(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Write CSV as in RFC 4180, with a header line, for spreadsheets. It begins with a byte order mark, so that they
    recognise UTF-8. Text that they would run as a formula gets an apostrophe before it; text that is too long for a
    cell is cut off.
    """
    yield codecs.BOM_UTF8 + _lines([columns])
    async for page in pages:
        yield _lines([[fitting(safe(cell(record, column))) for column in columns] for record in page])


async def parquet(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Write a Parquet file, with one row group per page and typed columns. Raises NoParquet."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise NoParquet("install pyarrow: pip install 'copydesk[parquet]'") from None
    types = {"published_at": pyarrow.timestamp("ms", tz="UTC"), "word_count": pyarrow.int64()}
    schema = pyarrow.schema([(column, types.get(column, pyarrow.string())) for column in columns])
    sink = io.BytesIO()
    with ParquetWriter(Forward(sink), schema) as writer:
        async for page in pages:
            rows = [{column: _typed(record, column) for column in columns} for record in page]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
            yield drained(sink)
    yield drained(sink)


def media_type(name: Name) -> str:
    """Return the media type of many documents in a news format."""
    return MEDIA_TYPES["ndjson"] if FORMATS[name].in_lines else "application/zip"


def filename(name: Name) -> str:
    """Return the name of a file with many documents in a news format."""
    return f"copydesk-{name}.{'ndjson' if FORMATS[name].in_lines else 'zip'}"


async def stories(pages: Pages, name: Name) -> AsyncIterator[bytes]:
    """Yield documents in a news format: one line for each if it is JSON, otherwise a ZIP archive with one file for
    each. Documents that are not done, and archives, are left out.
    """
    written = _written(pages, FORMATS[name])
    if FORMATS[name].in_lines:
        async for page in written:
            yield b"".join(body + b"\n" for _, body in page)
        return
    sink = io.BytesIO()
    with zipfile.ZipFile(Forward(sink), "w", zipfile.ZIP_DEFLATED) as archive:
        async for page in written:
            for record, body in page:
                member = zipfile.ZipInfo(f"{record['id']}.{FORMATS[name].suffix}", _moment(record))
                archive.writestr(member, body, zipfile.ZIP_DEFLATED)
            yield drained(sink)
    yield drained(sink)


async def marked_articles(pages: Pages) -> AsyncIterator[bytes]:
    """Yield a ZIP archive with the files of `services.marked` for each document. Documents that are not done, or have
    no text, are left out."""
    sink = io.BytesIO()
    with zipfile.ZipFile(Forward(sink), "w", zipfile.ZIP_DEFLATED) as archive:
        async for page in pages:
            for record in page:
                if record.get("status") == "done" and record.get("text"):
                    for suffix, text in marked.files(record).items():
                        member = zipfile.ZipInfo(f"{record['id']}.{suffix}", _moment(record))
                        archive.writestr(member, text, zipfile.ZIP_DEFLATED)
            yield drained(sink)
    yield drained(sink)


async def _written(pages: Pages, format: Format) -> AsyncIterator[list[tuple[Doc, bytes]]]:
    async for page in pages:
        yield await to_thread(_page, page, format)


def _page(page: list[Doc], format: Format) -> list[tuple[Doc, bytes]]:
    return [(record, format.write(record)) for record in page if is_story(record)]


def _moment(record: Doc) -> tuple[int, int, int, int, int, int]:
    """Return when a document was received, in ZIP's form."""
    received = datetime.fromisoformat(record["source"]["received_at"])
    return received.year, received.month, received.day, received.hour, received.minute, received.second


class Forward(io.RawIOBase):
    """A write-only file: everything written goes to ``sink``, which the caller empties in between."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink, self._at = sink, 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        size = self._sink.write(data)
        self._at += size
        return size


def drained(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def cell(record: Doc, path: str) -> str | int | float | None:
    """Return a field as one value: lists are joined with ``; ``; objects are given by their name, or as JSON if they
    have none."""
    node: Any = record
    parts = path.split(".")
    for at, part in enumerate(parts):
        if isinstance(node, list):
            found = [cell(one, ".".join(parts[at:])) for one in node if isinstance(one, dict)]
            return "; ".join(str(one) for one in found if one is not None)
        node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, list):
        names = [one.get("name") if isinstance(one, dict) else one for one in node]
        if all(isinstance(name, str | int | float) for name in names):
            return "; ".join(map(str, names))
        return json.dumps(node, ensure_ascii=False)
    if isinstance(node, dict):
        return json.dumps(node, ensure_ascii=False)
    value: str | int | float | None = node
    return value


def _typed(record: Doc, column: str) -> Any:
    value = cell(record, column)
    if column == "published_at":
        return datetime.fromisoformat(str(value)).astimezone(UTC) if value else None
    return value if value is None or column == "word_count" else str(value)


def safe(value: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe is put before the start of a formula (OWASP,
    "CSV Injection"). A formula can start at the beginning of the cell, after invisible characters or quotation marks,
    and after each semicolon, tab and line end, because a spreadsheet may read these as the end of a cell or row.
    """
    return _SIGN.sub(_marked, value) if isinstance(value, str) else value


def fitting(value: Any) -> Any:
    """Return the text of a cell, with … if it was cut off. Spreadsheets count the units of UTF-16."""
    if not isinstance(value, str) or len(value) <= LONGEST_CELL // 2:
        return value
    units = value.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_CELL:
        return value
    return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def _marked(found: re.Match[str]) -> str:
    """Put an apostrophe before the start of a formula: `Oslo; =1` gets one, `1 + 1`, `a=b` and `Yes, -1` do not."""
    begins = found.start() == 0 or _ENDS_CELL.search(found["before"])
    return f"{found['before']}'{found['sign']}" if begins else found[0]


def _lines(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
