"""schema.org: a NewsArticle in JSON-LD."""

from __future__ import annotations

import json
from typing import Any

from services.formats import found
from services.formats.common import (
    OURS,
    code_uri,
    compact,
    guid,
    instant,
    iso,
    provider,
    published,
    slugline,
    wire,
)
from services.formats.parts import html

Doc = dict[str, Any]
_MEDIA = {"picture": "ImageObject", "graphic": "ImageObject", "video": "VideoObject", "audio": "AudioObject"}


def write(record: Doc) -> bytes:
    """Return the record as a NewsArticle. Fields that schema.org does not have use Copydesk's own terms, with the
    prefix ``copydesk:``."""
    said, rights = wire(record), wire(record).get("rights") or {}
    dateline = record.get("dateline") or {}
    embargo = iso(instant(said.get("embargoed_until")))
    item = {
        "@context": ["https://schema.org", {"copydesk": f"{OURS}:"}],
        "@type": "NewsArticle",
        "@id": f"{OURS}:document:{record['id']}",
        "identifier": guid(record),
        "version": said.get("version"),
        "creativeWorkStatus": said.get("pub_status"),
        "url": record.get("url"),
        "headline": record.get("title"),
        "alternativeHeadline": record.get("deck"),
        "author": [_author(author) for author in record.get("byline") or []],
        "dateCreated": iso(instant(said.get("first_created"))),
        "datePublished": iso(published(record)),
        "dateModified": iso(instant(record.get("updated_at"))),
        "expires": iso(instant(said.get("expires_at"))),
        "publication": {"@type": "PublicationEvent", "startDate": embargo} if embargo else None,
        "publisher": _organisation(record.get("publisher")),
        "provider": _organisation(provider(record)),
        "inLanguage": record.get("language"),
        "dateline": dateline.get("text"),
        "articleBody": record.get("text"),
        "wordCount": said.get("word_count"),
        "encoding": _body(record),
        "keywords": said.get("keywords"),
        "genre": [_term(one) for one in said.get("genre") or []],
        "about": [*(_term(one) for one in said.get("subjects") or []), *map(_ours, map(_term, found.topics(record)))],
        "contentLocation": [{**_term(one), "@type": "Place"} for one in _places(said)],
        "copyrightNotice": rights.get("copyright"),
        "conditionsOfAccess": rights.get("usage_terms"),
        "creditText": rights.get("credit"),
        "correction": [one["text"] for one in record.get("notices") or [] if one["kind"] == "correction"],
        "associatedMedia": [_media(one) for one in said.get("associations") or []],
        "mentions": _mentions(record),
        "copydesk:ednote": said.get("ednote"),
        "copydesk:slugline": slugline(record),
        "copydesk:urgency": said.get("urgency") or None,
        "copydesk:priority": said.get("priority"),
        "copydesk:category": said.get("category"),
        "copydesk:signals": said.get("signals"),
    }
    return json.dumps(compact(item), ensure_ascii=False, separators=(",", ":")).encode()


def _author(author: Doc) -> Doc:
    kind = "Organization" if author["name"] == author.get("agency") else "Person"
    return {"@type": kind, "name": author["name"], "jobTitle": author.get("role"), "email": author.get("email"),
            "affiliation": _organisation(author.get("agency"))}  # fmt: skip


def _organisation(name: str | None) -> Doc | None:
    return {"@type": "Organization", "name": name} if name else None


def _body(record: Doc) -> list[Doc]:
    """Return the body with its headings, lists and tables, which the plain text does not mark."""
    value = html(record)
    return [{"@type": "MediaObject", "encodingFormat": "text/html", "text": value}] if value else []


def _term(coded: Doc) -> Doc:
    return {"@type": "DefinedTerm", "@id": code_uri(coded), "name": coded.get("name"), "termCode": coded.get("code"),
            "inDefinedTermSet": coded.get("scheme")}  # fmt: skip


def _places(said: Doc) -> list[Doc]:
    return said.get("places") or []


def _ours(node: Doc) -> Doc:
    return {**node, "copydesk:foundBy": "Copydesk"}


def _media(one: Doc) -> Doc:
    return {
        "@type": _MEDIA.get(one.get("kind") or "", "MediaObject"),
        "copydesk:kind": one.get("kind"),
        "copydesk:relation": one.get("relation"),
        "identifier": one.get("guid"),
        "contentUrl": one.get("url"),
        "name": one.get("title"),
        "caption": one.get("caption"),
        "creditText": one.get("credit"),
    }


def _mentions(record: Doc) -> list[Doc]:
    """Return the annotations: people, organisations, events, works, products, places with their coordinates."""
    kinds = {"people": "Person", "organisations": "Organization", "events": "Event", "works": "CreativeWork",
             "products": "Product"}  # fmt: skip
    named = found.entities(record)
    mentions = [{"@type": kinds[kind], "name": name} for kind, names in named.items() for name in names]
    return [*map(_ours, mentions), *map(_ours, map(_place, found.places(record)))]


def _place(place: Doc) -> Doc:
    geo = None
    if point := place.get("location"):
        longitude, latitude = point["coordinates"]
        geo = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    address = {"@type": "PostalAddress", "addressCountry": place["country"]} if place.get("country") else None
    return {"@type": "Place", "name": place["name"], "sameAs": found.geonames(place), "geo": geo, "address": address}
