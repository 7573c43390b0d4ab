"""Quotation marks: the stretches between an opening mark and its closing one, in one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"', "‘": "’", "'": "'"}
_MARK = re.compile(
    r"[“”„«»「」『』\"‘’]|\n\n|(?<![^\W_])'(?=[^\W\d_])(?!(?:n|em|til|tis|twas|cause)\b)|(?<=\S)'(?![^\W_])"
)
_APOSTROPHES = "'’"
_OWNERS = re.compile(r"(?<=s)['’](?= [a-z])")
_CLOSES_LATER = re.compile(r"[^\n‘“\"]*?(?<=\S)(?<!s)['’](?![^\W_])")
_LETTERS_BEFORE = re.compile(r"[\s(\[—–:,'’-]|^")
LONGEST = 5_000


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the words inside each outermost pair of marks, in order.

    A mark repeated at the head of the next paragraphs continues its quote. An opening mark that is never closed
    opens nothing.
    """
    opened: list[tuple[str, int]] = []
    closed: list[tuple[int, int]] = []
    resumed = -1
    for match in _MARK.finditer(text):
        mark, at = match[0], match.start()
        if at == resumed:
            continue
        if mark == "\n\n":
            first = opened[0][0] if opened else None
            resumed = match.end() if first and text.startswith(first, match.end()) else -1
            opened = opened[:1] if resumed > 0 else []
            if not opened:
                yield from _outermost(text, closed)
                closed = []
        elif (inner := _opener(mark, opened)) is not None:
            if mark not in _APOSTROPHES or _closes(text, at):
                start = opened[inner][1]
                del opened[inner:]
                if at - start <= LONGEST:
                    closed.append((start, at))
        elif mark in _CLOSED_BY and _opens(text, at, mark):
            opened.append((mark, match.end()))
    yield from _outermost(text, closed)


def _closes(text: str, at: int) -> bool:
    """Whether an apostrophe is a closing mark: not that of `can’t`, nor that of `residents’ savings`."""
    if text[at + 1 : at + 2].isalnum() or text[at - 1].isspace():
        return False
    return not (_OWNERS.match(text, at) and _CLOSES_LATER.match(text, at + 1))


_DEEPEST = 4


def _opener(mark: str, opened: list[tuple[str, int]]) -> int | None:
    """The place in the stack of what ``mark`` closes, no deeper than quotes are nested in print."""
    for index in range(len(opened) - 1, max(-1, len(opened) - 1 - _DEEPEST), -1):
        if mark in _CLOSED_BY[opened[index][0]]:
            return index
    return None


def _opens(text: str, at: int, mark: str) -> bool:
    if mark in "「『":
        return True
    after = text[at + 1 : at + 2]
    spaced = mark == "«" and after in " \u00a0\u202f"
    return _LETTERS_BEFORE.match(text[at - 1 : at] if at else "") is not None and (bool(after.strip()) or spaced)


def _outermost(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = -1
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < last:
            continue
        last = end
        inside = text[start:end]
        start, end = start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())
        if start < end:
            yield start, end
