"""Find the region that the words around a place name give: ``Athens, Ga.``, ``Paris (Texas)``, ``the Martuni
region``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.records import Span
from workers.enrich.names.gazetteer import TOWNS, Spot, country_of, known, spots, tables

_PART = r"(?:(?:[A-Z]\.[ ]?){1,3}|[A-Z][\w’'-]*\.?)"
# ", Ga." ", DeKalb County" ", Trinidad and Tobago" " (Texas)"; also ", Sept. 3" and ", Mr. Li", which no table knows
_AFTER = re.compile(rf"(?:, ?| \()(?P<name>{_PART}(?: (?:(?:and|of|the|du|de) )?{_PART}){{0,3}})")
_WORD = re.compile(r"\S+")
_NOUN = re.compile(
    r" (?P<noun>region|district|province|oblast|county|parish|governorate|prefecture|state|department|canton|municipality|"
    r"raion|rayon|borough)\b",
    re.IGNORECASE,
)
_NOUN_BEFORE = re.compile(
    r"\b(?:province|region|state|county|district|prefecture|governorate|department) of $", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Area:
    """The area that a text says a place is in: a country, or divisions that share a name."""

    countries: frozenset[str] = frozenset()
    divisions: frozenset[int] = frozenset()
    certain: bool = False
    """Whether it is a state or province that the tables have under this name."""

    def holds(self, spot: Spot) -> bool:
        """Return whether the place is inside the area and not the area itself."""
        if self.divisions.intersection(spot.divisions[spot.kind not in TOWNS :]):
            return True
        return spot.country in self.countries and spot.kind != "country"


def spelt_out(name: str) -> str:
    """Return the state or province that a name shortens, as ``W. Va.``, ``Ky`` or ``N.S.W.`` do; return any other name
    unchanged."""
    short = tables().abbreviations
    close = name.replace(". ", ".")
    return short.get(close) or (short.get(f"{close}.") if "." in close else None) or name


_SHORT = {
    "St": "Saint", "Ste": "Sainte", "Mt": "Mount", "Ft": "Fort", "N": "North", "S": "South", "E": "East", "W": "West",
}  # fmt: skip
_SHORTENED = re.compile(rf"^({'|'.join(_SHORT)})\.? (?=[A-Z])")  # St. Cloud, Ft Worth


def in_full(name: str) -> str:
    """Return the name with its first word spelt out: ``Saint Cloud`` for ``St. Cloud``."""
    return _SHORTENED.sub(lambda short: f"{_SHORT[short[1]]} ", name)


def area(name: str) -> Area:
    """Return the country, state, province or county that a name after a comma may mean; empty if there is none."""
    usual = spelt_out(name).rstrip(".")
    divisions = {
        number
        for spot in spots(usual)
        if spot.kind in ("region", "state", "county") and spot.how != "short"
        for number in spot.divisions[:1]
    }
    if usual in ("D.C", "DC", "District of Columbia"):
        divisions |= {spot.divisions[0] for spot in spots("District of Columbia") if spot.kind == "state"}
    country = country_of(usual) if any(spot.kind == "country" for spot in spots(usual)) else None
    what = known(usual)
    certain = bool(divisions) and what is not None and what.kind in ("state", "region")
    return Area(frozenset([country.iso] if country else ()), frozenset(divisions), certain)


def areas(text: str, mention: Span) -> list[Area]:
    """Return the areas named after the mention, the smallest first: for ``Vidor, Orange County, Texas`` both."""
    found: list[Area] = []
    at = mention.end
    while len(found) < 3 and (match := _AFTER.match(text, at)):
        words = list(_WORD.finditer(match["name"]))
        for count in range(len(words), 0, -1):
            said = match["name"][: words[count - 1].end()].rstrip(",")
            for form in (said, said.rstrip(".")):
                if (holder := area(form)).countries or holder.divisions:
                    break
            else:
                continue
            found.append(holder)
            at = match.start("name") + len(form)
            break
        else:
            break
    return found


# Navarro, Henderson and Ellis counties; not Smith and other counties
_LIST = re.compile(
    r"(?<![\w’'.-])(?P<names>[A-Z][\w’'.-]+(?: [A-Z][\w’'-]+)?(?:, [A-Z][\w’'.-]+(?: [A-Z][\w’'-]+)?){0,8},? and [A-Z][\w’'.-]+(?: [A-Z][\w’'-]+)?)"
    r" (?:counties|Counties|parishes|Parishes)\b"
)
_ITEM = re.compile(r"(?!and )[A-Z][\w’'.-]+(?: [A-Z][\w’'-]+)?")


def counties(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the names in the lists of counties between the offsets."""
    for found in _LIST.finditer(text, start, len(text) if end is None else end):
        for name in _ITEM.finditer(text, *found.span("names")):
            yield name.span()


def is_division(text: str, mention: Span) -> bool:
    """Return whether a common noun beside the mention makes it a division: ``Martuni region``, ``the province of
    Bamyan``, ``Bowie and Cass counties``."""
    if any(start == mention.start for start, _ in counties(text, max(0, mention.start - 200), mention.end + 200)):
        return True
    return bool(_NOUN.match(text, mention.end) or _NOUN_BEFORE.search(text, max(0, mention.start - 20), mention.start))
