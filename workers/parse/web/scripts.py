"""Read the story from JSON in a script, which the reader's browser would display, or from ``noscript``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from workers.parse.article.normalise import tidy

_PROSE = 60  # characters
_PAGE = 500  # characters of a page for readers without scripts
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"”»'’)」』\]]*$")
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_PARAGRAPHS = re.compile(r"</(?:p|div|h\d|li|blockquote)\s*>|<br\s*/?>\s*<br\s*/?>|\n", re.I)


def paragraphs(said: str) -> list[str]:
    """Return the paragraphs of a string that is plain text, or HTML, or HTML escaped once more."""
    text = _MARKUP.sub(" ", _PARAGRAPHS.sub("\n", unescape(unescape(said))))
    return [part for part in map(tidy, text.split("\n")) if part]


def show_unscripted(tree: Any) -> None:
    """Turn a ``noscript`` into a plain element if it has half of the page's text: it is the page for readers without
    scripts."""
    parts = [
        (each, _length(each))
        for each in tree.iter("noscript")
        if next(each.iterdescendants("p", "li"), None) is not None
    ]
    large = [(each, size) for each, size in parts if size > _PAGE]
    if large:
        hidden = sum(_length(each) for each in tree.iter("script", "style", "head"))
        whole = _length(tree) - hidden
        for each, size in large:
            if 2 * size > whole:
                each.tag = "div"


def _length(element: Any) -> int:
    return sum(len(part.strip()) for part in element.itertext())


def scripted(tree: Any) -> list[str]:
    """Return the paragraphs of the deepest value, over all JSON scripts, that holds four fifths of its script's prose."""
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


@dataclass(slots=True)
class _Told:
    """The prose of a value, its length, and the same for the values in it that contain prose."""

    size: int
    prose: list[str]
    inner: list[_Told]


def _densest(value: Any) -> list[str]:
    told = _told(value)
    total = told.size
    while total and (deeper := next((each for each in told.inner if each.size >= 0.8 * total), None)) is not None:
        told = deeper
    return list(dict.fromkeys(_prose(told)))


def _told(value: Any) -> _Told:
    if isinstance(value, str):
        if len(value) < _PROSE or (value.isascii() and " " not in value):
            return _Told(0, [], [])
        prose = [part for part in paragraphs(value) if len(part) >= _PROSE and _SENTENCE_END.search(part)]
        return _Told(sum(map(len, prose)), prose, [])
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    inner = [told for each in values if (told := _told(each)).size]
    return _Told(sum(each.size for each in inner), [], inner)


def _prose(told: _Told) -> Iterator[str]:
    yield from told.prose
    for each in told.inner:
        yield from _prose(each)
