"""Find quotes that are interrupted to say who speaks, and lines of dialogue, in French and Russian."""

from __future__ import annotations

import re

from workers.enrich.names.offices import FRENCH_OFFICE
from workers.enrich.speech.cues import CUE

_ASIDE = {
    "ru": re.compile(r"(?P<stop>[,!?…])\s[—–-]\s(?P<said>[^«»\n—–]{3,160}?)(?:[.,]\s[—–-]\s|$)"),
    "fr": re.compile(r"(?P<stop>[,!?…])\s(?P<said>[^«»\n,]{3,80}?)(?:[,.](?=\s)|$)"),
}
"""Words in the middle of a quote that say who speaks: `, — сказал Иванов. — ` and `, a-t-il dit, `."""
_LINE = re.compile(r"^[ \t]*[—–-]\s+(?=[^\s])(?P<said>[^\n]+)$", re.MULTILINE)

_BEFORE_CUE = 25
"""Maximum number of characters in an aside before its verb of saying."""

Spans = list[tuple[int, int]]


def interrupted(text: str, spans: Spans, language: str) -> tuple[Spans, dict[int, tuple[int, int]]]:
    """Return the spans split where they are interrupted to say who speaks, and the lines of dialogue that begin with a
    dash.

    The second value has, by the start of a span, the offsets of the aside that says who speaks.
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
    """Return the first part of ``text[start:end]`` that says who speaks; only a few words may precede its verb."""
    for match in aside.finditer(text, start, end):
        cue = CUE.search(text, *match.span("said"))
        if cue and cue.start() - match.start("said") <= _BEFORE_CUE:
            return match
    return None
