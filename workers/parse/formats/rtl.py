"""Put words of right-to-left scripts into reading order, by the positions of their letters on the page."""

from __future__ import annotations

import unicodedata
from itertools import groupby, pairwise
from operator import itemgetter

_LETTERS = {"R", "AL"}
_WITHIN = {"R", "AL", "NSM"}
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"
_UNSURE = 0.1  # minimum share of neighbouring words in the wrong order


def in_reading_order(characters: list[str], middles: list[float]) -> tuple[list[str], int, int]:
    """Reverse the right-to-left words of a line that were drawn from left to right, and replace letter forms by plain
    letters.

    ``middles`` is the x of each character. Returns the characters, how many pairs of neighbouring right-to-left words
    there are, and how many of them follow each other from left to right.
    """
    if not any(unicodedata.bidirectional(char) in _LETTERS for char in characters):
        return characters, 0, 0
    found = list(characters)
    words: list[float] = []
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and unicodedata.bidirectional(found[end]) in _WITHIN:
            end += 1
        if end > start:
            turned = middles[end - 1] > middles[start]
            found[start:end] = _word(found[start:end], middles[start:end], turned=turned)
            words.append((middles[start] + middles[end - 1]) / 2)
        start = max(end, start + 1)
    return found, len(words) - 1, sum(left < right for left, right in pairwise(words))


def _word(letters: list[str], middles: list[float], *, turned: bool) -> list[str]:
    """Return the letters of a word, reversed or not; letters at one position are one ligature."""
    drawn = [[letter for letter, _ in group] for _, group in groupby(zip(letters, middles, strict=True), itemgetter(1))]
    for ligature in drawn:
        if len(ligature) == 2 and ligature[0] in _ALEFS and ligature[1] == _LAM:
            ligature.reverse()
    return [_plain(letter) for ligature in (drawn[::-1] if turned else drawn) for letter in ligature]


def _plain(letter: str) -> str:
    """Return the letter for a form that depends on its position in a word: U+FEFB is lam and alef."""
    is_form = "\ufb1d" <= letter <= "\ufdff" or "\ufe70" <= letter <= "\ufefc"
    return unicodedata.normalize("NFKC", letter) if is_form else letter


def is_unsure(pairs: int, wrong: int) -> bool:
    """Return whether so many words are in the wrong order that the order of the lines is in doubt."""
    return wrong > _UNSURE * pairs
