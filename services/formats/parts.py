"""Split the body of a record into parts for markup: paragraphs, headings, lists, tables, quotations, captions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.formats.common import clean, wire

Doc = dict[str, Any]
Kind = Literal["paragraph", "heading", "list", "table", "blockquote", "caption"]


@dataclass(slots=True)
class Part:
    """A part of the body: ``text`` of a block, ``items`` of a list, or ``rows`` of a table, each a list of cells."""

    kind: Kind
    text: str = ""
    items: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def parts(record: Doc) -> Iterator[Part]:
    """Yield the parts in reading order. Captions keep their position, except those of associated pictures, which are
    written with the pictures."""
    text = record.get("text") or ""
    captions = _captions(record)
    listed: Part | None = None
    for block in record.get("blocks") or _paragraphs(text):
        here = [caption for caption in captions if (caption.get("position") or 0) <= block["start"]]
        if listed and (here or block["kind"] != "list_item"):
            yield listed
            listed = None
        for caption in here:
            captions.remove(caption)
            yield Part("caption", clean(caption["text"]))
        said = clean(text[block["start"] : block["end"]])
        if block["kind"] == "list_item":
            listed = listed or Part("list")
            listed.items.append(said)
        elif block["kind"] == "table":
            yield Part("table", rows=[row.split(" | ") for row in said.split("\n")])
        else:
            yield Part(block["kind"], said)
    if listed:
        yield listed
    for caption in captions:
        yield Part("caption", clean(caption["text"]))


def _paragraphs(text: str) -> list[Doc]:
    """Return blocks for a text whose record has none."""
    found, start = [], 0
    for paragraph in text.split("\n\n") if text else []:
        found.append({"kind": "paragraph", "start": start, "end": start + len(paragraph)})
        start += len(paragraph) + 2
    return found


def _captions(record: Doc) -> list[Doc]:
    """Return the captions, less one for each associated item that has the same caption."""
    elsewhere = [" ".join((one.get("caption") or "").split()) for one in wire(record).get("associations") or []]
    kept = []
    for caption in record.get("captions") or []:
        said = " ".join(caption["text"].split())
        if said in elsewhere:
            elsewhere.remove(said)
        else:
            kept.append(caption)
    return kept


def add(
    parent: ET.Element, tag: str, text: str | None = None, attributes: Mapping[str, object] | None = None
) -> ET.Element:
    """Append an element, without empty attributes."""
    said = {name: clean(value) for name, value in (attributes or {}).items() if value not in (None, "")}
    element = ET.SubElement(parent, tag, said)
    element.text = clean(text) if text else None
    return element


def lines(parent: ET.Element, text: str) -> None:
    """Add text to an element, with line ends as breaks."""
    first, *rest = text.split("\n")
    parent.text = first
    for line in rest:
        ET.SubElement(parent, "br").tail = line


def table(parent: ET.Element, rows: list[list[str]]) -> None:
    """Append a table with HTML's elements, which NITF also uses. Its class says that it contains data, because tables are
    also used for layout."""
    element = add(parent, "table", attributes={"class": "copydesk-table"})
    for row in rows:
        line = add(element, "tr")
        for cell in row:
            add(line, "td", cell)


def bullets(parent: ET.Element, items: Iterable[str]) -> None:
    """Add an ``ul`` with the items."""
    listed = add(parent, "ul")
    for item in items:
        add(listed, "li", item)


def xhtml(record: Doc) -> ET.Element:
    """Return the body as a ``div`` of XHTML's blocks."""
    root = ET.Element("div")
    for part in parts(record):
        if part.kind == "list":
            bullets(root, part.items)
        elif part.kind == "table":
            table(root, part.rows)
        elif part.kind == "caption":
            add(add(root, "figure"), "figcaption", part.text)
        else:
            tag = {"paragraph": "p", "heading": "h2", "blockquote": "blockquote"}[part.kind]
            lines(add(root, tag), part.text)
    return root


def html(record: Doc) -> str | None:
    """Return the body as a string of XHTML, or None if there is no body."""
    root = xhtml(record)
    return "".join(ET.tostring(child, "unicode") for child in root) or None
