"""What scoring a set comes to, and how a set is sampled and known again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scored:
    """``figures`` by name, those of a baseline as ``baseline.NAME.<figure>``; ``size`` is how many documents they rest on.

    ``digest`` tells one state of the set from another. ``notes`` may be published. ``misses``, a line for each
    judgement that is not right, quote the texts: they are to be read, never to be stored.
    """

    figures: dict[str, float]
    size: int
    digest: str
    notes: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)


class Named(Protocol):
    @property
    def name(self) -> str: ...


def sample_of[T: Named](items: Sequence[T], count: int) -> list[T]:
    """``count`` of ``items``, the same every time: those whose names have the lowest hashes, in the order given."""
    names = sorted((item.name for item in items), key=lambda name: hashlib.sha256(name.encode()).digest())
    chosen = set(names[:count])
    return [item for item in items if item.name in chosen]


def digest_of(paths: Iterable[Path]) -> str:
    """A digest of the files' names and contents."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]
