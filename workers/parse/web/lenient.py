"""Read the invalid JSON of web pages: with extra commas, escaped as HTML, wrapped in comments, one value after
another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

_WRAPPING = re.compile(
    r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?)\s*;?\s*$"
)
_LOOSE_COMMA = re.compile(r",(?=\s*[}\]])|(?<=[\[{,])\s*,")
_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")
_NO_COMMA = re.compile(r'(?<=["}\]])(\s*\n\s*)(?="[^"\n]{1,40}"\s*:)')
_FIELD = re.compile(r'"(@type|headline|datePublished|dateModified|name)"\s*:\s*"((?:[^"\\\n]|\\.){1,300})"')
_AUTHOR = re.compile(r'"author"\s*:\s*[\[{\s]{1,20}')
_DECODER = json.JSONDecoder(strict=False)


def load_all(text: str) -> list[Any]:
    """Return every JSON value in ``text``; for text that cannot be repaired, return an object with the plain fields
    found in it."""
    said = _WRAPPING.sub("", text).strip().rstrip(";")
    for written in _readings(said):
        try:
            return list(_values(written))
        except (ValueError, RecursionError):
            continue
    return [found] if (found := _fields(said)) else []


def _readings(said: str) -> Iterator[str]:
    """Yield the text unchanged, then with more and more repairs."""
    yield said
    repaired = unescape(said) if "&quot;" in said or "&#34;" in said else said
    repaired = _LOOSE_COMMA.sub("", _BAD_ESCAPE.sub("", repaired))
    yield repaired
    yield _NO_COMMA.sub(r",\1", repaired)


def _values(said: str) -> Iterator[Any]:
    at = 0
    while at < len(said):
        value, at = _DECODER.raw_decode(said, at)
        yield value
        while at < len(said) and said[at] in " \t\r\n,;":
            at += 1


def _fields(said: str) -> dict[str, Any]:
    """Return the first value of each field that an article has, wherever it stands in broken JSON."""
    found: dict[str, Any] = {}
    author = _AUTHOR.search(said)
    for match in _FIELD.finditer(said):
        if match[1] != "name":
            found.setdefault(match[1], match[2])
        elif author and "author" not in found and 0 <= match.start() - author.end() < 200:
            found["author"] = match[2]
    return found
