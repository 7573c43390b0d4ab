"""What every parser is made of: its input, its result, its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from services.records import Article


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one document and what its sender said about them; hints, never trusted over the content."""

    data: bytes
    declared_media_type: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a document: an archive's file, a feed's entry, an attachment. ``path`` names its place."""

    path: str
    data: bytes
    media_type: str | None = None


@dataclass(slots=True)
class Parsed:
    """``media_type`` is what the content was found to be. A pure container has members and no article."""

    media_type: str
    article: Article | None = None
    members: list[Member] = field(default_factory=list)


class ParseError(Exception):
    """The document cannot be read. ``code`` is one of the documented failure codes, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parser:
    """One format. ``sniff`` sees the bytes and says how sure it is, 0 to 1; the surest parser reads the document."""

    name: str
    media_types: tuple[str, ...]
    sniff: Callable[[Source], float]
    parse: Callable[[Source], Parsed]
    isolated: bool = False  # native or quadratic library: run in a child process under resource limits
