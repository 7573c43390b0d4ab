"""A date as it is found in a text, before it becomes a `DateMention`."""

from __future__ import annotations

from typing import NamedTuple

from services.records import DateKind, Grain


class Mention(NamedTuple):
    """A span and what it says. ``grain`` is None if there is none, as with ``now``; ``value`` is None if the day it
    counts from is unknown."""

    start: int
    end: int
    value: str | None
    grain: Grain | None
    kind: DateKind
