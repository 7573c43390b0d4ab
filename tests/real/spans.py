"""Compare spans that were found with spans that were marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from re import finditer
from typing import Protocol


class HasSpan(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def shared(one: HasSpan, other: HasSpan) -> int:
    """Return how many characters both spans have in common."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def pairs[M: HasSpan, F: HasSpan](
    marked: Sequence[M], found: Sequence[F], same: Callable[[M, F], bool] = lambda m, f: shared(m, f) > 0
) -> list[tuple[M, F]]:
    """Pair each mark with at most one span that was found; those that share most characters are paired first."""
    candidates = [
        (-shared(m, f) / max(m.end - m.start, f.end - f.start, 1), i, j)
        for i, m in enumerate(marked)
        for j, f in enumerate(found)
        if same(m, f)
    ]
    used_marks: set[int] = set()
    used_found: set[int] = set()
    made = []
    for _, i, j in sorted(candidates):
        if i not in used_marks and j not in used_found:
            used_marks.add(i)
            used_found.add(j)
            made.append((marked[i], found[j]))
    return made


def f1(right: int, marked: int, found: int) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * right / (marked + found) if marked + found else 0.0


def offsets(source: str, text: str) -> list[int | None]:
    """Return for each character of ``text`` its offset in ``source``, which it was made from; None if it is not there.

    Words are compared as a whole, so what lies between two words may differ.
    """
    theirs = list(finditer(r"\S+", source))
    ours = list(finditer(r"\S+", text))
    found: list[int | None] = [None] * len(text)
    matcher = SequenceMatcher(None, [w.group() for w in theirs], [w.group() for w in ours], autojunk=False)
    for block in matcher.get_matching_blocks():
        for a, b in zip(theirs[block.a : block.a + block.size], ours[block.b : block.b + block.size], strict=True):
            for step in range(len(b.group())):
                found[b.start() + step] = a.start() + step
    return found
