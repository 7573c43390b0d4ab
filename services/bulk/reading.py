"""Read the bytes that a line of a manifest names."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
import zlib
from pathlib import Path

from services.bulk.manifest import FileIn, WrongLine

_BROKEN = (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, zlib.error, RuntimeError, NotImplementedError,
           ValueError)  # fmt: skip
"""ValueError: a path with a NUL character, an offset of more than 64 bits."""


class Reader:
    """Reads documents of at most ``most`` bytes each. The last archive is kept open for the next line. Members of
    compressed tar files can only be read in sequence: lines in the same order are read in one pass.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._path: Path | None = None
        self._archive: zipfile.ZipFile | tarfile.TarFile | None = None

    def read(self, line: FileIn) -> bytes:
        """Return the bytes of a line. Raises WrongLine if the file or member does not exist, is empty, too large, or
        has another checksum."""
        path = self._folder / line.path
        try:
            data = self._read(path, line)
        except FileNotFoundError:
            raise WrongLine(f"no such file: {path}") from None
        except _BROKEN as error:
            raise WrongLine(f"{path} cannot be read: {error}") from None
        if line.length is not None and len(data) < min(line.length, self._most):
            raise WrongLine(f"{path} ends before byte {line.offset} + {line.length}")
        check_size(len(data), self._most)
        if line.sha256 is not None and hashlib.sha256(data).hexdigest() != line.sha256:
            raise WrongLine(f"{path} has changed: its SHA-256 is {hashlib.sha256(data).hexdigest()}")
        return data

    def _read(self, path: Path, line: FileIn) -> bytes:
        if line.member is not None:
            return self._member(path, line.member)
        with path.open("rb") as file:
            file.seek(line.offset or 0)
            return file.read(self._most + 1 if line.length is None else min(line.length, self._most + 1))

    def _member(self, path: Path, name: str) -> bytes:
        archive = self._open(path)
        if isinstance(archive, zipfile.ZipFile):
            try:
                with archive.open(name) as stream:
                    return stream.read(self._most + 1)
            except KeyError:
                raise _no_member(path, name) from None
        data = self._next(archive, name)
        if data is None:  # it is before the last one
            self.close()
            data = self._next(self._open(path), name)
        if data is None:
            self.close()
            raise _no_member(path, name)
        return data

    def _next(self, archive: zipfile.ZipFile | tarfile.TarFile, name: str) -> bytes | None:
        assert isinstance(archive, tarfile.TarFile)
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # else all of them are kept
            if member.name == name and (stream := archive.extractfile(member)):
                return stream.read(self._most + 1)
        return None

    def _open(self, path: Path) -> zipfile.ZipFile | tarfile.TarFile:
        if self._archive is None or path != self._path:
            self.close()
            self._archive = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path, "r|*")  # noqa: SIM115
            self._path = path
        return self._archive

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = None


def _no_member(path: Path, name: str) -> WrongLine:
    return WrongLine(f"there is no member {name!r} in {path}")


def check_size(size: int, most: int) -> None:
    """Check the size. Raises WrongLine for a document that a request could not contain either."""
    if size == 0:
        raise WrongLine("the document is empty")
    if size > most:
        raise WrongLine(
            f"the document is larger than {most} bytes (COPYDESK_MAX_BODY_BYTES); split the document or raise the limit"
        )
