"""What a kind of source is: it checks an address, and fetches what is new there, piece by piece."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.settings import Settings
from services.sources.model import Coming

Doc = dict[str, Any]
HAUL_BYTES = 8 * 1024 * 1024
"""When so many bytes have come together they are stored, so that a run does not hold all that it fetches in memory."""


class Wrong(ValueError):
    """The source cannot be as it was asked for; the message is one line that says what to do."""


class Failed(Exception):
    """The run ends here and is tried again later; the message is one line.

    ``retry_seconds``: not before that. ``gone``: it is no use to try again, so the source is paused.
    """

    def __init__(self, message: str, *, retry_seconds: float = 0.0, gone: bool = False) -> None:
        super().__init__(message)
        self.retry_seconds, self.gone = retry_seconds, gone


@dataclass(slots=True)
class Item:
    """A document as it came. ``coming`` shows what is in it, where that is more than the document itself."""

    data: bytes
    media_type: str | None = None
    filename: str | None = None
    url: str | None = None
    external_id: str | None = None
    coming: list[Coming] | None = None
    refused: str | None = None
    """Why it could not be stored: filled in when the haul has been."""

    def shows(self) -> list[Coming]:
        """Return what a test run shows of it."""
        if self.coming is not None:
            return self.coming
        one = Coming(url=self.url, filename=self.filename, media_type=self.media_type, size_bytes=len(self.data))
        return [one]


@dataclass(slots=True)
class Haul:
    """Documents that are stored together, and the cursor that is written when they are.

    ``cursor`` None: the one before remains. ``more``: others wait, so the next run comes at once. ``again_seconds``: something will be ready then.
    """

    items: list[Item]
    cursor: Doc | None = None
    more: bool = False
    again_seconds: float | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trip:
    """A run under way: what a kind is told. ``reserve`` waits until a host may be asked; ``end`` is of ``time.monotonic``.

    ``peek``: a test run, which changes nothing.
    """

    source: Doc
    settings: Settings
    reserve: Callable[[str, float], None]
    limit: int
    end: float
    peek: bool = False

    @property
    def over(self) -> bool:
        """Whether the run has had its time: what is left comes with the next."""
        return time.monotonic() > self.end


class Fetcher(Protocol):
    """A kind of source: the modules ``folder`` and ``feed`` are such."""

    def check(self, plan: Doc, settings: Settings) -> str:
        """Return the address as it is kept. Raises Wrong."""

    def fetch(self, trip: Trip) -> Iterator[Haul]:
        """Yield what is new. Code after a ``yield`` runs when that haul is stored. Raises Failed."""
