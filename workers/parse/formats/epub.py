"""Read EPUB: the chapters of an e-book in the order of its spine, as one article with sections."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from workers.parse.article.byline import in_order, read_byline
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dates import read_stamp
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.package import Package
from workers.parse.encoding import decode
from workers.parse.web import markup
from workers.parse.xml import Element, attribute, children, every, first, text_of

MEDIA_TYPE = "application/epub+zip"
_FRONT = {"nav", "cover", "toc", "titlepage", "copyright", "copyright-page", "coverpage", "cover-page"}


def sniff(source: Source) -> float:
    return 0.96 if source.data.startswith(b"PK") and b"mimetypeapplication/epub+zip" in source.data[:200] else 0.0


def parse(source: Source) -> Parsed:
    package = Package(source)
    if "META-INF/encryption.xml" in package.names() and b"EncryptedKey" in package.bytes_of("META-INF/encryption.xml"):
        raise ParseError("encrypted", "The e-book is locked.")
    rootfile = first(package.need("META-INF/container.xml"), "*", "rootfile")
    path = attribute(rootfile, "full-path") if rootfile is not None else ""
    opf = package.need(path)
    head = _head(first(opf, "metadata"))
    pieces: list[Piece] = []
    chapters = _spine(opf, posixpath.dirname(path))
    if len(chapters) > source.limits.pages:
        raise ParseError("too_many_pages", f"The e-book has more than {source.limits.pages} chapters.")
    for chapter in chapters:
        if data := package.bytes_of(chapter):
            text, _ = decode(data)
            try:
                pieces += markup.pieces(markup.read_html(_undeclared(text)))
            except ParseError:
                continue  # an empty page
    if not pieces:
        raise ParseError("empty", "There is no text in the e-book.")
    if head.title:
        pieces = [piece for piece in pieces if piece.text.casefold() != head.title.casefold()] or pieces
    return Parsed(MEDIA_TYPE, compose(pieces, head, format="epub", confidence=0.9))


def _undeclared(text: str) -> str:
    """Return the text without the XML declaration, whose encoding does not apply to decoded text."""
    start = text.lstrip("\ufeff \r\n\t")
    return start.partition("?>")[2] if start.startswith("<?xml") else start


def _head(metadata: Element | None) -> Head:
    head = Head()
    if metadata is None:
        return head
    head.title = text_of(first(metadata, "title")) or None
    head.publisher = text_of(first(metadata, "publisher")) or None
    head.language = text_of(first(metadata, "language")) or None
    for creator in children(metadata, "creator"):
        role = attribute(creator, "role")
        if role in ("", "aut"):
            head.byline += read_byline(in_order(text_of(creator)))
    for date in children(metadata, "date"):
        stamp = read_stamp(text_of(date))
        if stamp and attribute(date, "event") in ("", "publication") and head.published_at is None:
            head.published_at, head.published_zone = stamp.instant, stamp.zone
    return head


def _spine(opf: Element, folder: str) -> list[str]:
    """Return the paths of the chapters, without the cover, the navigation, and parts outside the reading order."""
    items = {attribute(item, "id"): item for item in every(opf, "item")}
    front = {
        posixpath.normpath(posixpath.join(folder, unquote(attribute(reference, "href").partition("#")[0])))
        for reference in every(opf, "reference")
        if attribute(reference, "type") in _FRONT
    }
    paths = []
    for itemref in every(opf, "itemref"):
        item = items.get(attribute(itemref, "idref"))
        if item is None or attribute(itemref, "linear") == "no" or "nav" in attribute(item, "properties").split():
            continue
        if attribute(item, "id").lower() in _FRONT or "html" not in attribute(item, "media-type"):
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
        if path not in front:
            paths.append(path)
    return paths


PARSER = Parser("epub", (MEDIA_TYPE,), sniff, parse, isolated=True)
