"""The lines of a text: which belong together, which are prose, and how to join lines that were broken at a width."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from workers.parse.article.captions import in_title_case, is_caption
from workers.parse.article.credits import read_credits
from workers.parse.article.dateline import read_dateline
from workers.parse.article.normalise import normalise, tidy
from workers.parse.article.notices import is_end_mark

_PROSE = 140  # characters; a line of this length is running text, not a headline
_PROSE_CJK = 60
_BROKEN_AT = 60  # characters; lines of broken prose are at least this long
_LONG_LINE = 80  # characters; a headline that continues below is at most this long
_LONGEST_WORD = 60
_WIDEST = 110  # columns; a longer line is a whole paragraph
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”»'’)」』]*$")
BULLET = re.compile(r"(?:[•·▪◦‣*–-]|\d{1,2}[.)])\s+(?=\S)")
_HYPHENATED = re.compile(r"[^\W\d_]{2}-$")
_OFTEN = 0.04  # share of the lines that end with a hyphen in a text that breaks words
_COMPOUND = re.compile(
    r"\W*(?:(?:non|self|vice|semi|anti|half|quasi|two|three|four|five|six|seven|eight|nine)-\S*"
    r"|\S*(?:\d|\w-)\S*-\S*|\w+-(?:related|linked|based|owned|led|backed|run|held|made|style|long|wide|old)\b.*)",
    re.IGNORECASE,
)
"""``non-performing``, ``over-the-counter``, ``28-dlr``, ``market-related``; no: ``share-holders``, ``orga-nise``."""
_SUSPENDED = re.compile(r"(?:and|or|to|und|oder|bis|et|ou|y|o|og|och)\b")
"""``three-`` / ``and five-year notes``: the hyphen stands for a word that comes later."""
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class Line:
    """A line. ``apart``: a blank line precedes it; ``indent`` is in columns."""

    text: str
    apart: bool
    indent: int


def lines_of(text: str) -> list[Line]:
    """Return the lines that are not empty and not rules; a rule separates the next line as a blank line does."""
    lines: list[Line] = []
    apart = True
    for raw in normalise(text).expandtabs(4).split("\n"):
        stripped = raw.strip()
        said = tidy(stripped).removeprefix("^").strip()
        if said and not re.fullmatch(r"[-=_*~#•.\s]{3,}", stripped):
            lines.append(Line(said, apart, len(raw) - len(raw.lstrip())))
            apart = False
        else:
            apart = True
    return lines


def is_prose(text: str) -> bool:
    """Return whether a line is running text and not a headline: it is long, or a whole sentence."""
    if _CJK.search(text):
        return len(text) > _PROSE_CJK or "。" in text
    return len(text) > _PROSE or (len(text.split()) > 9 and bool(SENTENCE_END.search(text)) and not in_title_case(text))


def is_wrapped_prose(line: Line, after: list[Line]) -> bool:
    """Return whether the line begins a paragraph that is broken into lines."""
    attached = []
    for other in after:
        if other.apart:
            break
        attached.append(other.text)
    whole = " ".join([line.text, *attached])
    return (
        bool(attached)
        and line.apart
        and len(line.text) > 50
        and len(whole) > _PROSE
        and not in_title_case(line.text)
        and not SENTENCE_END.search(line.text)
        and read_credits(attached[0]) is None
    )


def is_lead(line: Line, after: list[Line]) -> bool:
    """Return whether a first line opens the story and is not a headline: a sentence broken into lines, or one directly
    above others. A headline may also end with a full stop if a blank line or a dateline follows.
    """
    text = line.text
    if not after or after[0].apart or in_title_case(text):
        return False
    if SENTENCE_END.search(text):
        return text.endswith(('."', ".”", ".")) and len(text.split()) > 4 and _begins_prose(after)
    parts = [text]
    for other in after:
        if other.apart:
            break
        parts.append(other.text)
        if SENTENCE_END.search(other.text):
            break
    whole = " ".join(parts)
    if len(text) <= (_LONG_LINE if after[0].text[0].isupper() else _BROKEN_AT):
        return False
    return (is_prose(whole) and bool(SENTENCE_END.search(whole))) or is_caption(whole, [])


def _begins_prose(lines: list[Line]) -> bool:
    """Return whether running text without a dateline begins with these lines."""
    text = lines[0].text
    return len(text) > _BROKEN_AT and not in_title_case(text) and read_dateline(text) is None


def wrap_width(lines: list[Line]) -> int | None:
    """Return the column at which lines were broken, or None if each line is a paragraph."""
    width = max((len(line.text) + line.indent for line in lines), default=0)
    indent = min((line.indent for line in lines if not line.apart), default=0)
    broken = [
        (line, following)
        for line, following in pairwise(lines)
        if not following.apart and following.indent <= indent and not _ends(line, following)
    ]
    if not broken or width > _WIDEST:
        return None
    full = sum(
        _is_cut(line, following) or len(line.text) + line.indent + 1 + len(following.text.split()[0]) > width - 12
        for line, following in broken
    )
    return width if full >= 0.6 * len(broken) else None


def _ends(line: Line, following: Line) -> bool:
    """Return whether a line ends a sentence, or an aside before another: ``(Reporting by Jane Roe)`` /
    ``((jane.roe@…))``."""
    return bool(SENTENCE_END.search(line.text)) or (line.text[-1] in ")]" and following.text[0] in "([")


def _is_cut(line: Line, following: Line) -> bool:
    """Return whether a sentence continues from one line to the next, whatever the width of the text."""
    return len(line.text) > 40 and following.text[0].islower() and not SENTENCE_END.search(line.text)


def joined(lines: list[Line], width: int | None) -> list[Line]:
    """Join hard-wrapped lines into paragraphs; a new one begins after a blank line, at an indent, or after a line that
    ends early. Without a ``width`` each line is a paragraph, unless a sentence continues on the next line.
    """
    indents = [line.indent for line in lines if not line.apart]
    usual = min(indents, default=0)
    found: list[Line] = []
    parts: list[list[str]] = []  # the text of each of them
    broken = sum(bool(_HYPHENATED.search(line.text)) for line in lines)
    typeset = broken > 1 and broken >= _OFTEN * len(lines)
    last: Line | None = None
    for line in lines:
        signed = line is lines[-1] and is_end_mark(line.text) and not line.text.islower()
        if last is None or line.apart or signed or BULLET.match(line.text) or _starts(line, last, width, usual):
            found.append(replace(line))
            parts.append([line.text])
        else:
            _join(parts[-1], line.text, typeset=typeset)
        last = line
    for line, texts in zip(found, parts, strict=True):
        line.text = "".join(texts)
    return found


def _starts(line: Line, last: Line, width: int | None, usual: int) -> bool:
    """Return whether a line begins a paragraph: it is indented, or the last line ended before the full width."""
    if width is None:
        return line.indent > last.indent or not _is_cut(last, line)
    early = len(last.text) + last.indent + 1 + len(line.text.split()[0]) < width - 15
    sentence = _ends(last, line)
    if last.text[-1] in ")]" and line.text[0] in "([":
        return True
    if sentence:
        return early or line.indent > usual
    return early and last.apart and len(last.text) < 60 and in_title_case(last.text)


def _join(parts: list[str], right: str, *, typeset: bool) -> None:
    """Add a line. A hyphen at the end of the line before is removed if it breaks a word: ``govern-`` ``ment``. In a
    text that is not ``typeset`` with broken words, a compound keeps it: ``non-`` ``performing``.
    """
    left = "".join(parts[-3:])[-3:]  # no part is empty
    if _HYPHENATED.match(left) and right[0].islower():
        word = f"{parts[-1].split()[-1]}{right.split()[0]}"
        if not typeset and _SUSPENDED.match(right):
            parts.append(" ")
        elif typeset or len(word) > _LONGEST_WORD or not _COMPOUND.fullmatch(word):
            parts[-1] = parts[-1][:-1]
        parts.append(right)
    elif _CJK.search(left[-1]) and _CJK.search(right[0]):
        parts.append(right)
    else:
        parts += [" ", right]
