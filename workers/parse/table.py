"""CSV and TSV of articles: the first row names the columns, each further row is a document."""

from __future__ import annotations

import csv
import io
import re

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import ENVELOPE, Collector, envelope
from workers.parse.sniff import is_binary, opening

COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "body_text", "content", "article", "article_text", "article_body", "fulltext", "full_text",
             "maintext", "plain_text", "story", "text_content"),
    "html": ("html", "body_html", "content_html", "body_xhtml"),
    "title": ("title", "headline", "head", "heading", "article_title", "hed"),
    "deck": ("deck", "subtitle", "subheadline", "standfirst", "dek", "subhead", "description", "summary", "abstract"),
    "byline": ("byline", "author", "authors", "by", "writer", "creator", "reporter", "author_name"),
    "url": ("url", "link", "permalink", "href", "uri", "source_url", "web_url", "article_url", "canonical_url"),
    "publisher": ("publisher", "publication", "source", "outlet", "newspaper", "source_name", "site_name", "site",
                  "domain", "media"),
    "published_at": ("published_at", "published", "date", "publication_date", "pub_date", "pubdate", "date_published",
                     "publish_date", "published_date", "datetime", "timestamp", "created_at", "date_publish"),
    "updated_at": ("updated_at", "updated", "modified", "date_modified", "last_modified", "modified_at"),
    "language": ("language", "lang", "locale"),
    "external_id": ("external_id", "id", "article_id", "guid", "doc_id", "uuid", "document_id"),
}  # fmt: skip
"""What a column may be called, the surest name first; names are compared in lower case with ``_`` for spaces."""

_BODY_COLUMN = re.compile(rb"text|body|content|article|story|html", re.IGNORECASE)
_DELIMITERS = ",\t;|"
_NAME = re.compile(r"[\W_]+")
_HEAD_BYTES = 1 << 16


def sniff(source: Source) -> float:
    """Sure where the first row names a column of text and at least one other that is known."""
    if is_binary(source) or not _BODY_COLUMN.search(opening(source).partition(b"\n")[0]):
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
                found.add(f"row-{number}", _document(values), ENVELOPE)
    except csv.Error as error:
        raise ParseError("corrupt", f"The table is broken: {error}.") from None
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return Parsed(media_type, members=found.result())


def _document(values: dict[str, str]) -> bytes:
    """A row as a document. Text that is HTML is said to be."""
    text = values.get("text", "")
    if not values.get("html") and re.match(r"\s*<(p|div|article|html|!doctype|h1|span)\b", text, re.IGNORECASE):
        values = {**values, "html": text, "text": ""}
    return envelope(**values)


def _header(text: str) -> tuple[str, dict[int, str]] | None:
    """The delimiter, and for each column that is known what it holds."""
    line = text.removeprefix("\ufeff").partition("\n")[0].rstrip("\r")
    if len(line) > 4000:
        return None
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return None
    names = [_NAME.sub("_", cell.strip().lower()).strip("_") for cell in cells]
    fields: dict[int, str] = {}
    for field, synonyms in COLUMNS.items():
        place = next((names.index(name) for name in synonyms if name in names), None)
        if place is not None:
            fields[place] = field
    known = set(fields.values())
    return (delimiter, fields) if len(known) > 1 and known & {"text", "html"} else None


PARSER = Parser("table", ("text/csv", "text/tab-separated-values", "application/csv"), sniff, parse, isolated=True)
