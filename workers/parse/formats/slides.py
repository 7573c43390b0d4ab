"""Convert slides (PPTX, ODP): a heading for each slide, its content, and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.records import Article
from workers.parse import warnings as warn
from workers.parse.article.compose import Head, Piece
from workers.parse.base import Limits, ParseError
from workers.parse.formats.structured import Run, read_structured

_PROSE = 200  # characters; a longer paragraph is not an item of a list
_NAME_AT_MOST = 100


@dataclass(slots=True)
class Slide:
    """A slide: its title, its blocks in reading order, the speaker's notes. ``hidden`` means that it is not shown."""

    title: str
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hidden: bool = False


def read_slides(slides: Iterable[Slide], limits: Limits, *, format: str, head: Head | None = None) -> Article:
    """Return the Article of the slides that are shown. The first one's title is the document's.

    Raises ParseError ``empty`` or ``too_many_pages``.
    """
    runs, warnings = list[Run](), list[str]()
    for number, slide in enumerate(slides, 1):
        if number > limits.pages:
            raise ParseError("too_many_pages", f"There are more than {limits.pages} slides.")
        if slide.hidden:
            warnings.append(f"{warn.HIDDEN_LEFT_OUT}:{' '.join(slide.title.split())[:_NAME_AT_MOST] or number}")
            continue
        notes = [f"Notes: {note}" if at == 0 else note for at, note in enumerate(filter(None, slide.notes))]
        pieces = [*slide.pieces, *(Piece("paragraph", note) for note in notes)]
        title = " ".join(slide.title.split()) or (f"Slide {number}" if runs and pieces else "")
        if title:
            runs.append(Run(Piece("heading", title, [(number, 0)]), style="Heading" if runs else "Title"))
        runs += [Run(Piece(piece.kind, piece.text, [(number, 0)])) for piece in pieces]
    if not any(run.piece.text.strip() for run in runs):
        raise ParseError("empty", "There is no text on the slides that are shown.")
    return read_structured(runs, format=format, head=head, warnings=warnings)


def item(text: str, listed: bool) -> Piece:
    """Return a paragraph on a slide, or an item of a list; most of them are items if they are ``listed``."""
    return Piece("list_item" if listed and len(text) < _PROSE else "paragraph", text)
