"""Recognise formats by their first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workers.parse.base import Source
from workers.parse.encoding import wide

_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<article[\s>]", re.I)
_TAGS = re.compile(rb"</?(?:p|div|span|a|br|h[1-6]|table|ul|li|meta|script|title)\b[^>]{0,300}>", re.I)

_PROLOG = re.compile(
    rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+([\w.:-]+)[^<>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE
)
"""What may precede an XML document's root element: its declaration, comments, ``<!DOCTYPE plist PUBLIC "…">``."""
_ROOT = re.compile(rb"\s*<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)((?:\s[^<>]*)?)>?")
_PROLOG_BYTES = 1 << 16
_OF_HTML = frozenset(
    [
        "head", "body", "main", "article", "section", "header", "footer", "nav", "aside", "div", "p", "span", "h1", "h2", "h3",
        "h4", "h5", "h6", "ul", "ol", "dl", "table", "tr", "td", "figure", "blockquote", "pre", "hr", "br", "img", "a", "b", "i",
        "u", "em", "strong", "small", "font", "center", "form", "details", "title", "meta", "link", "script", "style", "base",
        "iframe", "noscript", "template",
    ]
)  # fmt: skip
"""Elements with which a fragment of HTML begins."""
_XHTML = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/TR/REC-html40")
_OF_JATS = re.compile(rb"\s(?:article-type|dtd-version)\s*=")
_JSON = re.compile(rb"""\{\s*(?:["']|//|/\*|\}\s*\Z)|\[\s*(?:\{\s*["'}]|\[\s*[\["{\d\]-]|\]\s*\Z)""")
"""``{"name":``, ``[{"id":``, ``[["a"``, ``{ // settings``; not ``{Ferry} The ferries``, ``[1] A footnote``."""

_CONTROLS = bytes([*range(1, 9), *range(14, 27)])


def opening(source: Source, size: int = 4096) -> bytes:
    """Return the first bytes without BOM, white space and the zero bytes of wide encodings."""
    return source.data[:size].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def is_binary(source: Source) -> bool:
    """Return whether there are control bytes that no text encoding uses, other than the zeros of UTF-16 and UTF-32."""
    sample = source.data[:4096]
    if sample.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
    ):
        return True
    if wide(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > len(sample) // 50


@dataclass(frozen=True, slots=True)
class Root:
    """An XML document's root element; its name is empty if there is none."""

    name: str
    namespace: str = ""


def xml_root(source: Source) -> Root | None:
    """Return the root element of an XML document that is not HTML, or None if it is not such a document.

    Without an XML declaration, a document type or a namespace, the document must be a single element from beginning to
    end.
    """
    head = opening(source, _PROLOG_BYTES)
    if not head.startswith(b"<"):
        return None
    at, doctype = 0, b""
    while prolog := _PROLOG.match(head, at):
        at, doctype = prolog.end(), prolog[1] or doctype
    if doctype.lower() == b"html":
        return None
    found = _ROOT.match(head, at)
    if found is None:
        return Root("") if head.startswith(b"<?xml") and not _HTML.search(head) else None
    name = found[2].decode("latin-1")
    prefix = b":" + found[1] if found[1] else b""
    declared = re.search(rb"\sxmlns" + re.escape(prefix) + rb"\s*=\s*[\"']([^\"'<>]*)", found[3])
    root = Root(name, declared[1].decode("latin-1") if declared else "")
    if name.lower() == "html" or root.namespace.startswith(_XHTML):
        return None
    if name.lower() in _OF_HTML and not prefix:
        return root if root.namespace or doctype or _OF_JATS.search(found[3]) else None
    if head.startswith(b"<?xml") or doctype or (root.namespace and name != "svg"):
        return root
    return root if "-" not in name and _ends_with(source, (found[1] + b":" if prefix else b"") + found[2]) else None


def _ends_with(source: Source, name: bytes) -> bool:
    """Return whether the document ends with the end of an element of that name."""
    tail = source.data[-4096:].replace(b"\0", b"").rstrip()
    return tail.endswith(b"</" + name + b">")


def is_json(source: Source) -> bool:
    """Return whether the document begins like a JSON object or list, whether complete or cut off."""
    return _JSON.match(opening(source)) is not None


def html_likelihood(source: Source) -> float:
    """Return a confidence from 0 to 1: high if the document begins as HTML, lower if it has many tags, 0 for JSON and
    other XML."""
    head = opening(source)
    if is_json(source) or xml_root(source):
        return 0.0
    if head.startswith(b"<") and _HTML.search(head):
        return 0.9
    if _HTML.search(head):
        return 0.7
    return 0.6 if head.startswith(b"<") and len(_TAGS.findall(head)) >= 2 else 0.0
