"""Look up which ids in the records mean the person or organization of one id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services import identity
from services.store.register import ENTITIES

Doc = dict[str, Any]


async def same(db: AsyncDatabase[Doc], ids: Sequence[str], access: Doc) -> dict[str, list[str]]:
    """Return, for each id, the ids that records may have in its place.

    A record may still have the id of an entry that was joined with another one. A reader who does not see all
    collections knows people by the id of the name (`services.store.story_facts`), which everybody of that name shares.
    Raises PyMongoError.
    """
    if not ids:
        return {}
    shown = {"base": 1, "into": 1}
    bases = sorted({identity.base(id) for id in ids})
    entries = await db[ENTITIES].find({"base": {"$in": bases}}, shown).to_list()
    meant = sorted({one.get("into") or one["_id"] for one in entries} | set(ids))
    entries += await db[ENTITIES].find({"into": {"$in": meant}}, shown).to_list()
    everywhere = "source.collection" not in access
    found = {}
    for id in ids:
        of = "_id" if everywhere else "base"
        targets = {
            one.get("into") or one["_id"] for one in entries if one[of] == (id if everywhere else identity.base(id))
        }
        targets = targets or {id}
        former = {one["_id"] for one in entries if one.get("into") in targets} if everywhere else set()
        found[id] = sorted({id} | targets | former)
    return found
