"""Compare two versions of a text."""

from __future__ import annotations

import re
from typing import Any

from services.text import difference

Doc = dict[str, Any]

MOST_WORDS = 4000
"""Above this length, whole paragraphs are compared and not their words."""

_TOKEN = re.compile(r"\S+\s*")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\n)[^\n]*)*\n*")


def changes(earlier: str, later: str) -> list[Doc]:
    """Return what was ``added`` and ``removed``, in the order of ``later``, with offsets in code points of ``later``.
    ``start == end`` is the position of removed text. Paragraphs are compared first, then the words of those that
    changed.
    """
    before, after = _split(_PARAGRAPH, earlier, 0), _split(_PARAGRAPH, later, 0)
    found: list[Doc] = []
    for tag, a, b, c, d in difference.changes(_texts(before), _texts(after)):
        if tag == "equal":
            continue
        one = [word for text, at in before[a:b] for word in _split(_TOKEN, text, at)]
        other = [word for text, at in after[c:d] for word in _split(_TOKEN, text, at)]
        end = after[d - 1][1] + len(after[d - 1][0]) if d > c else after[c][1] if c < len(after) else len(later)
        if tag == "replace" and len(one) + len(other) <= MOST_WORDS:
            found += _words(one, other, end)
        else:
            found += _change(one, other, other[0][1] if other else end)
    return found


def _words(one: list[tuple[str, int]], other: list[tuple[str, int]], end: int) -> list[Doc]:
    found: list[Doc] = []
    for tag, a, b, c, d in difference.changes(_texts(one), _texts(other)):
        if tag != "equal":
            found += _change(one[a:b], other[c:d], other[c][1] if c < len(other) else end)
    return found


def _change(removed: list[tuple[str, int]], added: list[tuple[str, int]], at: int) -> list[Doc]:
    found = []
    for kind, tokens in (("removed", removed), ("added", added)):
        text = "".join(token for token, _ in tokens).rstrip()
        if text:
            found.append({"kind": kind, "text": text, "start": at, "end": at + (len(text) if kind == "added" else 0)})
    return found


def _split(pattern: re.Pattern[str], text: str, offset: int) -> list[tuple[str, int]]:
    return [(match.group(), offset + match.start()) for match in pattern.finditer(text)]


def _texts(tokens: list[tuple[str, int]]) -> list[str]:
    return [token.rstrip() for token, _ in tokens]
