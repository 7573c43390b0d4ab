"""Apply a dialect to a document's paragraphs: bylines, boilerplate, kills."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from services.records import Byline, Dateline, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.parts import Head, Piece
from workers.parse.article.placenames import in_normal_case, is_region
from workers.parse.dialects import Dialect

_AT_TOP = 4  # a byline must be among this many first pieces
_AT_END = 3


def put_right(pieces: list[Piece], head: Head, dialect: Dialect) -> list[Piece]:
    """Return the pieces without bylines, which are moved into the head; boilerplate becomes notices. A kill sets the
    head's status."""
    said = [head.title, head.code, head.wire.ednote if head.wire else None, *(piece.text for piece in pieces[:2])]
    if stated := _status(filter(None, said), dialect):
        wire = head.wire or Wire(provider=dialect.name)
        head.wire = wire.model_copy(update={"pub_status": stated}) if wire.pub_status in (None, "usable") else wire
    kept: list[Piece] = []
    for at, piece in enumerate(pieces):
        if piece.kind in ("paragraph", "heading"):
            if (at < _AT_TOP or at >= len(pieces) - _AT_END) and (byline := byline_in(piece.text, dialect)):
                if head.byline:
                    kept.append(Piece("notice", piece.text))
                head.byline = head.byline or byline
                continue
            piece = _cleaned(piece, dialect)
        if piece.text:
            kept.append(piece)
    return kept


def byline_in(line: str, dialect: Dialect) -> list[Byline]:
    """Return the authors in a line that is a byline in the dialect."""
    for pattern in dialect.byline:
        if found := pattern.fullmatch(line):
            groups = found.groupdict()
            return [
                author.model_copy(
                    update={
                        "role": author.role or groups.get("role"),
                        "agency": author.agency or groups.get("agency"),
                        "email": author.email or groups.get("email"),
                    }
                )
                for author in read_byline(found["name"])
            ]
    return []


def dateline_in(paragraph: str, dialect: Dialect) -> Dateline | None:
    """Return the dateline at the start of a paragraph as the agency writes it: the groups ``places`` and ``credit``."""
    for pattern in dialect.dateline:
        if found := pattern.match(paragraph):
            text = found[0].rstrip()
            places = [in_normal_case(place) for place in re.split(r"\s*[,/;]\s*", found["places"]) if place]
            places = places[:1] + [place for place in places[1:] if not is_region(place)]
            return Dateline(text=text, start=0, end=len(text), places=places, credit=found.groupdict().get("credit"))
    return None


def slug_in(line: str, dialect: Dialect) -> str | None:
    """Return the slug if the dialect takes a line as one: its group ``code``, or the whole line."""
    for pattern in dialect.slug:
        if found := pattern.fullmatch(line):
            return (found.groupdict().get("code") or line).strip()
    return None


def is_boilerplate(line: str, dialect: Dialect) -> bool:
    """Return whether the dialect says that a line does not belong to the story."""
    return any(pattern.fullmatch(line) for pattern in dialect.boilerplate)


def _status(said: Iterable[str], dialect: Dialect) -> Literal["canceled", "withheld"] | None:
    lines = list(said)
    if any(pattern.search(line) for pattern in dialect.kill for line in lines):
        return "canceled"
    return "withheld" if any(pattern.search(line) for pattern in dialect.withhold for line in lines) else None


def _cleaned(piece: Piece, dialect: Dialect) -> Piece:
    """Return the piece, less the text that the dialect removes from paragraphs; boilerplate becomes a notice."""
    text = piece.text
    if is_boilerplate(text, dialect):
        return replace(piece, kind="notice")
    for pattern in dialect.remove:
        text = pattern.sub("", text)
    text = text.strip()
    return replace(piece, kind="notice" if is_boilerplate(text, dialect) else piece.kind, text=text)
