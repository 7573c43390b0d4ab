"""The manifest of a backfill: NDJSON with one line for each document. Write it for folders and archives, and read it in
parts."""

from __future__ import annotations

import glob
import hashlib
import itertools
import json
import mimetypes
import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import pydantic_core
from pydantic import Field, StringConstraints, ValidationError, model_validator

from services.inputs import DocumentIn, SourceIn, explain, in_a_line
from services.records import Sha256

SAMPLE_BYTES = 65_536
Doc = dict[str, Any]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class FileIn(SourceIn):
    """A document in a file: the whole file, ``length`` bytes from ``offset``, or an archive's ``member``. ``path`` is
    absolute or relative to the manifest's folder. If ``sha256`` does not match, the document is not loaded.
    """

    path: Text
    offset: Annotated[int, Field(ge=0)] | None = None
    length: Annotated[int, Field(ge=0)] | None = None
    member: Text | None = None
    filename: Text | None = None
    media_type: Text | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.offset is None) != (self.length is None):
            raise ValueError("give `offset` and `length` together")
        if self.member is not None and self.offset is not None:
            raise ValueError("give either `member` or `offset` and `length`")
        return self

    @property
    def name(self) -> str:
        """The name of the document's file."""
        return self.filename or (self.member or self.path).rsplit("/", 1)[-1]

    @property
    def declared_media_type(self) -> str:
        return self.media_type or media_type_of(self.name)


class WrongLine(ValueError):
    """The line cannot be loaded; the message says why."""


def read(line: bytes, defaults: Doc) -> FileIn | DocumentIn:
    """Read a line, with ``defaults`` for missing values: a file, or a document in the JSON format of `POST
    /v1/documents`.

    Raises WrongLine.
    """
    try:
        found = pydantic_core.from_json(line)
    except ValueError as error:
        raise WrongLine(f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise WrongLine("not a JSON object")
    inline = "path" not in found and ("text" in found or "html" in found)
    try:
        return (DocumentIn if inline else FileIn).model_validate({**defaults, **found})
    except ValidationError as error:
        raise WrongLine(in_a_line(explain(error.errors(include_context=False, include_url=False)))) from None


@dataclass(frozen=True, slots=True)
class Part:
    """Part ``number`` (from 1) of ``of`` parts of a manifest: the lines that begin in that range of its bytes."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Part:
        """Read the number of a part, such as ``2/8``. Raises ValueError."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise ValueError(f"{text!r} is not a part; give 2/8 for the second of eight")
        return cls(int(number), int(of))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def bounds(self, size: int) -> tuple[int, int]:
        """Return the range of bytes in a manifest of ``size`` bytes; the end is exclusive."""
        return size * (self.number - 1) // self.of, size * self.number // self.of


def seek_line(file: BinaryIO, start: int) -> int:
    """Seek to the first line that begins at ``start`` or later; returns its position."""
    if start:
        file.seek(start - 1)
        while (piece := file.readline(SAMPLE_BYTES)) and not piece.endswith(b"\n"):
            pass
    return file.tell()


def read_line(file: BinaryIO, most: int) -> bytes | None:
    """Return the next line without its line end; None if it has more than ``most`` bytes, which are skipped."""
    line = file.readline(most + 1)
    if len(line) <= most or line.endswith(b"\n"):
        return line.strip()
    while (piece := file.readline(SAMPLE_BYTES)) and not piece.endswith(b"\n"):
        pass
    return None


def fingerprint(path: Path, defaults: Doc) -> str:
    """Return the database id of loading this manifest with these defaults. It depends on the manifest's path and time,
    because manifests with the same lines may refer to different files; reading all of it would take long.
    """
    known = path.stat()
    about = [str(path.resolve()), known.st_size, known.st_mtime_ns, defaults]
    found = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    with path.open("rb") as file:
        found.update(file.read(SAMPLE_BYTES))
        file.seek(max(0, known.st_size - SAMPLE_BYTES))
        found.update(file.read(SAMPLE_BYTES))
    return found.hexdigest()[:32]


# --- writing one ---------------------------------------------------------------------------------


def media_type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def files_under(folder: Path) -> Iterator[Path]:
    """Yield all files in order, without building a list of them. Hidden files and links that lead out of the folder are
    left out."""
    root = folder.resolve()
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found = (Path(where, name) for name in sorted(names) if not name.startswith("."))
        yield from (file for file in found if file.is_file() and not (file.is_symlink() and leads_out(file, root)))


def leads_out(file: Path, root: Path) -> bool:
    """Return whether a path, after following links, is outside ``root``, which is a path without links."""
    return not file.resolve().is_relative_to(root)


def _fixed(pattern: str) -> Path:
    """Return the folder that contains all paths of a pattern: the part before the first component with ``*``, ``?`` or
    ``[``."""
    parts = itertools.takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts)
    return Path(*parts).resolve()


def describe(paths: Iterable[str]) -> Iterator[Doc]:
    """Yield the lines for ``paths``: files, folders, patterns (``**`` matches any folders), and the contents of ZIP,
    tar and NDJSON files. A link that leads out of its folder is left out if it was found in a folder or by a pattern; a
    link that is named is followed. An archive found in a folder is one document, which the worker unpacks under its
    limits; an archive that is named is opened here. Raises FileNotFoundError, OSError, WrongLine for an archive that
    cannot be read.
    """
    for given in paths:
        path = Path(given)
        if path.is_dir():
            yield from ({"path": str(file)} for file in files_under(path))
        elif path.is_file():
            yield from _inside(path)
        else:
            found, root = False, _fixed(given)
            for file in glob.iglob(given, recursive=True):  # noqa: PTH207 - Path's knows no absolute patterns
                if Path(file).is_file() and not leads_out(Path(file), root):
                    found = True
                    yield {"path": file}
            if not found:
                raise FileNotFoundError(f"no such file or folder: {given}")


def _inside(path: Path) -> Iterator[Doc]:
    name = path.name.lower()
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    if not info.is_dir():
                        yield {"path": str(path), "member": info.filename}
        elif name.endswith(".tar"):
            yield from _in_tar(path)
        elif name.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
            with tarfile.open(path, "r|*") as tar:
                for member in tar:
                    if member.isreg():
                        yield {"path": str(path), "member": member.name}
        elif name.endswith((".ndjson", ".jsonl")):
            yield from _in_ndjson(path)
        else:
            yield {"path": str(path)}
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise WrongLine(f"{path} cannot be read: {error}") from None


def _in_tar(path: Path) -> Iterator[Doc]:
    """Yield the members of an uncompressed archive as byte ranges, because they are stored unchanged."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            tar.members = []  # type: ignore[attr-defined]  # otherwise tarfile keeps every member in memory
            if member.isreg() and not member.issparse():
                yield {
                    "path": str(path), "offset": member.offset_data, "length": member.size,
                    "filename": member.name.rsplit("/", 1)[-1],
                }  # fmt: skip


def _in_ndjson(path: Path) -> Iterator[Doc]:
    with path.open("rb") as file:
        offset = 0
        for line in file:
            if stripped := line.strip():
                start = offset + line.index(stripped)
                yield {
                    "path": str(path), "offset": start, "length": len(stripped),
                    "filename": f"{path.stem}-{offset}.json", "media_type": "application/json",
                }  # fmt: skip
            offset += len(line)


def dump(line: Doc) -> str:
    """Return a line of a manifest. Raises UnicodeEncodeError for a name that is not valid Unicode."""
    text = json.dumps(line, ensure_ascii=False)
    text.encode()
    return text
