"""Compare two sequences of words or paragraphs, at a bounded cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from rapidfuzz.distance import Indel

Tag = Literal["equal", "delete", "insert", "replace"]
Change = tuple[Tag, int, int, int, int]

MOST_PAIRS = 25_000_000
"""Maximum number of pairs that are compared: 5,000 words with 5,000. Beyond that, all of one sequence counts as
replaced by all of the other."""


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Yield the operations that turn ``before`` into ``after``: tag, start and end in ``before``, start and end in
    ``after``, in order. Based on the longest common subsequence (Hyyrö's bit-parallel algorithm, in rapidfuzz): its
    time grows with the product of the lengths, divided by 64, whatever the items are.
    """
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    if start:
        yield "equal", 0, start, 0, start
    yield from _between(before, after, start, len(before) - end, len(after) - end)
    if end:
        yield "equal", len(before) - end, len(before), len(after) - end, len(after)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many items at the start are equal."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _between(before: Sequence[str], after: Sequence[str], start: int, to: int, end: int) -> Iterator[Change]:
    if start == to and start == end:
        return
    if (to - start) * (end - start) > MOST_PAIRS:
        yield "replace", start, to, start, end
        return
    pending: list[int] = []  # bounds of a range that differs, in both
    for one in Indel.opcodes(before[start:to], after[start:end]):
        bounds = [one.src_start + start, one.src_end + start, one.dest_start + start, one.dest_end + start]
        if one.tag != "equal":
            pending = [pending[0], bounds[1], pending[2], bounds[3]] if pending else bounds
            continue
        if pending:
            yield _differing(pending)
            pending = []
        yield "equal", bounds[0], bounds[1], bounds[2], bounds[3]
    if pending:
        yield _differing(pending)


def _differing(bounds: list[int]) -> Change:
    first, last, start, end = bounds
    tag: Tag = "replace" if first < last and start < end else "delete" if first < last else "insert"
    return tag, first, last, start, end
