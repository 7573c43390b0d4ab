"""Find the documents that share bands with a document, at a bounded cost; used by `services.store.stories`.

An entry of ``story_index`` names the bands of its document in ``bands``, which has an index. A band that `MOST_HOLDERS`
entries name is *crowded*: ten thousand texts made from one template share it, and it says little about any of them.
From then on no entry names it and look-ups do not use it. Instead, it has a list in the same collection, ``{_id: band,
newest: [document ids]}``, of the newest documents that have it, fewer than twice `LISTED`. A document is on `LISTS` of
these lists, those of its numerically smallest crowded bands, so that similar texts are on the same lists.
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
"""How many entries, including the new one, make a band crowded. There may be a few more if several workers use a band
at the same moment."""

LISTS, LISTED = 2, 16
"""How many lists a document is on; and the length to which a list is cut when it has twice as many documents."""

MOST_CANDIDATES = 400
"""How many entries a look-up reads for a document. More can share its bands only if they were crowded in an earlier
version of Copydesk and have not been used since."""

BEST = 6
"""How many of the documents that a look-up finds are compared."""

Bands = Mapping[ObjectId, Sequence[int]]
Db = Database[dict[str, Any]]


def crowded(db: Db, sought: Bands) -> set[int]:
    """Return the documents' bands that are crowded, or will be once these documents are written."""
    counts = Counter(chain.from_iterable(set(own) for own in sought.values()))
    found = db.story_index.find({"_id": {"$in": list(counts)}}, {"_id": 1})
    return {band for band, count in counts.items() if count >= MOST_HOLDERS} | {entry["_id"] for entry in found}


def lists(own: Iterable[int], crowded: set[int]) -> list[int]:
    """Return the bands on whose lists a document with the bands ``own`` belongs."""
    return sorted(crowded.intersection(own))[:LISTS]


def best(db: Db, sought: Bands, crowded: set[int]) -> dict[ObjectId, list[ObjectId]]:
    """Return, for each document, up to `BEST` others that share its bands, best candidates first. Entries and
    `on_lists` must be written before. A band counts less the more documents have it.
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
    """Remove documents, whose entries still exist, from the lists of crowded bands."""
    entries = db.story_index.find({"_id": {"$in": list(ids)}, "lists": {"$exists": True}}, {"lists": 1})
    bands = sorted(set(chain.from_iterable(entry["lists"] for entry in entries)))
    if bands:
        db.story_index.update_many({"_id": {"$in": bands}}, {"$pull": {"newest": {"$in": list(ids)}}})


def on_lists(sought: Bands, crowded: set[int]) -> list[UpdateOne]:
    """Return the writes that put the documents on lists; run them together with the writes of their entries. Safe to
    repeat."""
    added: dict[int, list[ObjectId]] = {}
    for id, own in sought.items():
        for band in lists(own, crowded):
            added.setdefault(band, []).append(id)
    return [
        UpdateOne({"_id": band}, {"$addToSet": {"newest": {"$each": ids}}}, upsert=True) for band, ids in added.items()
    ]


def _crowd(db: Db, sought: Bands, crowded: set[int], fuller: set[int]) -> None:
    """Mark the bands ``fuller`` as crowded; the documents that reached the limit are the first on their lists."""
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
    """Return, for each document, the entries that share a band with its own entry, with their bands. Uses one join, not
    one ``$in`` over the bands of all documents, because SecantusDB would compare each of them with every band of every
    result. It reads only the bands of an entry, a fifth of it.
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
