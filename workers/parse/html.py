"""HTML and XHTML pages: trafilatura finds the article, JSON-LD and meta tags tell its head and check its body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import trafilatura
from lxml import etree
from lxml import html as lxml_html

from services.records import Article
from workers.parse import warnings as warn
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.byline import read_byline
from workers.parse.compose import Head, Piece, compose
from workers.parse.dates import read_stamp
from workers.parse.encoding import charset_in, decode
from workers.parse.normalise import tidy
from workers.parse.sniff import html_likelihood

_ARTICLES = re.compile(r"Article|BlogPosting|Report")
_FEW = 200  # characters; a shorter extraction has probably missed the article


def parse(source: Source) -> Parsed:
    """Raises ParseError ``empty`` where the page says nothing."""
    text, warnings = decode(source.data, charset_in(source.data, source.declared_media_type))
    if not text.strip():
        raise ParseError("empty", "The document has no text.")
    return Parsed("text/html", read_html(text, warnings=warnings))


def read_html(page: str, *, head: Head | None = None, format: str = "html", warnings: Iterable[str] = ()) -> Article:
    """The Article of a page or a fragment. What ``head`` holds is believed over what the page says."""
    warned = list(warnings)
    tree = _tree(page)
    linked = next(_json_ld(tree), {}) if tree is not None else {}
    known = _head(tree, linked, head or Head(), warned)
    pieces = _body(page, tree, linked)
    return compose(pieces, known, format=format, warnings=warned, confidence=0.9)


def _tree(page: str) -> Any:
    parser = lxml_html.HTMLParser(encoding="utf-8")
    try:
        return lxml_html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


# --- the head -----------------------------------------------------------------------------------


def _json_ld(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text:
            try:
                yield from _articles(json.loads(script.text, strict=False))
            except (ValueError, RecursionError):
                continue


def _articles(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for item in found:
            yield from _articles(item)
    elif isinstance(found, dict):
        if _ARTICLES.search(str(found.get("@type", ""))):
            yield found
        yield from _articles(found.get("@graph"))


def _head(tree: Any, linked: dict[str, Any], given: Head, warned: list[str]) -> Head:
    meta = _meta(tree) if tree is not None else {}

    def said(*names: str) -> str | None:
        return next((tidy(meta[name]) for name in names if meta.get(name, "").strip()), None)

    def told(name: str) -> str | None:
        value = linked.get(name)
        return tidy(value) if isinstance(value, str) and value.strip() else None

    title = given.title or told("headline") or said("og:title", "twitter:title", "h1", "title")
    written = told("datePublished") or said(
        "article:published_time", "datepublished", "pubdate", "date", "dc.date", "time"
    )
    stamp = read_stamp(written or "")
    updated = read_stamp(told("dateModified") or said("article:modified_time", "og:updated_time") or "")
    if stamp and stamp.ambiguous:
        warned.append(warn.DATE_AMBIGUOUS)
    names = _names(linked.get("author")) or [said("author", "article:author", "byl", "byline") or ""]
    publisher = given.publisher or next(iter(_names(linked.get("publisher"))), None) or said("og:site_name")
    use_given = given.published_at is not None
    return Head(
        code=given.code,
        title=_less_site(title, publisher),
        deck=given.deck or told("alternativeHeadline"),
        byline=given.byline or [author for name in names for author in read_byline(name)],
        published_at=given.published_at if use_given else stamp.instant if stamp else None,
        published_zone=given.published_zone if use_given else stamp.zone if stamp else None,
        updated_at=given.updated_at or (updated.instant if updated else None),
        publisher=publisher,
        url=given.url or said("canonical", "og:url"),
        language=given.language or told("inLanguage") or said("lang"),
    )


def _meta(tree: Any) -> dict[str, str]:
    """Meta tags by name, and the elements that tell the same: the first of each counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        if name and tag.get("content"):
            found.setdefault(name.casefold(), tag.get("content"))
    for link in tree.iter("link"):
        if link.get("rel") == "canonical" and link.get("href"):
            found.setdefault("canonical", link.get("href"))
    for name in ("h1", "title"):
        for element in tree.iter(name):
            found.setdefault(name, "".join(element.itertext()))
    for element in tree.iter("time"):
        found.setdefault("time", element.get("datetime") or "".join(element.itertext()))
    for element in tree.xpath(
        "//*[contains(concat(' ', @class, ' '), ' byline ') or @rel='author' or @itemprop='author']"
    ):
        found.setdefault("byline", "".join(element.itertext()))
    if tree.get("lang"):
        found["lang"] = tree.get("lang")
    return found


def _names(said: Any) -> list[str]:
    if isinstance(said, list):
        return [name for item in said for name in _names(item)]
    name = said.get("name") if isinstance(said, dict) else said
    return [name] if isinstance(name, str) and name.strip() and not name.startswith("http") else []


def _less_site(title: str | None, site: str | None) -> str | None:
    """``Headline | The Site`` without the site."""
    if not title:
        return None
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        left, found, right = title.rpartition(mark)
        if found and site and right.strip().casefold() == site.casefold():
            return left.strip()
    return title


# --- the body -----------------------------------------------------------------------------------


def _body(page: str, tree: Any, linked: dict[str, Any]) -> list[Piece]:
    """trafilatura's body; its recall mode where that is short; ``articleBody`` where both miss most of it."""
    pieces = _extract(page, recall=False)
    told = linked.get("articleBody")
    stated = tidy(re.sub(r"<[^>]{0,500}>", " ", told)) if isinstance(told, str) else ""
    if _length(pieces) < max(_FEW, len(stated) // 2):
        fuller = _extract(page, recall=True)
        pieces = fuller if _length(fuller) > _length(pieces) else pieces
    if isinstance(told, str) and _length(pieces) < len(stated) // 2:
        return [Piece("paragraph", re.sub(r"<[^>]{0,500}>", " ", part)) for part in re.split(r"\n+|</p>", told)]
    if not pieces and tree is not None:
        return [Piece("paragraph", "".join(element.itertext())) for element in tree.iter("p")]
    return [*_figures(tree), *pieces] if tree is not None else pieces


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _extract(page: str, *, recall: bool) -> list[Piece]:
    document = trafilatura.bare_extraction(
        page, include_comments=False, include_tables=True, favor_recall=recall, with_metadata=False, deduplicate=False
    )
    body = getattr(document, "body", None)
    return list(_pieces(body)) if body is not None else []


def _pieces(body: Any) -> Iterator[Piece]:
    """trafilatura's TEI-like elements as pieces."""
    for element in body:
        if element.tag == "list":
            for item in element.iter("item"):
                yield Piece("list_item", "".join(item.itertext()))
        elif element.tag == "table":
            rows = (
                " | ".join(tidy("".join(cell.itertext())) for cell in row.iter("cell")) for row in element.iter("row")
            )
            yield Piece("table", "\n".join(rows))
        else:
            kind = {"head": "heading", "quote": "blockquote"}.get(element.tag, "paragraph")
            yield Piece(kind, "".join(element.itertext()))  # type: ignore[arg-type]


def _figures(tree: Any) -> Iterator[Piece]:
    for caption in tree.iter("figcaption"):
        yield Piece("caption", "".join(caption.itertext()))


PARSER = Parser("html", ("text/html", "application/xhtml+xml"), html_likelihood, parse, isolated=True)
