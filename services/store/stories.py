"""Which documents tell one story: an index of MinHash bands that grows as documents arrive, in any order.

Collection ``story_index`` has an entry for each document, ``{_id: document id, bands, signature, size, facts, story}``,
and a redirect for each story that turned out to be another one, ``{_id: story id, into: story id}``.
A story's id is the smallest document id in it, so no counter is shared and the order of arrival does not matter. When
documents join two stories, the larger id redirects to the smaller; redirects only point to smaller ids, so they end.

What a look-up costs is bounded: a band leads to no more than ``MOST_HOLDERS`` documents. When another one comes to it, the
oldest of them is taken off that band, so of many look-alikes a version is found among the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne
from pymongo.database import Database

MOST_CANDIDATES = 200
MOST_HOLDERS = 64
"""Documents that a band may lead to: the newest. A band that more share says that they are made from one template and
nothing of one story, and without a bound a look-up in a flood of such texts would cost as much as the flood is long."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What `workers.enrich.whole.story` makes of a text: `bands(signature)`, `signature`, number of shingles, `facts`.

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
    db: Database[dict[str, Any]], prints: Mapping[ObjectId, Fingerprint], *, same_text: float, same_facts: float
) -> dict[ObjectId, Assigned]:
    """Put the documents into the index and say which story each belongs to. Repeating it changes nothing.

    The entries are written before candidates are sought, so of two versions that arrive at once at least one sees the
    other. For a document that is read again, only those before it are versions that it may follow, and so among these.
    Two round trips where all the stories are new, three where documents join one.
    """
    found = {id: Assigned(str(id)) for id in prints}
    if empty := [id for id, print_ in prints.items() if not print_.bands]:
        db.story_index.delete_many({"_id": {"$in": empty}})
    sought = {id: print_ for id, print_ in prints.items() if print_.bands}
    if not sought:
        return found
    written = db.story_index.bulk_write([_entry(id, print_) for id, print_ in sought.items()], ordered=False)
    new = set((written.upserted_ids or {}).values())

    names: dict[ObjectId, set[str]] = {}
    nearest: dict[ObjectId, tuple[float, ObjectId]] = {}
    candidates = _candidates(db, sought)
    _with_own(db, candidates, set(sought) - new)
    others_stories = {other["story"] for others in candidates.values() for other in others} - set(map(str, new))
    redirects = _redirects(db, others_stories)
    for id, others in candidates.items():
        names[id] = {str(id)} if id in new else set()
        near: list[tuple[float, ObjectId]] = []
        for other in others:
            if other["_id"] == id:
                names[id] |= {other["story"], redirects.get(other["story"], other["story"])}
                continue
            score = containment(sought[id], other)
            if score >= same_text and _shared(sought[id].facts, other["facts"]) >= same_facts:
                if other["_id"] < id or (id in new and other["_id"] not in sought):
                    near.append((score, other["_id"]))
                names[id] |= {other["story"], redirects.get(other["story"], other["story"])}
        if near:
            nearest[id] = max(near)

    writes: list[UpdateOne | UpdateMany] = [
        UpdateOne({"_id": id}, {"$pullAll": {"bands": sorted(bands)}})
        for id, bands in _crowded_out(candidates, sought).items()
    ]
    for together in _joined(names.values()):
        story = min(together)
        merged = tuple(sorted(together - {story}))
        for id in (id for id in names if not names[id].isdisjoint(together)):
            score, other_id = nearest.get(id, (0.0, None))
            found[id] = Assigned(story, round(score, 3), other_id, merged)
        if merged:
            writes += [UpdateOne({"_id": one}, {"$min": {"into": story}}, upsert=True) for one in merged]
            writes.append(UpdateMany({"story": {"$in": list(merged)}}, {"$set": {"story": story}}))
    if writes:
        db.story_index.bulk_write(writes, ordered=True)
    return found


def _entry(id: ObjectId, print_: Fingerprint) -> UpdateOne:
    entry = {
        "bands": list(print_.bands),
        "signature": list(print_.signature),
        "size": print_.size,
        "facts": list(print_.facts),
    }
    return UpdateOne({"_id": id}, {"$set": entry, "$setOnInsert": {"story": str(id)}}, upsert=True)


def _joined(sets: Iterable[set[str]]) -> list[set[str]]:
    """The sets, those that have a name in common made one."""
    joined: list[set[str]] = []
    for names in sets:
        apart = [other for other in joined if other.isdisjoint(names)]
        together = [other for other in joined if not other.isdisjoint(names)]
        joined = [*apart, names.union(*together)]
    return joined


def resolve(db: Database[dict[str, Any]], story: str) -> str:
    """The id by which ``story`` is known today."""
    while (redirect := db.story_index.find_one({"_id": story})) is not None:
        story = redirect["into"]
    return story


def join(db: Database[dict[str, Any]], names: Iterable[str]) -> str:
    """Make one story of these, whatever their texts are; returns its id, the smallest. Safe to repeat.

    Records that carry another of the ids are to be changed.
    """
    known = {name: resolve(db, name) for name in names}
    story = min(known.values())
    merged = sorted({*known, *known.values()} - {story})
    if merged:
        writes: list[UpdateOne | UpdateMany] = [
            UpdateOne({"_id": one}, {"$min": {"into": story}}, upsert=True) for one in merged
        ]
        writes.append(UpdateMany({"story": {"$in": merged}}, {"$set": {"story": story}}))
        db.story_index.bulk_write(writes, ordered=True)
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


def _candidates(db: Database[dict[str, Any]], ids: Iterable[ObjectId]) -> dict[ObjectId, list[dict[str, Any]]]:
    """For each document the newest entries that share a band with it, its own among them.

    Each entry is joined to those that share a band with it: a single ``$in`` over the bands of all the documents has
    SecantusDB compare every one of them with every band of what it finds, and lets the versions of one document crowd
    out another's.
    """
    shown: list[dict[str, Any]] = [
        {"$sort": {"_id": -1}},
        {"$limit": MOST_CANDIDATES},
        {"$project": {"bands": 1, "signature": 1, "size": 1, "facts": 1, "story": 1}},
    ]
    same_band = {"from": "story_index", "localField": "bands", "foreignField": "bands", "pipeline": shown, "as": "near"}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"_id": {"$in": list(ids)}}},
        {"$project": {"bands": 1}},
        {"$lookup": same_band},
    ]
    return {entry["_id"]: entry["near"] for entry in db.story_index.aggregate(pipeline)}


def _with_own(
    db: Database[dict[str, Any]], candidates: dict[ObjectId, list[dict[str, Any]]], again: Iterable[ObjectId]
) -> None:
    """Add their own entries to the candidates of documents read again that newer ones have crowded out."""
    lacking = [id for id in again if all(other["_id"] != id for other in candidates.get(id, ()))]
    for entry in db.story_index.find({"_id": {"$in": lacking}}) if lacking else ():
        candidates.setdefault(entry["_id"], []).append(entry)


def _redirects(db: Database[dict[str, Any]], names: set[str]) -> dict[str, str]:
    """What those of the stories that turned out to be another one are known as today: one look-up for all of them."""
    found = db.story_index.find({"_id": {"$in": sorted(names)}}, {"into": 1}) if names else ()
    return {entry["_id"]: resolve(db, entry["into"]) for entry in found}


def _crowded_out(
    candidates: Mapping[ObjectId, Sequence[dict[str, Any]]], sought: Mapping[ObjectId, Fingerprint]
) -> dict[ObjectId, set[int]]:
    """The entries to take off bands that more than `MOST_HOLDERS` share, the oldest first, each with those bands."""
    holders: dict[int, set[ObjectId]] = {}
    for id, others in candidates.items():
        own = set(sought[id].bands)
        for other in others:
            for band in own.intersection(other["bands"]):
                holders.setdefault(band, set()).add(other["_id"])
    crowded: dict[ObjectId, set[int]] = {}
    for band, ids in holders.items():
        for id in sorted(ids)[: max(0, len(ids) - MOST_HOLDERS)]:
            crowded.setdefault(id, set()).add(band)
    return crowded
