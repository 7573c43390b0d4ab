"""The lines of a text: which are attached to each other, which are prose, and how those broken at a width are joined."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from workers.parse.article.captions import in_title_case, is_caption
from workers.parse.article.credits import read_credits
from workers.parse.article.dateline import read_dateline
from workers.parse.article.normalise import normalise, tidy
from workers.parse.article.notices import is_end_mark

_PROSE = 140  # characters; a line as long is running text, not a headline
_PROSE_CJK = 60
_BROKEN_AT = 60  # characters; a line of prose that is broken is as long
_LONG_LINE = 80  # characters; a headline that goes on below is no longer
_LONGEST_WORD = 60
_WIDEST = 110  # columns; a longer line is a whole paragraph
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”»'’)」』]*$")
BULLET = re.compile(r"(?:[•·▪◦‣*–-]|\d{1,2}[.)])\s+(?=\S)")
_HYPHENATED = re.compile(r"[^\W\d_]{2}-$")
_OFTEN = 0.04  # of the lines; a text that is set with broken words has as many that end in a hyphen
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
    """``apart`` says whether a blank line stands before it; ``indent`` is in columns."""

    text: str
    apart: bool
    indent: int


def lines_of(text: str) -> list[Line]:
    """Return the lines that say something, without rules; a line like a rule sets the next apart as a blank one does."""
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
    """Say whether a line is running text and no headline: it is long, or a whole sentence."""
    if _CJK.search(text):
        return len(text) > _PROSE_CJK or "。" in text
    return len(text) > _PROSE or (len(text.split()) > 9 and bool(SENTENCE_END.search(text)) and not in_title_case(text))


def is_wrapped_prose(line: Line, after: list[Line]) -> bool:
    """Whether the line begins a paragraph that is broken into lines."""
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
    """Say whether a first line opens the story and is no headline: a sentence broken into lines, or one right above others.

    A headline may end in a full stop, too, where a blank line or a dateline follows.
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
    """Whether running text begins with these lines, and no dateline."""
    text = lines[0].text
    return len(text) > _BROKEN_AT and not in_title_case(text) and read_dateline(text) is None


def wrap_width(lines: list[Line]) -> int | None:
    """The column at which lines were broken, or None where a line is a paragraph."""
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
    """Whether a line ends a sentence, or an aside before another: ``(Reporting by Jane Roe)`` / ``((jane.roe@…))``."""
    return bool(SENTENCE_END.search(line.text)) or (line.text[-1] in ")]" and following.text[0] in "([")


def _is_cut(line: Line, following: Line) -> bool:
    """Whether a sentence runs on from one line to the next, whatever the width of the text."""
    return len(line.text) > 40 and following.text[0].islower() and not SENTENCE_END.search(line.text)


def joined(lines: list[Line], width: int | None) -> list[Line]:
    """Hard-wrapped lines as paragraphs; a new one begins after a blank line, at an indent, or after a line that ends early.

    Without a ``width`` a line is a paragraph, unless a sentence runs on into the next.
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
    """Whether a line begins a paragraph: at an indent, or because the last line ended before the width was used up."""
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
    """Add a line. A hyphen at a line's end goes where it breaks a word: ``govern-`` ``ment``.

    In a text that is not ``typeset`` with broken words a compound keeps it: ``non-`` ``performing``.
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
