"""Entities across documents: their other names, roles, words, company, and the names that begin like what is typed."""

from __future__ import annotations

import asyncio
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.search.facets import Interval
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

MOST_READ = 10_000
"""Documents that are looked at, the newest of those with the entity."""
QUOTES = 50


async def complete(db: AsyncDatabase[Doc], prefix: str, kind: str | None, access: Doc, limit: int) -> list[Doc]:
    """Return entities whose name starts with ``prefix``, then those that have another name which does; the most frequent first.

    As typed, capitalised or in capitals. Each ``{name, type, count}``. Raises PyMongoError.
    """
    forms = list(dict.fromkeys([prefix, prefix[:1].upper() + prefix[1:], prefix.title(), prefix.upper()]))
    paths = [(path, form) for path in ("name", "aliases") for form in forms]
    found = await asyncio.gather(*(_beginning(db, path, form, kind, access, limit) for path, form in paths))
    best: dict[tuple[str, str], tuple[bool, int]] = {}
    for (path, _), each in zip(paths, found, strict=True):
        for one in each:
            named = (one["_id"]["name"], one["_id"]["type"])
            best[named] = max(best.get(named, (False, 0)), (path == "name", one["count"]))
    ranked = sorted(best.items(), key=lambda item: (not item[1][0], -item[1][1], item[0]))[:limit]
    return [{"name": name, "type": kind, "count": count} for (name, kind), (_, count) in ranked]


async def _beginning(
    db: AsyncDatabase[Doc], path: str, form: str, kind: str | None, access: Doc, limit: int
) -> list[Doc]:
    span = {"$gte": form, "$lt": form + "\U0010ffff"}
    pipeline: list[Doc] = [
        {"$match": {f"entities.{path}": span}},
        # the bounds of both ends, for MongoDB, which joins the two stages
        {"$match": {"entities": {"$elemMatch": {path: span}}, **access}},
        {"$limit": MOST_READ},
        {"$project": {"entities.name": 1, "entities.type": 1, f"entities.{path}": 1}},
        {"$unwind": "$entities"},
        {"$match": {f"entities.{path}": span, **({"entities.type": kind} if kind else {})}},
        {"$group": {"_id": {"name": "$entities.name", "type": "$entities.type"}, "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id.name": 1}},
        {"$limit": limit},
    ]
    return await (await db[DOCUMENTS].aggregate(pipeline)).to_list()


def portrait(name: str, access: Doc, *, company: int, documents: int, interval: Interval) -> list[Doc]:
    """The pipeline for one entity, whose name in the record is ``name``; it gives one document."""
    its = {"$filter": {"input": "$entities", "cond": {"$eq": ["$$this.name", name]}}}
    said = {"$filter": {"input": {"$ifNull": ["$quotes", []]}, "cond": {"$eq": ["$$this.speaker", name]}}}
    counted = [{"$sort": {"count": -1, "_id": 1}}]
    unit: Doc = {"date": "$published_at", "unit": interval}
    if interval == "week":
        unit["startOfWeek"] = "monday"
    return [
        {"$match": {"entities.name": name}},
        *([{"$match": access}] if access else []),
        {"$sort": {"_id": -1}},
        {"$limit": MOST_READ},
        {
            "$project": {
                "title": 1, "published_at": 1, "publisher": 1, "source.collection": 1, "source.received_at": 1,
                "entities.name": 1, "entities.type": 1, "its": its, "said": said,
            }
        },
        {
            "$facet": {
                "total": [{"$count": "documents"}],
                "types": [{"$unwind": "$its"}, {"$sortByCount": "$its.type"}],
                "aliases": [{"$unwind": "$its"}, {"$unwind": "$its.aliases"}, {"$sortByCount": "$its.aliases"}],
                "roles": [
                    {"$unwind": "$its"},
                    {"$match": {"its.role": {"$ne": None}}},
                    {"$group": {"_id": "$its.role", "count": {"$sum": 1}, "first": {"$min": "$published_at"},
                                "last": {"$max": "$published_at"}}},
                    *counted,
                ],
                "documents": [
                    {"$sort": {"published_at": -1, "_id": -1}},
                    {"$limit": documents},
                    {"$project": {"title": 1, "published_at": 1, "publisher": 1, "source": 1}},
                ],
                "quotes": [
                    {"$unwind": "$said"},
                    {"$sort": {"published_at": -1, "_id": -1}},
                    {"$limit": QUOTES},
                    {"$project": {"_id": 0, "document": "$_id", "title": 1, "published_at": 1, "text": "$said.text",
                                  "start": "$said.start", "end": "$said.end", "cue": "$said.cue"}},
                ],
                "with": [
                    {"$unwind": "$entities"},
                    {"$match": {"entities.name": {"$ne": name}}},
                    {"$group": {"_id": "$entities.name", "count": {"$sum": 1}, "type": {"$first": "$entities.type"}}},
                    *counted,
                    {"$limit": company},
                ],
                "timeline": [
                    {"$match": {"published_at": {"$ne": None}}},
                    {"$group": {"_id": {"$dateTrunc": unit}, "count": {"$sum": 1}}},
                    {"$sort": {"_id": 1}},
                ],
            }
        },
    ]  # fmt: skip
