"""What the first bytes say."""

from __future__ import annotations

import re

from workers.parse.base import Source
from workers.parse.encoding import wide

_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<article[\s>]", re.I)
_TAGS = re.compile(rb"</?(?:p|div|span|a|br|h[1-6]|table|ul|li|meta|script|title)\b[^>]{0,300}>", re.I)

_CONTROLS = bytes([*range(1, 9), *range(14, 27)])


def opening(source: Source, size: int = 4096) -> bytes:
    """The first bytes, less BOM and white space, with the zero bytes of wide encodings left out."""
    return source.data[:size].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def is_binary(source: Source) -> bool:
    """Control bytes that no text encoding uses, other than the zeros of UTF-16 and UTF-32."""
    sample = source.data[:4096]
    if sample.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
    ):
        return True
    if wide(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > len(sample) // 50


def html_likelihood(source: Source) -> float:
    """0 to 1: a document that opens as HTML, else one in which tags are thick."""
    head = opening(source)
    if head.startswith(b"<") and _HTML.search(head):
        return 0.9
    if _HTML.search(head):
        return 0.7
    return 0.6 if head.startswith(b"<") and len(_TAGS.findall(head)) >= 2 else 0.0
