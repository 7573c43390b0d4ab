"""Read HTML and XHTML pages, in which the article must be found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from lxml import etree
from lxml import html as lxml_html

from services.records import Article, PageType
from workers.parse import warnings as warn
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.article.normalise import tidy
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import html_likelihood
from workers.parse.web.around import Around, drop, find_around
from workers.parse.web.blocks import Block, names, read_blocks
from workers.parse.web.body import Body, find_body, is_prose
from workers.parse.web.broad import beside, is_prosy, is_story, read_broad
from workers.parse.web.grown import grow, voices
from workers.parse.web.head import read_head
from workers.parse.web.kind import is_thread, read_type
from workers.parse.web.posts import mark_posts
from workers.parse.web.scripts import show_unscripted
from workers.parse.web.stated import Page, read_json_ld, stated_article, types_of
from workers.parse.web.title import find_title
from workers.parse.web.traits import describe, stated_texts
from workers.parse.web.usual import less_usual_names
from workers.parse.web.weigh import MOST, read_weighed
from workers.parse.web.words import shingles

_STORIES = frozenset(["article", "forum", "product"])
"""Kinds of pages whose story has surroundings to remove."""
_MIXED = frozenset(["service", "listing"])
"""Kinds that are guessed for pages that state little; such a page is read as a story if it is mostly prose."""
_HEADED = frozenset(["article", "forum", "documentation", "service"])
"""Kinds of pages that have a head of their own; on the others each item may have one."""
_SURE, _DOUBTED = 0.9, 0.7
"""The confidence in a story. In blocks that were weighed it is the F1 that is expected of them."""
_KNOWN = 0.4  # F1; where less is expected, the page is unlike those that the weights were learned from
_GUESSED = (
    0.5  # the confidence in a type; a page that is only guessed to be a listing may be an index of stories and no text
)
_SCARCELY = 0.3  # the confidence in a description, where a script loads the page's text
_THIN = 0.7  # share of the text in the page's main part; a story with less may have lost something
_NOTHING = 30  # characters; a page with only a headline and a link
_PART = 0.3  # share of the main part's text without links; with less, the story was missed, and the page is read whole
_TOLD = 20  # characters
_ABOVE = 4  # blocks
_LINE = 100  # characters
_CLASSES = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement)
"""One class for all elements: with lxml's choice by name, Python is called for each element visited."""
_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20)])
"""libxml2 takes any of these raw characters for the end of the page."""


def parse(source: Source) -> Parsed:
    """Read the page. Raises ParseError ``empty`` if it has no text."""
    text, warnings = decode(source.data, charset_in(source.data, source.declared_media_type))
    if not text.strip():
        raise ParseError("empty", "The document has no text.")
    return Parsed("text/html", read_html(text, warnings=warnings))


def read_html(text: str, *, head: Head | None = None, format: str = "html", warnings: Iterable[str] = ()) -> Article:
    """Return the Article of a page or a fragment. Values in ``head`` override those of the page."""
    given = head or Head()
    opened = open_page(text)
    if opened is None:
        return compose([], given, format=format, warnings=warnings)
    warned = list(warnings)
    page, kind = opened.page, opened.kind
    title = given.title or find_title(page)
    body = _body(opened, title)
    if apart := _dateline(page.blocks, body):
        put_dateline(body.pieces, apart)
    if kind.name == "forum" and _size(body) < _NOTHING and (said := _described(page)):
        body = Body([Piece("paragraph", said)], unsure=True, expected=_SCARCELY)
    if kind.name == "forum":
        tried(warned, "sections", lambda: mark_posts(page.tree, page.blocks, body.pieces), None)
    headed = kind.name in _HEADED
    guess = kind.name != "product" and (kind.name != "listing" or not page.apart)
    known = read_head(page, body, title, given, warned, guess=guess)
    sure = _SURE if body.expected is None else body.expected
    if body.unsure or (kind.name == "listing" and kind.confidence <= _GUESSED):
        warned.append(warn.EXTRACTION_UNSURE)
        sure = min(sure, _DOUBTED)
    article = compose(
        body.pieces, known, format=format, warnings=warned, confidence=sure, structured=True, credits=headed
    )
    article.page_type = kind
    return article


@dataclass(slots=True)
class Opened:
    """A page, its kind, and all of its blocks, also those that are hidden or stand around the story."""

    page: Page
    kind: PageType
    blocks: list[Block]
    around: Around
    loaded: list[Any]

    def traits(self, body: Body | None = None) -> Any:
        """Return the numbers that describe each block, with those of the choice that the rules made for an article."""
        cards = {unit for group in self.around.cards for unit in group}
        told = [self.page.said(name) or "" for name in ("description", "og:description")]
        said = shingles(" ".join([*told, *stated_texts(self.loaded, "description", "text", "articleBody")]))
        reviewed = shingles(" ".join(stated_texts(self.loaded, "reviewBody")))
        rows = describe(self.blocks, self.kind.name, self.around.apart, cards, said, reviewed)
        return np.column_stack([rows, voices(self.blocks, self.page.blocks, body)])


def open_page(text: str) -> Opened | None:
    """Return the page with its blocks and its kind; None if nothing is in it. The surroundings of a story are removed,
    if any prose is left then."""
    tree = _tree(text)
    if tree is None:
        return None
    show_unscripted(tree)
    loaded = read_json_ld(tree)
    linked = stated_article(loaded)
    thread = is_thread(tree)
    around = find_around(tree, thread=thread)
    every = read_blocks(tree)
    blocks = [block for block in every if not block.hidden]
    if thread:
        aside = set(beside(tree))
        blocks = [block for block in blocks if aside.isdisjoint(block.path)]
    kind = read_type(Page(tree, blocks, linked), types_of(loaded), around.cards, thread=thread)
    apart: set[Any] = set()
    if kind.name in _STORIES:
        rest = [block for block in blocks if around.apart.isdisjoint(block.path)] if around.apart else blocks
        if any(is_prose(block) and not block.around for block in rest):
            drop(around.apart)
            blocks = rest
    else:
        apart = around.apart.union(*around.cards)
    return Opened(Page(tree, less_usual_names(blocks, thread), linked, apart), kind, every, around, loaded)


def _body(opened: Opened, title: str | None) -> Body:
    body = read_body(opened, title)
    if opened.kind.name == "article" and body.pieces and 0 < len(opened.blocks) <= MOST:
        return grow(body, opened.blocks, opened.traits(body), opened.around)
    return body


def read_body(opened: Opened, title: str | None) -> Body:
    """Return the body of a page: an article's as the rules find it, that of another page by the weights or whole."""
    page, kind = opened.page, opened.kind.name
    weighed = None
    if kind != "article" and 0 < len(opened.blocks) <= MOST:
        alike = opened.around.posts.union(*opened.around.cards)
        weighed = read_weighed(opened.blocks, opened.traits(), page.blocks, title, alike)
        known = (weighed.expected or 0) >= _KNOWN and _size(weighed) >= _NOTHING and _is_told(weighed, page.blocks)
        weighed = weighed if known else None
        if weighed and kind not in _MIXED:
            return weighed
    broad = read_broad(page.blocks, title)
    if weighed and not (broad and is_prosy(broad, page.blocks)):
        return weighed
    stated = page.linked.get("articleBody")
    told = stated if isinstance(stated, str) else None
    body = find_body(page.tree, page.blocks, told, title, thread=kind == "forum")
    if weighed:
        return body if broad and is_story(body, broad, page.blocks) else weighed
    if broad is None:
        return body
    missed = _size(body) < max(_NOTHING, _PART * _shown(broad, page.blocks))
    if missed and 2 * _size(broad) >= _size(body) and not is_story(body, broad, page.blocks):
        broad.unsure = True
        return replace(broad, start=body.start, scope=body.scope) if body.scope is not None else broad
    body.unsure = body.unsure or _size(body) < _THIN * _size(broad)
    return body


def _described(page: Page) -> str | None:
    """Return the longest description that the page states, if it is a sentence."""
    said = [page.said(name) or "" for name in ("description", "og:description", "twitter:description")]
    longest = max(map(tidy, said), key=len)
    return longest if len(longest) >= _LINE // 2 else None


def _is_told(body: Body, blocks: list[Block]) -> bool:
    """Return whether the body holds more than the short words of cells and buttons, or the page does not either."""
    return any(len(piece.text) >= _TOLD for piece in body.pieces) or not any(map(is_prose, blocks))


def _shown(broad: Body, blocks: list[Block]) -> int:
    """Return the size of the text outside links."""
    told = {block.text for block in blocks if not block.linked and block.links <= 0.5}
    return sum(len(piece.text) for piece in broad.pieces if piece.text in told)


def _size(body: Body) -> int:
    return sum(len(piece.text) for piece in body.pieces)


def _dateline(blocks: list[Block], body: Body) -> str | None:
    """Return a dateline in an element of its own above the story."""
    for block in blocks[max(0, body.start - _ABOVE) : body.start]:
        found = read_dateline(f"{block.text} — A") if len(block.text) < _LINE and not block.links else None
        if found and (found.credit or "dateline" in names(block.element)):
            return block.text
    return None


def _tree(text: str) -> Any:
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        return lxml_html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


PARSER = Parser("html", ("text/html", "application/xhtml+xml"), html_likelihood, parse, isolated=True, version=16)
