"""Split text into words and runs of words, by which the parts of a page are compared."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
_KEPT = 2000  # characters; the words of longer texts are not kept for the next time


def tokens(text: str) -> tuple[str, ...]:
    """Return words, case-folded; single characters in Chinese and Japanese."""
    return _kept(text) if len(text) <= _KEPT else _words(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple((_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text.casefold()))


_kept = lru_cache(4096)(_words)


def shingles(text: str, size: int = 4) -> set[tuple[str, ...]]:
    """Return the runs of ``size`` words in the text; a shorter text is one run."""
    words = tokens(text)
    if len(words) <= size:
        return {words} if words else set()
    return set(zip(*(words[at:] for at in range(size)), strict=False))
