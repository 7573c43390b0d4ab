"""Read WARC (ISO 28500) and ARC, the files of web crawlers: each page with a successful answer is a document."""

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
    """Return whether the bytes are WARC, or ARC, which begins with a record that describes the file."""
    return data.startswith((b"WARC/1.", b"WARC/0.", b"filedesc://"))


def sniff(source: Source) -> float:
    return 0.95 if is_warc(source.data) else 0.0


def parse(source: Source) -> Parsed:
    return read_warc("application/warc", source.data, Collector(source.limits, len(source.data)))


def read_warc(media_type: str, data: bytes, found: Collector) -> Parsed:
    """Read the documents of unpacked records; if the file breaks off, those before are returned with the warning
    ``truncated``.

    A revisit has no body, only the digest of one. If the file also contains that body, its document is there already;
    other revisits are counted in the warning ``revisits_left_out``.

    Raises ParseError ``corrupt``, ``empty`` or the Collector's.
    """
    warnings = []
    bodies: set[str] = set()
    revisits: list[str] = []
    try:
        for record in ArchiveIterator(io.BytesIO(data), arc2warc=True):
            kind, digest = _media_type(record), record.rec_headers.get_header("WARC-Payload-Digest") or ""
            if record.rec_type == "revisit":
                revisits += [digest] if _is_wanted(_answered(record)) else []
            else:
                bodies.add(digest)
            if not _is_wanted(kind):
                continue
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            payload = record.content_stream().read(max(0, found.room) + 1)
            if payload:
                found.add(url.partition("://")[2] or url, payload, kind, url or None)
    except (ArchiveLoadFailed, ValueError, EOFError, OSError, KeyError, AttributeError) as error:
        if not found.members:
            raise ParseError("corrupt", f"The WARC file is broken: {error}.") from None
        warnings = [warn.TRUNCATED]
    if left_out := sum(not digest or digest not in bodies for digest in revisits):
        if not found.members:
            raise ParseError("empty", f"The {left_out} pages in the file are revisits; their text is in another file.")
        warnings.append(f"{warn.REVISITS_LEFT_OUT}:{left_out}")
    return Parsed(media_type, members=found.result(), warnings=warnings)


def _is_wanted(kind: str) -> bool:
    return kind.startswith(_WANTED) and not any(word in kind for word in _UNWANTED)


def _answered(record: Any) -> str:
    """Return the declared type of an answer, or HTML if it declares none."""
    said = record.http_headers.get_header("Content-Type") if record.http_headers else None
    return (said or "text/html").lower()


def _media_type(record: Any) -> str:
    """Return the declared type of a record worth reading, including the charset, or an empty string."""
    if record.rec_type == "resource":
        return (record.rec_headers.get_header("Content-Type") or "").lower()
    if record.rec_type == "response" and record.http_headers and record.http_headers.get_statuscode() == "200":
        return _answered(record)
    return ""


PARSER = Parser("warc", ("application/warc", "application/x-internet-archive"), sniff, parse, isolated=True, version=3)
