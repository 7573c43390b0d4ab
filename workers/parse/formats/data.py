"""Refuse data that is not a document, in JSON or XML, and lists of addresses; the error says what was found."""

from __future__ import annotations

import json
import re
from typing import Any

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.sniff import Root, is_json, opening, xml_root

_LISTED = 8  # names of fields that the error lists
_LONGEST = 60  # characters of a name
_LISTS = {
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "opml": "a list of feeds (OPML)",
    "xbel": "a list of bookmarks (XBEL)",
    "service": "a list of collections (Atom service document)",
    "opensearchdescription": "the description of a search engine (OpenSearch)",
}
"""Root elements, in lower case, of XML files that list addresses of documents, and what such a list is called."""
_ADDRESS = (b"http://", b"https://")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f`]+")


def sniff(source: Source) -> float:
    """Return a confidence above that of plain text and Markdown, but below that of a parser that knows these fields or
    this root element."""
    return 0.55 if is_json(source) or xml_root(source) or _is_list(source) or _lists_addresses(source) else 0.0


def parse(source: Source) -> Parsed:
    """Refuse the document. Raises ParseError ``not_an_article``, ``unsupported_format``, ``empty`` or, for JSON that
    breaks off, ``corrupt``."""
    if _lists_addresses(source):
        raise ParseError(
            "not_an_article", "This is a list of addresses, and no document; send the pages that it names."
        )
    root = xml_root(source)
    if root is None:
        raise _refused_json(source)
    if said := _LISTS.get(root.name.lower()):
        raise ParseError("not_an_article", f"This is {said}, and no document; send the pages that it names.")
    raise ParseError("unsupported_format", f"XML of a kind that is not read here: {_element(root)}.")


def _element(root: Root) -> str:
    if not root.name:
        return "a declaration without an element"
    return f"<{_short(root.name)}>" + (f" of {_short(root.namespace)}" if root.namespace else " without a namespace")


def _refused_json(source: Source) -> ParseError:
    text, _ = decode(source.data)
    try:
        found = json.loads(text, strict=False)
    except RecursionError:
        return ParseError("too_deep", "The JSON is nested deeper than can be followed.")
    except ValueError as error:
        return ParseError("corrupt", f"The JSON is broken: {error}.")
    if not found:
        return ParseError("empty", "The JSON holds nothing.")
    return ParseError("unsupported_format", f"JSON of a kind that is not read here: {_told(found)}.")


def _told(found: Any) -> str:
    """Describe the data, such as "an object with the fields `type`, `features`" or "a list of 12, the first an object
    with …"."""
    if isinstance(found, list):
        return f"a list of {len(found)}, the first {_told(found[0]) if found else 'one of nothing'}"
    if not isinstance(found, dict):
        return {str: "a string", bool: "a truth value", type(None): "null"}.get(type(found), "a number")
    names = ", ".join(f"`{_short(name)}`" for name in list(found)[:_LISTED])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f"an object with the fields {names}{more}" if found else "an object without fields"


def _short(name: str) -> str:
    name = _CONTROLS.sub(" ", name)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def _is_list(source: Source) -> bool:
    """Return whether it is a list of strings or numbers, which might also be a text that begins in brackets."""
    if not re.match(rb"\[\s*(?:[\"\d-]|true\b|false\b|null\b)", opening(source)):
        return False
    try:
        return isinstance(json.loads(decode(source.data)[0]), list)
    except (ValueError, RecursionError):
        return False


def _lists_addresses(source: Source) -> bool:
    """Return whether each line is an address and nothing else, as in a sitemap of plain text."""
    if not opening(source, 64).startswith(_ADDRESS):
        return False
    lines = [line.removeprefix(b"\xef\xbb\xbf").split() for line in source.data.splitlines()]
    return sum(map(bool, lines)) > 1 and all(
        len(words) == 1 and words[0].startswith(_ADDRESS) for words in lines if words
    )


PARSER = Parser("data", (), sniff, parse)
