"""Which documents tell one story: an index of MinHash bands that grows as documents arrive, in any order.

Collection ``story_index`` has an entry for each document, ``{_id: document id, bands, signature, size, facts, story}``,
and a redirect for each story that turned out to be another one, ``{_id: story id, into: story id}``.
A story's id is the smallest document id in it, so no counter is shared and the order of arrival does not matter. When
documents join two stories, the larger id redirects to the smaller; redirects only point to smaller ids, so they end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne
from pymongo.database import Database

MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What `workers.enrich.story` makes of a text: `bands(signature)`, `signature`, number of shingles, `facts`.

    The first ``hashes`` numbers of the signature are of the whole text.
    """

    bands: Sequence[int]
    signature: Sequence[int]
    size: int
    facts: Sequence[int]
    hashes: int = 128


@dataclass(frozen=True, slots=True)
class Assigned:
    """``similarity`` is to ``nearest``, the most similar document already there; 0 and None in a new story.

    ``merged`` are ids of stories that are now this one: records that carry them are to be changed.
    """

    story: str
    similarity: float = 0.0
    nearest: ObjectId | None = None
    merged: tuple[str, ...] = ()


def create_indexes(db: Database[dict[str, Any]]) -> None:
    """The indexes that lookups use. Safe to repeat."""
    db.story_index.create_index("bands")
    db.story_index.create_index("story")
    db.story_index.create_index("into", sparse=True)


def assign(
    db: Database[dict[str, Any]], document_id: ObjectId, print_: Fingerprint, *, same_text: float, same_facts: float
) -> Assigned:
    """Put the document into the index and say which story it belongs to. Repeating it changes nothing.

    The entry is written before candidates are sought, so of two versions that arrive at once at least one sees the
    other. For a document that is read again, only those before it are versions that it may follow.
    Two round trips for a new story, three for a document that joins one.
    """
    own = str(document_id)
    if not print_.bands:
        remove(db, document_id)
        return Assigned(own)
    entry = {
        "bands": list(print_.bands),
        "signature": list(print_.signature),
        "size": print_.size,
        "facts": list(print_.facts),
    }
    written = db.story_index.update_one(
        {"_id": document_id}, {"$set": entry, "$setOnInsert": {"story": own}}, upsert=True
    )
    again = written.upserted_id is None

    stories: set[str] = set()
    near: list[tuple[float, ObjectId]] = []
    for other in _candidates(db, print_.bands):
        if other["_id"] == document_id:
            stories |= _known_as(db, other)
            continue
        score = containment(print_, other)
        if score >= same_text and _shared(print_.facts, other["facts"]) >= same_facts:
            if not again or other["_id"] < document_id:
                near.append((score, other["_id"]))
            stories |= _known_as(db, other)
    story = min(stories, default=own)
    merged = tuple(sorted(stories - {story}))
    if merged:
        redirects = [UpdateOne({"_id": one}, {"$min": {"into": story}}, upsert=True) for one in merged]
        db.story_index.bulk_write(
            [*redirects, UpdateMany({"story": {"$in": list(merged)}}, {"$set": {"story": story}})], ordered=True
        )
    if not near:
        return Assigned(story, merged=merged)
    score, nearest = max(near)
    return Assigned(story, round(score, 3), nearest, merged)


def resolve(db: Database[dict[str, Any]], story: str) -> str:
    """The id by which ``story`` is known today."""
    while (redirect := db.story_index.find_one({"_id": story})) is not None:
        story = redirect["into"]
    return story


def remove(db: Database[dict[str, Any]], document_id: ObjectId) -> None:
    """Take a document without words out of the index; its story keeps its id."""
    db.story_index.delete_one({"_id": document_id})


def forget(db: Database[dict[str, Any]], ids: Sequence[ObjectId]) -> dict[str, str | None]:
    """Take erased documents out of the index, and their ids out of the names of stories.

    A story that was named after one of them is named after the smallest document left in it. Returns the new name of
    each such id, None where no document is left: records that carry the old one are to be changed. Safe to repeat.
    """
    index = db.story_index
    names = [str(id) for id in ids]
    index.delete_many({"_id": {"$in": list(ids)}})
    left: dict[str, list[str]] = {}
    for entry in index.find({"story": {"$in": names}}, {"story": 1}):
        left.setdefault(entry["story"], []).append(str(entry["_id"]))
    redirects = {entry["_id"]: entry["into"] for entry in index.find({"_id": {"$in": names}}, {"into": 1})}
    renamed: dict[str, str | None] = {}
    for name in sorted(names, reverse=True):  # what it redirects to is smaller, and may be among them
        renamed[name] = redirects.get(name) or min(left.get(name, []), default=None)
    for name in sorted(names):
        while (target := renamed[name]) in renamed:
            renamed[name] = renamed[target]
    for name, target in renamed.items():
        if target is not None:
            index.update_many({"story": name}, {"$set": {"story": target}})
            # redirects point to smaller ids; one that would not is of a story that no document is in any more
            index.update_many({"into": name, "_id": {"$gt": target}}, {"$set": {"into": target}})
    index.delete_many({"$or": [{"into": {"$in": names}}, {"_id": {"$in": names}}]})
    return renamed


def containment(one: Fingerprint, other: dict[str, Any]) -> float:
    """Estimated share of the shorter document's shingles that stand in the longer one, 0 to 1.

    With Jaccard similarity j = i / (m + n - i), the intersection i of m and n shingles is j (m + n) / (1 + j).
    """
    pairs = zip(one.signature[: one.hashes], other["signature"][: one.hashes], strict=True)
    equal = sum(a == b for a, b in pairs) / one.hashes
    both = equal * (one.size + other["size"]) / (1 + equal)
    return float(min(1.0, both / min(one.size, other["size"])))


def _shared(one: Sequence[int], other: Sequence[int]) -> float:
    """Share of the smaller set of facts in the larger; 1 where a text has none."""
    smaller = min(len(one), len(other))
    return len(set(one) & set(other)) / smaller if smaller else 1.0


def _candidates(db: Database[dict[str, Any]], bands: Sequence[int]) -> list[dict[str, Any]]:
    """Entries that share a band, each with the redirect of its story."""
    return list(
        db.story_index.aggregate(
            [
                {"$match": {"bands": {"$in": list(bands)}}},
                {"$limit": MOST_CANDIDATES},
                {"$project": {"signature": 1, "size": 1, "facts": 1, "story": 1}},
                {"$lookup": {"from": "story_index", "localField": "story", "foreignField": "_id", "as": "redirect"}},
            ]
        )
    )


def _known_as(db: Database[dict[str, Any]], entry: dict[str, Any]) -> set[str]:
    """The entry's story, and where that redirects, what it redirects to."""
    if not entry["redirect"]:
        return {entry["story"]}
    return {entry["story"], resolve(db, entry["redirect"][0]["into"])}
