"""Keep saved searches in a process between passes, so that each is parsed and stemmed only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from bson import ObjectId
from pydantic import ValidationError
from pymongo.asynchronous.database import AsyncDatabase

from services.alerts.candidates import Spellings, Wanted, wanted
from services.alerts.values import Values
from services.alerts.verdicts import Verdict, verdict
from services.records import Status
from services.search.find import Finder
from services.search.names import Kind, folded
from services.search.params import Search
from services.search.plan import Condition
from services.search.prepared import Sight, Standing
from services.search.words import WrongQuery
from services.store import rights
from services.store.alerts import SEARCHES
from services.store.keys import KEYS, SCOPES

Doc = dict[str, Any]
log = structlog.get_logger()

NAMES_HOURS = 1
"""After this time the names in a search are looked up again, even if no new document has a similar one."""
MOST_LOOK_UPS = 50
"""Maximum number of searches whose names one pass looks up again because that time is over."""
MOST_OTHERS = 500


@dataclass(slots=True)
class Kept:
    """A saved search, prepared. Unless it asks for a status, it finds only documents that are done."""

    entry: Doc
    search: Search
    standing: Standing
    languages: Sequence[str | None]
    every: list[Wanted] = field(default_factory=list)
    sought: list[tuple[Kind, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.every = wanted(self.standing.conditions)
        if not any(path == "status" for path, _ in self.every):
            self.every.append(("status", frozenset([Status.DONE])))
            self.standing.conditions.append(Condition({"status": Status.DONE}))
        self.sought = [(kind, folded(value)) for kind, value in self.standing.sought]

    def candidates(self, documents: Sequence[Values]) -> list[Values]:
        """Return the documents that it may find."""
        return [one for one in documents if one.has(self.every)]

    def finds(self, document: Values, sight: Sight) -> Verdict:
        """Return whether it finds a document that its owner may see; None if only MongoDB can tell."""
        return verdict({"$and": [*(one.where for one in self.standing.conditions), sight.found]}, document)


@dataclass(frozen=True, slots=True)
class Owner:
    """The rights of the key or person that saved a search, as they are now."""

    collections: tuple[str, ...]
    scopes: tuple[str, ...]

    def sight(self, search: Search) -> Sight:
        return Sight.of(self.collections, self.scopes, withdrawn=search.withdrawn)


ANYBODY = Owner(("*",), SCOPES)
"""The owner of all searches if the API works without keys."""


async def owners(db: AsyncDatabase[Doc], entries: Sequence[Doc]) -> dict[str | None, Owner]:
    """Return those owners of these searches, keys and people, who may still read."""
    found: dict[str | None, Owner] = {None: ANYBODY}
    for name, prefix in ((KEYS, ""), (rights.USERS, rights.PERSON)):
        holders = {entry["key"] for entry in entries if entry["key"] is not None}
        ids = [rights.person(one) or one for one in holders if bool(rights.person(one)) == bool(prefix)]
        for stored in await db[name].find({"_id": {"$in": ids}}).to_list() if ids else []:
            holder = f"{prefix}{stored['_id']}"
            if right := rights.decide(rights.of_stored(stored, holder), ["read"]):
                found[holder] = Owner(right.collections, right.scopes)
    return found


class Shelf:
    """The saved searches that a process has prepared."""

    def __init__(self, db: AsyncDatabase[Doc], finder: Finder) -> None:
        self._db, self._finder = db, finder
        self._kept: dict[ObjectId, Kept] = {}

    async def prepared(
        self, entries: Sequence[Doc], of: dict[str | None, Owner], records: Sequence[Doc]
    ) -> list[tuple[Kept, Owner]]:
        """Return the searches, prepared for these new documents. A search that cannot be prepared is left out, and its
        ``error`` says why. Raises PyMongoError."""
        spellings = Spellings(records)
        spoken = tuple(sorted({one.get("language") for one in records}, key=str))
        stale = datetime.now(UTC) - timedelta(hours=NAMES_HOURS)
        look_ups = MOST_LOOK_UPS
        found = []
        for entry in entries:
            owner = of.get(entry["key"])
            if owner is None:
                continue
            kept = self._kept.get(entry["_id"])
            if kept is None or _stamp(kept.entry) != _stamp(entry) or not set(spoken) <= set(kept.languages):
                kept = await self._prepare(entry, owner, spoken, entry["known"])
            if kept is None:
                continue
            if kept.sought:
                new = _unknown(kept, spellings)
                old = kept.entry["known"]["at"] < stale and look_ups > 0
                look_ups -= old
                if new or old:
                    kept = await self._prepare(entry, owner, spoken, None, new)
            if kept is not None:
                self._kept[entry["_id"]] = kept
                found.append((kept, owner))
        here = {entry["_id"] for entry in entries}
        self._kept = {id: kept for id, kept in self._kept.items() if id in here}
        return found

    async def _prepare(
        self, entry: Doc, owner: Owner, spoken: Sequence[str | None], known: Doc | None, others: Sequence[str] = ()
    ) -> Kept | None:
        """Prepare a search, and store what was looked up. Names in ``known`` are not looked up again. ``others`` are
        names in new documents that made it necessary."""
        try:
            search = Search.model_validate(entry["query"])
            forms = dict(known["values"]) if known else None
            standing = await self._finder.standing(search, owner.sight(search), forms, spoken)
        except (ValidationError, WrongQuery) as error:
            await self._fail(entry, str(error).partition("\n")[0])
            return None
        if known is None:
            meant = {form for forms_ in standing.known.values() for form in forms_}
            left = [one for one in dict.fromkeys([*others, *_others(entry)]) if one not in meant]
            known = {
                "at": datetime.now(UTC).replace(microsecond=0),
                "values": [*map(list, standing.known.items())],
                "others": left[:MOST_OTHERS],
            }
            same = {"_id": entry["_id"], "changed_at": entry["changed_at"]}
            await self._db[SEARCHES].update_one(same, {"$set": {"known": known}})
        return Kept({**entry, "known": known}, search, standing, spoken)

    async def _fail(self, entry: Doc, why: str) -> None:
        if entry.get("error") != why:
            log.warning("search_not_read", search=str(entry["_id"]), error=why)
            await self._db[SEARCHES].update_one({"_id": entry["_id"]}, {"$set": {"error": why}})


def _stamp(entry: Doc) -> tuple[datetime, datetime | None]:
    return entry["changed_at"], (entry["known"] or {}).get("at")


def _others(entry: Doc) -> list[str]:
    return list((entry.get("known") or {}).get("others", []))


def _unknown(kept: Kept, spellings: Spellings) -> list[str]:
    """Return names in new documents that the search may mean and that did not exist when its names were looked up."""
    like = {name for kind, value in kept.sought for name in spellings.like(kind, value)}
    if not like:
        return []
    known = kept.entry["known"]
    return sorted(like - {form for _, forms in known["values"] for form in forms} - set(known["others"]))
