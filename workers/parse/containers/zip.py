"""Read ZIP archives: each file is a document."""

from __future__ import annotations

import io
import zipfile
import zlib

from workers.parse import warnings as warn
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import Collector, is_litter, safe_path

ENCRYPTED = 0x1  # general purpose bit flag 0, APPNOTE 4.4.4
UTF8_NAMES = 0x800  # bit 11


def sniff(source: Source) -> float:
    return 0.8 if source.data.startswith((b"PK\x03\x04", b"PK\x05\x06")) else 0.0


def parse(source: Source) -> Parsed:
    archive = open_zip(source.data, source.limits.members)
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        raise ParseError(
            "unsupported_format", "An Office file of a kind that is not read here; save it as DOCX, XLSX, PPTX or PDF."
        )
    found = Collector(source.limits, len(source.data))
    broken: dict[str, ParseError] = {}
    for info in archive.infolist():
        path = _path(info)
        if info.is_dir() or is_litter(path):
            continue
        try:
            data = read_member(archive, info, found.room)
        except ParseError as error:
            if error.code != "corrupt":
                raise
            broken[safe_path(path)] = error
            continue
        found.add(path, data)
    if broken and not found.members:
        raise next(iter(broken.values()))
    warnings = [f"{warn.MEMBER_CORRUPT}:{path}" for path in broken]
    return Parsed("application/zip", members=found.result(), warnings=warnings)


def open_zip(data: bytes, members: int) -> zipfile.ZipFile:
    """Open the archive. Raises ParseError ``corrupt`` or, over ``members`` entries, ``too_many_members``."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError) as error:
        raise ParseError("corrupt", f"The ZIP archive is broken: {error}.") from None
    if len(archive.infolist()) > members:
        raise ParseError("too_many_members", f"The archive has more than {members} members.")
    return archive


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int) -> bytes:
    """Return at most ``room`` + 1 bytes. Raises ParseError ``encrypted`` or ``corrupt``."""
    if info.flag_bits & ENCRYPTED:
        raise ParseError("encrypted", "The archive is locked with a password.")
    try:
        with archive.open(info) as stream:
            return stream.read(max(0, room) + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise ParseError("corrupt", f"{info.filename} in the archive is broken: {error}.") from None


def _path(info: zipfile.ZipInfo) -> str:
    """Return the member's name. Without bit 11 it should be CP437, but in practice it is mostly UTF-8."""
    if info.flag_bits & UTF8_NAMES:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


PARSER = Parser("zip", ("application/zip", "application/x-zip-compressed"), sniff, parse, isolated=True, version=2)
