"""ninjs 3, the IPTC's news in JSON."""

from __future__ import annotations

import json
from typing import Any

from services.formats import found
from services.formats.common import (
    MENTIONED,
    OURS,
    byline,
    code_uri,
    compact,
    guid,
    instant,
    is_uri,
    iso,
    provider,
    published,
    slugline,
    status,
    wire,
    written_code,
)
from services.formats.parts import html

Doc = dict[str, Any]
VERSION = "3.2"
_TYPES = ("text", "audio", "video", "picture", "graphic", "composite")


def write(record: Doc) -> bytes:
    """Return the record as a ninjs object."""
    said, rights = wire(record), wire(record).get("rights") or {}
    item = {
        "uri": _uri(guid(record), record["id"]),
        "standard": {
            "name": "ninjs",
            "version": VERSION,
            "schema": f"http://www.iptc.org/std/ninjs/ninjs-schema_{VERSION}.json#",
        },
        "type": "text",
        "representationType": "full",
        "version": said.get("version"),
        "firstCreated": iso(instant(said.get("first_created"))),
        "versionCreated": iso(published(record), zoned=True),
        "embargoedUntil": iso(instant(said.get("embargoed_until"))),
        "expires": iso(instant(said.get("expires_at"))),
        "pubStatus": status(record),
        "urgency": said.get("urgency") or None,
        "language": record.get("language"),
        "slugline": slugline(record),
        "by": byline(record),
        "located": ((record.get("dateline") or {}).get("places") or [None])[0],
        "edNote": said.get("ednote"),
        "copyrightNotice": rights.get("copyright"),
        "usageTerms": rights.get("usage_terms"),
        "headlines": _roles(main=record.get("title"), sub=record.get("deck")),
        "descriptions": _roles(creditline=rights.get("credit")),
        "bodies": _bodies(record),
        "infoSources": [{"name": name, "role": "provider"} for name in [provider(record)] if name],
        "genres": [_coded(one) for one in said.get("genre") or []],
        "subjects": _subjects(record),
        "renditions": _link(record.get("url"), "web", "text/html"),
        "associations": [_association(one, at, record["id"]) for at, one in enumerate(said.get("associations") or [])],
        "altIds": [{"role": "guid", "value": guid(record)}] if not is_uri(guid(record)) else [],
        **_concepts(record),
    }
    return json.dumps(compact(item), ensure_ascii=False, separators=(",", ":")).encode()


def _uri(named: str | None, id: str, *inner: str) -> str:
    """Return an identifier as the URI that ninjs requires; one made by Copydesk if it is not a URI."""
    return named if named and is_uri(named) else ":".join((OURS, "document", id, *inner))


def _roles(**values: str | None) -> list[Doc]:
    return [{"role": role, "contentType": "text/plain", "value": value} for role, value in values.items() if value]


def _bodies(record: Doc) -> list[Doc]:
    value = html(record)
    if value is None:
        return []
    return [{"role": "main", "contentType": "text/html", "wordCount": wire(record).get("word_count"), "value": value}]


def _coded(coded: Doc, rel: str | None = None) -> Doc:
    return {"name": coded.get("name"), "rel": rel, "uri": code_uri(coded), "literal": written_code(coded)}


def _subjects(record: Doc) -> list[Doc]:
    """Return the provider's subjects, Copydesk's topics, and the provider's keywords, signals, category and priority,
    for which ninjs 3 has no other place."""
    said = wire(record)
    named = {"keyword": said.get("keywords") or [], "copydesk:signal": said.get("signals") or [],
             "copydesk:category": [said.get("category")], "copydesk:priority": [said.get("priority")]}  # fmt: skip
    return [
        *(_coded(one, "about") for one in said.get("subjects") or []),
        *({"name": word, "rel": rel} for rel, words in named.items() for word in words if word),
        *(
            {**_coded(topic, MENTIONED), "creator": "Copydesk", "relevance": topic["relevance"]}
            for topic in found.topics(record)
        ),
    ]


def _concepts(record: Doc) -> dict[str, list[Doc]]:
    """Return people, organisations, places, events and objects; those found by Copydesk have a relation of their
    own."""
    named = found.entities(record)
    ours = {kind: [{"name": name, "rel": MENTIONED} for name in names] for kind, names in named.items()}
    authors = [
        {
            "name": author["name"],
            "rel": "author",
            "contactInfo": [{"type": "email", "value": author["email"]}] if author.get("email") else [],
        }
        for author in record.get("byline") or []
    ]
    places = [
        {"name": place["name"], "rel": MENTIONED, "uri": found.geonames(place), "geoJSON": place.get("location")}
        for place in found.places(record)
    ]
    return {
        "people": authors + ours["people"],
        "organisations": ours["organisations"],
        "places": [*(_coded(one, "about") for one in wire(record).get("places") or []), *places],
        "events": ours["events"],
        "objects": ours["works"] + ours["products"],
    }


def _link(url: str | None, name: str, content_type: str | None = None) -> list[Doc]:
    return [{"name": name, "href": url, "contentType": content_type}] if url and is_uri(url) else []


def _association(one: Doc, at: int, id: str) -> Doc:
    """Return an associated item. If it has no relation, its name is just a number."""
    kind = one.get("kind")
    relation = one.get("relation")
    return {
        "name": relation or f"{'item' if kind == 'item' else 'association'}-{at + 1}",
        "rel": relation,
        "uri": _uri(one.get("guid"), id, "association", str(at + 1)),
        "type": kind if kind in _TYPES else None,
        "by": one.get("credit"),
        "headlines": _roles(main=one.get("title")),
        "descriptions": _roles(caption=one.get("caption")),
        "renditions": _link(one.get("url"), "original"),
        "altIds": [{"role": "guid", "value": one["guid"]}] if one.get("guid") and not is_uri(one["guid"]) else [],
    }
