"""Take accents off letters."""

from __future__ import annotations

import unicodedata


def without_accents(text: str) -> str:
    """Return the text in Unicode's form NFKD, without its combining characters: ``Muñoz`` is ``Munoz``."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
