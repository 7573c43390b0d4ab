"""Describe each block of a page by numbers: its text, the names and sizes of the elements over it, its neighbours.

From these ``weigh`` estimates how likely the block is of the page's content. The order of the numbers is part of the
weights: change it, and the weights must be made again (``make weights``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import log1p
from typing import Any, get_args

import numpy as np

from services.records import PageType
from workers.parse.web.blocks import Block, names, shingles, tokens
from workers.parse.web.body import is_prose
from workers.parse.web.calls import is_call

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
_COPYRIGHT = re.compile(r"©|\(c\)|all rights reserved|copyright", re.I)
_COOKIES = re.compile(
    r"cookie|consent|privacy policy|terms of (?:use|service)|newsletter|subscribe|sign up|log in|password|e-?mail address",
    re.I,
)
_END = re.compile(r"[.!?…。！？؟।۔][\"”»'’)」』\]]*$")
_UPS = (1, 2, 4, 6)  # elements above a block's own whose contents describe it
_NEAR = (-3, -2, -1, 1, 2, 3)  # neighbours


@lru_cache(8192)
def _bits(said: str) -> int:
    return sum(1 << at for at, pattern in enumerate(_NAMED) if pattern.search(said))


class _Sums:
    """Sums of size, links, prose and blocks over the blocks in each element, by running totals."""

    def __init__(self, blocks: Sequence[Block], rows: Any) -> None:
        self._totals = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, axis=0)])
        self.first: dict[Any, int] = {}
        self.last: dict[Any, int] = {}
        for at, block in enumerate(blocks):
            for element in block.path:
                self.first.setdefault(element, at)
                self.last[element] = at + 1

    def of(self, element: Any) -> Any:
        return self._totals[self.last[element]] - self._totals[self.first[element]]


def stated_texts(loaded: Any, *names: str) -> Iterator[str]:
    """Yield the strings that JSON-LD gives under these names, however deep."""
    if isinstance(loaded, list):
        for each in loaded:
            yield from stated_texts(each, *names)
    elif isinstance(loaded, dict):
        for name, value in loaded.items():
            if isinstance(value, str):
                if name in names:
                    yield value
            else:
                yield from stated_texts(value, *names)


def describe(
    blocks: Sequence[Block], kind: str, apart: set[Any], cards: set[Any], said: set[Any], reviewed: set[Any]
) -> Any:
    """Return a row of numbers for each block. ``kind`` is that of the page, ``apart`` and ``cards`` its elements that
    stand around a story and its cards, ``said`` and ``reviewed`` the shingles of its stated description and reviews."""
    own = np.array([[*_own(block), *_stated(block, said, reviewed)] for block in blocks])
    size, linked, prose = own[:, 0], own[:, 0] * own[:, 2], own[:, 0] * own[:, 3]
    sums = _Sums(blocks, np.column_stack([size, linked, prose, np.ones(len(blocks))]))
    total = max(1.0, size.sum())
    times = Counter(block.text for block in blocks)
    makes = Counter(_make(block) for block in blocks)
    heading = next((at for at, block in enumerate(blocks) if block.element.tag == "h1"), None)
    over = set(blocks[heading].path) if heading is not None else set()
    before = np.cumsum(size) - size
    page = [float(kind == each) for each in _KINDS] + [
        log1p(len(blocks)), log1p(total), linked.sum() / total, prose.sum() / total, float(heading is not None),
    ]  # fmt: skip
    known: dict[Any, tuple[int, int, int, int]] = {}
    rows = []
    for at, block in enumerate(blocks):
        flags, named, isapart, iscard = _over(block.path, known, apart, cards)
        shared = sum(1 for each in block.path if each in over)
        row = [
            at / len(blocks), before[at] / total, len(block.path), shared, len(block.path) - shared,
            float(np.clip(at - heading, -50, 200)) if heading is not None else -60.0,
            log1p(times[block.text]), log1p(makes[_make(block)]), isapart, iscard,
        ]  # fmt: skip
        row += [flags >> bit & 1 for bit in range(_FLAGS)]
        row += [named >> bit & 1 for bit in range(len(_NAMED))]
        mine = _bits(names(block.element))
        row += [mine >> bit & 1 for bit in range(len(_NAMED))]
        for up in _UPS:
            held = sums.of(block.path[max(0, len(block.path) - 1 - up)])
            row += [
                log1p(held[0]),
                held[0] / total,
                held[1] / max(1, held[0]),
                held[2] / max(1, held[0]),
                log1p(held[3]),
                held[0] / held[3],
            ]
        rows.append(row + page)
    return np.column_stack([own, _near(own), np.array(rows, dtype=float)])


def _make(block: Block) -> tuple[str, str | None, str | None]:
    parent = block.path[-2] if len(block.path) > 1 else block.element
    return block.element.tag, block.element.get("class"), parent.get("class")


def _own(block: Block) -> list[float]:
    """Return what the block itself shows; size, links and prose first, as others count on that."""
    text = block.text
    words = len(tokens(text))
    links = 1.0 if block.linked else block.links
    size = len(text)
    return [
        size, log1p(words), links, is_prose(block), size / (words + 1), block.bold, block.linked, block.hidden,
        min(3, len(block.around)), min(3, len(block.head)), block.caption is not None, bool(_END.search(text)),
        text.endswith((":", "：")), "?" in text, sum(map(str.isdigit, text)) / size, sum(map(str.isupper, text)) / size,
        bool(_PRICE.search(text)), bool(_YEAR.search(text)), bool(_COPYRIGHT.search(text)), bool(_COOKIES.search(text)),
        is_call(text), text[:1].islower(), text.count(",") / (words + 1),
        *(block.kind == each for each in _BLOCKS), *(block.element.tag == each for each in _OWN_TAGS),
    ]  # fmt: skip


def _stated(block: Block, said: set[Any], reviewed: set[Any]) -> tuple[float, float]:
    grams = shingles(block.text) if said or reviewed else set()
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
    path: Sequence[Any], known: dict[Any, tuple[int, int, int, int]], apart: set[Any], cards: set[Any]
) -> tuple[int, int, int, int]:
    """Return which tags and roles, and which names are over a block, and whether it stands apart or in a card."""
    at = len(path)
    while at and path[at - 1] not in known:
        at -= 1
    flags, named, isapart, iscard = known[path[at - 1]] if at else (0, 0, 0, 0)
    for element in path[at:]:
        flags |= _AT.get(element.tag, 0)
        if role := element.get("role"):
            flags |= (
                _ROLE_APART
                if role in _ROLES
                else _ROLE_MAIN
                if role == "main"
                else _ROLE_PANEL
                if role == "tabpanel"
                else 0
            )
        if element.tag != "body":
            named |= _bits(names(element))
        isapart |= element in apart
        iscard |= element in cards
        known[element] = flags, named, isapart, iscard
    return known[path[-1]]
