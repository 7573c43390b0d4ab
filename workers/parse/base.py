"""What every parser is made of: its input, its result, its errors."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from services.records import Article
from workers.parse import dialects, warnings

SHARED_VERSION = 6
"""Of what the formats have in common: heads, datelines, layout. Raise it when their output changes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. Over a limit it fails with the code that says which: see ``codes.CODES``."""

    size_bytes: int = 25 * 1024 * 1024
    expanded_bytes: int = 200 * 1024 * 1024  # all members of an archive, or all parts of a zipped document, together
    expansion_ratio: float = 100.0  # expanded to packed bytes; looked at from 10 MiB expanded on
    members: int = 5000
    pages: int = 500
    cells: int = 50_000  # of a workbook, those with something in them; the rest is not read
    depth: int = 4  # documents in documents: a message in an archive in a message is at depth 2
    seconds: float = 30.0  # wall clock and CPU, each
    memory_bytes: int = 1024 * 1024 * 1024
    ocr: bool = False
    ocr_pages: int = 20  # of one document
    ocr_seconds: float = 10.0  # for one page, within ``seconds`` for the document
    ocr_languages: str = "eng"  # as Tesseract names them: eng+fas
    formats: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # other limits for a format, by its name

    def of(self, format: str) -> Limits:
        """The limits of ``format``."""
        return replace(self, **self.formats.get(format, {}))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one document and what its sender said about them; hints, never trusted over the content.

    ``depth`` is how many documents it is a member of, one inside the other.
    """

    data: bytes
    declared_media_type: str | None = None
    filename: str | None = None
    limits: Limits = field(default_factory=Limits)
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a document: an archive's file, a feed's entry, a message's attachment.

    ``path`` names its place, relative, without ``..``; ``url`` is where it was fetched from, if that is known.
    """

    path: str
    data: bytes
    media_type: str | None = None
    url: str | None = None


@dataclass(slots=True)
class Parsed:
    """``media_type`` is what the content was found to be. A pure container has members and no article.

    ``warnings`` is what a pure container warns of; an article has its own.
    ``parser`` is filled in by ``workers.parse.parse``: the format's name and its version, ``"html 2.1"``.
    """

    media_type: str
    article: Article | None = None
    members: list[Member] = field(default_factory=list)
    parser: str = ""
    warnings: list[str] = field(default_factory=list)


FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,  # lxml's errors are
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What a reader or its library raises on bytes it cannot cope with. Not Exception: a worker's soft time limit is one."""


def tried[T](warned: list[str], field: str, read: Callable[[], T], otherwise: T) -> T:
    """Return what ``read`` returns; where it breaks, ``otherwise``, and ``warned`` says that the field could not be read."""
    try:
        return read()
    except FAULTS:
        warned.append(f"{warnings.FIELD_FAILED}:{field}")
        return otherwise


@contextmanager
def reading(what: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn what a library raises on broken bytes, its own ``errors`` too, into a ParseError ``corrupt``."""
    faults: tuple[type[Exception], ...] = (*FAULTS, zipfile.BadZipFile, *errors)
    try:
        yield
    except RecursionError:
        raise
    except faults as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ParseError("corrupt", f"The {what} is broken: {said}.") from None


class ParseError(Exception):
    """The document cannot be read. ``code`` is one of ``codes.CODES``, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parser:
    """One format. ``sniff`` sees the bytes and says how sure it is, 0 to 1; the surest parser reads the document.

    Raise ``version`` when its output changes, ``SHARED_VERSION`` when that of all does.
    """

    name: str
    media_types: tuple[str, ...]
    sniff: Callable[[Source], float]
    parse: Callable[[Source], Parsed]
    isolated: bool = False  # native or quadratic library: run in a child process under resource limits
    version: int = 1

    @property
    def full_version(self) -> str:
        """As the record keeps it: ``"html 2.1"``, with ``+`` and a digest where the user has dialects of their own."""
        return f"{self.name} {SHARED_VERSION}.{self.version}{dialects.mark()}"
