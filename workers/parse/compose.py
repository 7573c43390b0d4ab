"""From a head and the pieces of a body to an Article. Every format ends here.

A parser says what the document's structure tells (``Head``, ``Piece``); ``compose`` finds in the pieces what
structure does not tell: the dateline, captions and notices among paragraphs, lost links; and sets the offsets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.records import Article, Byline

PieceKind = Literal["paragraph", "heading", "list_item", "table", "blockquote", "caption", "notice"]


@dataclass(slots=True)
class Piece:
    """A block of the document in reading order. A table's text has a line for each row, cells joined by ``" | "``."""

    kind: PieceKind
    text: str


@dataclass(slots=True)
class Head:
    """What the document's metadata say, already read: see ``dates.read_stamp`` and ``byline.read_byline``."""

    code: str | None = None
    title: str | None = None
    deck: str | None = None
    byline: list[Byline] = field(default_factory=list)
    published_at: datetime | None = None
    published_zone: str | None = None
    updated_at: datetime | None = None
    publisher: str | None = None
    url: str | None = None
    language: str | None = None


def compose(
    pieces: Iterable[Piece],
    head: Head | None = None,
    *,
    format: str,
    warnings: Iterable[str] = (),
    confidence: float = 1.0,
) -> Article:
    """The Article of ``pieces`` under ``head``. ``confidence`` is how sure the parser is of the structure."""
    head = head or Head()
    text = "\n\n".join(piece.text for piece in pieces)
    return Article(format=format, title=head.title, text=text, warnings=list(warnings), confidence=confidence)
