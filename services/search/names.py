"""Names as people type them: in any case, without accents, or another name that somebody goes by; countries by name."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from babel import Locale
from pymongo.asynchronous.database import AsyncDatabase

from services.search.words import Language, Sought
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
Kind = Literal["entity", "place"]

MOST_NAMES = 20
MOST_COMPARED = 300
"""Documents, the newest, whose names are compared letter by letter where none has the name as it was typed."""
_SHORT = {"usa": "US", "uk": "GB", "britain": "GB", "great britain": "GB", "uae": "AE"}
"""Names of countries that CLDR does not have."""


def folded(name: str) -> str:
    """Return the name in lower case, without accents, with single spaces."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def country(value: str) -> str:
    """Return the code (ISO 3166-1 alpha-2) of a country by its code or its English name (CLDR). Raises ValueError."""
    found = value.upper() if len(value) == 2 else _countries().get(folded(value))
    if found is None:
        raise ValueError(f"there is no country {value[:60]!r}; give its code, such as NO, or its English name")
    return found


@cache
def _countries() -> dict[str, str]:
    names = Locale("en").territories.items()
    return {folded(name): code for code, name in names if len(code) == 2 and code.isalpha()} | _SHORT


async def known_as(
    db: AsyncDatabase[Doc], name: str, kind: Kind, access: Doc, languages: Sequence[Language]
) -> list[str]:
    """The name itself, then names in the record that it may stand for in what a reader sees, the most frequent first.

    For an entity those that have it for an alias. Where no document has the name as typed: those that have it in other
    letters, capitals or accents, in the newest documents with its words. Raises PyMongoError.
    """
    field = {"entity": "entities", "place": "places"}[kind]
    aliased = await _by_alias(db, name, access) if kind == "entity" else []
    if aliased or await _is_named(db, f"{field}.name", name, access):
        return [name, *(one for one in aliased if one != name)]
    terms = Sought(name).any_term(languages)
    if not terms:
        return [name]
    pipeline: list[Doc] = [
        {"$match": {"terms": terms[0] if len(terms) == 1 else {"$in": terms}}},
        *([{"$match": access}] if access else []),
        {"$sort": {"_id": -1}},
        {"$limit": MOST_COMPARED},
        {"$project": {f"{field}.name": 1, f"{field}.aliases": 1}},
    ]
    asked = folded(name)
    counted = Counter(
        one["name"]
        for document in await (await db[DOCUMENTS].aggregate(pipeline)).to_list()
        for one in document.get(field) or []
        if any(folded(form) == asked for form in (one["name"], *one.get("aliases", ())))
    )
    return [name, *(one for one, _ in counted.most_common(MOST_NAMES) if one != name)]


async def _is_named(db: AsyncDatabase[Doc], path: str, name: str, access: Doc) -> bool:
    pipeline: list[Doc] = [
        {"$match": {path: name}},
        *([{"$match": access}] if access else []),
        {"$limit": 1},
        {"$project": {"_id": 1}},
    ]
    return bool(await (await db[DOCUMENTS].aggregate(pipeline)).to_list())


async def _by_alias(db: AsyncDatabase[Doc], name: str, access: Doc) -> list[str]:
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
    return [one["_id"] for one in await (await db[DOCUMENTS].aggregate(pipeline)).to_list()]
