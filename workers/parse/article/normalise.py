"""Normalise Unicode and white space without changing the wording."""

from __future__ import annotations

import re
import unicodedata

# Controls, soft hyphen, zero-width space, word joiner, BOM, direction marks. The joiners ZWNJ and ZWJ are kept, because
# Persian and Indic scripts spell with them. Letters carry their own direction.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def normalise(text: str) -> str:
    """Return the text in NFC, with line ends as ``\\n`` and without invisible controls. Digits, quotes and dashes stay
    as in the source."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _NEWLINES.sub("\n", text)))


def tidy(text: str) -> str:
    """Do the same as ``normalise``, and replace every run of white space, including line ends, by one space."""
    return " ".join(normalise(text).split())


def tidy_lines(text: str) -> str:
    """Do the same as ``normalise``, replace runs of white space by one space, keep lines and drop blank ones."""
    lines = (_SPACES.sub(" ", line).strip() for line in normalise(text).split("\n"))
    return "\n".join(line for line in lines if line)
