"""Read a news document that consists only of lines of text: its head, then its body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.records import Article
from workers.parse.article.captions import in_title_case, is_caption
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dateline import is_dateline, opens_text
from workers.parse.article.dates import read_stamps
from workers.parse.article.lines import BULLET, Line, is_prose, joined, lines_of, wrap_width
from workers.parse.article.normalise import tidy
from workers.parse.article.notices import is_end_mark, notice_kind
from workers.parse.article.texthead import Read, read_head
from workers.parse.base import tried


def read_text(
    text: str,
    *,
    has_head: bool = True,
    head: Head | None = None,
    format: str = "text",
    warnings: Iterable[str] = (),
    after: Iterable[Piece] = (),
) -> Article:
    """Return the Article of plain text. ``head`` has what is known already; the rest is read from the top lines.
    ``has_head=False`` if the text is only a body (a mail's text, a field of a table); ``after`` are pieces that follow
    it.
    """
    lines = lines_of(text)
    known = replace(head) if head else Head()
    read = Read(known)
    failed: list[str] = []
    if has_head:
        read = tried(failed, "head", lambda: read_head(lines, replace(known)), read)
    body = _body(lines[read.body :])
    if has_head and not body and read.head.title and (head is None or head.title is None):
        body = [Piece("paragraph", read.head.title)]  # a flash: its line is all there is
    pieces = [*read.notices, *body, *after]
    return compose(pieces, read.head, format=format, warnings=[*warnings, *failed, *read.warnings], confidence=0.95)


def read_lead(
    lines: list[str], title: str | None = None, head: Head | None = None
) -> tuple[Head, list[Piece], list[str], int]:
    """Read the head from the first of ``lines``, each a separate block, below a ``title`` known from the markup.
    Returns the completed head, notices, warnings, and the number of lines that were read.
    """
    known = replace(head, title=head.title or title) if head else Head(title=title)
    named = [title] if title and not is_prose(title) else []
    read = read_head([Line(tidy(line), True, 0) for line in [*named, *lines]], known)
    return read.head, read.notices, read.warnings, max(0, read.body - len(named))


def _body(lines: list[Line]) -> list[Piece]:
    pieces: list[Piece] = []
    width = wrap_width(lines)
    paragraphs = joined(lines, width)
    for at, line in enumerate(paragraphs):
        following = paragraphs[at + 1] if at + 1 < len(paragraphs) else None
        before = paragraphs[at - 1] if at else None
        pieces.append(_piece(line, before, following))
    if len(pieces) > 1 and pieces[-1].kind in ("paragraph", "heading") and is_end_mark(pieces[-1].text):
        pieces[-1].kind = "notice"
    return _with_tables(pieces)


def _piece(line: Line, before: Line | None, following: Line | None) -> Piece:
    text = line.text
    neighbours = [other.text for other in (before, following) if other]
    attached = following is not None and not following.apart
    if bullet := BULLET.match(text):
        listed = [other for other in (before, following) if other and BULLET.match(other.text)]
        if listed:
            return Piece("list_item", text[bullet.end() :] if not text[0].isdigit() else text)
    if text.startswith(">"):
        return Piece("blockquote", text.lstrip("> "))
    if (not attached or not _is_heading(line, following)) and is_caption(text, neighbours):
        return Piece("caption", text)
    return Piece("heading" if _is_heading(line, following) else "paragraph", text)


def _is_heading(line: Line, following: Line | None) -> bool:
    """Return whether it is a heading: a short line that is not a sentence, before running text, in title case or
    capitals, or directly above the text."""
    text = line.text
    words = text.split()
    if following is None or not 1 <= len(words) <= 14 or len(text) > 100 or not line.apart:
        return False
    if text[-1] in ".,;…。”\"»'’،:" or text[0] in "“\"«'‘-–—•(" or text[0].islower() or text[0].isdigit():
        return False
    if notice_kind(text) or len(following.text) < 60 or read_stamps(text) or opens_text(text) or is_dateline(text):
        return False
    if len(words) == 1 and not text.isupper() and following.apart and len(text) < 3:
        return False
    if following.apart:
        return text.isupper() or in_title_case(text) or len(words) <= 8
    return True


def _with_tables(pieces: list[Piece]) -> list[Piece]:
    """Join neighbouring lines that are rows of cells into one table."""
    merged: list[Piece] = []
    for piece in pieces:
        if piece.kind == "paragraph" and piece.text.count("|") >= 2 and not notice_kind(piece.text):
            if merged and merged[-1].kind == "table":
                merged[-1].text += "\n" + piece.text.strip("| ")
                continue
            piece = Piece("table", piece.text.strip("| "))
        merged.append(piece)
    return merged
