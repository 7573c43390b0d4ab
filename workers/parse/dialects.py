"""Dialects describe what the documents of one agency look like, in one TOML file each; docs/dialects.md explains the
format.

Copydesk's own files are in ``wire/dialects``. A setting can name a folder with more; a file of the same name there
replaces the built-in one. A process reads them once, with `use`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

OURS = Path(__file__).parent / "wire" / "dialects"
_TOP = 1500  # characters of a text that are searched for an agency's sign


class WrongDialect(ValueError):
    """A dialect file cannot be used; the message is one line that says which file, where in it, and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Found(_Part):
    """How to recognise an agency: by a name that the document states, a sign such as ``(AP)`` in its text, or a pattern
    in its text."""

    providers: list[str] = []
    credits: list[str] = []
    text: list[re.Pattern[str]] = []
    namespaces: list[str] = []


class Coding(_Part):
    """Where codes are: ``at`` is the path of the elements that contain them, ``code`` and ``name`` are paths from
    each."""

    scheme: str | None = None
    at: str = "."
    code: str | None = None
    name: str | None = None


class Fields(_Part):
    """Where an agency's XML has the fields of the record: paths such as ``meta[name=slug]/@content``."""

    title: str | None = None
    deck: str | None = None
    byline: str | None = None
    code: str | None = None
    published_at: str | None = None
    updated_at: str | None = None
    publisher: str | None = None
    language: str | None = None
    place: str | None = None
    guid: str | None = None
    version: str | None = None
    urgency: str | None = None
    slugline: str | None = None
    ednote: str | None = None
    pub_status: str | None = None
    canceled: str | None = None
    replaces: str | None = None
    text: list[str] = []
    keywords: str | None = None
    subjects: list[Coding] = []
    genre: list[Coding] = []
    places: list[Coding] = []
    signals: dict[str, str] = {}


class Record(_Part):
    """An XML format of the agency's own: ``element`` is one document, ``body`` the path of its text.

    ``escaped`` says how often the text's characters may be escaped.
    """

    format: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    element: str
    wrapped_in: list[str] = []
    body: str
    escaped: int = Field(1, ge=1, le=5)


class Dialect(_Part):
    """One agency. Patterns of lines must fit the whole line; those of ``remove``, ``kill`` and ``withhold`` are
    searched for."""

    name: str
    about: str = ""
    found: Found = Found()
    slug: list[re.Pattern[str]] = []
    byline: list[re.Pattern[str]] = []
    dateline: list[re.Pattern[str]] = []
    boilerplate: list[re.Pattern[str]] = []
    remove: list[re.Pattern[str]] = []
    kill: list[re.Pattern[str]] = []
    withhold: list[re.Pattern[str]] = []
    record: Record | None = None
    fields: Fields = Fields()

    def is_named(self, name: str | None) -> bool:
        """Return whether documents use ``name`` to state the agency."""
        return name is not None and name.casefold() in {each.casefold() for each in self.found.providers}


def load(folder: Path) -> dict[str, Dialect]:
    """Return the dialects of a folder, by the names of their files. Raises WrongDialect."""
    try:
        files = sorted(folder.glob("*.toml"))
        if not folder.is_dir():
            raise WrongDialect(f"{folder}: there is no such folder")
        return {file.stem: _read(file) for file in files}
    except OSError as error:
        raise WrongDialect(f"{folder}: {error.strerror}") from None


def _read(file: Path) -> Dialect:
    try:
        dialect = Dialect.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise WrongDialect(f"{file}: {where}: {_why(fault['msg'], fault.get('input'))}") from None
    except ValueError as error:  # of TOML or UTF-8
        raise WrongDialect(f"{file}: {error}") from None
    for name, groups in (("byline", {"name"}), ("dateline", {"places"})):
        for number, pattern in enumerate(getattr(dialect, name)):
            if not groups <= set(pattern.groupindex):
                missing = next(iter(groups - set(pattern.groupindex)))
                raise WrongDialect(f"{file}: {name}.{number}: the pattern has no group (?P<{missing}>…)")
    return dialect


def _why(message: str, given: object) -> str:
    if isinstance(given, str):
        try:
            re.compile(given)
        except re.error as error:
            return f"the pattern {given!r} is broken: {error}"
    return message


class _Used:
    """The dialects of this process."""

    folder: Path | None = None
    mark: str = ""
    known: tuple[Dialect, ...] | None = None
    by_stem: ClassVar[dict[str, Dialect]] = {}


_given: ContextVar[Dialect | None] = ContextVar("dialect", default=None)


def use(folder: Path | None) -> None:
    """Make this process use the dialects of ``folder`` as well as the built-in ones. Raises WrongDialect."""
    theirs = load(folder) if folder else {}
    ours = {stem: dialect for stem, dialect in load(OURS).items() if stem not in theirs}
    written = b"".join(file.read_bytes() for file in sorted(folder.glob("*.toml"))) if folder else b""
    _Used.known, _Used.folder = (*theirs.values(), *ours.values()), folder
    _Used.by_stem = theirs | ours
    _Used.mark = f"+{hashlib.sha256(written).hexdigest()[:8]}" if theirs else ""


def mark() -> str:
    """Return the suffix of parser versions: the digest of the user's own dialects, empty if there are none."""
    return _Used.mark


def folder() -> Path | None:
    """Return the folder of the user's own dialects."""
    return _Used.folder


def known() -> tuple[Dialect, ...]:
    """Return every dialect, the user's own first."""
    if _Used.known is None:
        use(None)
    return _Used.known or ()


def names() -> list[str]:
    """Return the name of every dialect, which is that of its file: ``reuters``."""
    known()
    return sorted(_Used.by_stem)


@contextmanager
def given(name: str | None) -> Iterator[None]:
    """Read every document as that of one agency, whatever the document shows. None, or a name without a dialect, changes
    nothing."""
    known()
    token = _given.set(_Used.by_stem.get(name) if name else None)
    try:
        yield
    finally:
        _given.reset(token)


def of(names: Iterable[str | None], text: str) -> Dialect | None:
    """Return the dialect of a document that states one of ``names``, otherwise of one whose text shows an agency's
    sign."""
    if (chosen := _given.get()) is not None:
        return chosen
    stated = [name for name in names if name]
    for dialect in known():
        if any(dialect.is_named(name) for name in stated):
            return dialect
    return by_text(text)


def by_text(text: str) -> Dialect | None:
    """Return the dialect of the agency that the top of a text names as ``(AP)`` or ``/ritzau/``, or shows by its
    shape."""
    if (chosen := _given.get()) is not None:
        return chosen
    top = text[:_TOP]
    best: tuple[int, Dialect] | None = None
    for dialect in known():
        for pattern in (*_sign(tuple(dialect.found.credits)), *dialect.found.text):
            found = pattern.search(top)
            if found and (best is None or found.start() < best[0]):
                best = (found.start(), dialect)
    return best[1] if best else None


def by_namespace(namespaces: Iterable[str]) -> Dialect | None:
    """Return the dialect of the agency whose XML names one of its own namespaces."""
    if (chosen := _given.get()) is not None:
        return chosen
    stated = set(namespaces)
    return next((dialect for dialect in known() if stated & set(dialect.found.namespaces)), None)


@lru_cache(maxsize=256)
def _sign(credits: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the pattern of an agency's sign in brackets or between strokes: ``(AP)``, ``(Reuters/Leeds Post)``,
    ``/ritzau/``."""
    if not credits:
        return ()
    words = "|".join(map(re.escape, credits))
    return (re.compile(rf"(?:\((?:{words})(?:/[^()\n]{{1,40}})?\)|(?<!\w)/(?:{words})/|\[(?:{words})\])"),)
