"""Paragraphs of a text, which are separated by blank lines."""

from __future__ import annotations

import re
from itertools import pairwise

BREAK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
"""The end of a paragraph: two or more line breaks with only white space between them."""


def spans(text: str) -> list[tuple[int, int]]:
    """Return the offsets of the paragraphs, in order, without the white space around them."""
    ends = [match.span() for match in BREAK.finditer(text)]
    found = []
    for (_, start), (end, _) in pairwise([(0, 0), *ends, (len(text), len(text))]):
        said = text[start:end]
        if said.strip():
            found.append((start + len(said) - len(said.lstrip()), end - len(said) + len(said.rstrip())))
    return found


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs, in order, without the white space around them."""
    return [text[start:end] for start, end in spans(text)]


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the offsets of the paragraph in which ``text[start:end]`` is."""
    first = text.rfind("\n\n", 0, start)
    last = text.find("\n\n", end)
    return (first + 2 if first >= 0 else 0), (last if last >= 0 else len(text))
