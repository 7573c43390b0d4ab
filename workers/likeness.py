"""Find entries of the register that may be one person under two forms of a name: ``Ana Ruiz`` and ``Ana M. Ruiz``.

Nothing is joined here. Each pair is a suggestion (``maybe``), which an editor answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services import identity
from services.store.register import ENTITIES
from workers import namesakes

Doc = dict[str, Any]
MOST_ALIKE = 10
"""Maximum number of suggestions for one entry."""
MOST_KIN = 500
"""Maximum number of entries that one look-up compares with."""
LEAST = 1.0
"""The least that two entries must have in common (`namesakes.alike`): a calling, a country or a year of birth."""
_AFTER = ("jr", "sr", "ii", "iii", "iv")
_READ = dict.fromkeys(
    ("base", "type", "name", "kin", "into", "apart", "unsure", "callings", "countries", "born", "company", "documents",
     "maybe"), 1
)  # fmt: skip


def kin(type_: str, name: str) -> str | None:
    """Return what all forms of a person's name share: the first letter and the surname; None for organizations."""
    words = (identity.folded(type_, name) or "").split()
    if type_ != "PERSON" or len(words) < 2 or words[-1] in _AFTER:
        return None
    return f"{words[0][0]} {words[-1]}"


def similar(name: str, other: str) -> bool:
    """Return whether two full names may be forms of one: the surname is the same, and each given name of the shorter
    one is in the longer one in this order, whole or as its initial. ``George W. Bush`` and ``George H. Bush`` are not.
    """
    one, two = ((identity.folded("PERSON", each) or "").split() for each in (name, other))
    if not one or not two or one == two or one[-1] != two[-1] or {one[-1]} & {*_AFTER}:
        return False
    short, long = sorted((one[:-1], two[:-1]), key=len)
    if not short or not _agree(short[0], long[0]):
        return False
    rest = iter(long[1:])
    return all(any(_agree(given, each) for each in rest) for given in short[1:])


def _agree(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def suggest(db: Database[Doc], ids: Iterable[str]) -> int:
    """Set ``maybe`` of these entries, and remove them from entries that they are no longer like. Returns the number of
    entries that changed. Raises PyMongoError."""
    made = {one["_id"]: one for one in db[ENTITIES].find({"_id": {"$in": sorted(ids)}}, _READ)}
    near: dict[str, list[Doc]] = defaultdict(list)
    known = sorted({one["kin"] for one in made.values() if one.get("kin")})
    for one in db[ENTITIES].find({"kin": {"$in": known}}, _READ).limit(MOST_KIN) if known else ():
        near[one["kin"]].append(one)
    writes = []
    for id, entry in made.items():
        maybe = sorted(one["_id"] for one in near[entry.get("kin") or ""] if _doubtful(entry, one))[:MOST_ALIKE]
        if maybe != (entry.get("maybe") or []):
            writes.append(UpdateOne({"_id": id}, {"$set": {"maybe": maybe}} if maybe else {"$unset": {"maybe": ""}}))
        former = [one["_id"] for one in near[entry.get("kin") or ""]
                  if id in (one.get("maybe") or ()) and one["_id"] not in maybe]  # fmt: skip
        writes += [UpdateOne({"_id": one}, {"$pull": {"maybe": id}}) for one in former]
    if writes:
        db[ENTITIES].bulk_write(writes)
    return len(writes)


def _doubtful(entry: Doc, other: Doc) -> bool:
    """Return whether two entries under different names may be one person, and no editor has said so or denied it."""
    if entry["base"] == other["base"] or any(one.get("into") or one.get("unsure") for one in (entry, other)):
        return False
    if other["_id"] in (entry.get("apart") or ()) or entry["_id"] in (other.get("apart") or ()):
        return False
    if not entry.get("documents") or not other.get("documents") or not similar(entry["name"], other["name"]):
        return False
    one, two = namesakes.of_entry(entry), namesakes.of_entry(other)
    return namesakes.clash(one, two) is None and namesakes.alike(one, two) >= LEAST
