"""What a parser passes to ``compose``: the head of a document and the pieces of its body."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.records import Byline, Wire
from workers.parse import warnings as warn
from workers.parse.article.credits import Credits
from workers.parse.article.dates import Stamp

PieceKind = Literal["paragraph", "heading", "list_item", "table", "blockquote", "caption", "notice"]


@dataclass(frozen=True, slots=True, eq=False)
class Post:
    """One person's words in a thread, and when they were written, as far as the page says so."""

    author: str | None = None
    written: Stamp | None = None


@dataclass(slots=True)
class Piece:
    """A block of the document in reading order. A table's text has a line for each row, cells joined by ``" | "``.

    ``pages`` are its pages, each with the position in ``text`` where it begins; ``post`` is the post that it is part of.
    """

    kind: PieceKind
    text: str
    pages: list[tuple[int, int]] = field(default_factory=list)
    post: Post | None = None


@dataclass(slots=True)
class Head:
    """The document's metadata, already parsed: see ``dates.read_stamp`` and ``byline.read_byline``."""

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
    places: list[str] = field(default_factory=list)
    """The parts of the dateline, if the document marks them: town, state, country."""
    wire: Wire | None = None

    def take(self, credits: Credits, warned: list[str]) -> None:
        """Fill missing fields from a line of credits."""
        if credits.publisher:
            for author in self.byline:
                author.agency = author.agency or credits.publisher
        self.byline = self.byline or credits.byline
        self.publisher = self.publisher or credits.publisher
        if credits.email and self.byline:
            self.byline[0].email = self.byline[0].email or credits.email
        published = next((stamp for stamp in credits.stamps if stamp.role == "published"), None)
        if published and self.published_at is None:
            self.published_at, self.published_zone = published.instant, published.zone
            if published.ambiguous:
                warned.append(warn.DATE_AMBIGUOUS)
        updated = next((stamp for stamp in credits.stamps if stamp.role == "updated"), None)
        self.updated_at = self.updated_at or (updated.instant if updated else None)
