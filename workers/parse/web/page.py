"""Read HTML and XHTML pages, in which the article must be found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from services.records import Article, PageType
from workers.parse import warnings as warn
from workers.parse.article.compose import Head, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import html_likelihood
from workers.parse.web.around import drop, find_around
from workers.parse.web.blocks import Block, less_usual_names, names, read_blocks
from workers.parse.web.body import Body, find_body, is_prose
from workers.parse.web.broad import beside, is_story, read_broad
from workers.parse.web.head import read_head
from workers.parse.web.kind import is_thread, read_type
from workers.parse.web.scripts import show_unscripted
from workers.parse.web.stated import Page, read_json_ld, stated_article, types_of
from workers.parse.web.title import find_title

_STORIES = frozenset(["article", "forum", "product"])
"""Kinds of pages around whose story other things stand apart."""
_HEADED = frozenset(["article", "forum", "documentation", "service"])
"""Kinds of pages that have a head of their own; on the others each item may have one."""
_BROAD = frozenset(["documentation", "collection", "listing", "service"])
"""Kinds of pages that are read whole, not by their run of prose."""
_SURE = {
    "article": 0.9, "documentation": 0.9, "service": 0.7, "forum": 0.7, "product": 0.5, "listing": 0.5, "collection": 0.5,
}  # fmt: skip
"""The confidence in the text by kind of page, from its mean F1 on the benchmark's development pages; what is read of
the last three is right by less than three quarters."""
_DOUBTED = 0.7
_THIN = 0.7  # of what the page shows in its main part; a story with less may have lost something
_NOTHING = 30  # characters; the page of a headline and a link
_PART = 0.3  # of what the page's main part shows but links; a story with less has missed the page, which is read whole
_ABOVE = 4  # blocks
_LINE = 100  # characters
_CLASSES = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement)
"""One class for all elements: lxml's own choice by name calls Python for each element that is visited."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]+")
"""A raw one of these would end the page for libxml2."""


def parse(source: Source) -> Parsed:
    """Read the page. Raises ParseError ``empty`` if it has no text."""
    text, warnings = decode(source.data, charset_in(source.data, source.declared_media_type))
    if not text.strip():
        raise ParseError("empty", "The document has no text.")
    return Parsed("text/html", read_html(text, warnings=warnings))


def read_html(text: str, *, head: Head | None = None, format: str = "html", warnings: Iterable[str] = ()) -> Article:
    """Return the Article of a page or a fragment. Values in ``head`` override those of the page."""
    given = head or Head()
    tree = _tree(text)
    if tree is None:
        return compose([], given, format=format, warnings=warnings)
    warned = list(warnings)
    page, kind = _page(tree)
    title = given.title or find_title(page)
    body = _body(page, title, kind)
    if apart := _dateline(page.blocks, body):
        put_dateline(body.pieces, apart)
    headed = kind.name in _HEADED
    known = read_head(page, body, title, given, warned, guess=kind.name != "listing" or not page.apart)
    sure = _SURE[kind.name]
    if body.unsure or sure < _SURE["documentation"]:
        warned.append(warn.EXTRACTION_UNSURE)
        sure = min(sure, _DOUBTED)
    article = compose(
        body.pieces, known, format=format, warnings=warned, confidence=sure, structured=True, credits=headed
    )
    article.page_type = kind
    return article


def _page(tree: Any) -> tuple[Page, PageType]:
    """Return the page and its kind. The surroundings of a story are removed, if any prose is left then."""
    show_unscripted(tree)
    loaded = read_json_ld(tree)
    linked = stated_article(loaded)
    thread = is_thread(tree)
    if thread:
        drop(list(beside(tree)))
    around = find_around(tree, thread=thread)
    blocks = read_blocks(tree)
    kind = read_type(Page(tree, blocks, linked), types_of(loaded), around.cards, thread=thread)
    apart: set[Any] = set()
    if kind.name in _STORIES:
        rest = [block for block in blocks if around.apart.isdisjoint(block.path)] if around.apart else blocks
        if any(is_prose(block) and not block.around for block in rest):
            drop(around.apart)
            blocks = rest
    else:
        apart = around.apart.union(*around.cards)
    return Page(tree, less_usual_names(blocks, thread), linked, apart), kind


def _body(page: Page, title: str | None, kind: PageType) -> Body:
    stated = page.linked.get("articleBody")
    told = stated if isinstance(stated, str) else None
    body = find_body(page.tree, page.blocks, told, title, thread=kind.name == "forum")
    broad = read_broad(page.blocks, title, shop=kind.name in ("product", "collection"))
    if broad is None:
        return body
    whole = kind.name in _BROAD or _size(body) < max(_NOTHING, _PART * _shown(broad, page.blocks))
    if whole and 2 * _size(broad) >= _size(body) and not _is_told(body, broad, page, kind):
        broad.unsure = kind.name in _STORIES
        return replace(broad, start=body.start, scope=body.scope) if body.scope is not None else broad
    body.unsure = body.unsure or _size(body) < _THIN * _size(broad)
    return body


def _is_told(body: Body, broad: Body, page: Page, kind: PageType) -> bool:
    """Return whether a page that is to be read whole is better read as a story."""
    return kind.name != "documentation" and is_story(body, broad, page.blocks, listing=kind.name == "listing")


def _shown(broad: Body, blocks: list[Block]) -> int:
    """The size of what is no link."""
    told = {block.text for block in blocks if not block.linked and block.links <= 0.5}
    return sum(len(piece.text) for piece in broad.pieces if piece.text in told)


def _size(body: Body) -> int:
    return sum(len(piece.text) for piece in body.pieces)


def _dateline(blocks: list[Block], body: Body) -> str | None:
    """Return a dateline that stands in an element of its own over the story."""
    for block in blocks[max(0, body.start - _ABOVE) : body.start]:
        found = read_dateline(f"{block.text} — A") if len(block.text) < _LINE and not block.links else None
        if found and (found.credit or "dateline" in names(block.element)):
            return block.text
    return None


def _tree(text: str) -> Any:
    text = _CONTROLS.sub("", text)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


PARSER = Parser("html", ("text/html", "application/xhtml+xml"), html_likelihood, parse, isolated=True, version=9)
