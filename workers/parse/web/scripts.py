"""The story that a page keeps in a script, as JSON, until the reader's browser draws it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from workers.parse.article.normalise import tidy

_PROSE = 60  # characters
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"”»'’)」』\]]*$")
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_PARAGRAPHS = re.compile(r"</(?:p|div|h\d|li|blockquote)\s*>|<br\s*/?>\s*<br\s*/?>|\n", re.I)


def paragraphs(said: str) -> list[str]:
    """The paragraphs of a string that is plain text, or HTML, or HTML escaped once more."""
    text = _MARKUP.sub(" ", _PARAGRAPHS.sub("\n", unescape(unescape(said))))
    return [part for part in map(tidy, text.split("\n")) if part]


def scripted(tree: Any) -> list[str]:
    """The paragraphs of the deepest value, over all JSON scripts, that holds four fifths of its script's prose."""
    best: list[str] = []
    for script in tree.iter("script"):
        if not (script.get("type") or "").endswith("json") or not script.text:
            continue
        try:
            told = _densest(json.loads(script.text, strict=False))
        except (ValueError, RecursionError):
            continue
        best = max(best, told, key=lambda each: sum(map(len, each)))
    return best


def _densest(value: Any) -> list[str]:
    found = list(_prose(value))
    total = sum(map(len, found))
    while total:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        deeper = next((each for each in inner if sum(map(len, _prose(each))) >= 0.8 * total), None)
        if deeper is None:
            break
        value = deeper
    return list(dict.fromkeys(_prose(value)))


def _prose(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if " " in value or not value.isascii():
            yield from (part for part in paragraphs(value) if len(part) >= _PROSE and _SENTENCE_END.search(part))
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _prose(each)
