"""RSS 0.9x, 1.0, 2.0 and Atom: each entry a document, with what the feed says of it."""

from __future__ import annotations

import html
import re

from lxml import etree

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import ENVELOPE, Collector, envelope
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

_ROOT = re.compile(rb"<(?:[A-Za-z0-9_]+:)?(rss|feed|RDF)[\s>]")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
_DATES = ("published", "pubdate", "issued", "date", "created")
_UPDATES = ("updated", "modified", "lastmodified")


def sniff(source: Source) -> float:
    head = source.data[:4096].replace(b"\x00", b"")  # UTF-16 too
    found = _ROOT.search(head)
    if not found or b"<html" in head[: found.start()].lower():
        return 0.0
    if found[1] == b"RDF" and b"purl.org/rss" not in head and b"netscape.com/rdf" not in head:
        return 0.0
    if found[1] == b"feed" and b"atom" not in head.lower():
        return 0.0
    return 0.95


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    kind = name(root)
    if kind not in ("rss", "feed", "rdf"):
        raise ParseError("corrupt", "The feed has no <rss> or <feed>.")
    channel = root if kind == "feed" else first(root, "channel")
    feed = {
        "publisher": text_of(first(channel, "title")),
        "language": attribute(root, "lang") or text_of(first(channel, "language")),
    }
    found = Collector(source.limits, len(source.data))
    for number, entry in enumerate(every(root, "item", "entry"), 1):
        document = _entry(entry, feed)
        if document.get("html") or document.get("text") or document.get("title"):
            path = f"entry-{number}"
            found.add(path, envelope(**document), ENVELOPE, document.get("url") or None)
    media_type = "application/atom+xml" if kind == "feed" else "application/rss+xml"
    return Parsed(media_type, members=found.result())


def _entry(entry: Element, feed: dict[str, str]) -> dict[str, str]:
    source = first(entry, "source")
    authors = [_author(author) for author in children(entry, "author", "creator")]
    document = {
        "title": _plain(first(entry, "title")),
        "url": _link(entry),
        "byline": ", ".join(dict.fromkeys(filter(None, authors))),
        "published_at": _first_text(entry, _DATES),
        "updated_at": _first_text(entry, _UPDATES),
        "publisher": text_of(first(source, "title")) or text_of(source) or feed["publisher"],
        "language": attribute(entry, "lang") or feed["language"],
        "external_id": _first_text(entry, ("guid", "id")),
    }
    if not document["published_at"]:
        document["published_at"] = document["updated_at"]
    body, summary = _body(entry)
    if body:
        document["html" if _MARKUP.search(body) else "text"] = body
        if summary and len(summary) < len(body) and not _MARKUP.search(summary):
            document["deck"] = summary
    return document


def _body(entry: Element) -> tuple[str, str]:
    """The longest of content:encoded, Atom's content and the description, and the description beside it."""
    contents = [_markup(element) for element in children(entry, "encoded", "content", "body")]
    summaries = [_markup(element) for element in children(entry, "description", "summary")]
    body = max([*contents, ""], key=len)
    summary = max([*summaries, ""], key=len)
    return (body, summary) if len(body) >= len(summary) else (summary, "")


def _markup(element: Element) -> str:
    """The element's content: escaped markup as it is, XHTML (Atom's type) written out."""
    if len(element):
        return "".join(etree.tostring(child, encoding="unicode") for child in element).strip()
    return (element.text or "").strip()


def _plain(element: Element | None) -> str:
    """A title; RSS and Atom's type=html allow markup in it."""
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
    """Atom's name; RSS 2.0 writes ``mail@example.org (Jane Roe)``."""
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
    "feed", ("application/rss+xml", "application/atom+xml", "application/rdf+xml"), sniff, parse, isolated=True
)
