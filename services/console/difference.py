"""Compare two versions of a story, paragraph by paragraph and word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from services.text.difference import changes
from services.text.paragraphs import paragraphs as split

Doc = dict[str, Any]
Change = Literal["same", "added", "removed"]
Kind = Change | Literal["changed"]
Run = tuple[Change, str]
Paragraph = tuple[Kind, list[Run]]

ALIKE = 0.5  # share of words that two paragraphs must have in common to count as one changed paragraph
MOST_PAIRS = 10_000  # number of paragraphs that are compared for this
MOST_WORDS = 4000  # number of words of two paragraphs that are compared word by word


def paragraphs(record: Doc) -> list[str]:
    return split(record.get("text") or "")


def between(old: Doc, new: Doc) -> list[Paragraph]:
    """Return the paragraphs of both versions in order: the same, added, removed, or changed; a changed one has runs of
    words that are the same, added or removed."""
    return [(kind, _runs(kind, before, after)) for kind, before, after in _paired(paragraphs(old), paragraphs(new))]


def count(old: Doc, new: Doc) -> dict[str, int]:
    """Return how many paragraphs were ``added``, ``removed`` and ``changed``."""
    kinds = [kind for kind, _, _ in _paired(paragraphs(old), paragraphs(new))]
    return {"added": kinds.count("added"), "removed": kinds.count("removed"), "changed": kinds.count("changed")}


def _paired(before: list[str], after: list[str]) -> Iterator[tuple[Kind, str, str]]:
    for tag, a, b, c, d in changes(before, after):
        if tag == "equal":
            yield from (("same", text, text) for text in before[a:b])
        else:
            yield from _replaced(before[a:b], after[c:d])


def _replaced(left: list[str], after: list[str]) -> Iterator[tuple[Kind, str, str]]:
    alike = len(left) * len(after) <= MOST_PAIRS
    counted = [Counter(_words(text)) for text in left] if alike else []
    for text in after:
        words = Counter(_words(text))
        score, first = max(((_share(old, words), -number) for number, old in enumerate(counted)), default=(0.0, 0))
        nearest = -first  # of equally similar ones, the first
        if score < ALIKE:
            yield "added", "", text
            continue
        yield from (("removed", old, "") for old in left[:nearest])
        yield "changed", left[nearest], text
        left, counted = left[nearest + 1 :], counted[nearest + 1 :]
    yield from (("removed", old, "") for old in left)


def _share(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words that two paragraphs have in common, in any order."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _runs(kind: Kind, old: str, new: str) -> list[Run]:
    if kind != "changed":
        return [(kind, new or old)]
    before, after = _words(old), _words(new)
    if len(before) + len(after) > MOST_WORDS:
        return [("removed", old), ("added", new)]
    runs: list[Run] = []
    for tag, a, b, c, d in changes(before, after):
        if tag == "equal":
            runs.append(("same", "".join(before[a:b])))
            continue
        if a < b:
            runs.append(("removed", "".join(before[a:b])))
        if c < d:
            runs.append(("added", "".join(after[c:d])))
    return runs
