"""The parts of every parser: its input, its result, its errors."""

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
"""Version of the code that the formats share: heads, datelines, layout. Raise it when the output changes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for one document. Beyond a limit it fails, and the code names the limit: see ``codes.CODES``."""

    size_bytes: int = 25 * 1024 * 1024
    expanded_bytes: int = 200 * 1024 * 1024  # all members of an archive, or all parts of a zipped document, together
    expansion_ratio: float = 100.0  # ratio of expanded to packed bytes; checked from 10 MiB expanded
    members: int = 5000
    pages: int = 500
    cells: int = 50_000  # non-empty cells of a workbook; the rest is not read
    depth: int = 4  # documents in documents: a message in an archive in a message is at depth 2
    seconds: float = 30.0  # wall clock and CPU, each
    memory_bytes: int = 1024 * 1024 * 1024
    ocr: bool = False
    ocr_pages: int = 20  # of one document
    ocr_seconds: float = 10.0  # for one page, within ``seconds`` for the document
    ocr_languages: str = "eng"  # as Tesseract names them: eng+fas
    formats: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # other limits for a format, by its name

    def of(self, format: str) -> Limits:
        """Return the limits of ``format``."""
        return replace(self, **self.formats.get(format, {}))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one document, and what the sender said about them; these are hints and never override the content.

    ``depth`` is how many documents it is a member of, one inside the other. ``dialect`` is the agency whose dialect it
    is read in (`dialects.given`).
    """

    data: bytes
    declared_media_type: str | None = None
    filename: str | None = None
    limits: Limits = field(default_factory=Limits)
    depth: int = 0
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a document: an archive's file, a feed's entry, a message's attachment.

    ``path`` is its relative path, without ``..``; ``url`` is the address it was fetched from, if known.
    """

    path: str
    data: bytes
    media_type: str | None = None
    url: str | None = None


@dataclass(slots=True)
class Parsed:
    """The result for one document. ``media_type`` was detected from the content. A pure container has members and no
    article. ``warnings`` are those of a pure container; an article has its own. ``workers.parse.parse`` sets
    ``parser``: the format's name and version, ``"html 2.1"``.
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
"""The exceptions of a reader or its library on bytes that it cannot read. Not Exception, because a worker's soft time
limit is one."""


def tried[T](warned: list[str], field: str, read: Callable[[], T], otherwise: T) -> T:
    """Return the result of ``read``. If it fails, return ``otherwise`` and add a warning for the field to
    ``warned``."""
    try:
        return read()
    except FAULTS:
        warned.append(f"{warnings.FIELD_FAILED}:{field}")
        return otherwise


@contextmanager
def reading(what: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn the exceptions of a library on broken bytes, including its own ``errors``, into a ParseError ``corrupt``."""
    faults: tuple[type[Exception], ...] = (*FAULTS, zipfile.BadZipFile, *errors)
    try:
        yield
    except RecursionError:
        raise
    except faults as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ParseError("corrupt", f"The {what} is broken: {said}.") from None


class ParseError(Exception):
    """The document cannot be read. ``code`` is one of ``codes.CODES``; the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parser:
    """A format. ``sniff`` gets the bytes and returns a confidence from 0 to 1; the parser with the highest one reads
    the document. Raise ``version`` when the output of this format changes, ``SHARED_VERSION`` when the output of all
    formats does.
    """

    name: str
    media_types: tuple[str, ...]
    sniff: Callable[[Source], float]
    parse: Callable[[Source], Parsed]
    isolated: bool = False  # native or quadratic library: run in a child process under resource limits
    version: int = 1

    @property
    def full_version(self) -> str:
        """The version as stored in the record: ``"html 2.1"``, followed by ``+`` and a digest if the user has their own
        dialects."""
        return f"{self.name} {SHARED_VERSION}.{self.version}{dialects.mark()}"
