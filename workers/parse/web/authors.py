"""Find the authors of a page: those that it states, otherwise those named near its headline."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from services.records import Byline
from workers.parse.article.byline import has_label, is_title, read_byline
from workers.parse.article.dates import read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block, names
from workers.parse.web.near import block_parts, parts_of, spaced
from workers.parse.web.stated import Page, names_in

_AUTHORS = (
    "article:author", "article:author_name", "author", "og:author", "og:article:author", "article.author", "parsely-author", "sailthru.author",
    "sailthru.authors", "byl", "byline", "authors", "author_name", "author-name", "dc.creator", "dc.creator.author", "dcterms.creator",
    "dcterms.creator.creator", "dcsext.author", "creator", "cxenseparse:author", "shareaholic:article_author_name",
)  # fmt: skip
_EACH = ("citation_author", "bepress_citation_author", "dc.contributor.author", "eprints.creators_name")
_WRITTEN_BY = re.compile(r"\s*(?:(?:written|posted|published) by|by|authors?|écrit par|rédigé par|verfasst von|geschrieben von|autor|escrito por|"
                         r"scritto da|geschreven door|napisane przez|написано автором|автор|yazan|作者|著者|執筆者)\s*:?\s*", re.I)  # fmt: skip
_AUTHOR_NAME = re.compile(
    r"(?:^|-)(?:byline|authors?|authorname|firma|autor|verfasser|writers?|reporter|username|by|contributors?|creator)(?:-name|-names|-link|-text|-info)?(?:-|$)"
)
_OWN_PAGE = re.compile(
    r"/(?:authors?|contributors?|profiles?|people|staff|our-team|writers?|autor(?:es|en)?|auteurs?|autori|journalists?|redactie|redaktion|by|bios?)/[^/?#]",
    re.I,
)
_USER = re.compile(r"(?=[^\d]*[^\W\d_])(?!(?:\w+\.){3})[\w.-]{3,30}")
"""``jroe`` and ``jane.roe``, not ``page.head.extra.author``, the name of a field."""
_OTHERS = re.compile(
    r"\W*(?:(?:medically|clinically|expert|fact)[ -])?(?:reviewed|edited|checked|verified|approved|translated|illustrated|photographed) by\b|"
    r"\W*(?:see |view |read )?(?:all |more |other |recent |latest |recently )*(?:articles?|posts?|stories|more|recently) (?:from|by)\b",
    re.I,
)  # fmt: skip
"""``Medically reviewed by Ann Poe``, ``More articles by Jane Roe``: not a byline."""
_HEADINGS = ("h1", "h2", "h3", "h4")
_OWN_NAME = re.compile(r"(?:[a-z]+-)*(?:author|byline|creator)(?:-name|name)?")
"""Names of elements that hold only an author's name, which may be one word."""
_NO_NAME = re.compile(
    r"(?:^|-)(?:title|role|roles|job|jobtitle|position|bio|description|desc|avatar|image|img|social|count|label|links?|tags?|categor\w+|date|time|tooltip)$"
)
"""Names of elements in an author's card that do not hold the author's name."""
_TOLD_OF = " is | was | has | writes | works | covers | joined "
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of a script that writes names without a space."""
_COLLECTIVE = re.compile(
    r"\b(?:staff|team|desk|editors|newsroom|editorial|admin|redaktion|rédaction|redacción|redazione)$", re.I
)
_NOBODY = frozenset(
    [
        "admin", "administrator", "author", "authors", "username", "user", "role", "editor", "webmaster", "root", "guest", "unknown", "none",
        "null", "undefined", "wordpress", "name", "by", "written by", "posted by", "about the author", "about author", "super user", "superuser",
        "read more", "see more", "view all posts", "follow", "share", "contributors", "staff", "n/a", "default", "test", "false", "true",
        "full bio", "expert reviewer", "reviewer", "share this", "print", "email", "comments", "home", "about", "view profile", "more", "facebook", "twitter", "linkedin", "youtube",
    ]
)  # fmt: skip


def find_authors(page: Page, near: list[Block], publisher: str | None) -> list[Byline]:
    """Return the authors stated by JSON-LD or meta tags, otherwise those shown at the head of the page.

    The site itself is not an author, unless it has a person's name and nobody else is named.
    """
    linked = [page.linked.get("author"), page.linked.get("creator")]
    stated = [*(names_in(_people(said)) for said in linked), *_meta(page)]
    read = [_distinct(_read(said)) for said in (*stated, *map(names_in, linked))]
    people = ([author for author in found if not _is_house(author, publisher)] for found in read)
    if found := next(filter(None, people), None) or _distinct(_seen(page, near)):
        return found
    return next(([author for author in found if _may_sign(author, publisher)] for found in read if found), [])


def _people(said: Any) -> list[Any]:
    """Return the authors that JSON-LD does not call an organisation."""
    each_of = said if isinstance(said, list) else [said]
    return [each for each in each_of if not (isinstance(each, dict) and "Organization" in str(each.get("@type")))]


def _meta(page: Page) -> Iterator[list[str]]:
    for name in _AUTHORS:
        if (said := page.said(name)) and not said.startswith(("http", "@", "/", "www.")):
            every = page.all_said(name)
            yield every if len(every) < 12 else [said]
    for name in _EACH:
        yield [_turned(each) for each in page.all_said(name)]
    for number in "12":
        label = page.said(f"twitter:label{number}")
        if label and _WRITTEN_BY.fullmatch(label) and (said := page.said(f"twitter:data{number}")):
            yield [said]


def _turned(name: str) -> str:
    """Return ``Jane Roe`` for a library's ``Roe, Jane``."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and "," not in given else name


def _read(said: list[str]) -> list[Byline]:
    found = []
    for stated in said:
        name = stated.title() if stated.islower() and 2 <= len(stated.split()) <= 3 else stated
        if name.casefold() in _NOBODY or is_title(name):
            continue
        authors = read_byline(name, within=False)
        if not authors and _USER.fullmatch(name):
            authors = [Byline(name=name)]
        found += [author for author in authors if author.name.casefold() not in _NOBODY]
    return found


def _is_house(author: Byline, publisher: str | None) -> bool:
    """Return whether the author is the site, or its staff as a whole; other authors come first."""
    return author.name.casefold() == (publisher or "").casefold() or bool(_COLLECTIVE.search(author.name))


def _may_sign(author: Byline, publisher: str | None) -> bool:
    """Return whether an organisation counts as the author if there is no other: not the site, unless it has a person's
    name."""
    site = author.name.casefold() == (publisher or "").casefold()
    return not site or (author.agency is None and 2 <= len(author.name.split()) <= 4)


def _seen(page: Page, near: list[Block]) -> list[Byline]:
    """Return authors marked in the page, names after a ``By``, people whose page is linked, and a name beside a
    date."""
    elements = [
        e
        for e in page.tree.iter()
        if isinstance(e.tag, str) and ("author" in (e.get("rel") or "").split() or e.get("itemprop") == "author")
    ]
    inside = {each for block in near for each in (*block.path[-3:], *block.element.iter())}
    told = [_lines(each) for each in elements if each in inside]
    if found := _distinct([author for authors in told[:4] for author in authors]):
        return found
    near = [block for block in near if not _OTHERS.match(block.text)]
    for find in (_labelled, _named, _own_pages):
        if found := next(filter(None, map(find, near)), []):
            return found
    return _beside_label(near) or _beside_date(near) or _told_of(page, near)


def _labelled(block: Block) -> list[Byline]:
    """Return those whom the block names after a ``By``."""
    if has_label(block.text) and (found := _own_pages(block)):
        return found
    called = _called(block)
    labelled = [part for text in called if has_label(text) for part in parts_of(text) if has_label(part)]
    if not labelled:
        return []
    for text in (*labelled, *called):  # the name may be a link in a longer line
        if found := _somebody(text):
            return found
    users = (text for text in called if _USER.fullmatch(text) and f"by {text}" in block.text)
    return [Byline(name=user) for user in itertools.islice(users, 1) if user.casefold() not in _NOBODY]


def _named(block: Block) -> list[Byline]:
    """Return those in elements of the block that are named for authors. One word is a section, or a pen name that cannot be
    told from one."""
    parts = (part for text in _called(block) for part in parts_of(text) if not read_stamps(part))
    alone = block.element.tag not in _HEADINGS and any(map(_OWN_NAME.fullmatch, names(block.element).split()))
    found = ([each for each in _somebody(part) if alone or _is_full(each)] for part in parts)
    return next(filter(None, found), [])


def _is_full(author: Byline) -> bool:
    return " " in author.name or bool(_UNSPACED.search(author.name))


def _own_pages(block: Block) -> list[Byline]:
    """Return the people whose pages the block links to."""
    links = (link for link in block.element.iter("a") if _OWN_PAGE.search(link.get("href") or ""))
    return [author for link in links for author in _somebody(tidy("".join(link.itertext())))]


def _lines(element: Any) -> list[Byline]:
    """Return the author in an element marked as one, which may contain a whole card: its ``name``, otherwise its first
    line."""
    named = next((each for each in element.iter() if each.get("itemprop") == "name"), None)
    if named is not None and (said := tidy(named.get("content") or spaced(named))):
        return _somebody(said)
    return _somebody(spaced(element)) if len(spaced(element)) < 160 else []


def _called(block: Block) -> list[str]:
    """Return the text of elements of the block that are named for authors, and of its parts that begin with ``By``."""
    own = [block.element, *block.path[-3:-1]]
    named = [e for e in block.element.iter() if isinstance(e.tag, str) and _is_named(names(e).split())]
    if not named and _is_named(" ".join(map(names, own)).split()):
        named = [block.element]
    whole = tidy("".join(block.element.itertext()))
    texts = [block.text] if named == [block.element] and len(block.text) < len(whole) else []  # one line of some
    for e in named:
        said = spaced(e)
        if len(said) < 160:
            link = next(e.iter("a"), None) if has_label(said) else None
            texts += [said] if link is None else [said, tidy("".join(link.itertext()))]
    return [*texts, *(part for part in block_parts(block) if has_label(part) and len(part) < 120)]


def _is_named(words: list[str]) -> bool:
    return any(map(_AUTHOR_NAME.search, words)) and not any(map(_NO_NAME.search, words))


def _somebody(text: str) -> list[Byline]:
    return [
        author for author in read_byline(text) if author.name.casefold() not in _NOBODY and not is_title(author.name)
    ]


def _beside_label(near: list[Block]) -> list[Byline]:
    """Return a name in the block after one that says only ``Written by`` or ``Author``."""
    for block, after in itertools.pairwise(near):
        if _WRITTEN_BY.fullmatch(block.text) and len(after.text) < 60 and (found := _somebody(after.text)):
            return found
    return []


def _beside_date(near: list[Block]) -> list[Byline]:
    for block in near:
        parts = parts_of(block.text)
        if any(read_stamps(part) for part in parts[1:]):
            for part in parts[1:]:
                if not read_stamps(part) and 2 <= len(part.split()) <= 4 and (found := _somebody(part)):
                    return found
    return []


def _told_of(page: Page, near: list[Block]) -> list[Byline]:
    """Return a name alone on its line, if the page describes that person: ``Jane Roe is our reporter for trams``."""
    lines = {
        block.text for block in near if 2 <= len(block.text.split()) <= 4 and block.element.tag not in ("h1", "h2")
    }
    for block in page.blocks:
        for told in _TOLD_OF.split("|"):
            name = block.text.partition(told)[0]
            if name in lines and name != block.text and (found := _somebody(name)):
                return found
    return []


def _distinct(authors: list[Byline]) -> list[Byline]:
    """Return each author once, without names that are two others joined."""
    found = list({author.name.casefold(): author for author in reversed(authors)}.values())[::-1]
    known = {author.name.casefold() for author in found}
    return [author for author in found if not _joined(author.name.casefold(), known)]


def _joined(name: str, known: set[str]) -> bool:
    words = name.split()
    return any({" ".join(words[:at]), " ".join(words[at:])} <= known for at in range(1, len(words)))
