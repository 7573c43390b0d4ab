"""NewsML-G2 of the IPTC: a newsItem of conformance level power, with its text as XHTML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from services.formats import found
from services.formats.common import (
    OURS,
    byline,
    clean,
    code_uri,
    guid,
    instant,
    is_uri,
    iso,
    provider,
    published,
    qcode,
    slugline,
    status,
    wire,
    written_code,
)
from services.formats.parts import add, xhtml

Doc = dict[str, Any]
VERSION = "2.34"
NAR = "http://iptc.org/std/nar/2006-10-01/"
XHTML = "http://www.w3.org/1999/xhtml"
CATALOG = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_41.xml"
_KINDS = {"people": "cpnat:person", "organisations": "cpnat:organisation", "events": "cpnat:event",
          "works": "cpnat:object", "products": "cpnat:object"}  # fmt: skip
_CLASSES = ("text", "audio", "video", "picture", "graphic", "composite", "animation")


def write(record: Doc) -> bytes:
    """Return the record as a newsItem."""
    said = wire(record)
    attributes = {"xmlns": NAR, "standard": "NewsML-G2", "standardversion": VERSION, "conformance": "power"}
    root = ET.Element("newsItem", {**attributes, "guid": clean(guid(record))})
    if _is_number(said.get("version")):
        root.set("version", said["version"])
    if record.get("language"):
        root.set("xml:lang", clean(record["language"]))
    add(root, "catalogRef", attributes={"href": CATALOG})
    _rights(root, said.get("rights") or {})
    _item_meta(root, record)
    _content_meta(root, record)
    _content_set(root, record)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _is_number(version: str | None) -> bool:
    """Return whether the standard allows a version: a number of at least 1."""
    return re.fullmatch(r"[1-9]\d{0,8}", version or "", re.ASCII) is not None


def _rights(root: ET.Element, rights: Doc) -> None:
    if rights.get("copyright") or rights.get("usage_terms"):
        info = add(root, "rightsInfo")
        for name, said in (("copyrightNotice", rights.get("copyright")), ("usageTerms", rights.get("usage_terms"))):
            if said:
                add(info, name, said)


def _item_meta(root: ET.Element, record: Doc) -> None:
    """Write the itemMeta, in the schema's order. Required values that the document lacks are marked as Copydesk's."""
    said = wire(record)
    meta = add(root, "itemMeta")
    add(meta, "itemClass", attributes={"qcode": "ninat:text"})
    name = provider(record)
    add(add(meta, "provider", attributes={"literal": name, "uri": None if name else OURS}), "name",
        name or "Copydesk")  # fmt: skip
    if created := iso(published(record)):
        add(meta, "versionCreated", created)
    else:
        received = instant(record["source"]["received_at"])
        add(meta, "versionCreated", iso(received), {"creatoruri": OURS})
    _told(meta, "firstCreated", iso(instant(said.get("first_created"))))
    _told(meta, "embargoed", iso(instant(said.get("embargoed_until"))))
    add(meta, "pubStatus", attributes={"qcode": f"stat:{status(record)}"}) if status(record) else None
    add(meta, "generator", "Copydesk")
    _told(meta, "title", record.get("title"))
    _told(meta, "edNote", said.get("ednote"))
    for signal in said.get("signals") or []:
        scheme, _, code = signal.partition(":")
        known = qcode({"scheme": scheme, "code": code})
        add(meta, "signal", attributes={"qcode": known, "literal": None if known else signal})
    _told(meta, "expires", iso(instant(said.get("expires_at"))))
    for at, one in enumerate(said.get("associations") or []):
        _link(meta, one, f"{OURS}:document:{record['id']}:association:{at + 1}")
    others = {"version": None if _is_number(said.get("version")) else said.get("version"), "category": said.get("category"), "priority": said.get("priority")}  # fmt: skip
    for name, value in others.items():
        if value:
            add(meta, "itemMetaExtProperty", attributes={"reluri": f"{OURS}:{name}", "value": value})


def _told(parent: ET.Element, name: str, text: str | None) -> None:
    if text:
        add(parent, name, text)


def _link(meta: ET.Element, one: Doc, own: str) -> None:
    """Write an associated item, with its known fields as hints for readers that do not fetch it."""
    kind = one.get("kind")
    attributes = {
        "reluri": f"{OURS}:association",
        "residref": one.get("guid") or (None if one.get("url") else own),
        "href": one.get("url"),
    }
    link = add(meta, "link", attributes=attributes)
    if kind:
        known = kind in _CLASSES
        add(
            link,
            "itemClass",
            attributes={"qcode": f"ninat:{kind}" if known else None, "literal": None if known else kind},
        )
    _told(link, "title", one.get("relation"))
    _told(link, "headline", one.get("title"))
    _told(link, "creditline", one.get("credit"))
    if one.get("caption"):
        add(link, "description", one["caption"], {"role": "drol:caption"})


def _content_meta(root: ET.Element, record: Doc) -> None:
    said = wire(record)
    meta = add(root, "contentMeta")
    _told(meta, "urgency", str(said["urgency"]) if said.get("urgency") else None)
    _told(meta, "contentModified", iso(instant(record.get("updated_at"))))
    for place in said.get("places") or []:
        _coded(meta, "located", place)
    for author in record.get("byline") or []:
        creator = add(meta, "creator", attributes={"literal": author["name"], "type": "cpnat:person"})
        add(creator, "name", author["name"])
        if author.get("email"):
            contact = add(add(creator, "personDetails"), "contactInfo")
            add(contact, "email", author["email"])
    if record.get("language"):
        add(meta, "language", attributes={"tag": record["language"]})
    for genre in said.get("genre") or []:
        _coded(meta, "genre", genre)
    for word in said.get("keywords") or []:
        add(meta, "keyword", word)
    for subject in said.get("subjects") or []:
        _coded(meta, "subject", subject)
    _ours(meta, record)
    _told(meta, "slugline", slugline(record))
    _told(meta, "headline", record.get("title"))
    _told(meta, "dateline", (record.get("dateline") or {}).get("text"))
    _told(meta, "by", byline(record))
    _told(meta, "creditline", (said.get("rights") or {}).get("credit"))
    if record.get("deck"):
        add(meta, "description", record["deck"], {"role": "drol:summary"})


def _coded(meta: ET.Element, name: str, coded: Doc) -> None:
    known = qcode(coded)
    uri = None if known else code_uri(coded)
    literal = None if known or uri else written_code(coded)
    element = add(meta, name, attributes={"qcode": known, "uri": uri, "literal": literal})
    _told(element, "name", coded.get("name"))


def _ours(meta: ET.Element, record: Doc) -> None:
    """Write the annotations, each with Copydesk as its creator."""
    for kind, names in found.entities(record).items():
        for name in names:
            subject = add(
                meta, "subject", attributes={"creatoruri": OURS, "type": _KINDS[kind], "literal": f"{kind}:{name}"}
            )
            add(subject, "name", name)
    for place in found.places(record):
        uri = found.geonames(place)
        literal = None if uri else f"places:{place['name']}"
        attributes = {"creatoruri": OURS, "type": "cpnat:geoArea", "uri": uri, "literal": literal}
        subject = add(meta, "subject", attributes=attributes)
        add(subject, "name", place["name"])
        if point := place.get("location"):
            longitude, latitude = point["coordinates"]
            details = add(subject, "geoAreaDetails")
            add(details, "position", attributes={"latitude": str(latitude), "longitude": str(longitude)})
    for topic in found.topics(record):
        attributes = {
            "creatoruri": OURS,
            "type": "cpnat:abstract",
            "qcode": qcode(topic),
            "relevance": topic["relevance"],
        }
        add(add(meta, "subject", attributes=attributes), "name", topic["name"])


def _content_set(root: ET.Element, record: Doc) -> None:
    """Write the text and the address where it was published; nothing if there is neither."""
    body, url = xhtml(record), record.get("url")
    if not len(body) and not is_uri(url):
        return
    content = add(root, "contentSet")
    if len(body):
        attributes = {"contenttype": "application/xhtml+xml", "wordcount": wire(record).get("word_count")}
        page = add(add(content, "inlineXML", attributes=attributes), "html", attributes={"xmlns": XHTML})
        add(add(page, "head"), "title", record.get("title"))
        body.tag = "body"
        page.append(body)
    if is_uri(url):
        add(content, "remoteContent", attributes={"href": url, "contenttype": "text/html"})
