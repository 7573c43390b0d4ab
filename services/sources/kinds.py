"""The interface of a kind of source: it checks an address, and fetches what is new there, piece by piece."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.settings import Settings
from services.sources.model import Coming

Doc = dict[str, Any]
HAUL_BYTES = 8 * 1024 * 1024
"""After this many bytes the documents are stored, so that a run does not hold everything in memory."""


class Wrong(ValueError):
    """The source cannot be created as requested; the message is one line that says what to do."""


class Failed(Exception):
    """The run ends here and is tried again later; the message is one line.

    ``retry_seconds`` is the minimum pause before the next attempt. ``gone`` means that another attempt is useless, so
    the source is paused.
    """

    def __init__(self, message: str, *, retry_seconds: float = 0.0, gone: bool = False) -> None:
        super().__init__(message)
        self.retry_seconds, self.gone = retry_seconds, gone


@dataclass(slots=True)
class Item:
    """A document as it was fetched. ``coming`` shows its contents if there is more than one document in it."""

    data: bytes
    media_type: str | None = None
    filename: str | None = None
    url: str | None = None
    external_id: str | None = None
    coming: list[Coming] | None = None
    refused: str | None = None
    """Why it could not be stored; set when the haul has been stored."""

    def shows(self) -> list[Coming]:
        """Return what a test run shows of it."""
        if self.coming is not None:
            return self.coming
        one = Coming(url=self.url, filename=self.filename, media_type=self.media_type, size_bytes=len(self.data))
        return [one]


@dataclass(slots=True)
class Haul:
    """Documents that are stored together, and the cursor that is written after them.

    If ``cursor`` is None, the earlier one is kept. ``more`` says that more documents wait, so the next run follows at
    once. ``again_seconds`` is the time after which something will be ready.
    """

    items: list[Item]
    cursor: Doc | None = None
    more: bool = False
    again_seconds: float | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trip:
    """A run in progress, as a kind of source sees it. ``reserve`` waits until a request to a host is allowed; ``end``
    is a time of ``time.monotonic``.

    ``peek`` means a test run, which changes nothing. ``password`` is that of the source's user.
    """

    source: Doc
    settings: Settings
    reserve: Callable[[str, float], None]
    limit: int
    end: float
    peek: bool = False
    password: str | None = field(default=None, repr=False)

    @property
    def over(self) -> bool:
        """Whether the run's time is up; the next run fetches the rest."""
        return time.monotonic() > self.end


class Fetcher(Protocol):
    """A kind of source; modules such as ``folder`` and ``feed`` have this form."""

    def check(self, plan: Doc, settings: Settings) -> str:
        """Return the address in the form that is stored. Raises Wrong."""

    def fetch(self, trip: Trip) -> Iterator[Haul]:
        """Yield what is new. Code after a ``yield`` runs when that haul has been stored. Raises Failed."""
