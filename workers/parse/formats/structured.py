"""Find the head and the headings in documents with styles and type sizes (PDF, DOCX, ODT, RTF)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.records import Article
from workers.parse.article.byline import has_label, read_byline
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dates import read_stamp
from workers.parse.article.normalise import tidy

_TITLE = re.compile(r"^(title|headline|titel|titre|título|titolo|заголовок документа)\b", re.IGNORECASE)
_DECK = re.compile(r"^(subtitle|sub-?headline|deck|standfirst|untertitel|sous-titre|subtítulo|sottotitolo)\b", re.I)
_HEADING = re.compile(r"^(heading|überschrift|titre|título|titolo|rubrik|заголовок|hd?\d)[ _]?(\d)?", re.IGNORECASE)
_BYLINE = re.compile(r"^(byline|author|autor|auteur)\b", re.IGNORECASE)
_CODE = re.compile(r"(?:code|ref(?:erence)?|slug|story\s?(?:no|id))\.?\s?[:#]\s?([\w./-]{1,60})", re.IGNORECASE)
_HEAD_LINES = 10
_LONG_WORDS = 25  # characters; a longer paragraph belongs to the body
_LARGER = 1.15  # a heading is this many times as large as the body's type
_ENDS = tuple('.!?:;,…。！？؟۔”"')


@dataclass(slots=True)
class Run:
    """A block and its type: size in points (0 if unknown), whether all of it is bold, and the name of its style."""

    piece: Piece
    size: float = 0.0
    bold: bool = False
    style: str = ""


def read_structured(
    runs: Iterable[Run], *, format: str, head: Head | None = None, warnings: Iterable[str] = (), confidence: float = 0.9
) -> Article:
    """Return the Article made of blocks in reading order. Values missing in ``head`` are taken from the blocks above
    the body."""
    kept = [run for run in runs if tidy(run.piece.text)]
    head = head or Head()
    body = _body_size(kept)
    for run in kept:
        if run.piece.kind == "paragraph" and _is_heading(run, body):
            run.piece.kind = "heading"
    _take_head(kept, head, body)
    return compose([run.piece for run in kept], head, format=format, warnings=warnings, confidence=confidence)


def _body_size(runs: list[Run]) -> float:
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[run.size] += len(run.piece.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _is_heading(run: Run, body: float) -> bool:
    if _TITLE.match(run.style) or _HEADING.match(run.style):
        return True
    text = run.piece.text
    if len(text.split()) > _LONG_WORDS or _is_meta(text):
        return False
    if body and run.size >= _LARGER * body:
        return True
    return run.bold and len(text) <= 100 and not text.rstrip().endswith(_ENDS)


def _is_meta(text: str) -> bool:
    return has_label(text) or _CODE.fullmatch(text.strip()) is not None or read_stamp(text) is not None


def _take_head(runs: list[Run], head: Head, body: float) -> None:
    """Move title, deck, byline, date and code from the lines above the body into ``head``."""
    lead = []
    for run in runs[:_HEAD_LINES]:
        if run.piece.kind not in ("paragraph", "heading") or len(run.piece.text.split()) > _LONG_WORDS:
            break
        lead.append(run)
    taken: list[Run] = []
    title = _title(lead, body)
    if title is not None:
        head.title = head.title or tidy(title.piece.text)
        taken.append(title)
    for run in lead:
        if run is title:
            continue
        text = tidy(run.piece.text)
        if _DECK.match(run.style):
            head.deck = head.deck or text
        elif code := _CODE.fullmatch(text):
            head.code = head.code or code[1]
        elif stamp := read_stamp(text):
            if head.published_at is None:
                head.published_at, head.published_zone = stamp.instant, stamp.zone
        elif (has_label(text) or _BYLINE.match(run.style)) and (byline := read_byline(text)):
            head.byline = head.byline or byline
        else:
            continue
        taken.append(run)
    runs[:] = [run for run in runs if not any(run is other for other in taken)]


def _title(lead: list[Run], body: float) -> Run | None:
    styled = next((run for run in lead if _TITLE.match(run.style)), None)
    if styled:
        return styled
    headings = [run for run in lead if run.piece.kind == "heading" and not _DECK.match(run.style)]
    if headings:
        return max(headings, key=lambda run: run.size or body)
    first = next((run for run in lead if not _is_meta(run.piece.text)), None)
    if first and len(first.piece.text) <= 150 and not first.piece.text.rstrip().endswith("."):
        return first
    return None
