"""Identify the people and organizations of a document when its record is written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services import identity
from services.records import Article, Entity
from services.store import register
from workers import namesakes

_AGE_AFTER = re.compile(r",? (?:aged )?(\d{1,3})(?=[,.;)]| \w+ (?:years?|months?) )|\s?\((\d{1,3})\)")
"""``Ana Ruiz, 43,`` and ``Ana Ruiz (43)``, but not ``Ana Ruiz, 43 years later``."""
_AGE_BEFORE = re.compile(r"\b(\d{1,3})-year-old (?:[\w-]+ ){0,3}$")  # 43-year-old teacher Ana Ruiz
_BORN = re.compile(r",? \((?:born |b\. ?)?(1[5-9]\d\d|20\d\d)(?:\s?[-–—]\s?(?:1[5-9]\d\d|20\d\d)?)?\)")
"""``Ana Ruiz (1912-1987)`` and ``Ana Ruiz (born 1950)``."""
_LIVES = range(5, 111)  # years


def assign(db: Database[dict[str, Any]], articles: Iterable[tuple[Article, datetime]]) -> None:
    """Set ``id`` and ``born`` of the entities of each article, which comes with the time of its receipt. The register
    is asked once, about all names together. Raises PyMongoError.
    """
    written = list(articles)
    for article, received_at in written:
        year = (article.published_at or received_at).year
        for entity in article.entities:
            if entity.type in identity.KINDS:
                entity.id = identity.of_name(entity.type, entity.name)
                entity.born = born(article.text, entity, year) if entity.type == "PERSON" and entity.id else None
    named = {entity.id for article, _ in written for entity in article.entities if entity.id}
    known: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in register.shared(db, named) if named else ():
        known[entry["base"]].append(entry)
    for article, _ in written if known else ():
        named_here = [(entity.type, entity.name) for entity in article.entities]
        for entity in article.entities:
            if entity.id in known:
                entity.id = _which(entity, known[entity.id], namesakes.company_of(entity.name, named_here))


def _which(entity: Entity, entries: list[dict[str, Any]], company: Iterable[str]) -> str:
    """Return the id of the person with this name who fits best, or `identity.unsure`. An entity that fits nobody keeps
    the id of the name until the next pass over the register."""
    who = namesakes.described(entity.role, entity.born, company)
    people = sorted((one for one in entries if not identity.is_unsure(one["_id"])), key=lambda one: str(one["_id"]))
    chosen, sure = namesakes.choose(who, [namesakes.of_entry(one) for one in people])
    if chosen is None:
        return str(entity.id)
    if not sure:
        return identity.unsure(str(entity.id))
    return str(people[chosen].get("into") or people[chosen]["_id"])


def born(text: str, entity: Entity, year: int) -> int | None:
    """Return the year of birth that the text gives beside a mention, or that follows from an age there in ``year``; it
    may be one year off."""
    for span in entity.mentions:
        if found := _BORN.match(text, span.end, span.end + 40):
            return int(found[1])
        after = _AGE_AFTER.match(text, span.end, span.end + 30)
        before = _AGE_BEFORE.search(text, max(0, span.start - 60), span.start)
        age = next((int(one) for match in (after, before) if match for one in match.groups() if one), None)
        if age is not None and age in _LIVES:
            return year - age
    return None
