"""Workbooks (XLSX, XLS, ODS): a heading and a table for each sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.records import Article
from workers.parse import warnings as warn
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.base import Limits, ParseError

_LOOKED_AT = 20  # times the limit on non-empty cells: how many cells may be looked at, most of them empty
_NAME_AT_MOST = 100


@dataclass(slots=True)
class Sheet:
    """A sheet: its rows of cells as they are shown, from the top down. ``hidden`` means that a reader does not see
    it."""

    name: str
    rows: Iterable[list[str]]
    hidden: bool = False


@dataclass(slots=True)
class Collected:
    """What is read of a workbook: the head, a heading and a table for each sheet, warnings."""

    head: Head
    pieces: list[Piece] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def article(self, format: str) -> Article:
        """Return the Article of the workbook. Raises ParseError ``empty``."""
        if not self.pieces:
            raise ParseError("empty", "There is nothing in the cells of the visible sheets.")
        return compose(self.pieces, self.head, format=format, warnings=self.warnings, confidence=0.9, structured=True)


def collect(sheets: Iterable[Sheet], limits: Limits, title: str | None = None) -> Collected:
    """Take what the visible sheets show. Cells beyond ``limits.cells`` are left out with a warning.

    A single line above the first table is the title if the workbook states none.
    """
    found = Collected(Head(title=title or None))
    room = _Room(limits.cells)
    for sheet in sheets:
        if sheet.hidden:
            found.warnings.append(f"{warn.HIDDEN_LEFT_OUT}:{_name(sheet)}")
            continue
        rows = list(room.kept(sheet.rows))
        if not found.head.title and not found.pieces and _is_title(rows):
            found.head.title = rows.pop(0)[0]
        if rows:
            table = "\n".join(" | ".join(row) for row in rows)
            found.pieces += [Piece("heading", _name(sheet)), Piece("table", table)]
        if room.left == 0:
            found.warnings.append(warn.TRUNCATED)
            break
    return found


def _name(sheet: Sheet) -> str:
    return " ".join(sheet.name.split())[:_NAME_AT_MOST] or "Sheet"


def _is_title(rows: list[list[str]]) -> bool:
    """Return whether the first row is a line of words above a table: ``Unemployment by region, 2012``."""
    return len(rows) > 1 and len(rows[0]) == 1 and len(rows[1]) > 1 and len(rows[0][0].split()) > 1


class _Room:
    """How many cells may still be read."""

    def __init__(self, cells: int) -> None:
        self.left = cells
        self._looks = cells * _LOOKED_AT

    def kept(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Yield non-empty rows without empty cells at their end, until the limit is reached."""
        for row in rows:
            self._looks -= 1 + len(row)
            filled = sum(1 for cell in row if cell)
            if filled > self.left or self._looks < 0:
                self.left = 0
                return
            self.left -= filled
            while row and not row[-1]:
                row.pop()
            if row:
                yield row if filled > 1 else [row[-1]]
