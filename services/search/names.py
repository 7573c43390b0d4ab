"""Resolve names as people type them: in any case, without accents, by alias; countries by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from babel import Locale
from pymongo.asynchronous.database import AsyncDatabase

from services.search.words import Language, Sought
from services.store.setup import DOCUMENTS
from services.text.accents import without_accents

Doc = dict[str, Any]
Kind = Literal["entity", "person", "place"]

MOST_NAMES = 20
MOST_COMPARED = 300
"""How many of the newest documents are searched for other spellings if none has the name as typed."""
ENOUGH = 5
"""If so many recent documents have an alias, older ones are not searched for it."""
GIVEN = {"corrections.kind": {"$in": ["rename", "split"]}}
"""The filter for documents in which an editor gave an entity its name."""
_SHORT = {"usa": "US", "uk": "GB", "britain": "GB", "great britain": "GB", "uae": "AE"}
"""Names of countries that are missing in CLDR."""


def folded(name: str) -> str:
    """Return the name in lower case, without accents, with single spaces."""
    return " ".join(without_accents(name.casefold()).split())


def country(value: str) -> str:
    """Return the code (ISO 3166-1 alpha-2) of a country by its code or its English name (CLDR). Raises ValueError."""
    found = value.upper() if len(value) == 2 else _countries().get(folded(value))
    if found is None:
        raise ValueError(f"unknown country {value[:60]!r}; give its code, such as NO, or its English name")
    return found


@cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories.items()
    return {folded(name): code for code, name in names if len(code) == 2 and code.isalpha()} | _SHORT


async def known_as(
    db: AsyncDatabase[Doc], name: str, kind: Kind, access: Doc, languages: Sequence[Language], recent: Doc | None = None
) -> list[str]:
    """Return the name itself, then the names in the record that it may refer to in documents the reader may see, most
    frequent first. For an entity, these are the names with this alias. If no document has the name as typed, the newest
    documents with its words are searched for the name with other capitals or accents, then for entities with this name
    as a part. A person is always found by a part of the name, too: `Solheim` finds everybody with that name. ``recent``
    is the filter for recent documents: if enough of them have the name, no others are read. Raises PyMongoError.
    """
    field = "places" if kind == "place" else "entities"
    aliased = await _by_alias(db, name, access, recent) if kind != "place" else []
    known = bool(aliased) or await _is_named(db, f"{field}.name", name, access, recent)
    found = [name, *aliased]
    if not known or kind == "person":
        whole, parts = await _by_words(db, name, field, access, languages, recent)
        if not known:
            found += whole
        if kind == "person":
            found += [one for one, type_ in parts if type_ == "PERSON"]
        elif kind == "entity" and not whole:
            found += [one for one, _ in parts]
    return list(dict.fromkeys(found))


async def _by_words(
    db: AsyncDatabase[Doc], name: str, field: str, access: Doc, languages: Sequence[Language], recent: Doc | None
) -> tuple[list[str], list[tuple[str, str | None]]]:
    """Return names that differ from this one only in case and accents, and longer names, each with its type, that
    contain its words in sequence: in the newest documents with these words, and in those where editors gave names."""
    terms = Sought(name).any_term(languages)
    if not terms:
        return [], []
    pipeline: list[Doc] = [
        {"$match": {"terms": terms[0] if len(terms) == 1 else {"$in": terms}}},
        *([{"$match": access}] if access else []),
        {"$sort": {"_id": -1}},
        {"$limit": MOST_COMPARED},
        {"$project": {f"{field}.name": 1, f"{field}.aliases": 1, f"{field}.type": 1}},
    ]
    found: list[Doc] = []
    if recent:
        found = await (await db[DOCUMENTS].aggregate([{"$match": recent}, *pipeline])).to_list()
    if len(found) < ENOUGH:
        found = await (await db[DOCUMENTS].aggregate(pipeline)).to_list()
    if field == "entities":  # a name that an editor gave need not be in the text
        found += await (await db[DOCUMENTS].aggregate([{"$match": GIVEN}, *pipeline[1:]])).to_list()
    asked = folded(name)
    whole: Counter[str] = Counter()
    parts: Counter[tuple[str, str | None]] = Counter()
    for document in {one["_id"]: one for one in found}.values():
        for one in document.get(field) or []:
            if any(folded(form) == asked for form in (one["name"], *one.get("aliases", ()))):
                whole[one["name"]] += 1
            elif f" {asked} " in f" {folded(one['name'])} ":
                parts[one["name"], one.get("type")] += 1
    return [one for one, _ in whole.most_common(MOST_NAMES)], [one for one, _ in parts.most_common(MOST_NAMES)]


async def _is_named(db: AsyncDatabase[Doc], path: str, name: str, access: Doc, recent: Doc | None) -> bool:
    pipeline: list[Doc] = [
        {"$match": {path: name}},
        *([{"$match": access}] if access else []),
        {"$limit": 1},
        {"$project": {"_id": 1}},
    ]
    if recent and await (await db[DOCUMENTS].aggregate([{"$match": recent}, *pipeline])).to_list():
        return True
    return bool(await (await db[DOCUMENTS].aggregate(pipeline)).to_list())


async def _by_alias(db: AsyncDatabase[Doc], name: str, access: Doc, recent: Doc | None) -> list[str]:
    pipeline: list[Doc] = [
        {"$match": {"entities.aliases": name}},
        *([{"$match": access}] if access else []),
        {"$limit": 1000},
        {"$project": {"entities.name": 1, "entities.aliases": 1}},
        {"$unwind": "$entities"},
        {"$match": {"entities.aliases": name}},
        {"$sortByCount": "$entities.name"},
        {"$limit": MOST_NAMES},
    ]
    if recent:
        found = await (await db[DOCUMENTS].aggregate([{"$match": recent}, *pipeline])).to_list()
        if sum(one["count"] for one in found) >= ENOUGH:
            return [one["_id"] for one in found]
    return [one["_id"] for one in await (await db[DOCUMENTS].aggregate(pipeline)).to_list()]
