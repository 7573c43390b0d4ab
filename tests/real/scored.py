"""The result of scoring a set; samples and digests of sets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scored:
    """``figures`` by name, those of a baseline as ``baseline.NAME.<figure>``; ``size`` is how many documents they are
    based on. ``digest`` distinguishes one state of the set from another. ``notes`` may be published. ``misses`` has a
    line for each wrong result and quotes the texts: print them, but never store them.
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
    """Return ``count`` of ``items``, the same every time: those whose names have the lowest hashes, in the order
    given."""
    names = sorted((item.name for item in items), key=lambda name: hashlib.sha256(name.encode()).digest())
    chosen = set(names[:count])
    return [item for item in items if item.name in chosen]


def digest_of(paths: Iterable[Path]) -> str:
    """Return a digest of the files' names and contents."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]
