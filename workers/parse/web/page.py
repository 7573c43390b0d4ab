"""HTML and XHTML pages, where the article must be found among the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from services.records import Article
from workers.parse import warnings as warn
from workers.parse.article.compose import Head, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import html_likelihood
from workers.parse.web.around import less_around
from workers.parse.web.blocks import Block, names, read_blocks
from workers.parse.web.body import Body, find_body, is_prose
from workers.parse.web.head import read_head
from workers.parse.web.kind import is_thread
from workers.parse.web.stated import Page, json_ld
from workers.parse.web.title import find_title

_ABOVE = 4  # blocks
_LINE = 100  # characters
_CLASSES = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement)
"""One class for all elements: lxml's own choice by name calls Python for each element that is visited."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]+")
"""A raw one of these would end the page for libxml2."""


def parse(source: Source) -> Parsed:
    """Raises ParseError ``empty`` where the page says nothing."""
    text, warnings = decode(source.data, charset_in(source.data, source.declared_media_type))
    if not text.strip():
        raise ParseError("empty", "The document has no text.")
    return Parsed("text/html", read_html(text, warnings=warnings))


def read_html(page: str, *, head: Head | None = None, format: str = "html", warnings: Iterable[str] = ()) -> Article:
    """The Article of a page or a fragment. What ``head`` holds is believed over what the page says."""
    given = head or Head()
    tree = _tree(page)
    if tree is None:
        return compose([], given, format=format, warnings=warnings)
    warned = list(warnings)
    linked = json_ld(tree)
    thread = is_thread(tree)
    story = less_around(tree, thread=thread)
    blocks = read_blocks(story, thread=thread)
    if any(is_prose(block) and not block.around for block in blocks):
        tree = story
    else:
        blocks = read_blocks(tree, thread=thread)
    read = Page(tree, blocks, linked)
    title = given.title or find_title(read)
    stated = linked.get("articleBody")
    body = find_body(tree, blocks, stated if isinstance(stated, str) else None, title, thread=thread)
    if apart := _dateline(blocks, body):
        put_dateline(body.pieces, apart)
    known = read_head(read, body, title, given, warned)
    if body.unsure:
        warned.append(warn.EXTRACTION_UNSURE)
    return compose(
        body.pieces, known, format=format, warnings=warned, confidence=0.7 if body.unsure else 0.9, structured=True
    )


def _dateline(blocks: list[Block], body: Body) -> str | None:
    """A dateline that stands in an element of its own over the story."""
    for block in blocks[max(0, body.start - _ABOVE) : body.start]:
        found = read_dateline(f"{block.text} — A") if len(block.text) < _LINE and not block.links else None
        if found and (found.credit or "dateline" in names(block.element)):
            return block.text
    return None


def _tree(page: str) -> Any:
    page = _CONTROLS.sub("", page)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        return lxml_html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


PARSER = Parser("html", ("text/html", "application/xhtml+xml"), html_likelihood, parse, isolated=True, version=2)
