"""The table of places: GeoNames' towns and divisions by name, in one file that every process maps into its memory.

The file is `places.bin` beside this module; `build.py` makes it. Nothing is read before it is needed, and processes
share the pages that were read. All numbers are little-endian.

    magic, six counts   which layout it is; places, names, buckets, bytes of strings, countries, entries
    places              `PLACE` each: where it is, how many live there, what it is, what it lies in
    buckets             where the entries of a hash value begin: ``crc32(name) % buckets``
    entries             the name's offset in the strings, and the place with its `HOW` in the two highest bits
    countries           two letters each
    strings             each with its length before it
"""

from __future__ import annotations

import mmap
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple
from zlib import crc32

FILE = Path(__file__).with_name("places.bin")
MAGIC = b"COPYDESK PLACES1"
HEAD = struct.Struct("<16s6I")
PLACE = struct.Struct("<iiIIIIBB2x")
"""Latitude and longitude in 1e-5 degrees, inhabitants, GeoNames id, own name, number of the division it is in, country,
kind."""

Kind = Literal["city", "capital", "village", "first", "second"]
KINDS: tuple[Kind, ...] = ("city", "capital", "village", "first", "second")
How = Literal["own", "other", "short"]
HOW: tuple[How, ...] = ("own", "other", "short")
NOWHERE = 0xFFFFFFFF
DEGREES = 1e5


_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "ß": "ss"})


def plain(name: str) -> str:
    """Return the name without accents, as agencies write it: ``Tromso``."""
    if name.isascii():
        return name
    letters = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class Row(NamedTuple):
    """A place of the table. ``within`` is the number of the smallest division that contains it; for a division, that of
    its parent.

    ``kind`` is ``city`` for every town but a country's ``capital``, ``village`` below 1,000 inhabitants, ``first`` and ``second`` for divisions of a country at that level.
    ``geonames_id`` is 0 if it has none; the ``population`` of a division is the sum over its towns.
    """

    number: int
    name: str
    kind: Kind
    country: str
    latitude: float
    longitude: float
    population: int
    geonames_id: int
    within: int | None


class Found(NamedTuple):
    """A place under one of its names: ``own`` as GeoNames calls it, with or without accents; ``other``, in another
    language or time; ``short``, a division without its common noun (``Essex`` of ``Essex County``)."""

    row: Row
    how: How


class Table:
    """The places of a file. Raises ValueError if it is not such a file, FileNotFoundError if there is none."""

    def __init__(self, file: Path = FILE) -> None:
        with file.open("rb") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        magic, self._places, self._names, self._buckets, self._size, countries, entries = HEAD.unpack_from(self._bytes)
        if magic != MAGIC:
            raise ValueError(f"{file} is not a table of places of this version: build it with `make gazetteer`")
        view = memoryview(self._bytes)
        self._first = HEAD.size
        at = self._first + self._places * PLACE.size
        self._starts = view[at : at + 4 * (self._buckets + 1)].cast("I")
        at += 4 * (self._buckets + 1)
        self._entries = view[at : at + 8 * entries].cast("I")
        at += 8 * entries
        letters = bytes(view[at : at + 2 * countries]).decode("ascii")
        self._countries = [letters[step : step + 2] for step in range(0, len(letters), 2)]
        self._strings = at + 2 * countries

    def __len__(self) -> int:
        return int(self._places)

    def named(self, name: str) -> list[Found]:
        """Return the places with exactly this ``name``, in no particular order."""
        wanted = name.encode()
        if not 0 < len(wanted) < 256:
            return []
        wanted = bytes((len(wanted),)) + wanted
        bucket = crc32(wanted) % self._buckets
        found = []
        for entry in range(self._starts[bucket], self._starts[bucket + 1]):
            at = self._strings + self._entries[2 * entry]
            if self._bytes[at : at + len(wanted)] == wanted:
                number = self._entries[2 * entry + 1]
                found.append(Found(self.row(number & 0x3FFFFFFF), HOW[number >> 30]))
        return found

    def places(self) -> Iterator[Row]:
        """Yield every place, in the order of their numbers."""
        return map(self.row, range(self._places))

    def row(self, number: int) -> Row:
        """Return the place of a number."""
        lat, lon, people, geonames_id, name, within, country, kind = PLACE.unpack_from(
            self._bytes, self._first + number * PLACE.size
        )
        return Row(
            number, self._string(name), KINDS[kind], self._countries[country], lat / DEGREES, lon / DEGREES, people,
            geonames_id, None if within == NOWHERE else within,
        )  # fmt: skip

    def _string(self, offset: int) -> str:
        at = self._strings + offset
        return self._bytes[at + 1 : at + 1 + self._bytes[at]].decode()


@lru_cache
def table() -> Table:
    """Return the table of the package."""
    return Table()
