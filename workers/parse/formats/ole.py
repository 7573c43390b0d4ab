"""Compound files ([MS-CFB]), in which Office stored its documents until 2007: tell which kind of document one holds."""

from __future__ import annotations

from typing import Literal

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Kind = Literal["message", "workbook", "document", "slides", "locked"]

_STREAMS: list[tuple[str, Kind]] = [
    ("Workbook", "workbook"),
    ("Book", "workbook"),
    ("WordDocument", "document"),
    ("PowerPoint Document", "slides"),
    ("EncryptedPackage", "locked"),
]
_ENTRY = 128  # bytes of a directory's entry, which begins with the name in 64 bytes of UTF-16 and the name's length


def kind(data: bytes) -> Kind | None:
    """Return the kind of document in a compound file, by the first stream in its directory with a telling name."""
    if not data.startswith(MAGIC):
        return None
    if "__properties_version1.0".encode("utf-16-le") in data:
        return "message"
    places: list[tuple[int, Kind]] = [(_entry(data, name), kind) for name, kind in _STREAMS]
    found = [place for place in places if place[0] >= 0]
    return min(found)[1] if found else None


def _entry(data: bytes, name: str) -> int:
    """Return where the directory's first entry of that name begins, or -1."""
    wanted = f"{name}\0".encode("utf-16-le")
    at = data.find(wanted)
    while at >= 0 and (at % _ENTRY or data[at + 64 : at + 66] != len(wanted).to_bytes(2, "little")):
        at = data.find(wanted, at + 1)
    return at
