"""The register of people and organizations: collection ``entities``, one entry for each id.

What an entry counts (names, roles, dates, documents) is made from the records alone (`workers.register`), so it can be
made again at any time: a worker that dies, a document that is erased or read again leaves no wrong counts. An editor's
decisions are the other part of an entry: ``given_name``, ``into`` (joined with another entry) and ``apart`` (ids that it
is not to be joined with). They are kept when an entry is made again. ``maybe`` has the ids of entries under similar
names that may be the same person (`workers.likeness`), for an editor to answer.

Collection ``entity_stale`` has the ids of names whose entries must be made again, and since when. An entry there stays
until a lease would have ended, because the write that it announces may still come. ``entity_pass`` has how far the
last pass came.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.database import Database

from services import identity

Doc = dict[str, Any]
ENTITIES, STALE, PASS = "entities", "entity_stale", "entity_pass"
EDITED = ("given_name", "into", "apart")
"""What editors decide about an entry."""
YOUNG = timedelta(hours=1)
"""How long an entry that a pin made is kept without documents, because the pin itself is written later."""
MOST_STEPS = 10
"""How many times a join is followed; an entry that was joined may be joined again."""


_COMPARED = dict.fromkeys(("base", "type", "into", "callings", "countries", "born", "company", "documents"), 1)


def indexes() -> list[IndexModel]:
    """Return the indexes of ``entities``."""
    return [
        IndexModel([("base", ASCENDING)], name="base"),
        IndexModel([("into", ASCENDING)], name="into", sparse=True),
        IndexModel([("shared", ASCENDING)], name="shared", sparse=True),
        IndexModel([("name", ASCENDING)], name="name"),
        IndexModel([("kin", ASCENDING)], name="kin", sparse=True),
        IndexModel([("maybe", ASCENDING)], name="maybe", sparse=True),
    ]


def stale(ids: Iterable[str]) -> list[UpdateOne]:
    """Return the writes to ``entity_stale`` that have the entries of these ids made again."""
    now = datetime.now(UTC)
    bases = {identity.base(id) for id in ids}
    return [UpdateOne({"_id": one}, {"$set": {"at": now}}, upsert=True) for one in sorted(bases)]


def mark(db: Database[Doc], ids: Iterable[str]) -> None:
    """Have the entries of these ids made again. Call it before the records change."""
    if writes := stale(ids):
        db[STALE].bulk_write(writes, ordered=False)


def begin(entities: Iterable[Doc], ids: Iterable[str]) -> list[UpdateOne]:
    """Return the writes to ``entities`` that begin the entries of namesakes whom an editor's pin names for the first
    time: a pass finds a namesake's documents by the entry. ``pinned`` is the time."""
    wanted, now = set(ids), datetime.now(UTC)
    return [
        UpdateOne(
            {"_id": one["id"]},
            {
                "$setOnInsert": {
                    "base": identity.base(one["id"]),
                    "type": one["type"],
                    "name": one["name"],
                    "pinned": now,
                }
            },
            upsert=True,
        )
        for one in entities
        if one.get("id") in wanted and one["id"] != identity.base(one["id"])
    ]


def ids_in(record: Doc) -> set[str]:
    """Return the ids of the entities of a record."""
    return {one["id"] for one in record.get("entities") or [] if one.get("id")}


def family(db: Database[Doc], bases: Iterable[str]) -> dict[str, Doc]:
    """Return the entries of these names and all that were joined with one of them, by id."""
    found: dict[str, Doc] = {}
    wanted = set(bases)
    for _ in range(MOST_STEPS):
        new = {one["_id"]: one for one in db[ENTITIES].find({"base": {"$in": sorted(wanted)}})}
        found |= new
        others = {identity.base(one["into"]) for one in new.values() if one.get("into")}
        if new:
            others |= {one["base"] for one in db[ENTITIES].find({"into": {"$in": sorted(new)}}, {"base": 1})}
        wanted = others - {one["base"] for one in found.values()} - wanted
        if not wanted:
            break
    return found


def shared(db: Database[Doc], bases: Iterable[str]) -> list[Doc]:
    """Return the entries of those names that belong to several people or were joined with another name."""
    return list(db[ENTITIES].find({"shared": {"$in": sorted(bases)}}, _COMPARED))


def resolve(id: str, found: dict[str, Doc]) -> str:
    """Return the id of the entry that an id was joined into, or the id itself."""
    for _ in range(MOST_STEPS):
        into = (found.get(id) or {}).get("into")
        if not into:
            return id
        id = into
    return id
