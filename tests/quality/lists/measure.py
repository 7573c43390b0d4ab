"""Measure how well names are matched with a watch list, on mentions of our own writing: ``python -m tests.quality.lists.measure``.

``list.csv`` is the list, ``mentions.csv`` has the mentions: the entry that the name means (``-``: none of them), the entity
as the stages would give it, the countries of the document's places, the year, and the words around the name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.lists import files
from workers.lists.index import Entry, Index
from workers.lists.matching import match

HERE = Path(__file__).parent


@dataclass
class Measured:
    """How many mentions were matched rightly, wrongly and not at all, and the mistakes."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def index() -> Index:
    found = Index(1)
    found.collections["L"] = ("*",)
    with (HERE / "list.csv").open("rb") as lines:
        for one in files.read(lines, "text/csv"):
            assert one
            known = {name: tuple(getattr(one, name)) for name in ("countries", "born", "ids")}
            found.add(Entry("L", one.id, one.kind, **known), one.names)
    return found


def mentions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each entry's id with a record of the mention."""
    with (HERE / "mentions.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            before = f"They said of {row['before']}"
            span = {"text": row["name"], "start": len(before), "end": len(before) + len(row["name"])}
            yield (
                row["entry"],
                {
                    "text": f"{before}{row['name']}{row['after']} on Monday.",
                    "published_at": datetime(int(row["published"]), 9, 1, tzinfo=UTC),
                    "source": {"collection": "wires"},
                    "entities": [{"name": row["name"], "type": row["type"], "mentions": [span]}],
                    "places": [{"country": one} for one in row["countries"].split()],
                },
            )


def measure() -> Measured:
    found, known = Measured(), index()
    for wanted, record in mentions():
        hits = {hit["entry"]: hit for hit in match(known, record)}
        name = record["entities"][0]["name"]
        if wanted in hits:
            found.right += 1
        elif wanted != "-":
            found.missed += 1
            found.mistakes.append(f"missed: {name} is {wanted}")
        for entry, hit in hits.items():
            if entry != wanted:
                found.wrong += 1
                found.mistakes.append(f"wrong: {name} is not {entry} ({hit['score']}: {hit['reason']})")
    return found


if __name__ == "__main__":
    result = measure()
    print(*result.mistakes, sep="\n")
    print(f"precision {result.precision:.3f}, recall {result.recall:.3f}")
