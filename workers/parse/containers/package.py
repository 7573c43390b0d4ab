"""Documents that are ZIP archives inside (DOCX, ODT, EPUB): their parts, read under the limits of archives."""

from __future__ import annotations

import zipfile
from typing import Any

from workers.parse.base import ParseError, Source
from workers.parse.containers.zip import open_zip, read_member
from workers.parse.members import Collector
from workers.parse.xml import read_xml


class Package:
    """The parts of one document, by name. Raises ParseError as archives do."""

    def __init__(self, source: Source) -> None:
        self._archive = open_zip(source.data, source.limits.members)
        self._read = Collector(source.limits, len(source.data))

    def names(self) -> list[str]:
        return self._archive.namelist()

    def bytes_of(self, name: str) -> bytes:
        """Empty where there is no such part."""
        try:
            info: zipfile.ZipInfo = self._archive.getinfo(name)
        except KeyError:
            return b""
        data = read_member(self._archive, info, self._read.room)
        self._read.expand(len(data))
        return data

    def xml(self, name: str) -> Any:
        """The part's root element, or None where there is no such part. Raises ParseError ``corrupt``."""
        data = self.bytes_of(name)
        return read_xml(data) if data else None

    def need(self, name: str) -> Any:
        root = self.xml(name)
        if root is None:
            raise ParseError("corrupt", f"The part {name} is missing.")
        return root
