"""What a reader is told of a document's story: nothing that comes from documents which the reader may not see.

Stories join versions of a text over all collections. Who may post to one collection could guess at a document of another, and
the guess's record would name it, say how near the guess is, and which paragraphs it lacks. So where ``story.nearest`` is not
visible to the reader, the document is told as one that follows no other; and where the document that gave the story its name
is not, the story goes by the name of its first document that is.

The record in MongoDB has the facts of all collections: what is told depends on who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

Doc = dict[str, Any]
FIELD = "story"


def fields(projection: Doc) -> Doc:
    """Return the projection with the whole of the story where it asks for a part, which `told` cuts down again."""
    if not any(name.startswith(f"{FIELD}.") for name in projection):
        return projection
    return {name: value for name, value in projection.items() if not name.startswith(f"{FIELD}.")} | {FIELD: 1}


async def told(db: AsyncDatabase[Doc], records: list[Doc], access: Doc, projection: Doc | None = None) -> None:
    """Change the story in each record to what a reader is told who sees the documents that ``access`` finds.

    ``projection`` is what was asked for, before `fields`. Raises PyMongoError.
    """
    if access and (ids := _named(records)):
        visible = await db.documents.find({"_id": {"$in": ids}, **access}, {"_id": 1}).to_list()
        first = {}
        if stories := _nameless(records, visible):
            first = _first(await (await db.documents.aggregate(_stages(stories, access))).to_list())
        _mask(records, visible, first)
    if projection:
        _cut(records, projection)


def told_at_once(db: Database[Doc], records: list[Doc], access: Doc) -> None:
    """The same, where the database is asked by a thread that waits."""
    if access and (ids := _named(records)):
        visible = list(db.documents.find({"_id": {"$in": ids}, **access}, {"_id": 1}))
        stories = _nameless(records, visible)
        first = _first(db.documents.aggregate(_stages(stories, access))) if stories else {}
        _mask(records, visible, first)


async def story_of(db: AsyncDatabase[Doc], id: str, access: Doc) -> str:
    """Return the id that the story has in MongoDB: a reader may know it by that of any document of it that they see."""
    if access and ObjectId.is_valid(id):
        found = await db.documents.find_one({"_id": ObjectId(id), **access}, {"story.id": 1})
        return ((found or {}).get(FIELD) or {}).get("id") or id
    return id


def _stories(records: Iterable[Doc]) -> list[Doc]:
    return [story for record in records if (story := record.get(FIELD))]


def _named(records: Iterable[Doc]) -> list[ObjectId]:
    """The documents that story facts name."""
    ids = {story.get(name) for story in _stories(records) for name in ("id", "nearest")}
    return [ObjectId(id) for id in ids if id and ObjectId.is_valid(id)]


def _nameless(records: Iterable[Doc], visible: Iterable[Doc]) -> list[str]:
    """The stories whose name is not to be told."""
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
