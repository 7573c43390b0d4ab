"""Find the text between each opening quotation mark and its closing mark, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSED_BY = {
    "“": ("”",),
    "„": ("“", "”"),
    "”": ("”",),
    "«": ("»",),
    "»": ("«",),
    "「": ("」",),
    "『": ("』",),
    '"': ('"',),
    "‘": ("’",),
    "'": ("'",),
    "``": ("''",),
    "''": ("''",),
    "`": ("'", "’"),
}
_MIXED = frozenset(["“", "”", "„", '"', "``", "''"])
"""Double marks that typists mix: `"We lost,”`, `„Wir warten"`. One of them closes another only where it cannot be an
opening mark."""
_MARK = re.compile(
    r"``|''|[“”„«»「」『』\"‘’`]|\n\n|(?<![^\W_])'(?=[^\W\d_])(?!(?:n|em|til|tis|twas|cause)\b)|(?<=\S)'(?![^\W_])"
)
_APOSTROPHES = "'’"
_OWNERS = re.compile(r"(?<=s)['’](?= [a-z])")
_CLOSES_LATER = re.compile(r"[^\n‘“\"]*?(?<=\S)(?<!s)['’](?![^\W_])")
_BEFORE_OPENING = re.compile(r"[\s(\[—–:,'’`-]?")
_ONLY_OPENING = frozenset(["“", "„", "«", "``", "「", "『"])
_SENTENCE_END = re.compile(r"[.!?…]\s+\Z")
_DOUBLE = re.compile(r"[“”\"]|``|''|\n\n")
_SAID = re.compile(
    r"\b(?:[A-Z]\w+|he|she) (?:said|says|added|told|asked)\b|\b(?:said|says|added|asked) (?:[A-Z]\w+|he|she)\b"
)
LONGEST = 5_000


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Yield offsets of the words inside each outermost pair of marks, in order.

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
        elif opened and opened[-1][0] == mark and _resumes(text, match, opened[-1][1]):
            continue
        elif opened and opened[-1][0] == mark == '"' and _lost(text, match, opened[-1][1]):
            opened[-1] = (mark, match.end())
        elif (inner := _opener(text, match, opened)) is not None:
            if mark not in _APOSTROPHES or _closes(text, at):
                start = opened[inner][1]
                del opened[inner:]
                if at - start <= LONGEST:
                    closed.append((start, at))
        elif mark in _CLOSED_BY and _opens(text, at, match.end()):
            opened.append((mark, match.end()))
    yield from _outermost(text, closed)


def _closes(text: str, at: int) -> bool:
    """Return whether an apostrophe is a closing mark: not that of `can’t`, nor that of `residents’ savings`."""
    if text[at + 1 : at + 2].isalnum() or text[at - 1].isspace():
        return False
    return not (_OWNERS.match(text, at) and _CLOSES_LATER.match(text, at + 1))


_DEEPEST = 4


def _opener(text: str, match: re.Match[str], opened: list[tuple[str, int]]) -> int | None:
    """Return the position in the stack of the quote that the mark closes, no deeper than quotes are nested in print."""
    mark = match[0]
    mixed = mark in _MIXED and not _opens(text, match.start(), match.end())
    for index in range(len(opened) - 1, max(-1, len(opened) - 1 - _DEEPEST), -1):
        kind = opened[index][0]
        if mark in _CLOSED_BY[kind] or (mixed and kind in _MIXED):
            return index
    return None


def _opens(text: str, at: int, end: int) -> bool:
    mark, after = text[at:end], text[end : end + 1]
    if mark in "「『":
        return True
    if mark not in _ONLY_OPENING and not _BEFORE_OPENING.fullmatch(text, max(0, at - 1), at):
        return False
    if mark == "''" and after == " ":
        return text[end + 1 : end + 2].isupper()  # '' We felt as a team,'' she said
    return bool(after.strip()) or (mark == "«" and after in " \u00a0\u202f")


def _only_opens(text: str, match: re.Match[str]) -> bool:
    """Return whether the mark has a space before it and a capital after it, as in `the road. "Nobody knew`."""
    return text[match.start() - 1 : match.start()].isspace() and text[match.end() : match.end() + 1].isupper()


def _lost(text: str, match: re.Match[str], start: int) -> bool:
    """Return whether an opening mark shows that the one at ``start`` has no closing mark, or was not a quotation mark
    but, for example, a sign for inches."""
    if not _only_opens(text, match):
        return False
    following = _DOUBLE.search(text, match.end(), match.end() + LONGEST)
    closes = following is not None and not _only_opens(text, following)
    return closes and (_SAID.search(text, start, match.start()) is not None or text[start - 2 : start - 1].isdigit())


def _resumes(text: str, match: re.Match[str], start: int) -> bool:
    """Return whether the mark is repeated at the head of a paragraph on the same line or the next.

    The words since ``start`` then end a sentence and do not say who speaks, and the next mark closes: after
    `me your hundreds. "An officer came. "Stop," he said` it would open.
    """
    if match[0] not in _MIXED or not _only_opens(text, match) or not _SENTENCE_END.search(text, start, match.start()):
        return False
    following = _DOUBLE.search(text, match.end(), match.end() + LONGEST)
    if following is None or _only_opens(text, following):
        return False
    return _SAID.search(text, start, match.start()) is None


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
