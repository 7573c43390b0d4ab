"""What is found in a text before it becomes a `DateMention`."""

from __future__ import annotations

from typing import NamedTuple

from services.records import DateKind, Grain


class Mention(NamedTuple):
    """A span and what it says. ``grain`` is None where there is none, as with ``now``."""

    start: int
    end: int
    value: str
    grain: Grain | None
    kind: DateKind
