"""Helpers for containers: safe names, limits, and documents made from entries of a feed or rows of a table."""

from __future__ import annotations

import json
import re
from typing import Any

from workers.parse.base import Limits, Member, ParseError

ENVELOPE = "application/json"
LONGEST_PATH = 1000
RATIO_FROM_BYTES = 10 * 1024 * 1024  # below this, a high ratio is harmless: a document of many equal lines

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LITTER = re.compile(r"(^|/)(__MACOSX(/|$)|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE)


def safe_path(path: str) -> str:
    """Return ``path`` as a relative path that stays below its start: no root, drive, ``..`` or control characters."""
    steps = _CONTROLS.sub("", _DRIVE.sub("", path.replace("\\", "/"))).split("/")
    return (
        "/".join(step for step in steps if step.strip() not in ("", ".", ".."))[:LONGEST_PATH].rstrip("/") or "unnamed"
    )


def is_litter(path: str) -> bool:
    """Return whether it is a file that operating systems add to archives."""
    return _LITTER.search(path) is not None


def envelope(**fields: Any) -> bytes:
    """Return a document of its own, as JSON: ``text`` or ``html``, ``title``, ``url``, ``publisher``, ``published_at``
    …"""
    return json.dumps({key: value for key, value in fields.items() if value}, ensure_ascii=False).encode(
        "utf-8", "replace"
    )


class Collector:
    """Takes an archive's members one by one and stops when they are over a limit."""

    def __init__(self, limits: Limits, packed_bytes: int) -> None:
        self.members: list[Member] = []
        self._limits = limits
        self._packed = max(1, packed_bytes)
        self._expanded = 0
        self._seen: dict[str, int] = {}

    @property
    def room(self) -> int:
        """The number of bytes that may still be expanded; read one more than this to notice that there are too many."""
        by_ratio = max(RATIO_FROM_BYTES, int(self._packed * self._limits.expansion_ratio))
        return min(self._limits.expanded_bytes, by_ratio) - self._expanded

    def add(self, path: str, data: bytes, media_type: str | None = None, url: str | None = None) -> None:
        """Add a member. Raises ParseError ``too_large``, ``expansion_ratio`` or ``too_many_members``."""
        if len(self.members) >= self._limits.members:
            raise ParseError("too_many_members", f"There are more than {self._limits.members} members.")
        self.expand(len(data))
        path = safe_path(path)
        self._seen[path] = count = self._seen.get(path, 0) + 1
        if count > 1:
            path = f"{path} ({count})"
        self.members.append(Member(path, data, media_type, url))

    def expand(self, size: int) -> None:
        """Count ``size`` more bytes."""
        room = self.room
        self._expanded += size
        if size > room:
            if self._expanded > self._limits.expanded_bytes:
                raise ParseError("too_large", f"Unpacked there are more than {self._limits.expanded_bytes} bytes.")
            ratio = self._limits.expansion_ratio
            raise ParseError("expansion_ratio", f"It unpacks to more than {ratio:g} times its size.")

    def result(self) -> list[Member]:
        """Return the members. Raises ParseError ``empty`` if there is none."""
        if not self.members:
            raise ParseError("empty", "There is no document inside.")
        return self.members
