"""Read the head of a document that consists only of lines of text: code, dates, byline, notices and headlines above its
body."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from workers.parse import dialects
from workers.parse.article.byline import read_byline
from workers.parse.article.captions import is_caption
from workers.parse.article.compose import Head, Piece
from workers.parse.article.credits import Credits, read_credits
from workers.parse.article.dateline import is_dateline, opens_text, read_dateline
from workers.parse.article.dates import read_stamps
from workers.parse.article.dialect import byline_in, is_boilerplate, slug_in
from workers.parse.article.lines import BULLET, Line, is_lead, is_prose, is_wrapped_prose
from workers.parse.article.notices import notice_kind
from workers.parse.dialects import Dialect

_HEAD_LINES = 15  # a head has at most this many lines
_DECK = 300  # characters; a deck of whole sentences, recognised by the byline or date below it
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”»'’)」』]*$")
_CODE = re.compile(
    r"(?:(?:article |news |story |item |doc(?:ument)? )?(?:code|id|no|number|ref(?:erence)?)|slug|код|код новости|شناسه(?: خبر)?|کد(?: خبر)?|"
    r"رمز الخبر|código|编号|稿件编号)\s*[:：.#]\s*(?P<code>[^\s:][^:]{0,60})",
    re.I,
)
_SLUG = re.compile(
    r"(?P<code>BC-[A-Z0-9][\w/&,’'. -]{0,60}/?|[A-Z]{2,20}[-/][A-Z0-9][\w/&,’'.-]{0,60}/?|[A-Z]{2,20}/[A-Z]{0,20})"
    r"(?:\s\([^()]{2,30}\)|,? (?:UPDATE|RECASTS?|REFILE|CORRECTED|WRAPUP) ?\d*)*"
)
"""``BC-EU--Tram Vote``, ``IRAN-TALKS/ (UPDATE 2)``; not ``SAAB-SCANIA WINS BUS CONTRACT``, which is a headline."""
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
_MONITOR_NOTE = re.compile(
    r"(?:Excerpt from|Text of) (?:an? )?(?:unattributed )?(?:report|commentary|article|editorial|interview)\b.{0,200}",
    re.I,
)
_URL = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Read:
    head: Head
    body: int = 0  # number of the first line of the body
    notices: list[Piece] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dialect: Dialect | None = None


def read_head(lines: list[Line], head: Head) -> Read:
    """Read lines from the top as code, dates, byline, notices and headlines until running text begins."""
    read = Read(head, dialect=dialects.by_text("\n".join(line.text for line in lines[:_HEAD_LINES])))
    titles: list[Line] = []
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


def _is_head_line(line: Line, read: Read, titles: list[Line], after: list[Line]) -> bool:
    """Add the line to the head. Returns False if the body begins with it."""
    head, text = read.head, line.text
    if (match := _CODE.fullmatch(text)) and head.code is None:
        head.code = match["code"].strip()
        return True
    if is_dateline(text) and after:
        return False
    if read.dialect and _in_dialect(text, read, titles):
        return True
    headline = _is_headline(line, read, titles, after)
    if not headline and (not head.byline or titles or head.title) and (credits := _credits(text)):
        head.take(_less_agencies(credits), read.warnings)
        return True
    if (match := _LABEL.fullmatch(text)) and _take_label(match["label"].casefold(), match["value"], read, titles, line):
        return True
    if _URL.fullmatch(text):
        head.url = head.url or text
        return True
    if notice_kind(text) or (titles and _MONITOR_NOTE.fullmatch(text)):
        read.notices.append(Piece("notice", text))
        return True
    if headline:
        titles.append(line)
        return True
    if read_dateline(text) or (titles and is_wrapped_prose(line, after)):
        return False
    if not titles and head.title is None and is_lead(line, after):
        return False
    if is_prose(text):
        if len(titles) == 1 and len(text) < _DECK and after and read_credits(after[0].text):
            titles.append(line)
            return True
        return False
    if titles and (is_caption(text, []) or BULLET.match(text)):
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
    if len(titles) >= 3 or (titles and after and line.apart and not after[0].apart and is_prose(after[0].text)):
        return False  # a short line right above running text heads a section
    titles.append(line)
    return True


def _in_dialect(text: str, read: Read, titles: list[Line]) -> bool:
    """Return whether the line is a slug, byline or boilerplate in the agency's dialect, which is kept out of the
    text."""
    head, dialect = read.head, read.dialect
    assert dialect is not None
    if not titles and head.code is None and (slug := slug_in(text, dialect)):
        head.code = slug
        return True
    if is_boilerplate(text, dialect):
        read.notices.append(Piece("notice", text))
        return True
    byline = byline_in(text, dialect) if not head.byline else []
    head.byline = head.byline or byline
    return bool(byline)


def _credits(text: str) -> Credits | None:
    return None if opens_text(text) else read_credits(text)


def _less_agencies(credits: Credits) -> Credits:
    """Return the credits without agencies among the authors: ``By Reuter`` names no author."""
    people = [author for author in credits.byline if author.name != author.agency]
    if credits.byline and not people:
        return replace(credits, byline=[], publisher=credits.publisher or credits.byline[0].name)
    return replace(credits, byline=people)


def _is_headline(line: Line, read: Read, titles: list[Line], after: list[Line]) -> bool:
    """Return whether the first line is a headline, even if it contains an agency, a day or a dash. It is one if it is
    in capitals and has four words or more, and the text after it has small letters: ``SHARES FALL - TRAM NEWS``.
    """
    first = not titles and read.head.title is None and bool(after)
    if not (first and line.text.isupper() and len(line.text.split()) >= 4) or after[0].text.isupper():
        return False
    return not (_SLUG.fullmatch(line.text) or notice_kind(line.text) or is_dateline(line.text))


def _take_label(label: str, value: str, read: Read, titles: list[Line], line: Line) -> bool:
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


def _is_bare_byline(text: str, after: list[Line], *, dated: bool) -> bool:
    """Return whether it is a name by itself under the headline: two to four capitalised words, beside a role, an
    agency, a date or a dateline."""
    name = text.split(",")[0].split("|")[0].strip()
    words = name.split()
    if not 2 <= len(words) <= 4 or not all(word[0].isupper() and word[0].isalpha() for word in words) or len(text) > 80:
        return False
    if re.search(r"[.!?:]$", text) or not read_byline(text):
        return False
    return bool(text != name or dated or (after and (read_credits(after[0].text) or read_dateline(after[0].text))))


def _set_titles(read: Read, titles: list[Line], body: list[Line]) -> None:
    """Set title and deck: the first line that looks like a headline is the title, the next one the deck; the name of a
    section above it becomes a notice."""
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
