"""Replace decimal digits of any script by ASCII digits, one code point for one, so that offsets do not change."""

from __future__ import annotations

import re
import unicodedata

_DIGIT = re.compile(r"[^\D0-9]")  # a decimal digit (Unicode category Nd) that is not ASCII: `۱`, `١`, `१`, `1`
_SEPARATORS = {0x066B: ".", 0x066C: ","}  # Arabic decimal and thousands separators


def fold_digits(text: str) -> str:
    """Return the text with ASCII digits: ``$۱.۶ billion`` becomes ``$1.6 billion``. The length does not change."""
    if text.isascii():
        return text
    return _DIGIT.sub(_value, text).translate(_SEPARATORS)


def _value(digit: re.Match[str]) -> str:
    return str(unicodedata.decimal(digit[0]))
