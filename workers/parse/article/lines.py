"""The lines of a text: which are attached to each other, which are prose, and how those broken at a width are joined."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from workers.parse.article.captions import in_title_case
from workers.parse.article.credits import read_credits
from workers.parse.article.normalise import normalise, tidy

_PROSE = 140  # characters; a line as long is running text, not a headline
_PROSE_CJK = 60
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”»'’)」』]*$")
BULLET = re.compile(r"(?:[•·▪◦‣*–-]|\d{1,2}[.)])\s+(?=\S)")
_HYPHENATED = re.compile(r"[^\W\d_]{2}-$")
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


def wrap_width(lines: list[Line]) -> int | None:
    """The column at which lines were broken, or None where a line is a paragraph."""
    pairs = [(line, following) for line, following in pairwise(lines) if not following.apart]
    if len(pairs) < 3:
        return None
    width = max(len(line.text) + line.indent for line in lines)
    if width > 110:
        return None
    full = sum(
        len(line.text) + line.indent + 1 + len(following.text.split()[0]) > width - 12 for line, following in pairs
    )
    return width if full >= 0.6 * len(pairs) else None


def joined(lines: list[Line], width: int) -> list[Line]:
    """Hard-wrapped lines as paragraphs; a new one begins after a blank line, at an indent, or after a line that ends early."""
    indents = [line.indent for line in lines if not line.apart]
    usual = min(indents, default=0)
    found: list[Line] = []
    parts: list[list[str]] = []  # the text of each of them
    last: Line | None = None
    for line in lines:
        early = last is not None and len(last.text) + last.indent + 1 + len(line.text.split()[0]) < width - 15
        sentence = last is not None and bool(SENTENCE_END.search(last.text))
        title = (
            early
            and last is not None
            and last.apart
            and not sentence
            and len(last.text) < 60
            and in_title_case(last.text)
        )
        if (
            last is None
            or line.apart
            or (line.indent > usual and sentence)
            or (early and sentence)
            or title
            or BULLET.match(line.text)
        ):
            found.append(replace(line))
            parts.append([line.text])
        else:
            _join(parts[-1], line.text)
        last = line
    for line, texts in zip(found, parts, strict=True):
        line.text = "".join(texts)
    return found


def _join(parts: list[str], right: str) -> None:
    """A hyphen at the line's end goes where a lower-case letter stands on both sides, as in ``govern-`` ``ment``."""
    left = "".join(parts[-3:])[-3:]  # no part is empty
    if _HYPHENATED.match(left) and right[0].islower():
        parts[-1] = parts[-1][:-1]
        parts.append(right)
    elif _CJK.search(left[-1]) and _CJK.search(right[0]):
        parts.append(right)
    else:
        parts += [" ", right]
