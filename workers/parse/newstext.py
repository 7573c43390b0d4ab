"""A news document that is only lines of text: its head, then its body."""

from __future__ import annotations

from collections.abc import Iterable

from services.records import Article
from workers.parse.compose import Head, Piece, compose


def read_text(
    text: str, *, has_head: bool = True, head: Head | None = None, format: str = "text", warnings: Iterable[str] = ()
) -> Article:
    """The Article of plain text. ``head`` holds what is known already; what it lacks is read from the top lines.

    ``has_head=False`` where the text is a body only (a mail's text, a field of a table).
    """
    pieces = [Piece("paragraph", part) for part in text.split("\n\n")]
    return compose(pieces, head, format=format, warnings=warnings)
