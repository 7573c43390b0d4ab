"""Entities across documents: aliases, roles, quotes, related entities, and completion of names."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo.asynchronous.database import AsyncDatabase

from services.search.cursor import WrongCursor
from services.search.facets import Interval
from services.search.find import FEW, Finder
from services.search.prepared import Prepared
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

MOST_READ = 10_000
"""How many documents of an entity are used, newest first."""
MOST_COUNTED = 2_000
"""How many of a search's documents are used to count entities, newest first; on a server that reads every document that
it counts, `find.FEW`."""
QUOTES = 50


@dataclass(frozen=True, slots=True)
class After:
    """Where a list of entities continues: after this name with this number of documents; ``top`` is the newest document
    that counts."""

    top: ObjectId
    count: int
    name: str
    type: str

    def write(self, search: str) -> str:
        """Return the cursor as opaque text; ``search`` is the `cursor.digest` of everything that the pages have in
        common."""
        packed = json.dumps([search, str(self.top), self.count, self.name, self.type], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, search: str) -> After:
        """Read a cursor from text. Raises WrongCursor."""
        try:
            of, top, count, name, kind = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            found = cls(ObjectId(top), int(count), str(name), str(kind))
        except (ValueError, TypeError, OverflowError, RecursionError, InvalidId):
            raise WrongCursor("give the `next` of an earlier page unchanged") from None
        if of != search:
            raise WrongCursor("it belongs to another search; use the same parameters as for the first page")
        return found

    @property
    def key(self) -> tuple[int, str, str]:
        return -self.count, self.name, self.type


async def frequent(
    finder: Finder, prepared: Prepared, kind: str | None, after: After | None, limit: int
) -> tuple[list[Doc], After | None]:
    """Return the entities of the newest `MOST_COUNTED` documents of a search (or `find.FEW`), most frequent first, and
    where the list continues. Each is ``{name, type, count, first_received_at, last_received_at}``. Raises PyMongoError.
    """
    named = {"entities.name": 1, "entities.type": 1}
    most = FEW if await finder.windowed() else MOST_COUNTED
    documents = await finder.newest(prepared, after.top if after else None, most, named)
    counted: dict[tuple[str, str], list[Any]] = {}
    for document in documents:
        for name, type_ in {(one["name"], one["type"]) for one in document.get("entities") or []}:
            if kind is None or type_ == kind:
                seen = counted.setdefault((name, type_), [0, document["_id"], document["_id"]])
                seen[0] += 1
                seen[1] = document["_id"]
    ranked = sorted((-count, *named, first, last) for named, (count, first, last) in counted.items())
    rest = [one for one in ranked if after is None or one[:3] > after.key]
    shown = [
        {"name": name, "type": type_, "count": -count, "first_received_at": first.generation_time,
         "last_received_at": last.generation_time}
        for count, name, type_, first, last in rest[:limit]
    ]  # fmt: skip
    if len(rest) <= limit:
        return shown, None
    count, name, type_, *_ = rest[limit - 1]
    return shown, After(after.top if after else documents[0]["_id"], -count, name, type_)


async def complete(db: AsyncDatabase[Doc], prefix: str, kind: str | None, access: Doc, limit: int) -> list[Doc]:
    """Return entities whose name starts with ``prefix``, then those with an alias that does, most frequent first. The
    prefix is tried as typed, capitalised and in capitals. Each entity is ``{name, type, count}``. Raises PyMongoError.
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
        # both bounds, for MongoDB, which merges the two stages
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


def portrait(name: str, access: Doc, size: dict[str, int], *, interval: Interval, ids: Sequence[str] = ()) -> list[Doc]:
    """Return the pipeline for the entity whose name in the record is ``name``, or whose id is one of ``ids``; it gives
    one document. ``size`` says how many ``documents``, and entities in its ``company``, are listed."""
    own = {"entities.id": {"$in": [*ids]}} if ids else {"entities.name": name}
    others = {"entities.id": {"$nin": [*ids]}} if ids else {"entities.name": {"$ne": name}}
    cond: Doc = {"$in": ["$$this.id", [*ids]]} if ids else {"$eq": ["$$this.name", name]}
    its = {"$filter": {"input": "$entities", "cond": cond}}
    names = {"$map": {"input": "$its", "as": "one", "in": "$$one.name"}}
    quotes = {"$ifNull": ["$quotes", []]}
    said = {"$filter": {"input": quotes, "as": "quote", "cond": {"$in": ["$$quote.speaker", names]}}}
    unit: Doc = {"date": "$published_at", "unit": interval}
    if interval == "week":
        unit["startOfWeek"] = "monday"
    found: list[Doc] = [
        {"$match": own},
        *([{"$match": access}] if access else []),
        {"$sort": {"_id": -1}},
        {"$limit": MOST_READ},
        {
            "$project": {
                "title": 1,
                "published_at": 1,
                "publisher": 1,
                "source.collection": 1,
                "source.received_at": 1,
                "entities.id": 1,
                "entities.name": 1,
                "entities.type": 1,
                "quotes": 1,
                "its": its,
            }
        },
        {"$set": {"said": said, "quotes": None}},
    ]
    return [*found, {"$facet": _facets(others, unit, **size)}]


def _facets(others: Doc, unit: Doc, company: int, documents: int) -> Doc:
    counted: list[Doc] = [{"$sort": {"count": -1, "_id": 1}}]
    return {
        "total": [{"$count": "documents"}],
        "names": [{"$unwind": "$its"}, {"$sortByCount": "$its.name"}],
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
            {"$match": others},
            {"$group": {"_id": "$entities.name", "count": {"$sum": 1}, "type": {"$first": "$entities.type"}}},
            *counted,
            {"$limit": company},
        ],
        "timeline": [
            {"$match": {"published_at": {"$ne": None}}},
            {"$group": {"_id": {"$dateTrunc": unit}, "count": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ],
    }  # fmt: skip
