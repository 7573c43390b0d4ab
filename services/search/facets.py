"""Facets: count how many documents of a search have each value. Each facet has its parameter's name."""

from __future__ import annotations

from typing import Any, Literal

from services.search.plan import Plan

Doc = dict[str, Any]
Interval = Literal["day", "week", "month", "year"]

MOST_COUNTED = 50_000
"""How many of a search's documents are counted, newest first."""

ONE = {"language": "language", "status": "status", "collection": "source.collection", "publisher": "publisher",
        "format": "format", "error_code": "error.code", "error_stage": "error.stage", "key": "source.key",
        "provider": "wire.provider", "pub_status": "wire.pub_status", "fetched_from": "source.fetched_from.name"}  # fmt: skip
MANY = {
    "entity_type": ("entities", "type"),
    "country": ("places", "country"),
    "speaker": ("quotes", "speaker"),
    "event": ("events", "action"),
    "actor": ("events", "actor"),
    "topic": ("topics", "name"),
    "currency": ("money", "currency"),
    "subject": ("wire.subjects", "name"),
    "list": ("lists", "list"),
}
FACETS = ("entity", "entity_type", "place", "country", "speaker", "event", "actor", "topic", "language", "publisher",
          "collection", "tag", "currency", "status", "format", "error_code", "error_stage", "key", "provider",
          "pub_status", "subject", "fetched_from", "list", "date")  # fmt: skip
DEFAULT = ("entity", "place", "country", "event", "topic", "language", "publisher", "collection", "date")


def pipeline(plan: Plan, names: list[str], size: int, interval: Interval) -> list[Doc]:
    """Return the pipeline. It gives one document: ``total`` is how many were counted, and each facet's name has its
    values, most frequent first. A value counts once for each document that has it.
    """
    needed = {root(name): 1 for name in names}
    newest = (
        [] if plan.anchor else [{"$sort": {"_id": -1}}]
    )  # by the index on _id; otherwise all documents are read anyway
    return [
        *plan.stages,
        *newest,
        {"$limit": MOST_COUNTED},
        {"$project": {"_id": 1, **needed}},
        {"$facet": {"total": [{"$count": "documents"}], **{name: _facet(name, size, interval) for name in names}}},
    ]


def root(name: str) -> str:
    """Return the field of the record that a facet needs."""
    special = {"entity": "entities", "place": "places", "date": "published_at", "tag": "source.tags"}
    return special.get(name) or ONE.get(name) or MANY[name][0]


def _facet(name: str, size: int, interval: Interval) -> list[Doc]:
    most: list[Doc] = [{"$sort": {"count": -1, "_id": 1}}, {"$limit": size}]
    shown: Doc = {"_id": 0, "value": "$_id", "count": 1}
    if name == "date":
        unit: Doc = {"date": "$published_at", "unit": interval}
        if interval == "week":
            unit["startOfWeek"] = "monday"
        return [
            {"$match": {"published_at": {"$ne": None}}},
            {"$group": {"_id": {"$dateTrunc": unit}, "count": {"$sum": 1}}},
            {"$sort": {"_id": -1}},
            {"$limit": size},
            {"$sort": {"_id": 1}},
            {"$project": shown},
        ]
    if name == "entity":
        kind = {"$first": "$entities.type"}
        group: Doc = {"$group": {"_id": "$entities.name", "count": {"$sum": 1}, "type": kind}}
        return [{"$unwind": "$entities"}, group, *most, {"$project": {**shown, "type": 1}}]
    if name == "place":
        first = {"country": {"$first": "$places.country"}, "location": {"$first": "$places.location.coordinates"}}
        group = {"$group": {"_id": "$places.name", "count": {"$sum": 1}, **first}}
        return [{"$unwind": "$places"}, group, *most, {"$project": {**shown, "country": 1, "location": 1}}]
    if name in ONE:
        value: Any = f"${ONE[name]}"
        if name == "language":  # British and American English count as one language
            value = {"$arrayElemAt": [{"$split": [value, "-"]}, 0]}
        return [
            {"$match": {ONE[name]: {"$ne": None}}},
            {"$group": {"_id": value, "count": {"$sum": 1}}},
            *most,
            {"$project": shown},
        ]
    if name == "tag":
        values: Doc = {"$ifNull": ["$source.tags", []]}
    else:
        # not "$places.country": SecantusDB does not support a path through an array
        array, field = MANY[name]
        values = {"$map": {"input": {"$ifNull": [f"${array}", []]}, "in": f"$$this.{field}"}}
    return [
        {"$project": {"value": {"$setUnion": [values, []]}}},
        {"$unwind": "$value"},
        {"$match": {"value": {"$ne": None}}},
        {"$group": {"_id": "$value", "count": {"$sum": 1}}},
        *most,
        {"$project": shown},
    ]
