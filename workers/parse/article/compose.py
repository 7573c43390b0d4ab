"""Build an Article from a head and the pieces of a body. Every format ends here.

A parser returns what the document's markup shows (``Head``, ``Piece``). ``compose`` finds in the pieces what the markup
does not show: the dateline, captions and notices among paragraphs, and lost links. It also sets the offsets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from services.records import Article, Block, Byline, Caption, Dateline, Gap, Notice, Page, Section
from workers.parse import dialects
from workers.parse import warnings as warn
from workers.parse.article.byline import read_byline
from workers.parse.article.captions import caption_credit, is_caption
from workers.parse.article.credits import Credits, read_credits
from workers.parse.article.dateline import authors_in, date_in, is_dateline, opens_text, read_dateline
from workers.parse.article.dates import read_stamp
from workers.parse.article.dialect import dateline_in, put_right
from workers.parse.article.gaps import find_gaps
from workers.parse.article.normalise import tidy, tidy_lines
from workers.parse.article.notices import contact_kind, notice_kind, sign_off
from workers.parse.article.parts import Head as Head
from workers.parse.article.parts import Piece as Piece
from workers.parse.article.parts import PieceKind as PieceKind
from workers.parse.article.parts import Post
from workers.parse.base import tried
from workers.parse.dialects import Dialect

_CREDITS_AMONG = 5  # pieces at the top of the body
_PROSE = 200  # characters; a paragraph this long belongs to the story
_DASHES = " -–—_"


def compose(
    pieces: Iterable[Piece],
    head: Head | None = None,
    *,
    format: str,
    warnings: Iterable[str] = (),
    confidence: float = 1.0,
    structured: bool = False,
    captions: bool = True,
    credits: bool = True,
) -> Article:
    """Return the Article with ``pieces`` under ``head``. ``confidence`` is how sure the parser is of the structure.
    ``structured`` says that the markup distinguishes captions from paragraphs, so that only a labelled paragraph is a
    caption. Without ``captions`` no paragraph becomes a caption; without ``credits`` no line is moved into the head.
    """
    head = replace(head) if head else Head()
    warned = list(dict.fromkeys(warnings))
    kept, dialect = _prepared(pieces, head, warned, credits)
    body = _Body(head, structured, captions)
    for at, piece in enumerate(kept):
        body.add(piece, _around(kept, at))
    text, blocks, head = body.text, body.blocks, body.head
    for caption in body.captions:
        caption.position = min(caption.position or 0, len(text))
    dateline = tried(warned, "dateline", lambda: _dateline(text, blocks, dialect), None) or _stated(
        text, blocks, head.places
    )
    if dateline and dateline.text:
        head = _completed(head, dateline.text)
        dateline.places = head.places or dateline.places
    for name, constant in (("title", warn.NO_TITLE), ("published_at", warn.NO_DATE)):
        if getattr(head, name) is None:
            warned.append(constant)
    if not text:
        warned.append(warn.NO_TEXT)
    return Article(
        format=format,
        code=head.code,
        title=tidy(head.title) or None if head.title else None,
        deck=tidy(head.deck) or None if head.deck else None,
        byline=head.byline,
        published_at=head.published_at,
        published_zone=head.published_zone,
        updated_at=head.updated_at,
        publisher=head.publisher,
        url=head.url,
        language=head.language,
        dateline=dateline,
        wire=head.wire,
        text=text,
        word_count=count_words(text),
        blocks=blocks,
        sections=_sections(text, blocks, body.posts),
        pages=[Page(number=number, start=start) for number, start in sorted(body.pages.items())],
        captions=body.captions,
        notices=body.notices,
        gaps=tried(warned, "gaps", lambda: _gaps(text, blocks), list[Gap]()),
        confidence=_confidence(confidence, warned),
        warnings=list(dict.fromkeys(warned)),
    )


class _Body:
    """Collects the running text piece by piece, and what is kept out of it. ``head`` may get authors from a
    sign-off."""

    def __init__(self, head: Head, structured: bool, captions: bool) -> None:
        self.head = head
        self.text = ""
        self.blocks: list[Block] = []
        self.captions: list[Caption] = []
        self.notices: list[Notice] = []
        self.pages: dict[int, int] = {}
        self.posts: list[tuple[int, Post]] = []
        self._structured = structured
        self._captions = captions
        self._after_notice = False

    def add(self, piece: Piece, around: list[str]) -> None:
        """Add a piece to the text, or to the parts kept out of it; ``around`` are the texts of its neighbours."""
        follows_notice, self._after_notice = self._after_notice, False
        if piece.kind == "paragraph" and (signed := sign_off(piece.text)):
            piece = self._less_sign_off(piece, *signed)
            if not piece.text:
                return
        after = self.notices[-1].kind if follows_notice else None
        if piece.kind in ("paragraph", "heading", "notice") and (
            notice := notice_kind(piece.text) or contact_kind(piece.text, after=after)
        ):
            self.notices.append(Notice(kind=notice, text=piece.text))
            self._after_notice = True
        elif piece.kind == "notice":
            self.notices.append(Notice(kind="other", text=piece.text))
        elif piece.kind == "caption" or (
            self._captions and piece.kind == "paragraph" and is_caption(piece.text, [] if self._structured else around)
        ):
            position = len(self.text) + 2 if self.text else 0
            self.captions.append(Caption(text=piece.text, position=position, credit=caption_credit(piece.text)))
        elif not self._repeats_title(piece):
            self._append(piece)

    def _less_sign_off(self, piece: Piece, line: str, names: str) -> Piece:
        self.notices.append(Notice(kind="contact", text=line))
        if not self.head.byline and line[1:].startswith("Reporting"):
            self.head = replace(self.head, byline=read_byline(names))
        return replace(piece, text=piece.text[: piece.text.rindex(line)].rstrip())

    def _repeats_title(self, piece: Piece) -> bool:
        first = piece.kind == "heading" and not self.text
        return first and bool(self.head.title) and piece.text.casefold() == (self.head.title or "").casefold()

    def _append(self, piece: Piece) -> None:
        self.text += "\n\n" if self.text else ""
        self.blocks.append(Block(kind=piece.kind, start=len(self.text), end=len(self.text) + len(piece.text)))
        for number, offset in piece.pages:
            if offset < len(piece.text):
                self.pages.setdefault(number, len(self.text) + offset)
        if piece.post is not None and (not self.posts or self.posts[-1][1] is not piece.post):
            self.posts.append((len(self.text), piece.post))
        self.text += piece.text


_DOUBTS = {warn.NO_TITLE: 0.2, warn.NO_DATE: 0.1, warn.NO_TEXT: 0.6, warn.ENCODING_ERRORS: 0.3, warn.OCR: 0.4}
_OTHER_DOUBT = 0.05


def _confidence(confidence: float, warned: Iterable[str]) -> float:
    for warning in warned:
        confidence -= _DOUBTS.get(warning, _OTHER_DOUBT)
    return round(max(0.0, min(1.0, confidence)), 2)


def put_dateline(pieces: list[Piece], dateline: str) -> None:
    """Put a dateline that is separate from the body before its first paragraph, unless the paragraph repeats it."""
    dateline = dateline.strip(_DASHES)
    place = re.split(r"[,(]", dateline)[0].strip().casefold()
    start = next((piece for piece in pieces if piece.kind == "paragraph"), None)
    if not place or start is None or place in start.text[: len(dateline) + 20].casefold():
        return
    start.text = f"{dateline} — {start.text}"


def _less_credits(pieces: list[Piece], head: Head, warned: list[str]) -> list[Piece]:
    """Return the pieces without lines of credits near the top, which are moved into the head."""
    kept: list[Piece] = []
    for at, piece in enumerate(pieces):
        readable = piece.kind in ("paragraph", "heading")
        begun = bool(kept) and kept[-1].kind == "paragraph" and opens_text(kept[-1].text)
        if begun or len(kept) == _CREDITS_AMONG or (readable and kept and len(piece.text) > _PROSE):
            return kept + pieces[at:]
        if readable and not is_dateline(piece.text) and (credits := _credits(piece.text, warned)):
            head.take(credits, warned)
        else:
            kept.append(piece)
    return kept


def _prepared(
    pieces: Iterable[Piece], head: Head, warned: list[str], credits: bool
) -> tuple[list[Piece], Dialect | None]:
    """Return the pieces cleaned and read in their dialect, without lines of credits, and with a separate dateline
    joined to its paragraph."""
    tidied = [replace(piece, text=_tidy(piece), pages=_tidy_pages(piece)) for piece in pieces]
    if not credits:
        return [piece for piece in tidied if piece.text], None
    spoken, dialect = _in_dialect(tidied, head, warned)
    kept = _less_credits([piece for piece in spoken if piece.text], head, warned)
    return tried(warned, "dateline", lambda: _joined_dateline(kept), kept), dialect


def _in_dialect(pieces: list[Piece], head: Head, warned: list[str]) -> tuple[list[Piece], Dialect | None]:
    """Return the pieces as read in the agency's dialect, and the dialect; completes the head."""
    top = "\n".join([head.title or "", *(piece.text for piece in pieces[:3])])
    dialect = dialects.of([head.wire.provider if head.wire else None, head.publisher], top)
    if dialect is None:
        return pieces, None
    return tried(warned, "dialect", lambda: put_right(pieces, head, dialect), pieces), dialect


def _credits(text: str, warned: list[str]) -> Credits | None:
    return tried(warned, "credits", lambda: None if opens_text(text) else read_credits(text), None)


def _joined_dateline(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with a dateline on its own line joined to the paragraph below it."""
    readable = [at for at, piece in enumerate(pieces[:_CREDITS_AMONG]) if piece.kind in ("paragraph", "heading")]
    at = next((at for at in readable if is_dateline(pieces[at].text)), None)
    if at is None or at + 1 >= len(pieces) or pieces[at + 1].kind != "paragraph":
        return pieces
    place, text = pieces[at].text.rstrip(_DASHES), pieces[at + 1].text.lstrip(_DASHES)
    further = len(place) + 3 - (len(pieces[at + 1].text) - len(text))
    pages = [*pieces[at].pages, *((number, max(0, offset + further)) for number, offset in pieces[at + 1].pages)]
    return [*pieces[:at], Piece("paragraph", f"{place} — {text}", pages), *pieces[at + 2 :]]


def _completed(head: Head, dateline: str) -> Head:
    """Complete the head with the reporter and the day in the dateline, if the head has none."""
    day = read_stamp(date_in(dateline) or "") if head.published_at is None else None
    return replace(
        head,
        byline=head.byline or [Byline(name=name) for name in authors_in(dateline)],
        published_at=head.published_at or (day.instant if day else None),
    )


def _tidy(piece: Piece) -> str:
    return tidy_lines(piece.text) if piece.kind in ("table", "blockquote") else tidy(piece.text)


def _tidy_pages(piece: Piece) -> list[tuple[int, int]]:
    """Return where the pages begin after the text was cleaned: after the same number of words as before."""
    return [(number, len(tidy(f"{piece.text[:offset]}|")) - 1) for number, offset in piece.pages]


def _around(pieces: list[Piece], at: int) -> list[str]:
    return [piece.text for piece in pieces[max(0, at - 1) : at + 2] if piece is not pieces[at]]


def _dateline(text: str, blocks: list[Block], dialect: Dialect | None) -> Dateline | None:
    """Return the dateline of the first paragraph; one or two headings may precede it."""
    for block in blocks[:3]:
        if block.kind == "paragraph":
            paragraph = text[block.start : block.end]
            found = (dateline_in(paragraph, dialect) if dialect else None) or read_dateline(paragraph)
            if found:
                return Dateline(
                    text=found.text,
                    start=block.start + found.start,
                    end=block.start + found.end,
                    places=found.places,
                    credit=found.credit,
                )
            return None
    return None


def _stated(text: str, blocks: list[Block], places: list[str]) -> Dateline | None:
    """Return the dateline that `put_dateline` put before the text, with a place that is not in the gazetteer."""
    lead = next((block for block in blocks if block.kind == "paragraph"), None)
    if lead is None or not places or not text.startswith(line := f"{places[0]} —", lead.start):
        return None
    return Dateline(text=line, start=lead.start, end=lead.start + len(line), places=places)


def _gaps(text: str, blocks: list[Block]) -> list[Gap]:
    return [gap for block in blocks if block.kind == "paragraph" for gap in find_gaps(text, block.start, block.end)]


def _sections(text: str, blocks: list[Block], posts: list[tuple[int, Post]]) -> list[Section]:
    """Return the sections under headings, and the posts, which have no heading. A post may contain sections; a section
    ends with its post."""
    heads = [(block.start, block.end) for block in blocks if block.kind == "heading"]
    begins = [start for start, _ in posts]
    found = []
    for start, end in heads:
        after = min((at for at in (*begins, *(at for at, _ in heads)) if at > start), default=len(text))
        found.append(Section(heading=text[start:end], start=start, end=end, body_end=after))
    for (start, post), after in zip(posts, [*begins, len(text)][1:], strict=True):
        instant = post.written.instant if post.written else None
        found.append(
            Section(heading="", start=start, end=start, body_end=after, author=post.author, published_at=instant)
        )
    return sorted(found, key=lambda section: (section.start, section.end))


_WORDS = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_](?:[^\W_\u3040-\u30ff\u3400-\u9fff]|[’'‌.,-](?=[^\W_]))*"
)


def count_words(text: str) -> int:
    """Return the number of words; in Chinese and Japanese, the number of characters, as usual in their press."""
    return sum(1 for _ in _WORDS.finditer(text))
