"""Read RSS 0.9x, 1.0, 2.0, Atom and WordPress exports: each entry is a document, with what the feed says about it."""

from __future__ import annotations

import html
import re
from typing import Any

from lxml import etree

from workers.parse import dialects
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers import media, wordpress
from workers.parse.dialects import Dialect
from workers.parse.members import ENVELOPE, Collector, envelope
from workers.parse.wire import mapped
from workers.parse.wire.coded import status
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

_ROOT = re.compile(rb"<(?:[A-Za-z0-9_]+:)?(rss|feed|entry|RDF)[\s>]")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
_DATES = ("post_date_gmt", "published", "pubdate", "issued", "date", "created")
_UPDATES = ("updated", "modified", "lastmodified")


_OTHERS = re.compile(r"\{[^{}]*(?:search\.yahoo\.com/mrss|itunes\.com|/excerpt)[^{}]*\}")
"""Namespaces whose elements have the same names as those of a feed: media, podcasts, WordPress excerpts."""
_LAST = re.compile(r"<p[^<>]*>((?:(?!</?p\b).){1,1500})</p>\s*\Z", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"<a\b[^<>]*?\bhref\s*=\s*[\"']([^\"'<>]*)", re.IGNORECASE)


def sniff(source: Source) -> float:
    head = source.data[:4096].replace(b"\x00", b"")  # UTF-16 too
    found = _ROOT.search(head)
    if not found or b"<html" in head[: found.start()].lower():
        return 0.0
    if found[1] == b"RDF" and b"purl.org/rss" not in head and b"netscape.com/rdf" not in head:
        return 0.0
    if found[1] in (b"feed", b"entry") and b"atom" not in head.lower():
        return 0.0
    return 0.95


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    kind = name(root)
    if kind not in ("rss", "feed", "entry", "rdf"):
        raise ParseError("corrupt", "The feed has no <rss> or <feed>.")
    channel = root if kind == "feed" else first(root, "channel")
    export = wordpress.read_export(root)
    feed = {
        "publisher": text_of(first(channel, "title")),
        "language": attribute(root, "lang") or text_of(first(channel, "language")),
    }
    dialect = dialects.by_namespace(root.nsmap.values())
    found = Collector(source.limits, len(source.data))
    for number, entry in enumerate(every(root, "item", "entry"), 1):
        if export and not wordpress.is_document(entry):
            continue
        document = _entry(entry, feed, stored=export is not None)
        if export:
            wordpress.complete(entry, export, document)
        if dialect:
            _map(entry, dialect, document)
        if document.get("html") or document.get("text") or document.get("title"):
            path = f"entry-{number}"
            found.add(path, envelope(**document), ENVELOPE, document.get("url") or None)
    media_type = "application/atom+xml" if kind in ("feed", "entry") else "application/rss+xml"
    return Parsed(media_type, members=found.result())


def _map(entry: Element, dialect: Dialect, document: dict[str, Any]) -> None:
    """Replace what the feed says about an entry by what the agency's own elements say."""
    fields = dialect.fields
    for field in ("title", "deck", "byline", "code", "published_at", "updated_at", "language"):
        if stated := mapped.said(entry, getattr(fields, field)):
            document[field] = stated
    document["publisher"] = mapped.said(entry, fields.publisher) or dialect.name
    if parts := [part for path in fields.text if (part := mapped.said(entry, path))]:
        document |= {"text": "\n\n".join(parts)}
        document.pop("html", None)
    wire = document["wire"]
    stated_wire = mapped.read_wire(entry, dialect).model_dump(mode="json", exclude_defaults=True)
    stated_wire["subjects"] = [*wire.get("subjects", []), *stated_wire.get("subjects", [])]
    document["wire"] = wire | stated_wire


def _entry(entry: Element, feed: dict[str, str], *, stored: bool) -> dict[str, Any]:
    source = first(entry, "source")
    authors = [_author(author) for author in children(entry, "author", "creator")]
    document: dict[str, Any] = {
        "title": _plain(next(iter(_own(entry, "title")), None)),
        "url": _link(entry),
        "byline": ", ".join(dict.fromkeys(filter(None, authors))),
        "published_at": _first_text(entry, _DATES),
        "updated_at": _first_text(entry, _UPDATES),
        "publisher": text_of(first(source, "title")) or text_of(source) or feed["publisher"],
        "language": attribute(entry, "lang") or feed["language"],
        "external_id": _first_text(entry, ("guid", "id")),
    }
    document["wire"] = _wire(entry, document)
    if not document["published_at"]:
        document["published_at"] = document["updated_at"]
    body, summary = _body(entry, document["url"], stored=stored)
    if body:
        document["html" if _MARKUP.search(body) else "text"] = body
        document["whole"] = not re.search(r"<(?:html|body)[\s>]", body[:2000], re.IGNORECASE)
        if summary and len(summary) < len(body) and not _MARKUP.search(summary) and not _begins(body, summary):
            document["deck"] = summary
    return document


def _begins(body: str, summary: str) -> bool:
    """Return whether the summary is the beginning of the body, cut off."""
    said = wordpress.plain(html.unescape(summary)).rstrip("[]….").rstrip()
    return wordpress.plain(html.unescape(body[: 4 * len(summary) + 2000])).startswith(said)


def _wire(entry: Element, document: dict[str, Any]) -> dict[str, Any]:
    """Return what the feed says besides the text: the entry's id, categories and tags, and the status in a WordPress
    export."""
    subjects, keywords = [], []
    for category in children(entry, "category", "subject"):
        label = _plain(category) or attribute(category, "label") or attribute(category, "term")
        scheme = attribute(category, "domain") or attribute(category, "scheme")
        if scheme == "post_tag":
            keywords.append(label)
        elif label:
            code = attribute(category, "nicename") or attribute(category, "term")
            subjects.append({"scheme": scheme or None, "code": code or None, "name": label})
    wire = {
        "guid": document["external_id"] or None,
        "provider": document["publisher"] or None,
        "pub_status": status(text_of(first(entry, "status"))),
        "subjects": subjects,
        "keywords": keywords,
        "associations": media.read(entry),
    }
    return {key: value for key, value in wire.items() if value}


def _own(entry: Element, *names: str) -> list[Element]:
    """Return the entry's children with these names, but not those about its media or a podcast."""
    return [child for child in children(entry, *names) if not _OTHERS.search(child.tag)]


def _body(entry: Element, url: str, *, stored: bool) -> tuple[str, str]:
    """Return the longest of content:encoded, Atom's content and the description, and the description beside it.

    If there is none, return what the entry says about its only video or picture.
    """
    contents = [
        _less_source(wordpress.shown(_markup(element), stored=stored), url)
        for element in _own(entry, "encoded", "content", "body")
    ]
    summaries = [_less_source(_markup(element), url) for element in _own(entry, "description", "summary")]
    body = max([*contents, ""], key=len)
    summary = max([*summaries, ""], key=len)
    if not body and not summary:
        return media.description(entry), ""
    return (body, summary) if len(body) >= len(summary) else (summary, "")


def _less_source(content: str, url: str) -> str:
    """Return the content without a last paragraph that links to the entry and to its site: ``The post A appeared first
    on B.``"""
    found = _LAST.search(content) if url else None
    links = _HREF.findall(found[1]) if found else []
    site = "/".join(url.split("/")[:3])
    if found and len(links) == 2 and html.unescape(links[0]) == url and links[1].rstrip("/") == site:
        return content[: found.start()].rstrip()
    return content


def _markup(element: Element) -> str:
    """Return the element's content: escaped markup unchanged, XHTML (an Atom type) as markup."""
    if len(element):
        return "".join(etree.tostring(child, encoding="unicode") for child in element).strip()
    return (element.text or "").strip()


def _plain(element: Element | None) -> str:
    """Return a title; RSS and Atom's type=html allow markup in it."""
    text = text_of(element)
    return " ".join(html.unescape(_MARKUP.sub(lambda m: m[0] if m[0][0] == "&" else "", text)).split())


def _link(entry: Element) -> str:
    links = children(entry, "link")
    for link in links:
        if attribute(link, "href") and attribute(link, "rel") in ("", "alternate"):
            return attribute(link, "href")
    for link in links:
        if text_of(link):
            return text_of(link)
    guid = first(entry, "guid")
    if guid is not None and attribute(guid, "ispermalink") != "false" and text_of(guid).startswith("http"):
        return text_of(guid)
    return ""


def _author(author: Element) -> str:
    """Return the author's name: Atom's ``name`` element; RSS 2.0 writes ``mail@example.org (Jane Roe)``."""
    if (inner := first(author, "name")) is not None:
        return text_of(inner)
    text = text_of(author)
    named = re.fullmatch(r"\S+@\S+ \(([^()]+)\)", text)
    if named:
        return named[1]
    return "" if "@" in text else text


def _first_text(entry: Element, names: tuple[str, ...]) -> str:
    for wanted in names:
        if text := text_of(first(entry, wanted)):
            return text
    return ""


PARSER = Parser(
    "feed",
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
    sniff,
    parse,
    isolated=True,
    version=4,
)
