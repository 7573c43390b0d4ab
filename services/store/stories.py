"""Group documents into stories: an index of MinHash bands that grows as documents arrive, in any order.

Collection ``story_index`` has an entry for each document, ``{_id: document id, bands, signature, size, facts, title,
at, story}`` (with ``lists`` where some of its bands are crowded, see `services.store.story_bands`), and a redirect for
each story that was joined with another one, ``{_id: story id, into: story id}``. A story's id is the smallest document
id in it, so no counter is shared and the order of arrival does not matter. When documents join two stories, the larger
id redirects to the smaller; redirects only point to smaller ids, so they end.

The cost of a look-up is bounded: `services.store.story_bands` chooses the few documents that are compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne
from pymongo.database import Database

from services.store import story_bands


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprint that `workers.enrich.whole.story` makes of a document, and its time. ``bands`` are the keys for
    look-ups. ``at`` is in seconds since 1970, or None in old entries.
    """

    bands: Sequence[int]
    signature: Sequence[int]
    size: int
    facts: Sequence[int]
    title: Sequence[int] = ()
    at: float | None = None


Compare = Callable[[ObjectId, Fingerprint, Fingerprint], float]
"""Return how similar a document is to another; 0 if they are not versions of one story."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """The story of a document. ``similarity`` compares it with ``nearest``, the most similar document in the index; 0
    and None in a new story. ``merged`` are the ids of stories that were joined with this one: records that have them
    must be changed.
    """

    story: str
    similarity: float = 0.0
    nearest: ObjectId | None = None
    merged: tuple[str, ...] = ()


def create_indexes(db: Database[dict[str, Any]]) -> None:
    """Create the indexes that look-ups use. Safe to repeat."""
    db.story_index.create_index("bands")
    db.story_index.create_index("story")
    db.story_index.create_index("into", sparse=True)


def assign(
    db: Database[dict[str, Any]], prints: Mapping[ObjectId, Fingerprint], same: Compare
) -> dict[ObjectId, Assigned]:
    """Add the documents to the index and return the story of each. Repeating it changes nothing. A document joins the
    story of a document that is ``same`` as it, unless it differs from most of the story's documents that it is compared
    with. So no chain of small changes joins two different reports. The entries are written before candidates are looked
    up, so of two versions that arrive at the same time at least one sees the other. A document can only follow
    documents that are older than itself, even when it is read again. It takes three round trips if all stories are new,
    six if documents join a story, and a few more if their bands are crowded.
    """
    found = {id: Assigned(str(id)) for id in prints}
    if empty := [id for id, print_ in prints.items() if not print_.bands]:
        _drop(db, empty)
    sought = {id: print_ for id, print_ in prints.items() if print_.bands}
    if not sought:
        return found
    bands = {id: print_.bands for id, print_ in sought.items()}
    crowded = story_bands.crowded(db, bands)
    writes: list[UpdateOne | UpdateMany] = [_entry(id, print_, crowded) for id, print_ in sought.items()]
    written = db.story_index.bulk_write([*writes, *story_bands.on_lists(bands, crowded)], ordered=False)
    new = set((written.upserted_ids or {}).values()) & set(sought)
    candidates = _candidates(db, story_bands.best(db, bands, crowded), set(sought) - new)
    names, nearest = _compared(db, sought, new, candidates, same)

    writes = []
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


def _compared(
    db: Database[dict[str, Any]],
    sought: Mapping[ObjectId, Fingerprint],
    new: set[ObjectId],
    candidates: Mapping[ObjectId, Sequence[dict[str, Any]]],
    same: Compare,
) -> tuple[dict[ObjectId, set[str]], dict[ObjectId, tuple[float, ObjectId]]]:
    """Return, for each document, the ids of its stories and the most similar earlier version."""
    alike: dict[ObjectId, list[tuple[float, dict[str, Any]]]] = {}
    for id, print_ in sought.items():
        rest = [other for other in candidates[id] if other["_id"] != id]
        scored = [(score, other) for other in rest if (score := same(id, print_, _print(other)))]
        compared = Counter(other["story"] for other in rest)
        matched = Counter(other["story"] for _, other in scored)
        alike[id] = [
            (score, other) for score, other in scored if 2 * matched[other["story"]] >= compared[other["story"]]
        ]
        alike[id] += [(1.0, other) for other in candidates[id] if other["_id"] == id]
    stories = {other["story"] for others in alike.values() for _, other in others}
    redirects = _redirects(db, stories - set(map(str, new)))
    names: dict[ObjectId, set[str]] = {}
    nearest: dict[ObjectId, tuple[float, ObjectId]] = {}
    for id, others in alike.items():
        known = {other["story"] for _, other in others} | ({str(id)} if id in new else set())
        names[id] = known | {redirects[story] for story in known & redirects.keys()}
        earlier = [
            (score, other["_id"])
            for score, other in others
            if other["_id"] < id or (other["_id"] != id and id in new and other["_id"] not in sought)
        ]
        if earlier:
            nearest[id] = max(earlier)
    return names, nearest


def _entry(id: ObjectId, print_: Fingerprint, crowded: set[int]) -> UpdateOne:
    entry = {
        "bands": [band for band in print_.bands if band not in crowded],
        "signature": list(print_.signature),
        "size": print_.size,
        "facts": list(print_.facts),
        "title": list(print_.title),
        "at": print_.at,
    }
    change: dict[str, Any] = {"$set": entry, "$setOnInsert": {"story": str(id)}}
    if lists := story_bands.lists(print_.bands, crowded):
        change["$addToSet"] = {"lists": {"$each": lists}}  # it may be on other lists from an earlier text
    return UpdateOne({"_id": id}, change, upsert=True)


def _joined(sets: Iterable[set[str]]) -> list[set[str]]:
    """Return the sets, with those that share an id joined."""
    joined: list[set[str]] = []
    for names in sets:
        apart = [other for other in joined if other.isdisjoint(names)]
        together = [other for other in joined if not other.isdisjoint(names)]
        joined = [*apart, names.union(*together)]
    return joined


def resolve(db: Database[dict[str, Any]], story: str) -> str:
    """Return the current id of ``story``."""
    while (redirect := db.story_index.find_one({"_id": story})) is not None:
        story = redirect["into"]
    return story


def join(db: Database[dict[str, Any]], names: Iterable[str]) -> str:
    """Join these stories, however much their texts differ. Returns the id, the smallest of them. Safe to repeat.
    Records that have another of the ids must be changed.
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
    """Remove a document without words from the index; its story keeps its id."""
    _drop(db, [document_id])


def _drop(db: Database[dict[str, Any]], ids: Sequence[ObjectId]) -> None:
    story_bands.unlist(db, ids)
    db.story_index.delete_many({"_id": {"$in": list(ids)}})


def forget(db: Database[dict[str, Any]], ids: Sequence[ObjectId]) -> dict[str, str | None]:
    """Remove erased documents from the index and from the ids of stories. A story whose id was one of them gets the
    smallest remaining document id. Returns the new id for each old one, None if no document is left: records that have
    the old id must be changed. Safe to repeat.
    """
    index = db.story_index
    names = [str(id) for id in ids]
    _drop(db, ids)
    left: dict[str, list[str]] = {}
    for entry in index.find({"story": {"$in": names}}, {"story": 1}):
        left.setdefault(entry["story"], []).append(str(entry["_id"]))
    redirects = {entry["_id"]: entry["into"] for entry in index.find({"_id": {"$in": names}}, {"into": 1})}
    renamed: dict[str, str | None] = {}
    for name in sorted(names, reverse=True):  # its target is smaller, and may be among them
        renamed[name] = redirects.get(name) or min(left.get(name, []), default=None)
    for name in sorted(names):
        while (target := renamed[name]) in renamed:
            renamed[name] = renamed[target]
    for name, target in renamed.items():
        if target is not None:
            index.update_many({"story": name}, {"$set": {"story": target}})
            # redirects point to smaller ids; one that does not belongs to a story without documents
            index.update_many({"into": name, "_id": {"$gt": target}}, {"$set": {"into": target}})
    index.delete_many({"$or": [{"into": {"$in": names}}, {"_id": {"$in": names}}]})
    return renamed


def _print(entry: dict[str, Any]) -> Fingerprint:
    """Read an entry; entries of an earlier version of Copydesk have no title, and the time of arrival as their time."""
    at = entry.get("at")
    if at is None:
        at = entry["_id"].generation_time.timestamp()
    return Fingerprint((), entry["signature"], entry["size"], entry["facts"], entry.get("title", ()), at)


def _candidates(
    db: Database[dict[str, Any]], best: Mapping[ObjectId, Sequence[ObjectId]], again: Iterable[ObjectId]
) -> dict[ObjectId, list[dict[str, Any]]]:
    """Return, for each document, the entries of the ``best`` candidates, and its own entry if it is read ``again``."""
    wanted: dict[ObjectId, set[ObjectId]] = {id: set(others) for id, others in best.items()}
    for id in again:
        wanted[id].add(id)
    ids = set().union(*wanted.values())
    shown = {"bands": 0, "lists": 0}
    entries = {entry["_id"]: entry for entry in db.story_index.find({"_id": {"$in": list(ids)}}, shown)} if ids else {}
    return {id: [entries[other] for other in sorted(others) if other in entries] for id, others in wanted.items()}


def _redirects(db: Database[dict[str, Any]], names: set[str]) -> dict[str, str]:
    """Return the current ids of stories that were joined with another one, with one look-up for all."""
    found = db.story_index.find({"_id": {"$in": sorted(names)}}, {"into": 1}) if names else ()
    return {entry["_id"]: resolve(db, entry["into"]) for entry in found}
