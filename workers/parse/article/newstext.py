"""A news document that is only lines of text: its head, then its body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from services.records import Article
from workers.parse.article.byline import read_byline
from workers.parse.article.captions import in_title_case, is_caption
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.credits import Credits, read_credits
from workers.parse.article.dateline import read_dateline
from workers.parse.article.dates import read_stamps
from workers.parse.article.normalise import normalise, tidy
from workers.parse.article.notices import notice_kind
from workers.parse.base import tried

_HEAD_LINES = 15  # a head longer than this is no head
_PROSE = 140  # characters; a line as long is running text, not a headline
_PROSE_CJK = 60
_DECK = 300  # characters; a deck of whole sentences, told by the byline or date below it
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”»'’)」』]*$")
_CODE = re.compile(
    r"(?:(?:article |news |story |item |doc(?:ument)? )?(?:code|id|no|number|ref(?:erence)?)|slug|код|код новости|شناسه(?: خبر)?|کد(?: خبر)?|"
    r"رمز الخبر|código|编号|稿件编号)\s*[:：.#]\s*(?P<code>[^\s:][^:]{0,60})",
    re.I,
)
_SLUG = re.compile(
    r"(?P<code>(?:BC-|[A-Z]{2,20}[-/])[A-Z0-9][\w/&,’'. -]{0,60}/?|[A-Z]{2,20}/[A-Z]{0,20})(?:\s\([^()]{2,30}\)|, (?:UPDATE|RECASTS?) ?\d*)*"
)
_LABEL = re.compile(
    r"(?P<label>title|headline|titre|titel|título|titulo|заголовок|عنوان|تیتر|العنوان|标题|標題|subtitle|subhead|deck|standfirst|summary|"
    r"source|publisher|publication|outlet|url|link|author|byline|date|published|section|category|keywords|tags|location|place|city|from|to|desk|language|words|length|load-date)\s*[:：]\s*(?P<value>\S.*)",
    re.I,
)
_TITLES = frozenset(
    ["title", "headline", "titre", "titel", "título", "titulo", "заголовок", "عنوان", "تیتر", "العنوان", "标题", "標題"]
)
_DECKS = frozenset(["subtitle", "subhead", "deck", "standfirst", "summary"])
# How monitoring services name a broadcast or paper: ``Source: Northern Radio, Leeds, in English 1830 gmt 12 Jun 24``.
_MONITORED = re.compile(
    r"(?P<source>.+?),? in (?:[A-Z][a-z]+(?: and)? ?){1,3}(?P<clock>\d{4}) gmt (?P<day>\d{1,2} [A-Z][a-z]{2} \d{2,4})"
)
_MONITOR_NOTE = re.compile(
    r"(?:Excerpt from|Text of) (?:an? )?(?:unattributed )?(?:report|commentary|article|editorial|interview)\b.{0,200}",
    re.I,
)
_URL = re.compile(r"https?://\S+")
_BULLET = re.compile(r"(?:[•·▪◦‣*–-]|\d{1,2}[.)])\s+(?=\S)")
_HYPHENATED = re.compile(r"[^\W\d_]{2}-$")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class _Line:
    """``apart`` says whether a blank line stands before it; ``indent`` is in columns."""

    text: str
    apart: bool
    indent: int


@dataclass(slots=True)
class _Read:
    head: Head
    body: int = 0  # number of the first line of the body
    notices: list[Piece] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_text(
    text: str,
    *,
    has_head: bool = True,
    head: Head | None = None,
    format: str = "text",
    warnings: Iterable[str] = (),
    after: Iterable[Piece] = (),
) -> Article:
    """The Article of plain text. ``head`` holds what is known already; what it lacks is read from the top lines.

    ``has_head=False`` where the text is a body only (a mail's text, a field of a table); ``after`` is what comes with it.
    """
    lines = _lines(text)
    known = replace(head) if head else Head()
    read = _Read(known)
    failed: list[str] = []
    if has_head:
        read = tried(failed, "head", lambda: _read_head(lines, replace(known)), read)
    body = _body(lines[read.body :])
    if has_head and not body and read.head.title and (head is None or head.title is None):
        body = [Piece("paragraph", read.head.title)]  # a flash: its line is all there is
    pieces = [*read.notices, *body, *after]
    return compose(pieces, read.head, format=format, warnings=[*warnings, *failed, *read.warnings], confidence=0.95)


def read_lead(
    lines: list[str], title: str | None = None, head: Head | None = None
) -> tuple[Head, list[Piece], list[str], int]:
    """The head in the first of ``lines``, each a block of its own, below a ``title`` known from the structure.

    Returns what is known with it, notices, warnings, and how many of the lines were read.
    """
    known = replace(head, title=head.title or title) if head else Head(title=title)
    named = [title] if title and not _is_prose(title) else []
    read = _read_head([_Line(tidy(line), True, 0) for line in [*named, *lines]], known)
    return read.head, read.notices, read.warnings, max(0, read.body - len(named))


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    apart = True
    for raw in normalise(text).expandtabs(4).split("\n"):
        stripped = raw.strip()
        said = tidy(stripped).removeprefix("^").strip()
        if said and not re.fullmatch(r"[-=_*~#•.\s]{3,}", stripped):
            lines.append(_Line(said, apart, len(raw) - len(raw.lstrip())))
            apart = False
        else:
            apart = True
    return lines


# --- the head -----------------------------------------------------------------------------------


def _read_head(lines: list[_Line], head: Head) -> _Read:
    """Lines from the top are read as code, dates, byline, notices and headlines until running text begins."""
    read = _Read(head)
    titles: list[_Line] = []
    at = 0
    for at, line in enumerate(lines[:_HEAD_LINES]):
        if not _is_head_line(line, read, titles, lines[at + 1 : at + 4]):
            break
    else:
        at = min(len(lines), _HEAD_LINES)
        if len(lines) > _HEAD_LINES:  # no running text in sight: only the first line can be trusted to be the title
            titles, at, read.notices = titles[:1], 1, []
    if at >= len(lines) and len(titles) > 1:  # a document has a body before it has a deck
        at -= len(titles) - 1
        titles = titles[:1]
    read.body = at
    _set_titles(read, titles, lines[at:])
    return read


def _is_head_line(line: _Line, read: _Read, titles: list[_Line], after: list[_Line]) -> bool:
    """Take the line into the head; False where the body begins with it."""
    head, text = read.head, line.text
    if (match := _CODE.fullmatch(text)) and head.code is None:
        head.code = match["code"].strip()
        return True
    if (not head.byline or titles or head.title) and (credits := read_credits(text)):
        head.take(credits, read.warnings)
        return True
    if (match := _LABEL.fullmatch(text)) and _take_label(match["label"].casefold(), match["value"], read, titles, line):
        return True
    if _URL.fullmatch(text):
        head.url = head.url or text
        return True
    if notice_kind(text) or (titles and _MONITOR_NOTE.fullmatch(text)):
        read.notices.append(Piece("notice", text))
        return True
    if read_dateline(text) or (titles and _is_wrapped_prose(line, after)):
        return False
    if _is_prose(text):
        if len(titles) == 1 and len(text) < _DECK and after and read_credits(after[0].text):
            titles.append(line)
            return True
        return False
    if titles and (is_caption(text, []) or _BULLET.match(text)):
        return False
    if not titles and head.code is None and (match := _SLUG.fullmatch(text)) and after:
        head.code = match["code"].rstrip("/ ") if match["code"] != text else text
        return True
    if (
        titles
        and not head.byline
        and _is_bare_byline(text, after, dated=head.published_at is not None and not line.apart)
    ):
        head.byline = read_byline(text)
        return True
    if len(titles) >= 3 or (titles and after and line.apart and not after[0].apart and _is_prose(after[0].text)):
        return False  # a short line right above running text heads a section
    titles.append(line)
    return True


def _take_label(label: str, value: str, read: _Read, titles: list[_Line], line: _Line) -> bool:
    head = read.head
    if label in _TITLES:
        head.title = head.title or value
    elif label in _DECKS:
        head.deck = head.deck or value
    elif match := _MONITORED.fullmatch(value):
        head.publisher = head.publisher or match["source"]
        head.take(Credits(stamps=read_stamps(f"{match['day']} {match['clock']} gmt")), read.warnings)
    elif label in ("source", "publisher", "publication", "outlet"):
        head.publisher = head.publisher or value
    elif label in ("url", "link"):
        head.url = head.url or value
    elif label in ("author", "byline"):
        head.byline = head.byline or read_byline(value)
    elif label in ("date", "published"):
        return False
    else:
        read.notices.append(Piece("notice", line.text))
    return True


def _is_prose(text: str) -> bool:
    if _CJK.search(text):
        return len(text) > _PROSE_CJK or "。" in text
    return len(text) > _PROSE or (
        len(text.split()) > 9 and bool(_SENTENCE_END.search(text)) and not in_title_case(text)
    )


def _is_wrapped_prose(line: _Line, after: list[_Line]) -> bool:
    """Whether the line begins a paragraph that is broken into lines."""
    attached = []
    for other in after:
        if other.apart:
            break
        attached.append(other.text)
    whole = " ".join([line.text, *attached])
    return (
        bool(attached)
        and line.apart
        and len(line.text) > 50
        and len(whole) > _PROSE
        and not in_title_case(line.text)
        and not _SENTENCE_END.search(line.text)
        and read_credits(attached[0]) is None
    )


def _is_bare_byline(text: str, after: list[_Line], *, dated: bool) -> bool:
    """A name alone under the headline: two to four capitalised words, beside a role, an agency, a date or a dateline."""
    name = text.split(",")[0].split("|")[0].strip()
    words = name.split()
    if not 2 <= len(words) <= 4 or not all(word[0].isupper() and word[0].isalpha() for word in words) or len(text) > 80:
        return False
    if re.search(r"[.!?:]$", text) or not read_byline(text):
        return False
    return bool(text != name or dated or (after and (read_credits(after[0].text) or read_dateline(after[0].text))))


def _set_titles(read: _Read, titles: list[_Line], body: list[_Line]) -> None:
    """The first headline-like line is the title, the next the deck; a section's name above it is kept as a notice."""
    texts = [line.text for line in titles]
    if len(texts) > 1 and len(texts[0].split()) <= 2 and len(texts[1].split()) > 3 and read.head.title is None:
        read.notices.append(Piece("notice", texts.pop(0)))
        titles = titles[1:]
    if (
        len(texts) > 1
        and not titles[1].apart
        and len(texts[0]) > 30
        and (
            texts[1][0].islower()
            or texts[0].split()[-1].casefold() in ("the", "of", "in", "to", "and", "for", "a", "with", "on")
        )
    ):
        texts[:2] = [f"{texts[0]} {texts[1]}"]
    if read.head.title is None and texts:
        read.head.title = texts.pop(0)
    if texts and texts[0].casefold() == (read.head.title or "").casefold():
        texts.pop(0)
    if read.head.deck is None and texts:
        read.head.deck = " ".join(texts)
    elif texts:
        read.notices.extend(Piece("notice", text) for text in texts)


# --- the body -----------------------------------------------------------------------------------


def _body(lines: list[_Line]) -> list[Piece]:
    pieces: list[Piece] = []
    width = _wrap_width(lines)
    paragraphs = _joined(lines, width) if width else lines
    for at, line in enumerate(paragraphs):
        following = paragraphs[at + 1] if at + 1 < len(paragraphs) else None
        before = paragraphs[at - 1] if at else None
        pieces.append(_piece(line, before, following))
    return _with_tables(pieces)


def _piece(line: _Line, before: _Line | None, following: _Line | None) -> Piece:
    text = line.text
    neighbours = [other.text for other in (before, following) if other]
    attached = following is not None and not following.apart
    if bullet := _BULLET.match(text):
        listed = [other for other in (before, following) if other and _BULLET.match(other.text)]
        if listed:
            return Piece("list_item", text[bullet.end() :] if not text[0].isdigit() else text)
    if text.startswith(">"):
        return Piece("blockquote", text.lstrip("> "))
    if (not attached or not _is_heading(line, following)) and is_caption(text, neighbours):
        return Piece("caption", text)
    return Piece("heading" if _is_heading(line, following) else "paragraph", text)


def _is_heading(line: _Line, following: _Line | None) -> bool:
    """A short line, no sentence, with running text after it: in title case or capitals, or attached to that text."""
    text = line.text
    words = text.split()
    if following is None or not 1 <= len(words) <= 14 or len(text) > 100 or not line.apart:
        return False
    if text[-1] in ".,;…。”\"»'’،:" or text[0] in "“\"«'‘-–—•(" or text[0].islower() or text[0].isdigit():
        return False
    if notice_kind(text) or len(following.text) < 60 or read_stamps(text):
        return False
    if len(words) == 1 and not text.isupper() and following.apart and len(text) < 3:
        return False
    if following.apart:
        return text.isupper() or in_title_case(text) or len(words) <= 8
    return True


def _wrap_width(lines: list[_Line]) -> int | None:
    """The column at which lines were broken, or None where a line is a paragraph."""
    pairs = [(line, following) for line, following in pairwise(lines) if not following.apart]
    if len(pairs) < 3:
        return None
    width = max(len(line.text) + line.indent for line in lines)
    if width > 110:
        return None
    full = sum(
        len(line.text) + line.indent + 1 + len(following.text.split()[0]) > width - 12 for line, following in pairs
    )
    return width if full >= 0.6 * len(pairs) else None


def _joined(lines: list[_Line], width: int) -> list[_Line]:
    """Hard-wrapped lines as paragraphs; a new one begins after a blank line, at an indent, or after a line that ends early."""
    indents = [line.indent for line in lines if not line.apart]
    usual = min(indents, default=0)
    joined: list[_Line] = []
    parts: list[list[str]] = []  # the text of each of them
    last: _Line | None = None
    for line in lines:
        early = last is not None and len(last.text) + last.indent + 1 + len(line.text.split()[0]) < width - 15
        sentence = last is not None and bool(_SENTENCE_END.search(last.text))
        title = (
            early
            and last is not None
            and last.apart
            and not sentence
            and len(last.text) < 60
            and in_title_case(last.text)
        )
        if (
            last is None
            or line.apart
            or (line.indent > usual and sentence)
            or (early and sentence)
            or title
            or _BULLET.match(line.text)
        ):
            joined.append(replace(line))
            parts.append([line.text])
        else:
            _join(parts[-1], line.text)
        last = line
    for line, texts in zip(joined, parts, strict=True):
        line.text = "".join(texts)
    return joined


def _join(parts: list[str], right: str) -> None:
    """A hyphen at the line's end goes where a lower-case letter stands on both sides, as in ``govern-`` ``ment``."""
    left = "".join(parts[-3:])[-3:]  # no part is empty
    if _HYPHENATED.match(left) and right[0].islower():
        parts[-1] = parts[-1][:-1]
        parts.append(right)
    elif _CJK.search(left[-1]) and _CJK.search(right[0]):
        parts.append(right)
    else:
        parts += [" ", right]


def _with_tables(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring lines that are rows of cells become one table."""
    merged: list[Piece] = []
    for piece in pieces:
        if piece.kind == "paragraph" and piece.text.count("|") >= 2 and not notice_kind(piece.text):
            if merged and merged[-1].kind == "table":
                merged[-1].text += "\n" + piece.text.strip("| ")
                continue
            piece = Piece("table", piece.text.strip("| "))
        merged.append(piece)
    return merged
