"""Protect trafilatura, which lays out tables cell by cell, from tables that are small in a page but huge as a grid."""

from __future__ import annotations

from collections import Counter
from typing import Any

MOST_CELLS = 200_000
"""Maximum number of rows of a page times the columns of the widest: 4,000 rows of 50 columns."""
_MOST_COLUMNS, _MOST_ROWS = 1000, 65_534  # maximum span of a cell in the HTML standard ("Forming a table")


def bounded(tree: Any) -> Any:
    """Return the tree; if the grids of its tables have too many cells, remove their spans, and if there are still too
    many, remove the tables."""
    if _cells(tree) > MOST_CELLS:
        for cell in tree.iter("td", "th"):
            cell.attrib.pop("colspan", None)
            cell.attrib.pop("rowspan", None)
        if _cells(tree) > MOST_CELLS:
            for table in list(tree.iter("table")):
                table.clear(keep_tail=True)
    return tree


def _cells(tree: Any) -> int:
    """Count the cells of a grid with all rows of the page, each as wide as the widest row, including cells that reach
    down into it."""
    rows = widest = reaching = 0
    ends: Counter[int] = Counter()  # row: number of columns whose cells from above end before it
    for row in tree.iter("tr"):
        reaching -= ends[rows]
        own = 0
        for cell in row:
            if cell.tag in ("td", "th"):
                columns, down = _span(cell, "colspan", _MOST_COLUMNS), _span(cell, "rowspan", _MOST_ROWS)
                own += columns
                if down > 1:
                    reaching += columns
                    own -= columns
                    ends[rows + down] += columns
        widest = max(widest, own + reaching)
        rows += 1
    return rows * widest


def _span(cell: Any, name: str, most: int) -> int:
    given = cell.get(name, "1").strip()
    return min(max(int(given), 1), most) if given.isdecimal() and len(given) < 10 else most if given.isdecimal() else 1
