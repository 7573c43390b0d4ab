"""A page's head: JSON-LD first, then meta tags, then what is seen above and right below the story."""

from __future__ import annotations

import re
from typing import Any

from services.records import Byline
from workers.parse import warnings as warn
from workers.parse.article.byline import has_label, read_byline
from workers.parse.article.compose import Head
from workers.parse.article.dates import Stamp, read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.base import tried
from workers.parse.web.blocks import Block, deck_name, names, tokens
from workers.parse.web.body import Body, is_head_line
from workers.parse.web.stated import Page, names_in

_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "article:published", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "date", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date.created", "dc.date", "dcterms.date", "cxenseparse:recs:publishtime", "ptime", "weibo:article:create_at",
)  # fmt: skip
_UPDATES = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
)
_AUTHORS = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "byl",
    "byline",
    "dc.creator",
    "dcterms.creator",
    "creator",
)
_DATE_NAME = re.compile(
    r"(?:^|-)(?:date|datum|time|timestamp|datetime|pubdate|published|posted|dateline|tarih|fecha|publish-date|updated)(?:-|$)"
)
_AUTHOR_NAME = re.compile(r"(?:^|-)(?:byline|authors?|firma|autor|verfasser|writer|reporter|username|by)(?:-|$)")
_PARTS = re.compile(r"\s+[|•·–—/]\s*|\s*[|•·]\s+|(?<=\S)\s+[-–—]\s+(?=\S)|\s*[|｜•·]\s*")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/-])")
_ABOVE = 14  # blocks above the story in which its head may stand
_BELOW = 4


def read_head(page: Page, body: Body, title: str | None, given: Head, warned: list[str]) -> Head:
    """The head with what is ``given`` believed over what the page says. Adds to ``warned``."""
    near = _near(page.blocks, body)
    written = [page.told("datePublished"), page.told("dateCreated"), *(page.said(name) for name in _DATES)]
    stamp = tried(warned, "published_at", lambda: _date(written) or _seen_date(page, body, near), None)
    changed = page.told("dateModified") or page.said(*_UPDATES) or ""
    updated = tried(warned, "updated_at", lambda: next(iter(read_stamps(changed)), None) or _seen_update(near), None)
    if stamp and stamp.ambiguous and given.published_at is None:
        warned.append(warn.DATE_AMBIGUOUS)
    publisher = given.publisher or next(iter(names_in(page.linked.get("publisher"))), None) or page.said("og:site_name")
    use_given = given.published_at is not None
    return Head(
        code=given.code,
        title=title,
        deck=given.deck or tried(warned, "deck", lambda: _deck(page, body, title), None),
        byline=given.byline or tried(warned, "byline", lambda: _authors(page, near, publisher), []),
        published_at=given.published_at if use_given else stamp.instant if stamp else None,
        published_zone=given.published_zone if use_given else stamp.zone if stamp else None,
        updated_at=given.updated_at or (updated.instant if updated else None),
        publisher=publisher,
        url=given.url or page.said("canonical", "og:url"),
        language=given.language
        or page.tree.get("lang")
        or page.told("inLanguage")
        or page.said("content-language", "og:locale"),
    )


def _date(written: list[str | None]) -> Stamp | None:
    return next((found for each in written if each for found in read_stamps(each)), None)


def _near(blocks: list[Block], body: Body) -> list[Block]:
    """Where the head is seen: above the story, nearest last; then the first lines below it."""
    heading = max((at for at in range(body.start) if blocks[at].element.tag == "h1"), default=0)
    above = [
        block for block in blocks[max(0, min(heading, body.start - _ABOVE), body.start - 3 * _ABOVE) : body.start + 1]
        if not any(each.tag in ("nav", "aside") for each in block.around)
    ]  # fmt: skip
    end = max(
        (at for at, block in enumerate(blocks) if body.scope is not None and body.scope in block.path),
        default=body.start,
    )
    below = [block for block in blocks[end - 1 : end + _BELOW] if len(block.text) < 160]
    return above + below


def _seen_date(page: Page, body: Body, near: list[Block]) -> Stamp | None:
    scope = [] if body.scope is None else [body.scope, *body.scope.iterancestors()]
    dated = [
        e
        for e in page.tree.iter()
        if isinstance(e.tag, str) and "datepublished" in (e.get("itemprop") or "").casefold()
    ]
    dated += [e for e in page.tree.iter("time") if e.get("pubdate") is not None]
    shown = [
        e for block in near for e in block.element.iter("time", "abbr", "span", "div", "p", "small")
        if e.tag == "time" or any(_DATE_NAME.search(word) for word in names(e).split())
    ]  # fmt: skip
    for element in [*dated, *shown]:
        if not _of_story(element, scope):
            continue
        for text in (
            element.get("datetime"),
            element.get("content"),
            element.get("title"),
            "".join(element.itertext()),
        ):
            found = [stamp for stamp in read_stamps(text or "") if stamp.role == "published"]
            if found:
                return found[0]
    for block in near:
        for part in _block_parts(block):
            if found := [stamp for stamp in read_stamps(part) if stamp.role == "published"]:
                return found[0]
    day = _URL_DAY.search(page.said("canonical", "og:url") or "")
    return next(iter(read_stamps("-".join(day.groups()))), None) if day else None


def _of_story(element: Any, scope: list[Any]) -> bool:
    """Not in another article of the page."""
    other = next(element.iterancestors("article"), None)
    return other is None or not scope or other in scope or scope[0] in other.iterdescendants()


def _seen_update(near: list[Block]) -> Stamp | None:
    stamps = (stamp for block in near for part in _parts(block.text) for stamp in read_stamps(part))
    return next((stamp for stamp in stamps if stamp.role == "updated"), None)


def _parts(text: str) -> list[str]:
    """A line of the head, then its parts: ``By Jane Roe | 3 March 2012``, ``Jane Roe, 3 March 2012``."""
    if len(text) > 200:
        return []
    parts = [part for part in _PARTS.split(text) if part and part.strip()]
    if len(parts) > 1:
        parts.insert(0, f"{parts[0]} {parts[1]}")  # a day and its hour
    name, comma, rest = text.partition(",")
    return list(dict.fromkeys([text, *parts, *([name, rest] if comma and any(map(str.isdigit, rest)) else [])]))


def _block_parts(block: Block) -> list[str]:
    """The parts of a block and the elements within it, which may stand without a space between them."""
    if len(block.text) > 300:
        return []
    inner = [
        tidy("".join(each.itertext()))
        for each in block.element.iter("span", "time", "a", "b", "i", "em", "small", "strong")
    ]
    return list(dict.fromkeys([*_parts(block.text), *(part for part in inner if len(part) < 120)]))


def _authors(page: Page, near: list[Block], publisher: str | None) -> list[Byline]:
    said = names_in(page.linked.get("author")) or names_in(page.linked.get("creator"))
    said = (
        said
        or [value for name in _AUTHORS if (value := page.said(name)) and not value.startswith(("http", "@", "/"))][:1]
    )
    found = [
        author
        for name in said
        for author in read_byline(name)
        if author.name.casefold() != (publisher or "").casefold()
    ]
    return _unique(found) or _seen_authors(page, near)


def _seen_authors(page: Page, near: list[Block]) -> list[Byline]:
    elements = [
        e
        for e in page.tree.iter()
        if isinstance(e.tag, str) and (e.get("rel") == "author" or e.get("itemprop") == "author")
    ]
    inside = {each for block in near for each in (*block.path[-3:], *block.element.iter())}
    told = [read_byline("".join(each.itertext())) for each in elements if each in inside]
    if found := _unique([author for authors in told[:4] for author in authors]):
        return found
    for block in near:
        own = [block.element, *block.path[-2:-1]]
        named = [
            e
            for e in block.element.iter()
            if isinstance(e.tag, str) and any(map(_AUTHOR_NAME.search, names(e).split()))
        ]
        if not named and any(map(_AUTHOR_NAME.search, " ".join(map(names, own)).split())):
            named = [block.element]
        texts = ["".join(e.itertext()) for e in named if len("".join(e.itertext())) < 160]
        for text in [*texts, *(part for part in _block_parts(block) if has_label(part) and len(part) < 120)]:
            for part in _parts(tidy(text)):
                if not read_stamps(part) and (found := read_byline(part)):
                    return found
    for block in near:  # a name beside a date
        parts = _parts(block.text)
        if any(read_stamps(part) for part in parts[1:]):
            for part in parts[1:]:
                if not read_stamps(part) and 2 <= len(part.split()) <= 4 and (found := read_byline(part)):
                    return found
    return []


def _unique(authors: list[Byline]) -> list[Byline]:
    return list({author.name.casefold(): author for author in reversed(authors)}.values())[::-1]


def _deck(page: Page, body: Body, title: str | None) -> str | None:
    """A line of its own between headline and story that the markup calls one, or that the page's description repeats."""
    if (told := page.told("alternativeHeadline")) and tokens(told) != tokens(title or ""):
        return told
    described = {
        tuple(tokens(each))
        for each in (page.told("description"), page.said("description"), page.said("og:description"))
        if each
    }
    heading = max((at for at in range(body.start) if _is_title(page.blocks[at], title)), default=None)
    if heading is None:
        return None
    for block in page.blocks[heading + 1 : body.start]:
        if not 20 <= len(block.text) <= 500 or block.caption is not None or block.links > 0.5 or block.head:
            continue
        if (deck_name(block) or tuple(tokens(block.text)) in described) and not is_head_line(block.text):
            return block.text
    return None


def _is_title(block: Block, title: str | None) -> bool:
    return block.element.tag == "h1" or (title is not None and tokens(block.text) == tokens(title))
