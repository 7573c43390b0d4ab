"""Quotation marks: the stretches between an opening mark and its closing one, in one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.enrich.names.offices import FRENCH_OFFICE
from workers.enrich.speech.cues import CUE

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


_ASIDE = {
    "ru": re.compile(r"(?P<stop>[,!?…])\s[—–-]\s(?P<said>[^«»\n—–]{3,160}?)(?:[.,]\s[—–-]\s|$)"),
    "fr": re.compile(r"(?P<stop>[,!?…])\s(?P<said>[^«»\n,]{3,80}?)(?:[,.](?=\s)|$)"),
}
"""What stands in the middle of words said, of who says them: `, — сказал Иванов. — ` and `, a-t-il dit, `."""
_LINE = re.compile(r"^[ \t]*[—–-]\s+(?=[^\s])(?P<said>[^\n]+)$", re.MULTILINE)

Spans = list[tuple[int, int]]


def interrupted(text: str, spans: Spans, language: str) -> tuple[Spans, dict[int, tuple[int, int]]]:
    """The spans cut where the words break off for who says them, and the lines of dialogue that begin with a dash.

    The second value has, by the start of a span, the offsets of what says who speaks.
    """
    aside = _ASIDE.get(language)
    if aside is None:
        return spans, {}
    cut: Spans = []
    told: dict[int, tuple[int, int]] = {}
    lines = [match.span("said") for match in _LINE.finditer(text)]
    for start, end in sorted([*spans, *(line for line in lines if aside_in(text, *line, aside))]):
        if cut and start < cut[-1][1]:
            continue
        dialogue = (start, end) in lines
        at, pieces = start, []
        while match := aside_in(text, at, end, aside):
            stop = match.start() + (match["stop"] != ",")
            pieces.append((at, stop, match.span("said")))
            at = match.end()
            if language == "fr" and (apposed := FRENCH_OFFICE.match(text, at, end)):
                at = apposed.end()
        if pieces and at < end and text[at:end].strip(" .,—–-"):
            rest = at + len(text[at:end]) - len(text[at:end].lstrip())
            pieces.append((rest, end, pieces[-1][2]))
        for first, last, said in pieces if pieces or dialogue else [(start, end, None)]:
            cut.append((first, last))
            if said:
                told[first] = said
    return cut, told


def aside_in(text: str, start: int, end: int, aside: re.Pattern[str]) -> re.Match[str] | None:
    """The first stretch of ``text[start:end]`` that says who speaks; its verb comes first but for a few words."""
    for match in aside.finditer(text, start, end):
        cue = CUE.search(text, *match.span("said"))
        if cue and cue.start() - match.start("said") <= _BEFORE_CUE:
            return match
    return None


_BEFORE_CUE = 25
