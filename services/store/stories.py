"""Which documents tell one story: an index of MinHash bands that grows as documents arrive, in any order.

Collection ``story_index``, one entry a document: ``{_id: document id, bands, signature, size, story}``. Collection
``stories``: ``{_id: story id, into: story id}`` stands only for a story that was found to be another one.
A new story takes its first document's id, so no counter is shared; when a document joins two stories, the one with the
smaller id stays and the other redirects to it. Redirects only ever point to a smaller id, so they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.database import Database

_MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Assigned:
    """``similarity`` is to ``nearest``, the most similar document that was there before; None and 0 in a new story."""

    story: str
    similarity: float = 0.0
    nearest: ObjectId | None = None


def create_indexes(db: Database[dict[str, Any]]) -> None:
    """The one index that lookups use. Safe to repeat."""
    db.story_index.create_index("bands")
    db.story_index.create_index("story")


def assign(
    db: Database[dict[str, Any]],
    document_id: ObjectId,
    bands: Sequence[int],
    signature: Sequence[int],
    size: int,
    *,
    threshold: float,
) -> Assigned:
    """Put the document into the index and say which story it belongs to. Repeating it changes nothing.

    ``size`` is its number of shingles. The entry is written before candidates are sought, so of two versions that
    arrive at once at least one sees the other. Two round trips where no story has to be merged and none redirects.
    """
    if not bands:
        remove(db, document_id)
        return Assigned(str(document_id))
    entry = {"bands": list(bands), "signature": list(signature), "size": size}
    db.story_index.update_one(
        {"_id": document_id}, {"$set": entry, "$setOnInsert": {"story": str(document_id)}}, upsert=True
    )
    near: list[tuple[float, dict[str, Any]]] = []
    own = str(document_id)
    fields = {"signature": 1, "size": 1, "story": 1}
    for other in db.story_index.find({"bands": {"$in": list(bands)}}, fields).limit(_MOST_CANDIDATES):
        if other["_id"] == document_id:
            own = other["story"]
        elif (score := containment(signature, size, other["signature"], other["size"])) >= threshold:
            near.append((score, other))
    if not near:
        return Assigned(resolve(db, own) if own != str(document_id) else own)
    story = _join(db, {own, *(other["story"] for _, other in near)}, document_id)
    score, nearest = max(near, key=lambda one: (one[0], str(one[1]["_id"])))
    return Assigned(story, round(score, 3), nearest["_id"])


def containment(one: Sequence[int], one_size: int, other: Sequence[int], other_size: int) -> float:
    """Estimated share of the shorter document that stands in the longer one, from signatures and numbers of shingles.

    With Jaccard similarity j = i / (m + n - i), the intersection i is j (m + n) / (1 + j).
    """
    equal = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    both = equal * (one_size + other_size) / (1 + equal)
    return min(1.0, both / min(one_size, other_size))


def resolve(db: Database[dict[str, Any]], story: str) -> str:
    """The story that ``story`` is known as today."""
    while (redirect := db.stories.find_one({"_id": story})) is not None:
        story = redirect["into"]
    return story


def _join(db: Database[dict[str, Any]], stories: Iterable[str], document_id: ObjectId) -> str:
    seen = set(stories)
    if len(seen) == 1:
        return seen.pop()
    roots = {resolve(db, story) for story in seen} - {str(document_id)} or {str(document_id)}
    first = min(roots)
    # The new document's own story never had another member unless somebody else found it: then it redirects, too.
    for story in sorted((seen | roots | {str(document_id)}) - {first}):
        if story > first:
            db.stories.update_one({"_id": story}, {"$min": {"into": first}}, upsert=True)
        else:
            db.stories.update_one({"_id": first}, {"$min": {"into": story}}, upsert=True)
    final = resolve(db, first)
    db.story_index.update_many({"story": {"$in": sorted((seen | roots) - {final})}}, {"$set": {"story": final}})
    return final


def remove(db: Database[dict[str, Any]], document_id: ObjectId) -> None:
    """Take a deleted document out of the index; its story keeps its id."""
    db.story_index.delete_one({"_id": document_id})
