"""Watch lists: collections ``lists``, ``list_entries``, ``list_state`` and ``list_questions``.

An entry of ``lists`` is a list with its name, the collections whose documents are compared with it, and

- ``load``: the entries of ``list_entries`` with this value belong to it. A new file is stored beside the old entries, and
  replaces them in one write.
- ``pending``: the change has not been counted in ``revision`` yet, because the process died in between. ``deleted``:
  its entries and its matches are being removed.

``list_state`` has one entry: ``revision`` counts the changes to all lists, ``changed_at`` is the time of the last one.
A record has the revision with which it was compared in ``processing.lists_revision``; a record with an older one is
compared again (`workers.lists.passes`). ``settled`` is the revision up to which no record is left; ``touched`` counts
how often it was reset because an editor had changed a record.
An entry of ``list_questions`` has the ``names`` that somebody asks about, the rights of their key, and what a worker
``found``; it is removed after a few minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

Doc = dict[str, Any]
LISTS, ENTRIES, STATE, ASKED = "lists", "list_entries", "list_state", "list_questions"
REVISION = "processing.lists_revision"
SETTLE_SECONDS = 60.0
"""Seconds after a change in which workers may still store results of the revision before."""
LEFT_HOURS = 24
"""Entries that were stored this long ago without becoming a list are removed."""
_ID = "lists"


def index_names(db: Database[Doc]) -> None:
    """Create the unique index on the names of lists. Lists of one name, loaded before there was the index, get their id
    added to it, all but the first."""
    names: set[str] = set()
    for entry in db[LISTS].find({"deleted": False}, {"name": 1}).sort("_id", 1):
        if entry["name"] in names:
            db[LISTS].update_one({"_id": entry["_id"]}, {"$set": {"name": f"{entry['name']} {entry['_id']}"}})
        names.add(entry["name"])
    once = IndexModel([("name", ASCENDING)], name="name", unique=True, partialFilterExpression={"deleted": False})
    db[LISTS].create_indexes([once])


def entry_indexes() -> list[IndexModel]:
    """Return the indexes of ``list_entries``."""
    return [IndexModel([("load", ASCENDING)], name="load")]


def question_indexes() -> list[IndexModel]:
    """Return the indexes of ``list_questions``."""
    return [IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)]


def state(db: Database[Doc]) -> Doc:
    """Return the state of all lists; revision 0 if there was never one."""
    return db[STATE].find_one({"_id": _ID}) or {"revision": 0, "settled": 0}


async def state_of(db: AsyncDatabase[Doc]) -> Doc:
    """Do the same as `state`."""
    return await db[STATE].find_one({"_id": _ID}) or {"revision": 0, "settled": 0}


def _first() -> Doc:
    """Return the state before the first list. Revisions grow from the time of day, so that records of a restored backup
    have an older one than any list that is loaded after it."""
    return {
        "$setOnInsert": {
            "revision": int(datetime.now(UTC).timestamp()),
            "settled": 0,
            "touched": 0,
            "changed_at": datetime.now(UTC),
        }
    }


def _counted() -> Doc:
    return {"$inc": {"revision": 1}, "$set": {"changed_at": datetime.now(UTC)}}


async def changed(db: AsyncDatabase[Doc], list: ObjectId) -> None:
    """Count a change to a list, so that workers load the lists again."""
    await db[STATE].update_one({"_id": _ID}, _first(), upsert=True)
    await db[STATE].update_one({"_id": _ID}, _counted())
    await db[LISTS].update_one({"_id": list}, {"$set": {"pending": False}})


def count_pending(db: Database[Doc]) -> None:
    """Count changes whose process died before it could, and complete deletions."""
    for entry in db[LISTS].find({"$or": [{"pending": True}, {"deleted": True}]}):
        if entry["pending"]:
            db[STATE].update_one({"_id": _ID}, _first(), upsert=True)
            db[STATE].update_one({"_id": _ID}, _counted())
            db[LISTS].update_one({"_id": entry["_id"], "load": entry["load"]}, {"$set": {"pending": False}})
        if entry["deleted"]:
            db[ENTRIES].delete_many({"load": entry["load"]})
            db["documents"].update_many(*forgetting(entry["_id"]))
            db[LISTS].delete_one({"_id": entry["_id"]})


def forgetting(list: ObjectId) -> tuple[Doc, Doc]:
    """Return the filter and the update that remove a list's matches from the records."""
    return {"lists.list": str(list)}, {"$pull": {"lists": {"list": str(list)}}}


async def delete(db: AsyncDatabase[Doc], entry: Doc) -> None:
    """Remove a list, its entries and its matches. If the process dies, `count_pending` completes it."""
    await db[LISTS].update_one({"_id": entry["_id"]}, {"$set": {"deleted": True, "pending": True}})
    await changed(db, entry["_id"])
    await db[ENTRIES].delete_many({"load": entry["load"]})
    await db["documents"].update_many(*forgetting(entry["_id"]))
    await db[LISTS].delete_one({"_id": entry["_id"]})


def loaded(db: Database[Doc]) -> list[Doc]:
    """Return all lists."""
    return db[LISTS].find({"deleted": False}).sort("_id", 1).to_list()


def entries(db: Database[Doc], list: Doc) -> Iterator[Doc]:
    """Yield the entries of a list."""
    yield from db[ENTRIES].find({"load": list["load"]}, batch_size=2000)


def tidy(db: Database[Doc]) -> int:
    """Remove entries that no list has and that are too old to become one. Returns how many there were."""
    used = db[LISTS].distinct("load")
    old = ObjectId.from_datetime(datetime.now(UTC) - timedelta(hours=LEFT_HOURS))
    return db[ENTRIES].delete_many({"load": {"$nin": used, "$lt": old}}).deleted_count


def settle(db: Database[Doc], state: Doc) -> None:
    """Record that no document is left that was compared with lists before this state, unless it has changed since."""
    same = {"_id": _ID, "revision": state["revision"], "touched": state.get("touched")}
    db[STATE].update_one(same, {"$set": {"settled": state["revision"]}})


def reset(db: Database[Doc]) -> None:
    """Have a pass compare records that were restored."""
    db[STATE].update_one({"_id": _ID}, {"$set": {"settled": 0}, "$inc": {"touched": 1}})


async def unsettle(db: AsyncDatabase[Doc]) -> None:
    """Have a pass compare records that an editor has changed."""
    await db[STATE].update_one({"_id": _ID}, {"$set": {"settled": 0}, "$inc": {"touched": 1}})
