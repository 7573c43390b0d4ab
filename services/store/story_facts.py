"""Mask the story of a record: a reader learns nothing from documents that they may not see.

Stories join versions of a text across all collections. A sender who may post to one collection could post a guess at a
document of another collection; the record of the guess would name that document, say how similar the guess is, and list
the paragraphs that differ. So if the reader may not see ``story.nearest``, the document is shown as if it had no
earlier version. If the reader may not see the document whose id the story has, the story gets the id of its first
visible document. The record in MongoDB has the facts of all collections; they are masked for each reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from services import identity

Doc = dict[str, Any]
FIELD = "story"


def fields(projection: Doc) -> Doc:
    """Return the projection with the whole story if it asks for a part; `told` reduces it again."""
    if not any(name.startswith(f"{FIELD}.") for name in projection):
        return projection
    return {name: value for name, value in projection.items() if not name.startswith(f"{FIELD}.")} | {FIELD: 1}


async def told(db: AsyncDatabase[Doc], records: list[Doc], access: Doc, projection: Doc | None = None) -> None:
    """Mask the story in each record for a reader who may see the documents that ``access`` matches. ``projection`` is
    the requested one, before `fields`. Raises PyMongoError.
    """
    mask_ids(records, access)
    if access and (ids := _named(records)):
        visible = await db.documents.find({"_id": {"$in": ids}, **access}, {"_id": 1}).to_list()
        first = {}
        if stories := _nameless(records, visible):
            first = _first(await (await db.documents.aggregate(_stages(stories, access))).to_list())
        _mask(records, visible, first)
    if projection:
        _cut(records, projection)


def told_at_once(db: Database[Doc], records: list[Doc], access: Doc) -> None:
    """Do the same for blocking code."""
    mask_ids(records, access)
    if access and (ids := _named(records)):
        visible = list(db.documents.find({"_id": {"$in": ids}, **access}, {"_id": 1}))
        stories = _nameless(records, visible)
        first = _first(db.documents.aggregate(_stages(stories, access))) if stories else {}
        _mask(records, visible, first)


def mask_ids(records: Iterable[Doc], access: Doc) -> None:
    """Give each entity the id of its name if the reader does not see all collections: that another person has the name,
    or that an editor joined two names, may be known from documents that the reader may not see."""
    if "source.collection" not in access:
        return
    for record in records:
        for entity in record.get("entities") or []:
            if entity.get("id"):
                entity["id"] = identity.of_name(entity.get("type", ""), entity.get("name", "")) or identity.base(
                    entity["id"]
                )


async def story_of(db: AsyncDatabase[Doc], id: str, access: Doc) -> str:
    """Return the story's id in MongoDB. A reader may know the story by the id of any of its documents that they may
    see."""
    if access and ObjectId.is_valid(id):
        found = await db.documents.find_one({"_id": ObjectId(id), **access}, {"story.id": 1})
        return ((found or {}).get(FIELD) or {}).get("id") or id
    return id


def _stories(records: Iterable[Doc]) -> list[Doc]:
    return [story for record in records if (story := record.get(FIELD))]


def _named(records: Iterable[Doc]) -> list[ObjectId]:
    """Return the documents that the stories of these records name."""
    ids = {story.get(name) for story in _stories(records) for name in ("id", "nearest")}
    return [ObjectId(id) for id in ids if id and ObjectId.is_valid(id)]


def _nameless(records: Iterable[Doc], visible: Iterable[Doc]) -> list[str]:
    """Return the stories whose id must be hidden."""
    seen = {str(one["_id"]) for one in visible}
    return sorted({story["id"] for story in _stories(records) if story["id"] not in seen})


def _stages(stories: list[str], access: Doc) -> list[Doc]:
    return [{"$match": {"story.id": {"$in": stories}}}, {"$match": access},
            {"$group": {"_id": "$story.id", "first": {"$min": "$_id"}}}]  # fmt: skip


def _first(groups: Iterable[Doc]) -> dict[str, str]:
    return {one["_id"]: str(one["first"]) for one in groups}


def _mask(records: Iterable[Doc], visible: Iterable[Doc], first: dict[str, str]) -> None:
    seen = {str(one["_id"]) for one in visible}
    for record in records:
        if not (story := record.get(FIELD)):
            continue
        if story.get("nearest") and story["nearest"] not in seen:
            story |= {"similarity": 0.0, "nearest": None, "new_paragraphs": []}
        if story["id"] not in seen:
            story["id"] = first.get(story["id"], str(record["_id"]))


def _cut(records: Iterable[Doc], projection: Doc) -> None:
    parts = {name.partition(".")[2] for name in projection if name.startswith(f"{FIELD}.")}
    for record in records if parts else ():
        if record.get(FIELD):
            record[FIELD] = {name: value for name, value in record[FIELD].items() if name in parts}
