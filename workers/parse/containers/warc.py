"""WARC, what web crawlers write (ISO 28500): each page that was answered with success is a document."""

from __future__ import annotations

import io
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from workers.parse import warnings as warn
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import Collector

_WANTED = ("text/html", "text/plain", "text/xml", "text/markdown", "text/csv", "application/", "message/")
_UNWANTED = ("javascript", "font", "octet-stream", "wasm", "x-shockwave")


def is_warc(data: bytes) -> bool:
    return data.startswith(b"WARC/1.")


def sniff(source: Source) -> float:
    return 0.95 if is_warc(source.data) else 0.0


def parse(source: Source) -> Parsed:
    return read_warc("application/warc", source.data, Collector(source.limits, len(source.data)))


def read_warc(media_type: str, data: bytes, found: Collector) -> Parsed:
    """Read the documents of unpacked records; a file that breaks off has those before, and the warning ``truncated``.

    Raises ParseError ``corrupt``, ``empty`` or the Collector's.
    """
    warnings = []
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            media_type = _media_type(record)
            if not media_type.startswith(_WANTED) or any(word in media_type for word in _UNWANTED):
                continue
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            payload = record.content_stream().read(max(0, found.room) + 1)
            if payload:
                found.add(url.partition("://")[2] or url, payload, media_type, url or None)
    except (ArchiveLoadFailed, ValueError, EOFError, OSError, KeyError, AttributeError) as error:
        if not found.members:
            raise ParseError("corrupt", f"The WARC file is broken: {error}.") from None
        warnings = [warn.TRUNCATED]
    return Parsed(media_type, members=found.result(), warnings=warnings)


def _media_type(record: Any) -> str:
    """Return the declared type of a record worth reading, charset and all, or an empty string."""
    if record.rec_type == "resource":
        return (record.rec_headers.get_header("Content-Type") or "").lower()
    if record.rec_type == "response" and record.http_headers and record.http_headers.get_statuscode() == "200":
        return (record.http_headers.get_header("Content-Type") or "text/html").lower()
    return ""


PARSER = Parser("warc", ("application/warc",), sniff, parse, isolated=True, version=2)
