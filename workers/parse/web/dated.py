"""Find when a page was published and last changed: from its metadata, otherwise from text near its headline."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from htmldate import find_date

from workers.parse.article.dates import Stamp, read_stamps
from workers.parse.web.blocks import Block, names
from workers.parse.web.body import Body
from workers.parse.web.near import block_parts, parts_of
from workers.parse.web.stated import Page

_DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "og:pubdate", "datepublished", "article:published",
    "article:published_date", "bt:pubdate", "rnews:datepublished", "originalpublicationdate", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publish_date", "published", "published_on", "published_at", "published_time", "published-date",
    "published_date", "publication_date", "publication-date", "pub_date", "pub-date", "citation_publication_date", "citation_online_date",
    "citation_date", "article.published", "article_date_original", "date", "dc.date.issued", "dcterms.issued", "dc.issued", "dcterms.created",
    "dc.date.created", "dc.created", "dc.date", "dcterms.date", "prism.publicationdate", "eprints.datestamp", "date_published",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "shareaholic:article_published_time", "displaydate", "release_date", "timestamp",
    "ptime", "weibo:article:create_at", "article:create_at",
)  # fmt: skip
_UPDATES = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified", "dc.date.modified", "lastmod",
    "modified", "updated_time", "date_modified", "revised", "update",
)  # fmt: skip
_DATE_NAME = re.compile(
    r"(?:^|-)(?:date|datum|time|timestamp|datetime|pubdate|published|posted|dateline|tarih|fecha|publish-date|updated)(?:-|$)"
)
_OTHER = re.compile(
    r"(?:^|-)(?:comments?|commentlist|related|recommend\w*|event|events|calendar|reply|recent|popular|trending)(?:-|$)"
)
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/-])")
_UNIX = re.compile(r"(?:\d{10}|\d{13})(?:\.\d{1,6})?")
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def published(page: Page, body: Body, near: list[Block]) -> Stamp | None:
    """Return the date that the page states in JSON-LD or a meta tag, or that is near its headline or in its address."""
    written = [page.told(name) for name in ("datePublished", "dateCreated", "uploadDate")]
    return _first([*written, *(page.said(name) for name in _DATES)]) or _seen(page, body, near)


def updated(page: Page, near: list[Block]) -> Stamp | None:
    """Return when the page says that it was last changed."""
    return _first([page.told("dateModified"), *(page.said(name) for name in _UPDATES)]) or _seen_update(near)


def guessed(page: Page) -> Stamp | None:
    """Return the date that htmldate finds in a page that states none and shows none at its head."""
    found = find_date(
        page.tree,
        extensive_search=True,
        original_date=True,
        outputformat="%Y-%m-%d",
        url=page.said("canonical", "og:url"),
    )
    if not found or found.endswith("-01-01"):  # a year alone, as in a notice of copyright
        return None
    return Stamp(datetime.fromisoformat(found).replace(tzinfo=UTC))


def read_stated(text: str) -> list[Stamp]:
    """Return the stamps of a field of metadata, which may count seconds or milliseconds since 1970."""
    said = text.strip()
    if _UNIX.fullmatch(said):
        whole = said.partition(".")[0]
        at = datetime.fromtimestamp(int(whole) // (1000 if len(whole) == 13 else 1), UTC)
        return [Stamp(at, "UTC")] if _EARLIEST < at < _LATEST else []
    return read_stamps(said)


def _first(written: list[str | None]) -> Stamp | None:
    return next((found for each in written if each for found in read_stated(each)), None)


def _seen(page: Page, body: Body, near: list[Block]) -> Stamp | None:
    scope = [] if body.scope is None else [body.scope, *body.scope.iterancestors()]
    dated = [
        e
        for e in page.tree.iter()
        if isinstance(e.tag, str) and "datepublished" in (e.get("itemprop") or e.get("property") or "").casefold()
    ]
    dated += [e for e in page.tree.iter("time") if e.get("pubdate") is not None]
    shown = [
        e for block in near for e in block.element.iter("time", "abbr", "span", "div", "p", "small", "relative-time")
        if "time" in e.tag or any(_DATE_NAME.search(word) for word in names(e).split())
    ]  # fmt: skip
    for element in [*dated, *shown]:
        if not _of_story(element, scope) or not page.apart.isdisjoint((element, *element.iterancestors())):
            continue
        for text in (
            element.get("datetime"),
            element.get("content"),
            element.get("title"),
            "".join(element.itertext()),
        ):
            found = [stamp for part in parts_of(text or "") for stamp in read_stated(part) if stamp.role == "published"]
            if found:
                return found[0]
    for block in near:
        for part in block_parts(block):
            if found := [stamp for stamp in read_stamps(part) if stamp.role == "published"]:
                return found[0]
    day = _URL_DAY.search(page.said("canonical", "og:url") or "")
    return next(iter(read_stamps("-".join(day.groups()))), None) if day else None


def _of_story(element: Any, scope: list[Any]) -> bool:
    """Return whether the element is outside other articles of the page, comments, events and cards."""
    other = next(element.iterancestors("article"), None)
    if other is not None and scope and other not in scope and scope[0] not in other.iterdescendants():
        return False
    return not any(
        _OTHER.search(word)
        for each in (element, *element.iterancestors())
        if each not in scope and each.tag not in ("body", "html")
        for word in names(each).split()
    )


def _seen_update(near: list[Block]) -> Stamp | None:
    stamps = (stamp for block in near for part in parts_of(block.text) for stamp in read_stamps(part))
    return next((stamp for stamp in stamps if stamp.role == "updated"), None)
