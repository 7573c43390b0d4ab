"""Which documents share bands with one: the look-up behind `services.store.stories`, at a bounded cost.

An entry of ``story_index`` names the bands of its document in ``bands``, which has an index. A band that `MOST_HOLDERS`
entries name is *crowded*: ten thousand texts made from one template share it, and it says little about any of them. From
then on no entry names it and no look-up asks for it. It has a list in the same collection instead,
``{_id: band, newest: [document ids]}``, of the newest documents that have it, fewer than twice `LISTED`. A document
is on `LISTS` of those lists, the smallest of its crowded bands, so that texts that are alike are on the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database

MOST_HOLDERS = 8
"""Entries that name a band, itself among them, from which on it is crowded. A few more do where several workers come to
a band in the same moment."""

LISTS, LISTED = 2, 16
"""Lists that a document is on, and documents to which a list is cut when it names twice as many."""

MOST_CANDIDATES = 400
"""Entries that a look-up reads for a document: more share its bands only where bands of an earlier version of Copydesk
are crowded that nobody has looked at since."""

BEST = 6
"""How many of the documents that a look-up finds are compared."""

Bands = Mapping[ObjectId, Sequence[int]]
Db = Database[dict[str, Any]]


def crowded(db: Db, sought: Bands) -> set[int]:
    """Those of the documents' bands that are crowded, or will be as soon as these documents are written."""
    counts = Counter(chain.from_iterable(set(own) for own in sought.values()))
    found = db.story_index.find({"_id": {"$in": list(counts)}}, {"_id": 1})
    return {band for band, count in counts.items() if count >= MOST_HOLDERS} | {entry["_id"] for entry in found}


def lists(own: Iterable[int], crowded: set[int]) -> list[int]:
    """The bands on whose lists a document with the bands ``own`` is to be."""
    return sorted(crowded.intersection(own))[:LISTS]


def best(db: Db, sought: Bands, crowded: set[int]) -> dict[ObjectId, list[ObjectId]]:
    """For each document the others that share its bands, the most telling first, `BEST` at most.

    Their entries and `on_lists` are written before. A band counts the less, the more documents have it.
    """
    listed = {id: lists(own, crowded) for id, own in sought.items()}
    near = _sharing(db, [id for id, own in sought.items() if not crowded.issuperset(own)])
    newest = _newest(db, set(chain.from_iterable(listed.values())))
    fuller: set[int] = set()
    found: dict[ObjectId, list[ObjectId]] = {}
    for id, own in sought.items():
        asked = set(own) - crowded
        shared = {other: asked.intersection(bands) for other, bands in near.get(id, {}).items()}
        holders = Counter(chain.from_iterable(shared.values()))
        fuller.update(band for band, count in holders.items() if count >= MOST_HOLDERS)
        weights = {other: sum(1 / holders[band] for band in bands) for other, bands in shared.items()}
        for other in chain.from_iterable(newest.get(band, ()) for band in listed[id]):
            weights[other] = weights.get(other, 0.0) + 1 / LISTED
        weights.pop(id, None)
        found[id] = sorted(weights, key=lambda other: (weights[other], other), reverse=True)[:BEST]
    if fuller:
        _crowd(db, sought, crowded | fuller, fuller)
    if long := [band for band, ids in newest.items() if len(ids) >= 2 * LISTED]:
        cut = {"$push": {"newest": {"$each": [], "$sort": 1, "$slice": -LISTED}}}
        db.story_index.update_many({"_id": {"$in": long}}, cut)
    return found


def unlist(db: Db, ids: Sequence[ObjectId]) -> None:
    """Take documents, whose entries are still there, off the lists of crowded bands."""
    entries = db.story_index.find({"_id": {"$in": list(ids)}, "lists": {"$exists": True}}, {"lists": 1})
    bands = sorted(set(chain.from_iterable(entry["lists"] for entry in entries)))
    if bands:
        db.story_index.update_many({"_id": {"$in": bands}}, {"$pull": {"newest": {"$in": list(ids)}}})


def on_lists(sought: Bands, crowded: set[int]) -> list[UpdateOne]:
    """The writes that put the documents on lists; they go with those of their entries. Safe to repeat."""
    added: dict[int, list[ObjectId]] = {}
    for id, own in sought.items():
        for band in lists(own, crowded):
            added.setdefault(band, []).append(id)
    return [
        UpdateOne({"_id": band}, {"$addToSet": {"newest": {"$each": ids}}}, upsert=True) for band, ids in added.items()
    ]


def _crowd(db: Db, sought: Bands, crowded: set[int], fuller: set[int]) -> None:
    """Make the bands ``fuller`` crowded ones; the documents that found them so are the first on their lists."""
    finders = {id: own for id, own in sought.items() if not fuller.isdisjoint(own)}
    writes = [
        UpdateOne({"_id": id}, {"$addToSet": {"lists": {"$each": lists(own, crowded)}}}) for id, own in finders.items()
    ]
    writes += [
        UpdateOne({"_id": band}, {"$setOnInsert": {"newest": []}}, upsert=True)
        for band in sorted(fuller - set(chain.from_iterable(lists(own, crowded) for own in finders.values())))
    ]
    db.story_index.bulk_write(writes + on_lists(finders, crowded), ordered=False)


def _sharing(db: Db, ids: Sequence[ObjectId]) -> dict[ObjectId, dict[ObjectId, list[int]]]:
    """For each document the entries that name one of the bands that its own names, with their bands.

    One join and not one ``$in`` over the bands of all the documents, which has SecantusDB compare every one of them with
    every band of what it finds. What it reads of an entry is its bands, a fifth of it.
    """
    shown = [{"$limit": MOST_CANDIDATES}, {"$project": {"bands": 1}}]
    same_band = {"from": "story_index", "localField": "bands", "foreignField": "bands", "pipeline": shown, "as": "near"}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"_id": {"$in": list(ids)}}},
        {"$project": {"bands": 1}},
        {"$lookup": same_band},
    ]
    found = db.story_index.aggregate(pipeline) if ids else ()
    return {entry["_id"]: {other["_id"]: other["bands"] for other in entry["near"]} for entry in found}


def _newest(db: Db, bands: set[int]) -> dict[int, list[ObjectId]]:
    found = db.story_index.find({"_id": {"$in": sorted(bands)}}) if bands else ()
    return {entry["_id"]: entry["newest"] for entry in found}
