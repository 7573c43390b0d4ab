"""Choose the passage of a document that shows why it was found."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.text.paragraphs import around
from services.text.terms import spans

Doc = dict[str, Any]

WIDTH = 240
"""Length of a passage in characters."""
LONGEST_READ = 20_000


def snippet(text: str, language: str | None, terms: Collection[str]) -> Doc | None:
    """Return the passage with the most different words of the query: its ``text``, its offsets, and ``marks``, the
    words in it. All offsets are code points of the document's text. Returns None if no word of the query is in the
    first part of the text.
    """
    hits = [
        (start, end, found)
        for start, end, words in spans(text[:LONGEST_READ], language)
        if (found := words & set(terms))
    ]
    if not hits:
        return None
    best, most = 0, 0
    for at, (start, _, _) in enumerate(hits):
        near = [found for begin, end, found in hits[at:] if end - start <= WIDTH * 3 // 4]
        different = len(set().union(*near))
        if different > most:
            best, most = at, different
    start, end = _bounds(text, hits[best][0])
    marks = [{"start": begin, "end": stop} for begin, stop, _ in hits if start <= begin and stop <= end]
    return {"text": text[start:end], "start": start, "end": end, "marks": marks}


def _bounds(text: str, hit: int) -> tuple[int, int]:
    """Return a passage around ``hit`` within its paragraph, cut between words."""
    first, last = around(text, hit, hit)
    start = max(first, hit - WIDTH // 4)
    if start > first:
        space = text.find(" ", start, hit)
        start = space + 1 if space >= 0 else start
    end = min(last, start + WIDTH)
    if end < last:
        space = text.rfind(" ", hit + 1, end)
        end = space if space > hit else end
    return start, end
