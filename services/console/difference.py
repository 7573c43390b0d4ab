"""What one version of a story says that another does not, paragraph by paragraph and word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any, Literal

Doc = dict[str, Any]
Change = Literal["same", "added", "removed"]
Run = tuple[Change, str]
Paragraph = tuple[Change | Literal["changed"], list[Run]]

ALIKE = 0.5  # share of words that two paragraphs must have in common to be one that was changed


def paragraphs(record: Doc) -> list[str]:
    return [part.strip() for part in (record.get("text") or "").split("\n\n") if part.strip()]


def between(old: Doc, new: Doc) -> list[Paragraph]:
    """The paragraphs of both in order: the same, added, removed, or changed with runs of words that are one of these."""
    before, after = paragraphs(old), paragraphs(new)
    found: list[Paragraph] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [("same", [("same", text)]) for text in before[a:b]]
        else:
            found += _replaced(before[a:b], after[c:d])
    return found


def count(old: Doc, new: Doc) -> dict[str, int]:
    """How many paragraphs were ``added``, ``removed``, ``changed``."""
    kinds = [kind for kind, _ in between(old, new)]
    return {kind: kinds.count(kind) for kind in ("added", "removed", "changed")}


def _replaced(before: list[str], after: list[str]) -> list[Paragraph]:
    found: list[Paragraph] = []
    left = list(before)
    for text in after:
        scored = [
            (SequenceMatcher(None, _words(old), _words(text), autojunk=False).ratio(), n) for n, old in enumerate(left)
        ]
        score, nearest = max(scored, default=(0.0, 0))
        if score < ALIKE:
            found.append(("added", [("added", text)]))
            continue
        found += [("removed", [("removed", old)]) for old in left[:nearest]]
        found.append(("changed", _runs(left[nearest], text)))
        del left[: nearest + 1]
    return found + [("removed", [("removed", old)]) for old in left]


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _runs(old: str, new: str) -> list[Run]:
    before, after = _words(old), _words(new)
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(before[a:b])))
            continue
        if a < b:
            runs.append(("removed", "".join(before[a:b])))
        if c < d:
            runs.append(("added", "".join(after[c:d])))
    return runs
