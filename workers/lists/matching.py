"""Match the names in a document with the lists: which entries it may mean, how sure that is, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.store.keys import pattern
from workers.lists.index import Candidate, Index

Doc = dict[str, Any]
THRESHOLD = 0.85
"""Names less alike than this are not stored."""
BORN, NOT_BORN = 0.05, -0.30
COUNTRY, NOT_COUNTRY = 0.03, -0.07
ID = 0.10
SHARED = -0.05
"""What is added if the birth year or a country agrees, or clashes; if the text has an id of the entry; if other entries
have the same name."""

_AGE_AFTER = re.compile(r",?\s\(?(?:aged\s)?(\d{1,2})(?=[,;.)])")
"""Match ``, 34,`` and `` (34)`` after a name; not ``, 34 people``."""
_AGE_BEFORE = re.compile(r"\b(\d{1,2})-year-old\s(?:[\w-]+\s){0,3}$")
"""Match ``34-year-old engineer `` before a name."""
_YEAR_AFTER = re.compile(r"^[\s,(]{0,3}(?:who was\s)?(?:was\s)?born\s[^.;()]{0,40}?\b(1[89]\d\d|20\d\d)\b")
"""Match ``, born in Oslo on 3 May 1961`` after a name."""
_YEARS_NEAR = 1


def match(index: Index, record: Doc) -> list[Doc]:
    """Return the ``lists`` of a record, by its ``entities``, ``places``, ``text``, ``published_at`` and
    ``source.collection``. Each entry is in it once, with the name that is most like it."""
    collection = record["source"]["collection"]
    open_ = {list for list, globs in index.collections.items() if pattern(globs).match(collection)}
    if not open_:
        return []
    countries = {place["country"] for place in record.get("places") or [] if place.get("country")}
    best: dict[tuple[str, str], Doc] = {}
    for entity in record.get("entities") or []:
        for text, found in _named(index, entity):
            found = [one for one in found if one.entry.list in open_]
            same = Counter((one.entry.list, one.likeness.score) for one in found)
            years = _birth_years(record, entity) if any(one.entry.born for one in found) else set()
            for one in found:
                shared = same[one.entry.list, one.likeness.score] > 1
                hit = _weighed(one, text, countries, years, record.get("text") or "", shared)
                key = (one.entry.list, one.entry.id)
                if hit["score"] >= THRESHOLD and (key not in best or hit["score"] > best[key]["score"]):
                    best[key] = hit
    return sorted(best.values(), key=lambda hit: (hit["list"], -hit["score"], hit["entry"]))


def _named(index: Index, entity: Doc) -> Iterator[tuple[str, Sequence[Candidate]]]:
    """Yield the names of an entity, each with the entries it may be. Aliases that are part of the full name say less
    than the full name, so they are left out: the alias ``John Smith`` of ``John Robert Smith`` does not mean John Paul
    Smith."""
    full = entity["name"]
    yield full, index.find(full, entity["type"])
    parts = set(full.casefold().split())
    for alias in entity.get("aliases") or []:
        if not set(alias.casefold().split()) <= parts:
            yield alias, index.find(alias, entity["type"])


def _weighed(found: Candidate, text: str, countries: set[str], years: set[int], whole: str, shared: bool) -> Doc:
    entry, score, reasons = found.entry, found.likeness.score, [found.likeness.reason]
    if years and entry.born:
        listed = {int(date[:4]) for date in entry.born if date[:4].isdigit()}
        agrees = bool(listed & years)
        score += BORN if agrees else NOT_BORN
        reasons.append("the birth year agrees" if agrees else "the birth year differs")
        shared = shared and not agrees
    if countries and entry.countries:
        agrees = not countries.isdisjoint(entry.countries)
        score += COUNTRY if agrees else NOT_COUNTRY
        reasons.append("a country agrees" if agrees else "no country agrees")
    if any(id in whole for id in entry.ids):
        score += ID
        reasons.append("the text has its id")
        shared = False
    if shared:
        score += SHARED
        reasons.append("other entries have this name")
    return {
        "list": entry.list,
        "entry": entry.id,
        "name": found.name,
        "text": text,
        "score": round(min(1.0, score), 2),
        "reason": "; ".join(reasons),
    }


def _birth_years(record: Doc, entity: Doc) -> set[int]:
    """Return the years in which an entity may have been born, by its ages and dates in the text; empty if unknown."""
    text, published = record.get("text") or "", record.get("published_at")
    found: set[int] = set()
    for mention in entity["mentions"]:
        after, before = (
            text[mention["end"] : mention["end"] + 80],
            text[max(0, mention["start"] - 60) : mention["start"]],
        )
        if year := _YEAR_AFTER.search(after):
            found.add(int(year[1]))
        age = _AGE_AFTER.match(after) or _AGE_BEFORE.search(before)
        if age and isinstance(published, datetime):
            year_then = published.year - int(age[1])
            found |= set(range(year_then - _YEARS_NEAR, year_then + 1))
    return found
