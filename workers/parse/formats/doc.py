"""Read DOC (Word 97 to 2003) with office-oxide, which returns the text but not its styles."""

from __future__ import annotations

import io
import struct

import olefile

from workers.parse.article.compose import Piece
from workers.parse.base import Parsed, ParseError, Parser, Source, reading
from workers.parse.formats.ole import kind
from workers.parse.formats.structured import Run, read_structured

MEDIA_TYPE = "application/msword"
_ENCRYPTED = 0x0100  # [MS-DOC] FibBase, the flags at byte 10


def sniff(source: Source) -> float:
    return 0.9 if kind(source.data) == "document" else 0.0


def parse(source: Source) -> Parsed:
    import office_oxide  # imported here: processes that read other formats do not need it

    with reading("document", office_oxide.OfficeOxideError):
        if _is_encrypted(source.data):
            raise ParseError("encrypted", "The document is locked with a password.")
        with office_oxide.Document.from_bytes(source.data, "doc") as document:
            text: str = document.plain_text()
    runs = [Run(piece) for line in text.splitlines() for piece in _pieces(line)]
    if not runs:
        raise ParseError("empty", "There is no text in the document.")
    return Parsed(MEDIA_TYPE, read_structured(runs, format="doc", confidence=0.8))


def _is_encrypted(data: bytes) -> bool:
    with olefile.OleFileIO(io.BytesIO(data)) as ole, ole.openstream("WordDocument") as stream:
        head = stream.read(12)
    return bool(struct.unpack_from("<H", head, 10)[0] & _ENCRYPTED)


def _pieces(line: str) -> list[Piece]:
    """Return a line; all rows of a table are in one line, where a tab ends each cell and another tab each row."""
    *rows, rest = line.split("\t\t")
    if not rows or not all("\t" in row for row in rows):
        rows, rest = [], line
    table = "\n".join(" | ".join(cell.strip() for cell in row.split("\t")) for row in rows)
    rest = " ".join(rest.split())
    return [*([Piece("table", table)] if table else []), *([Piece("paragraph", rest)] if rest else [])]


PARSER = Parser("doc", (MEDIA_TYPE,), sniff, parse, isolated=True)
