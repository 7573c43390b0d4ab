"""Distinguish a US state from the great city of the same name: ``WASHINGTON (AP)`` is the capital, ``Washington state``
is not."""

from __future__ import annotations

import re
from functools import lru_cache

from services.records import Span
from workers.enrich.names.gazetteer import Spot, spots, tables

GREAT = 1_000_000
"""Minimum number of inhabitants for a name alone to mean the city rather than the state; a capital needs no minimum."""

# Washington state; not the Washington State Department
_STATE_AFTER = re.compile(
    r"(?:['’]s)? (?:[Ss]tate\b(?! (?:Department|Dept|Secretary|Dinner))|Legislature\b|Assembly\b|Senate\b|Attorney General\b)"
)
_STATE_BEFORE = re.compile(r"\b(?:[Ss]tate of|[Uu]pstate|[Ee]astern|[Ww]estern|[ÉE]tat de) $")
_TOWN_BEFORE = re.compile(r"(?P<town>[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,2}), $")
_NAME = r"(?P<state>[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
# Oregon and Washington, Idaho, Oregon or Washington; not Austin, Texas, and Washington
_LISTED_BEFORE = re.compile(rf"(?:(?P<town>[A-Z][a-z]+), )?{_NAME}(?:,|,? (?:and|or)) $")
# Washington and Oregon, Washington, Oregon and Idaho; not Washington, Pennsylvania, burned
_LISTED_AFTER = re.compile(rf"(?:,? (?:and|or) |, (?=[A-Z]\w+(?: [A-Z]\w+)?,? (?:and|or) [A-Z])){_NAME}")
_TELLS_NOTHING = frozenset(["Georgia", "Maryland", "Virginia", "Washington", "New York"])
"""States beside which a list may also name a city: because the state is also a country, has suburbs of Washington, or
is also a great city."""


@lru_cache(maxsize=1000)
def namesake(state: str) -> Spot | None:
    """Return the great city with the name of a US state, or None if there is no such state or city."""
    if state not in tables().states:
        return None
    cities = [
        spot
        for spot in spots(state)
        if spot.country == "US" and (spot.population >= GREAT or (spot.kind == "capital" and spot.state == "DC"))
    ]
    return max((spot for spot in cities if spot.kind in ("city", "capital")), key=lambda s: s.population, default=None)


def is_state(text: str, mention: Span, state: str) -> bool:
    """Return whether the words around a mention, or its short form, show that it is the state: ``Seattle, Washington``."""
    if mention.text in tables().abbreviations and tables().abbreviations[mention.text] == state:
        return True
    before = text[max(0, mention.start - 60) : mention.start]
    if _STATE_AFTER.match(text, mention.end) or _STATE_BEFORE.search(before):
        return True
    if (town := _TOWN_BEFORE.search(before)) and _lies_in(town["town"], tables().states[state]):
        return True
    first, after = _LISTED_BEFORE.search(before), _LISTED_AFTER.match(text, mention.end)
    if first and (first["town"] is None or first["town"] in tables().states) and _is_other(first["state"]):
        return True
    return after is not None and _is_other(after["state"])


def _lies_in(words: str, state: str) -> bool:
    """Return whether the last one, two or three words are a town of the state: ``Fire in Walla Walla``."""
    parts = words.split()
    towns = [" ".join(parts[at:]) for at in range(len(parts))]
    return any(spot.state == state and spot.kind == "city" for town in towns for spot in spots(town))


def _is_other(words: str) -> bool:
    names = {words, words.split()[0], words.split()[-1]} & tables().states.keys()
    return bool(names - _TELLS_NOTHING)
