"""Divide a text into passages for retrieval."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from services.text.paragraphs import BREAK

LONGEST = 1200
"""Maximum characters of a passage."""

_SENTENCE = re.compile(
    r"""
    (?<![\w.!?…؟۔।])(?P<word>\w*+(?:\.\w++)*+)[.!?…؟۔।]++["'”’»)\]]*+\s++(?=(?P<next>\S))
                                    # `came in. The`, `“Why?” The`; not `3.5 tons`, `pier.The`
    | [。！？]["”’」』）]*+\s*+(?=\S)  # `来た。船`, `来た！」船`
    """,
    re.X,
)
_ABBREVIATIONS = {
    "adm", "apr", "aug", "brig", "capt", "cmdr", "co", "col", "corp", "dec", "dept", "dr", "feb", "fig", "fr",
    "gen", "gov", "hon", "inc", "jan", "jr", "jun", "lt", "ltd", "maj", "mar", "mr", "mrs", "ms", "mt", "no",
    "nov", "oct", "pres", "prof", "rep", "rev", "sen", "sep", "sept", "sgt", "sr", "st", "supt", "univ", "vs",
}  # fmt: skip


def passages(text: str, headings: Collection[int] = (), longest: int = LONGEST) -> Iterator[tuple[int, int]]:
    """Yield the offsets of the passages of a text, in order. Each begins where the one before ends, so that together
    they are the text; the white space between two paragraphs belongs to the first one.

    A passage has at most ``longest`` characters. It ends at the end of a paragraph, or else of a sentence; inside a
    sentence, at a line end or between words, only if the sentence alone is longer. ``headings`` are the offsets at
    which headings begin; a heading is never the last paragraph of a passage.
    """
    at = 0
    while at < len(text):
        end = len(text) if len(text) - at <= longest else _end(text, at, at + longest, headings)
        yield at, end
        at = end


def _end(text: str, at: int, most: int, headings: Collection[int]) -> int:
    """Return where the passage that begins at ``at`` ends, at most at ``most``."""
    paragraph, begins = at, at
    for found in BREAK.finditer(text, at, most):
        if begins not in headings and not text[found.end()].isspace():
            paragraph = found.end()
        begins = found.end()
    if paragraph - at >= (most - at) / 2:
        return paragraph
    sentence = max((one.end() for one in _SENTENCE.finditer(text, at, most) if _ends(one)), default=at)
    if (best := max(paragraph, sentence)) > at:
        return best
    if line := text.rfind("\n", at, most) + 1:
        return line
    space = next((one for one in range(most, at, -1) if text[one - 1].isspace()), at)
    return space if space > at else _whole_letters(text, at, most)


def _ends(found: re.Match[str]) -> bool:
    """Return whether a sentence ends there: `Mr. Cook`, `J. Smith`, `U.S. troops` and `approx. ten` do not."""
    word = found["word"]
    if word is None:
        return True
    short = len(word) == 1 and word.isalpha()
    return not (short or "." in word or word.lower() in _ABBREVIATIONS or found["next"].islower())


def _whole_letters(text: str, at: int, end: int) -> int:
    """Return ``end``, or an earlier offset that does not separate a letter from its accents."""
    cut = end
    while cut > at + 1 and unicodedata.combining(text[cut]):
        cut -= 1
    return cut
