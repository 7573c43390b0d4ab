"""Describe each block of a page by numbers: its text, the names and sizes of the elements over it, its neighbours.

From these ``weigh`` estimates how likely the block is to be part of the page's content. The weights depend on the order of
the numbers: if you change it, make the weights again (``make weights``).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from math import log1p
from operator import or_
from typing import Any, get_args

import numpy as np

from services.records import PageType
from workers.parse.web.blocks import Block, names
from workers.parse.web.body import is_prose
from workers.parse.web.calls import is_call
from workers.parse.web.words import tokens

_NAMED = tuple(
    re.compile(rf"(?:^|[\s-])(?:{words})")
    for words in (
        "header|masthead|topbar|top-bar|banner",
        "footer|foot|colophon|copyright|legal",
        "nav|menu|breadcrumb|pagination|pager|skip|tabs?(?:$|[\\s-])",
        "side|aside|rail|widget|secondary",
        "cookie|consent|gdpr|privacy|ccpa|onetrust",
        "modal|popup|dialog|overlay|drawer|lightbox|toast|tooltip|offcanvas|flyout",
        "related|recommend|similar|also|upsell|cross-sell|more-|recent|trending|popular|suggest|you-may",
        "share|social|follow",
        "comment|disqus|respond|reply|replies",
        "review|rating|testimonial|star",
        "newsletter|subscri|signup|sign-up|login|register|account",
        "ads?(?:$|[\\s-])|advert|promo|sponsor|cta|banner|donat|offer",
        "search|filter|sort|facet|refine",
        "card|tile|teaser|item|grid|product-(?:item|card|tile|grid)|listing|result",
        "content|main|entry|article|post|body|story|text|rich|prose|rte|wysiwyg|copy",
        "description|detail|spec|feature|overview|about|summary|attribute|ingredient|information",
        "accordion|collaps|tab-|panel|faq|toggle|expand|question|answer",
        "hero|intro|lead|headline|title",
        "price|cart|basket|buy|checkout|stock|quantity|swatch|variant|option|shipping|delivery|wishlist",
        "meta|author|byline|date|time|info|tags?(?:$|[\\s-])|categor",
        "user|profile|avatar|signature|member|poster|badge|reputation|karma|vote",
        "message|thread|topic|quote|bbcode|post-(?:content|body|text)",
        "toc|table-of-contents|on-this-page|anchor|permalink|edit",
        "gallery|slider|carousel|slide|swiper|slick|media|image|video",
        "form|field|input|select|label",
        "sr-only|visually-hidden|screen-reader|hidden|print|mobile|desktop",
        "section|block|module|component|row|col|container|wrapper",
        "code|highlight|example|syntax|method|function|class|api|doc",
        "contact|address|location|map|phone|hours",
        "team|partner|client|logo|award|stat|counter|benefit|step|service|pricing|plan",
    )
)
_TAGS = (
    "main", "article", "section", "header", "footer", "nav", "aside", "form", "ul", "ol", "dl", "table", "details",
    "figure", "blockquote", "button", "pre", "dialog", "a",
)  # fmt: skip
_AT = {tag: 1 << at for at, tag in enumerate(_TAGS)}
_ROLES = frozenset(
    ["dialog", "alertdialog", "navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar",
     "tooltip", "listbox", "toolbar", "status", "alert"]
)  # fmt: skip
_ROLE_APART, _ROLE_MAIN, _ROLE_PANEL = (1 << len(_TAGS) + at for at in range(3))
_FLAGS = len(_TAGS) + 3
_ROLES_AT = {**dict.fromkeys(_ROLES, _ROLE_APART), "main": _ROLE_MAIN, "tabpanel": _ROLE_PANEL}
_KINDS = tuple(get_args(PageType.model_fields["name"].annotation))
_OWN_TAGS = (
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "dt",
    "dd",
    "span",
    "a",
    "button",
    "pre",
    "label",
    "section",
)
_BLOCKS = ("paragraph", "heading", "list_item", "table", "blockquote", "caption")
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|kr\b|zł|USD\b|EUR\b)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d+ (?:days?|hours?|months?|years?|weeks?|minutes?) ago\b")
# In case-folded text:
_COPYRIGHT = re.compile(r"©|\(c\)|all rights reserved|copyright")
_COOKIES = re.compile(
    r"cookie|consent|privacy policy|terms of (?:use|service)|newsletter|subscribe|sign up|log in|password|e-?mail address"
)
_END = re.compile(r"[.!?…。！？؟।۔][\"”»'’)」』\]]*$")
_DIGITS, _CAPITALS = string.digits.encode(), string.ascii_uppercase.encode()
_UPS = (1, 2, 4, 6)  # elements above a block's own whose contents describe it
_DEEP = 12  # maximum depth of nested objects
_NEAR = (-3, -2, -1, 1, 2, 3)  # positions of the neighbours, relative to the block


@lru_cache(8192)
def _bits(said: str) -> int:
    return reduce(or_, map(_bits_of_word, said.split()), 0)


@lru_cache(8192)
def _bits_of_word(word: str) -> int:
    return sum(1 << at for at, pattern in enumerate(_NAMED) if pattern.search(word))


def stated_texts(loaded: Any, *names: str, deep: int = _DEEP) -> Iterator[str]:
    """Yield the strings that JSON-LD gives under these names."""
    if isinstance(loaded, list) and deep:
        for each in loaded:
            yield from stated_texts(each, *names, deep=deep - 1)
    elif isinstance(loaded, dict) and deep:
        for name, value in loaded.items():
            if isinstance(value, str):
                if name in names:
                    yield value
            else:
                yield from stated_texts(value, *names, deep=deep - 1)


def describe(
    blocks: Sequence[Block], kind: str, apart: set[Any], cards: set[Any], said: set[Any], reviewed: set[Any]
) -> Any:
    """Return a row of numbers for each block. ``kind`` is the type of page, ``apart`` its elements that surround a story,
    ``cards`` those that are cards, ``said`` and ``reviewed`` the shingles of its stated description and reviews."""
    own = np.array([[*_own(block), *_stated(block, said, reviewed)] for block in blocks])
    size, linked, prose = own[:, 0], own[:, 0] * own[:, 2], own[:, 0] * own[:, 3]
    total = max(1.0, size.sum())
    heading = next((at for at, block in enumerate(blocks) if block.element.tag == "h1"), None)
    page = [float(kind == each) for each in _KINDS] + [
        log1p(len(blocks)), log1p(total), linked.sum() / total, prose.sum() / total, float(heading is not None),
    ]  # fmt: skip
    before = (np.cumsum(size) - size) / total
    return np.column_stack(
        [
            own, _near(own), np.arange(len(blocks)) / len(blocks), before, _places(blocks, heading, apart, cards),
            _held(blocks, np.column_stack([size, linked, prose, np.ones(len(blocks))]), total),
            np.broadcast_to(page, (len(blocks), len(page))),
        ]
    )  # fmt: skip


def _places(blocks: Sequence[Block], heading: int | None, apart: set[Any], cards: set[Any]) -> Any:
    """Return the position of each block: how deep, how far from the heading, how often, under which tags, roles, names."""
    over = set(blocks[heading].path) if heading is not None else set()
    times = Counter(block.text for block in blocks)
    made = [make_of(block) for block in blocks]
    makes = Counter(made)
    known: dict[Any, tuple[int, int, int, int, int]] = {}
    rows, bits = [], []
    for at, block in enumerate(blocks):
        flags, named, isapart, iscard, shared = _over(block.path, known, apart, cards, over)
        far = min(200.0, max(-50.0, at - heading)) if heading is not None else -60.0
        deep = len(block.path)
        rows.append((deep, shared, deep - shared, far, times[block.text], makes[made[at]], isapart, iscard))
        bits.append((flags, named, _bits(names(block.element))))
    table, given = np.array(rows, dtype=float), np.array(bits, dtype=np.int64)
    table[:, 4:6] = np.log1p(table[:, 4:6])
    widths = (_FLAGS, len(_NAMED), len(_NAMED))
    spread = [given[:, at, None] >> np.arange(width) & 1 for at, width in enumerate(widths)]
    return np.column_stack([table, *spread])


def _held(blocks: Sequence[Block], sums: Any, total: float) -> Any:
    """Return size, links and prose of the elements over each block, from running totals of ``sums``: the size, links,
    prose and number of the blocks."""
    totals = np.vstack([np.zeros(4), np.cumsum(sums, axis=0)])
    first: dict[Any, int] = {}
    last: dict[Any, int] = {}
    for at, block in enumerate(blocks):
        for element in block.path:
            first.setdefault(element, at)
            last[element] = at + 1
    columns = []
    for up in _UPS:
        ups = [block.path[max(0, len(block.path) - 1 - up)] for block in blocks]
        size, linked, prose, count = (totals[[last[each] for each in ups]] - totals[[first[each] for each in ups]]).T
        least = np.maximum(1, size)
        columns += [np.log1p(size), size / total, linked / least, prose / least, np.log1p(count), size / count]
    return np.column_stack(columns)


def make_of(block: Block) -> tuple[str, str | None, str | None]:
    """Return the tag, the class and the class of the element above, by which blocks are alike."""
    parent = block.path[-2] if len(block.path) > 1 else block.element
    return block.element.tag, block.element.get("class"), parent.get("class")


def _own(block: Block) -> list[float]:
    """Return the numbers of the block itself; size, links and prose come first, because other functions rely on it."""
    text = block.text
    words = len(tokens(text))
    links = 1.0 if block.linked else block.links
    size = len(text)
    folded = text.casefold()
    digits, capitals = _digits_and_capitals(text)
    return [
        size, log1p(words), links, is_prose(block), size / (words + 1), block.bold, block.linked, block.hidden,
        min(3, len(block.around)), min(3, len(block.head)), block.caption is not None, bool(_END.search(text)),
        text.endswith((":", "：")), "?" in text, digits / size, capitals / size,
        bool(digits and _PRICE.search(text)), bool(digits and _YEAR.search(text)), bool(_COPYRIGHT.search(folded)),
        bool(_COOKIES.search(folded)),
        is_call(text), text[:1].islower(), text.count(",") / (words + 1),
        *(block.kind == each for each in _BLOCKS), *(block.element.tag == each for each in _OWN_TAGS),
    ]  # fmt: skip


def _digits_and_capitals(text: str) -> tuple[int, int]:
    """Return how many of the characters are digits, and how many are capitals."""
    if not text.isascii():
        return sum(map(str.isdigit, text)), sum(map(str.isupper, text))
    data = text.encode()
    return tuple(len(data) - len(data.translate(None, each)) for each in (_DIGITS, _CAPITALS))  # type: ignore[return-value]


def _stated(block: Block, said: set[Any], reviewed: set[Any]) -> tuple[float, float]:
    grams = block.shingles() if said or reviewed else set()
    return (len(grams & said) / len(grams), len(grams & reviewed) / len(grams)) if grams else (0.0, 0.0)


def _near(own: Any) -> Any:
    """Return size, links, prose, headings of the neighbours, and their means over eleven and forty-one blocks."""
    told = own[:, [1, 2, 3, 8, 23 + 1]]
    count = len(told)
    columns = []
    for step in _NEAR:
        moved = np.full_like(told, -1.0)
        if step < 0:
            moved[-step:] = told[:step]
        elif step < count:
            moved[: count - step] = told[step:]
        columns.append(moved)
    totals = np.vstack([np.zeros(told.shape[1]), np.cumsum(told, axis=0)])
    at = np.arange(count)
    for reach in (5, 20):
        low, high = np.maximum(0, at - reach), np.minimum(count, at + reach + 1)
        columns.append((totals[high] - totals[low]) / (high - low)[:, None])
    return np.column_stack(columns)


def _over(
    path: Sequence[Any],
    known: dict[Any, tuple[int, int, int, int, int]],
    apart: set[Any],
    cards: set[Any],
    over: set[Any],
) -> tuple[int, int, int, int, int]:
    """Return which tags and roles, and which names are over a block, whether it is apart from the story or in a card, and how many
    elements it shares with the heading."""
    at = len(path)
    while at and path[at - 1] not in known:
        at -= 1
    flags, named, isapart, iscard, shared = known[path[at - 1]] if at else (0, 0, 0, 0, 0)
    for element in path[at:]:
        flags |= _AT.get(element.tag, 0)
        if role := element.get("role"):
            flags |= _ROLES_AT.get(role, 0)
        if element.tag != "body":
            named |= _bits(names(element))
        isapart |= element in apart
        iscard |= element in cards
        shared += element in over
        known[element] = flags, named, isapart, iscard, shared
    return known[path[-1]]
