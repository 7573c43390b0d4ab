"""Read CSV and TSV files of articles: the first row names the columns, each other row is a document."""

from __future__ import annotations

import csv
import io

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import ENVELOPE, Collector, envelope
from workers.parse.sniff import is_binary, opening
from workers.parse.wire.fields import holds_article, known

_DELIMITERS = ",\t;|"
_LONGEST_HEADER = 4000
_HEAD_BYTES = 1 << 16


def sniff(source: Source) -> float:
    """Return a high confidence if the first row names a text column and at least one other known column."""
    first = opening(source).partition(b"\n")[0]
    if is_binary(source) or not any(delimiter in first for delimiter in _DELIMITERS.encode()):
        return 0.0
    text, _ = decode(source.data[:_HEAD_BYTES])
    return 0.9 if _header(text) else 0.0


def parse(source: Source) -> Parsed:
    text, _ = decode(source.data)
    header = _header(text)
    if header is None:
        raise ParseError("corrupt", "The first row names no column that could hold an article.")
    delimiter, fields = header
    found = Collector(source.limits, len(source.data))
    csv.field_size_limit(source.limits.size_bytes)
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    try:
        next(rows)
        for number, row in enumerate(rows, 1):
            values = {field: row[index].strip() for index, field in fields.items() if index < len(row)}
            if values.get("text") or values.get("html"):
                found.add(f"row-{number}", envelope(**values), ENVELOPE)
    except csv.Error as error:
        raise ParseError("corrupt", f"The table is broken: {error}.") from None
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return Parsed(media_type, members=found.result())


def _header(text: str) -> tuple[str, dict[int, str]] | None:
    """Return the delimiter, and the field of each known column."""
    line = text.removeprefix("\ufeff").partition("\n")[0].rstrip("\r")
    if len(line) > _LONGEST_HEADER:
        return None
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return None
    found = known(names)
    return (delimiter, {names.index(name): field for field, name in found.items()}) if holds_article(found) else None


PARSER = Parser("table", ("text/csv", "text/tab-separated-values", "application/csv"), sniff, parse, isolated=True)
