"""NITF 3.6, the IPTC's News Industry Text Format."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from services.formats import found
from services.formats.common import basic, clean, guid, instant, is_uri, iso, provider, published, slugline, wire
from services.formats.parts import Part, add, bullets, lines, parts, table

Doc = dict[str, Any]
NITF = "http://iptc.org/std/NITF/2006-10-18/"
OURS = "copydesk"
"""The class of Copydesk's own annotations."""
_TOKEN = re.compile(r"[\w.:-]+")
_MEDIA = {"picture": "image", "graphic": "image", "video": "video", "audio": "audio", "text": "text"}


def write(record: Doc) -> bytes:
    """Return the record as an NITF document."""
    root = ET.Element("nitf", {"xmlns": NITF, "version": "-//IPTC//DTD NITF 3.6//EN"})
    if record.get("language"):
        root.set("baselang", clean(record["language"]))
    _head(root, record)
    body = add(root, "body", attributes={"xml:lang": record.get("language")})
    _body_head(body, record)
    _content(add(body, "body.content"), record)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _head(root: ET.Element, record: Doc) -> None:
    said = wire(record)
    head = add(root, "head")
    if re.search(r"\s", record.get("title") or ""):  # a single word would be read as a slug
        add(head, "title", record["title"])
    for name, content in _metas(record):
        if content:
            add(head, "meta", attributes={"name": name, "content": content})
    kind = add(head, "tobject")
    others = []
    for subject in said.get("subjects") or []:
        if _is_iptc(subject):
            attributes = {"tobject.subject.refnum": subject["code"], "tobject.subject.detail": subject.get("name")}
            add(kind, "tobject.subject", attributes={"tobject.subject.ipr": "IPTC", **attributes})
        else:
            others.append(subject)
    _docdata(add(head, "docdata", attributes={"management-status": said.get("pub_status")}), record, others)
    url = record.get("url")
    attributes = {"name": record.get("publisher"), "ex-ref": url if is_uri(url) else None}
    if any(attributes.values()):
        add(head, "pubdata", attributes={"type": "web" if attributes["ex-ref"] else None, **attributes})


def _is_iptc(subject: Doc) -> bool:
    return subject.get("scheme") == "IPTC" and _TOKEN.fullmatch(subject.get("code") or "") is not None


def _metas(record: Doc) -> list[tuple[str, Any]]:
    """Return name and content of fields that NITF has no element for."""
    said = wire(record)
    version = said.get("version") or ""
    return [
        ("generator", "Copydesk"),
        ("slugline", slugline(record)),
        ("version", version if version and not _TOKEN.fullmatch(version) else None),
        ("first-created", iso(instant(said.get("first_created")))),
        ("updated", iso(instant(record.get("updated_at")))),
        ("anpa-category", said.get("category")),
        ("priority", said.get("priority")),
        ("anpa-wordcount", said.get("word_count")),
        ("creditline", (said.get("rights") or {}).get("credit")),
        *(("signal", signal) for signal in said.get("signals") or []),
    ]


def _docdata(data: ET.Element, record: Doc, subjects: list[Doc]) -> None:
    said, rights = wire(record), wire(record).get("rights") or {}
    version = said.get("version") or ""

    def tell(name: str, **attributes: Any) -> None:
        named = {key.replace("_", "-"): value for key, value in attributes.items()}
        if any(value is not None for value in named.values()):
            add(data, name, attributes=named)

    tell("doc-id", regsrc=provider(record), id_string=guid(record))
    tell("urgency", ed_urg=said.get("urgency"))
    tell("date.issue", norm=basic(published(record)))
    tell("date.release", norm=basic(instant(said.get("embargoed_until"))))
    tell("date.expire", norm=basic(instant(said.get("expires_at"))))
    tell("ed-msg", info=said.get("ednote"))
    tell("du-key", version=version if _TOKEN.fullmatch(version) else None)
    tell("doc.copyright", holder=rights.get("copyright"))
    tell("doc.rights", limitations=rights.get("usage_terms"))
    if said.get("keywords"):
        listed = add(data, "key-list")
        for word in said["keywords"]:
            add(listed, "keyword", attributes={"key": word})
    _identified(data, record, subjects)


def _identified(data: ET.Element, record: Doc, subjects: list[Doc]) -> None:
    """Write the provider's codes, then Copydesk's annotations with a class of their own."""
    content = ET.Element("identified-content")
    for place in wire(record).get("places") or []:
        attributes = {"location-code": place.get("code"), "code-source": place.get("scheme")}
        add(content, "location", place.get("name"), attributes)
    for kind, listed in (("subject", subjects), ("genre", wire(record).get("genre") or [])):
        for one in listed:
            attributes = {"type": kind, "idsrc": one.get("scheme"), "value": one.get("code")}
            add(content, "classifier", one.get("name"), attributes)
    tags = {"people": "person", "organisations": "org", "events": "event", "works": "object.title"}
    named = found.entities(record)
    for kind, tag in tags.items():
        for name in named[kind]:
            add(content, tag, name, {"class": OURS})
    for place in found.places(record):
        code = place.get("geonames_id")
        attributes = {"class": OURS, "location-code": code, "code-source": "geonames" if code else None}
        add(content, "location", place["name"], attributes)
    for topic in found.topics(record):
        attributes = {"class": OURS, "type": "subject", "idsrc": topic["scheme"], "value": topic["code"]}
        add(content, "classifier", topic["name"], attributes)
    if len(content):
        data.append(content)


def _body_head(body: ET.Element, record: Doc) -> None:
    head = add(body, "body.head")
    title, deck = record.get("title"), record.get("deck")
    if title:
        headline = add(head, "hedline")
        add(headline, "hl1", title)
        if deck:
            add(headline, "hl2", deck)
    for author in record.get("byline") or []:
        line = add(head, "byline")
        add(line, "person", author["name"])
        role, agency = author.get("role"), author.get("agency")
        if role or agency:
            title_ = add(line, "byttl", role)
            if agency:
                title_.text = f"{clean(role)}, " if role else None
                add(title_, "org", agency)
    if name := provider(record):
        add(add(head, "distributor"), "org", name)
    places = (record.get("dateline") or {}).get("places") or []
    if places:
        dateline = add(head, "dateline")
        for place in places:
            add(dateline, "location", place).tail = ", " if place is not places[-1] else None
    if deck and not title:
        add(add(head, "abstract"), "p", deck)


def _content(content: ET.Element, record: Doc) -> None:
    for part in parts(record):
        if part.kind == "list":
            bullets(content, part.items)
        elif part.kind == "table":
            table(content, part.rows)
        elif part.kind == "blockquote":
            lines(add(add(add(content, "bq"), "block"), "p"), part.text)
        elif part.kind == "caption":
            _caption(content, part)
        else:
            lines(add(content, "hl2" if part.kind == "heading" else "p"), part.text)
    for one in wire(record).get("associations") or []:
        _media(content, one)


def _caption(content: ET.Element, part: Part) -> None:
    media = add(content, "media", attributes={"media-type": "image"})
    add(media, "media-reference")
    add(media, "media-caption", part.text)


def _media(content: ET.Element, one: Doc) -> None:
    """Write an associated item. NITF has a place for its address and caption; the rest is written as named metadata."""
    kind = one.get("kind")
    media = add(content, "media", attributes={"media-type": _MEDIA.get(kind or "", "other")})
    for name, value in (("kind", kind), ("relation", one.get("relation")), ("guid", one.get("guid"))):
        if value:
            add(media, "media-metadata", attributes={"name": name, "value": value})
    add(media, "media-reference", attributes={"source": one.get("url"), "name": one.get("title")})
    if one.get("caption"):
        lines(add(media, "media-caption"), clean(one["caption"]))
    if one.get("credit"):
        add(media, "media-producer", one["credit"])
