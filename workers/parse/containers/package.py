"""Read the parts of documents that are ZIP archives (DOCX, ODT, EPUB), under the limits of archives."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

from workers.parse.base import ParseError, Source
from workers.parse.containers.zip import ENCRYPTED, open_zip, read_member
from workers.parse.members import Collector
from workers.parse.xml import read_xml


def holds(data: bytes, part: bytes) -> bool:
    """Return whether a ZIP archive has a member whose path contains ``part``, according to its directory."""
    end = data.rfind(b"PK\x05\x06")
    if not data.startswith(b"PK\x03\x04") or end < 0 or len(data) < end + 16:
        return data.startswith(b"PK\x03\x04") and part in data  # a broken archive: its parser reports that
    (size,) = struct.unpack_from("<I", data, end + 12)
    return part in data[max(0, end - size) : end]


class Package:
    """The parts of one document, by name. Raises ParseError as archives do."""

    def __init__(self, source: Source) -> None:
        self._archive = open_zip(source.data, source.limits.members)
        self._read = Collector(source.limits, len(source.data))

    def measure(self) -> None:
        """Check the limits of archives before a library reads all parts. Raises ParseError ``too_large`` and the like.

        zipfile reads at most the size that the archive states for a member.
        """
        for info in self._archive.infolist():
            if info.flag_bits & ENCRYPTED:
                raise ParseError("encrypted", "The document is locked with a password.")
            self._read.expand(info.file_size)

    def names(self) -> list[str]:
        return self._archive.namelist()

    def bytes_of(self, name: str) -> bytes:
        """Return the bytes of a part; empty if there is no such part."""
        try:
            info: zipfile.ZipInfo = self._archive.getinfo(name)
        except KeyError:
            return b""
        data = read_member(self._archive, info, self._read.room)
        self._read.expand(len(data))
        return data

    def with_part(self, name: str, data: bytes) -> bytes:
        """Return the archive with other bytes for one part; the parts are not compressed."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as written:
            for info in self._archive.infolist():
                part = data if info.filename == name else read_member(self._archive, info, info.file_size)
                written.writestr(zipfile.ZipInfo(info.filename), part)
        return out.getvalue()

    def xml(self, name: str) -> Any:
        """Return the part's root element, or None if there is no such part. Raises ParseError ``corrupt``."""
        data = self.bytes_of(name)
        return read_xml(data) if data else None

    def need(self, name: str) -> Any:
        root = self.xml(name)
        if root is None:
            raise ParseError("corrupt", f"The part {name} is missing.")
        return root
