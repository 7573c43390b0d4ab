"""Read watch lists from CSV, or from FollowTheMoney entities as NDJSON.

Columns of CSV: ``name`` (required), ``id``, ``schema``, ``aliases``, ``countries``, ``birth_date``, ``identifiers``;
other columns are ignored. Several values in a cell are separated by semicolons. This is the form of OpenSanctions'
``targets.simple.csv``; its ``entities.ftm.json`` is the other one.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from services.lists.model import Entry, Kind

Doc = dict[str, Any]
MOST_NAMES = 100
"""Maximum number of names of one entry."""
LONGEST = 300
LEAST_ID = 6
"""Shorter ids are not looked for in texts."""

_KINDS: dict[str, Kind] = {
    "person": "person",
    "company": "organization",
    "organization": "organization",
    "organisation": "organization",
    "publicbody": "organization",
    "org": "organization",
    "legalentity": "any",
    "vessel": "ship",
    "ship": "ship",
    "place": "place",
    "address": "place",
    "": "any",
    "any": "any",
}
_NAMES = ("name", "alias", "previousName")
"""Properties with names. Weak aliases are left out: they are nicknames that many have."""
_COUNTRIES = ("country", "nationality", "citizenship", "jurisdiction", "flag", "mainCountry")
_IDS = ("imoNumber", "mmsi", "registrationNumber", "leiCode", "innCode", "ogrnCode", "passportNumber", "idNumber")


class WrongFile(ValueError):
    """The file cannot be read; the message says in which line and why."""


def read(lines: Iterable[bytes], media_type: str) -> Iterator[Entry | None]:
    """Yield the entries of a file by its media type, ``text/csv`` or ``application/x-ndjson``; None for a row that is
    skipped. Raises WrongFile."""
    decoded = _decoded(lines)
    return _csv(decoded) if media_type == "text/csv" else _ftm(decoded)


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").replace("\0", "")
        except UnicodeDecodeError:
            raise WrongFile(f"line {number} is not UTF-8; save the file as UTF-8") from None


def _csv(lines: Iterator[str]) -> Iterator[Entry | None]:
    rows = csv.DictReader(lines)
    try:
        columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
        if "name" not in columns:
            raise WrongFile("the first line must name the columns, one of them `name`; see docs/lists.md")
        rows.fieldnames = columns
        for row in rows:
            cells = {name: value for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}
            kind = _KINDS.get(cells.get("schema", cells.get("type", "")).strip().lower())
            names = [cells.get("name", ""), *_several(cells.get("aliases"))]
            ids = _several(cells.get("identifiers"))
            born, countries = _several(cells.get("birth_date")), _several(cells.get("countries"))
            yield _entry(cells.get("id", "").strip(), kind, names, countries, born, ids)
    except csv.Error as error:
        raise WrongFile(f"line {rows.line_num}: {error}") from None


def _several(cell: str | None) -> list[str]:
    return [value for one in (cell or "").split(";") if (value := one.strip())]


def _ftm(lines: Iterator[str]) -> Iterator[Entry | None]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entity = json.loads(line)
            of: Doc = entity["properties"]
            values = {name: [one for one in given if isinstance(one, str)] for name, given in of.items()}
            id, schema = str(entity["id"]), str(entity["schema"]).lower()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise WrongFile(f"line {number} is not a FollowTheMoney entity with id, schema and properties") from None
        names = [one for name in _NAMES for one in values.get(name, ())]
        countries = [one for name in _COUNTRIES for one in values.get(name, ())]
        ids = [one for name in _IDS for one in values.get(name, ())]
        yield _entry(id, _KINDS.get(schema) if schema else None, names, countries, values.get("birthDate", []), ids)


def _entry(
    id: str, kind: Kind | None, names: list[str], countries: list[str], born: list[str], ids: list[str]
) -> Entry | None:
    kept = list(dict.fromkeys(" ".join(one.split()) for one in names if one.strip()))
    kept = [one for one in kept if len(one) <= LONGEST and one.isprintable()][:MOST_NAMES]
    if kind is None or not kept:
        return None
    if not id:
        id = hashlib.blake2b(f"{kind}\0{kept[0]}".encode(), digest_size=8).hexdigest()
    return Entry(
        id=id[:200],
        kind=kind,
        names=kept,
        countries=sorted({one.strip().upper()[:10] for one in countries if one.strip()}),
        born=sorted({one.strip()[:10] for one in born if one.strip()}),
        ids=sorted({one for one in ids if len(one) >= LEAST_ID})[:MOST_NAMES],
    )
