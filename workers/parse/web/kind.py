"""Find what kind of page it is, which decides how it is read.

The kinds are those of WCXB (Web Content Extraction Benchmark): an article; a thread of a ``forum``; ``documentation``;
a ``product``; a ``collection`` of products; a ``listing`` of stories or other items; the page of a ``service``, a
company or an office. Each rule's confidence is an estimate made by hand while looking at the benchmark's development
pages; it has not been measured.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.records import PageType
from workers.parse.article.dates import read_stamps
from workers.parse.web.body import is_prose
from workers.parse.web.near import parts_of
from workers.parse.web.stated import Page

_SOFTWARE = re.compile(
    r"phpbb|vbulletin|xenforo|discourse|invision|ips community|fluxbb|punbb|lemmy|flarum|nodebb|mybb|simple ?machines|vanilla forums|bbpress|question2answer|khoros|lithium",
    re.I,
)
_TYPES = re.compile(r'"@type"\s*:\s*\[?\s*"(?:DiscussionForumPosting|QAPage)"')
_ADDRESS = re.compile(
    r"(?:^|/)(?:forums?|threads?|topic|viewtopic|showthread|questions|discussions?|boards?|t/[\w-]+/\d+|r/\w+/comments)(?:[/.?-]|$)",
    re.I,
)
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:phpbb|forum|thread|viewtopic|showthread|topic-page|bbpress|template-thread-view)(?:$|[\s_-])", re.I
)
_DOCUMENTS = re.compile(
    r"sphinx|mkdocs|docusaurus|vitepress|vuepress|gitbook|mdbook|jsdoc|javadoc|doxygen|rustdoc|pdoc|antora|docfx|starlight|nextra|"
    r"asciidoc|docbook|mediawiki|dokuwiki|confluence",
    re.I,
)
"""Names, in ``generator``, of programs that produce documentation."""
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|kr\b|zł|USD\b|EUR\b)")
_BUY = re.compile(
    r"add to (?:cart|bag|basket|trolley)|buy (?:it )?now|in den warenkorb|ajouter au panier|añadir a(?:l carrito| la cesta)|"
    r"aggiungi al carrello|in winkelwagen|adicionar ao carrinho|カートに入れる|加入购物车|do koszyka",
    re.I,
)
_STORIES = re.compile(r"Article|BlogPosting|Report|LiveBlog|Recipe|Review$")
_PUBLISHED = ("article:published_time", "datepublished", "parsely-pub-date")
_OVER, _UNDER = 3, 9  # blocks beside the headline
_LINE = 100  # characters
_MANY = 8  # cards; the page of a shop or a section has this many


@dataclass(slots=True)
class _Signs:
    """The figures that show the kind: shares of the page's text, ``run``, the largest share of its prose in one
    element, and counts."""

    types: set[str]
    prose: float
    run: float
    links: float
    prices: int
    buttons: int
    code: int
    headings: int
    paragraphs: int
    cards: int
    carded: float
    dated: bool


def read_type(page: Page, types: set[str], cards: list[list[Any]], *, thread: bool) -> PageType:
    """Return the kind of a page. ``types`` are those that it states about itself in JSON-LD, ``cards`` its groups of
    cards."""
    if thread:
        return PageType(name="forum", confidence=0.9)
    signs = _signs(page, types, cards)
    return next(chain(_stated(page, signs, cards), _built(page, signs, cards)))


def _stated(page: Page, signs: _Signs, cards: list[list[Any]]) -> Iterator[PageType]:
    """Yield the kinds that the page states."""
    called = (page.said("og:type") or "").casefold()
    story = any(map(_STORIES.search, signs.types))
    if called == "product.group" or ("CollectionPage" in signs.types and signs.prices > 5):
        yield PageType(name="collection", confidence=0.9)
    product = called in ("product", "og:product", "product.item") or signs.types & {"Product", "ProductGroup"}
    if product and not story and signs.cards < 3 * _MANY:
        yield PageType(name="product", confidence=0.9)
    generated = _DOCUMENTS.search(page.said("generator") or "")
    if (
        (generated or (signs.code > 8 and called != "article"))
        and not signs.dated
        and not story
        and not _is_stamped(page, cards)
    ):
        yield PageType(name="documentation", confidence=0.85)
    if (story or signs.dated) and signs.prose > 0.3:
        yield PageType(name="article", confidence=0.95)


def _built(page: Page, signs: _Signs, cards: list[list[Any]]) -> Iterator[PageType]:
    """Yield kinds suggested by the structure of a page that states little about itself."""
    story = signs.dated or any(map(_STORIES.search, signs.types))
    told = (signs.run > 0.7 and signs.headings < signs.paragraphs and signs.prose > 0.3) or (
        signs.run > 0.6 and signs.paragraphs > 3
    )
    told_at_length = signs.run > 0.7 and signs.prose > 0.6  # a guide that mentions prices
    stamped = story or _is_stamped(page, cards)
    if signs.prices >= 10 and signs.cards >= _MANY and not (stamped or told_at_length):
        yield PageType(name="collection", confidence=0.8)
    if signs.buttons in (1, 2) and signs.prices and not story:
        yield PageType(name="product", confidence=0.6)
    listed = signs.links > 0.35 or (signs.cards >= _MANY and signs.carded > 0.15 and signs.prose < 0.5)
    if listed and not told and not stamped:
        yield PageType(name="listing", confidence=0.5)
    if stamped or told or signs.prose > 0.85 or signs.run * signs.prose > 0.5 or page.said("author", "article:author"):
        yield PageType(name="article", confidence=0.7)
    yield PageType(name="service", confidence=0.6)


def _is_stamped(page: Page, cards: list[list[Any]]) -> bool:
    """Return whether there is a date beside the page's headline, or at its top if it has none; dates of cards do not
    count."""
    units = {unit for group in cards for unit in group}
    free = [block for block in page.blocks if not block.around and units.isdisjoint(block.path)]
    heading = next((at for at, each in enumerate(free) if each.element.tag == "h1"), 0)
    near = free[max(0, heading - _OVER) : heading + _UNDER]
    return any(read_stamps(part) for block in near if len(block.text) < _LINE for part in parts_of(block.text))


def _signs(page: Page, types: set[str], cards: list[list[Any]]) -> _Signs:
    free = [block for block in page.blocks if not block.around]
    total = sum(len(block.text) for block in free) or 1
    units = {unit for group in cards for unit in group}
    own = [block for block in free if units.isdisjoint(block.path)] if units else free
    prose = [block for block in own if is_prose(block)]
    held: Counter[Any] = Counter()
    for block in prose:
        held[block.element.getparent() if block.element.tag == "p" else block.element] += len(block.text)
    said = Counter(each.tag for each in page.tree.iter("pre", "code"))
    buttons = (" ".join(each.itertext()) or each.get("value") or "" for each in page.tree.iter("button", "input"))
    items = {each.get("itemtype", "").rsplit("/", 1)[-1] for each in page.tree.iterfind(".//*[@itemtype]")}
    return _Signs(
        types | (items & {"Product"}),
        prose=sum(held.values()) / total,
        run=max(held.values(), default=0) / (sum(held.values()) or 1),
        links=sum(len(block.text) * (1 if block.linked else block.links) for block in free) / total,
        prices=sum(bool(_PRICE.search(block.text)) for block in free),
        buttons=sum(bool(_BUY.search(each)) for each in buttons),
        code=max(said["code"], 3 * said["pre"]),
        headings=sum(block.kind == "heading" for block in own),
        paragraphs=len(prose),
        cards=max(map(len, cards), default=0),
        carded=1 - sum(len(block.text) for block in own) / total,
        dated=page.said(*_PUBLISHED) is not None,
    )


def is_thread(tree: Any) -> bool:
    """Return whether the page is a thread of a forum, according to its software, its own statements, or its address."""
    signs = 0
    for meta in tree.iter("meta"):
        said = meta.get("content") or ""
        name = (meta.get("name") or meta.get("property") or "").casefold()
        if name == "generator" and _SOFTWARE.search(said):
            return True
        signs += name == "og:url" and bool(_ADDRESS.search(said))
    if any(
        _TYPES.search(script.text)
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "") and script.text
    ):
        return True
    if any(
        "DiscussionForumPosting" in (each.get("itemtype") or "")
        for each in tree.iter("div", "article", "main", "section")
    ):
        return True
    signs += any(
        link.get("rel") == "canonical" and _ADDRESS.search(link.get("href") or "") for link in tree.iter("link")
    )
    body = tree.find("body")
    said = " ".join(
        each.get(key) or "" for each in (tree, body) if each is not None for key in ("id", "class", "data-template")
    )
    return signs > 0 or bool(_SOFTWARE.search(said) or _NAMES.search(said))
