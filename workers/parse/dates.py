"""The date line of a news document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """``instant`` is UTC where the source names a ``zone`` (as written), else its wall-clock time as UTC."""

    instant: datetime
    zone: str | None = None
    ambiguous: bool = False


def read_stamp(text: str) -> Stamp | None:
    """The date and time that ``text``, a date and nothing else, says in any language or calendar known here; or None."""
    return None
