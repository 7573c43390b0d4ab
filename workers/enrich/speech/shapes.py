"""Classify words in quotation marks: a sentence, a title, an expression; and find the sentence around them."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?][\"”’'»)]*\s+(?=[A-ZÀ-ÞА-ЯЁ“\"«„‘'`])|\n")
_INNER = re.compile(r"(?:\b[A-Za-z]\.(?:[A-Za-z]\.)+|\bW\.Va\.|\b(?:Inc|Corp|Co|Ltd|Jr|Sr)\.)$")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Sen|Rep|Gov|St|Jr|Sr|Rev|Prof|Capt|Maj|Co|Corp|Inc|Ltd|No|vs|Messrs|"
    r"[A-Z]\.[A-Z]|W\.Va|[A-ZА-ЯЁ]|тыс|млн|млрд|руб|долл|им|ул)\.\s*$"
)
SPOKEN_END = (".", ",", "!", "?", "…")
SHORT = 4
"""Maximum number of words in an expression."""


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the sentence around ``text[start:end]``, no further than 300 characters on either side."""
    low = max(0, start - 300)
    for match in _SENTENCE_END.finditer(text, low, start + 1):
        if match.end() <= start and not _ABBREVIATED.search(text, max(0, match.start() - 6), match.start() + 1):
            low = match.end()
    high = min(len(text), end + 300)
    for match in _SENTENCE_END.finditer(text, end, high):
        if not _ABBREVIATED.search(text, max(0, match.start() - 6), match.start() + 1):
            high = match.start() + 1 if text[match.start()] != "\n" else match.start()
            break
    return low, high


def is_title(words: str) -> bool:
    """Return whether the words look like a title: capitals throughout and no end of a sentence, as in `Three
    Winters`."""
    long = [word for word in words.split() if len(word) > 3]
    if (words.endswith(",") and len(long) > 1) or (words.endswith(".") and len(long) > 2):
        words = words[:-1]
    return not words.endswith(SPOKEN_END) and all(word[0].isupper() for word in long) and not words.isupper()


def is_short(words: str) -> bool:
    """Return whether the words are an expression rather than a sentence."""
    return len(words.split()) <= SHORT and not words.endswith(SPOKEN_END)


def abbreviated(text: str, end: int) -> bool:
    """Return whether the full stop before ``end`` belongs to an abbreviation that may end a clause: `W.Va.`, `U.S.`,
    `Inc.`"""
    return _INNER.search(text, max(0, end - 8), end) is not None
