"""Bytes to text: by BOM, by what is declared, by what the bytes allow, by guess."""

from __future__ import annotations

from workers.parse import warnings as warn


def decode(data: bytes, declared: str | None = None) -> tuple[str, list[str]]:
    """The text of ``data`` and warnings. ``declared`` is a charset label, believed only where the bytes allow it."""
    try:
        return data.decode(declared or "utf-8-sig"), []
    except (UnicodeDecodeError, LookupError):
        return data.decode("cp1252", "replace"), [warn.ENCODING_GUESSED]
