"""Annotations that formats can contain: people, organisations, places, events, works, topics."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]

TOPICS = 10
_KINDS = {"PERSON": "people", "ORG": "organisations", "EVENT": "events", "WORK": "works", "PRODUCT": "products"}
_PLACES = ("GPE", "LOC", "FAC")


def entities(record: Doc) -> dict[str, list[str]]:
    """Return names by kind: ``people``, ``organisations``, ``events``, ``works``, ``products``, each in order of
    appearance."""
    named: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
    for entity in record.get("entities") or []:
        kind = _KINDS.get(entity["type"])
        if kind and entity["name"] not in named[kind]:
            named[kind].append(entity["name"])
    return named


def places(record: Doc) -> list[Doc]:
    """Return places that the text names, those with coordinates first, with the known ones of ``name``, ``country``,
    ``geonames_id`` and ``location``."""
    located = [{key: place.get(key) for key in ("name", "country", "geonames_id", "location")}
               for place in record.get("places") or [] if place["mentions"]]  # fmt: skip
    known = {place["name"] for place in located}
    others = dict.fromkeys(one["name"] for one in record.get("entities") or [] if one["type"] in _PLACES)
    return located + [{"name": name} for name in others if name not in known]


def topics(record: Doc) -> list[Doc]:
    """Return IPTC Media Topics: ``scheme``, ``code``, ``name``, and ``relevance`` from 0 to 100."""
    found = []
    for topic in (record.get("topics") or [])[:TOPICS]:
        scheme, _, code = topic["code"].rpartition(":")
        relevance = max(0, min(100, round(topic["score"] * 100)))
        found.append({"scheme": scheme, "code": code, "name": topic["name"], "relevance": relevance})
    return found


def geonames(place: Doc) -> str | None:
    return f"http://sws.geonames.org/{place['geonames_id']}/" if place.get("geonames_id") else None
