"""Score events in short texts, marked by hand. An event is right if its type is one of the mark's, and both actors are
right: a name that contains an accepted word, or no name if ``-`` is accepted. Marks that are not ``required`` do not
count, and neither does an event that matches one of them. There is no baseline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.records import Article, Event
from tests.real.reading import Text, article_of, read_all
from tests.real.scored import Scored, digest_of, sample_of

NAME = "events"
IN_SAMPLE = 12
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    types: frozenset[str]
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Marked:
    name: str
    text: str
    day: datetime
    marks: tuple[Mark, ...]


def file(root: Path) -> Path:
    return root / "events" / "events.json"


def load(root: Path) -> list[Marked]:
    """Return the texts with their marks."""
    rows = json.loads(file(root).read_text(encoding="utf-8"))
    return [_marked(f"{number:02}-{row['id']}", row) for number, row in enumerate(rows)]


def _marked(name: str, row: dict[str, Any]) -> Marked:
    marks = (Mark(frozenset(m["types"]), tuple(m["actors"]), tuple(m["targets"]), m["required"]) for m in row["events"])
    return Marked(name, row["text"], datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=UTC), tuple(marks))


def accepted(found: str | None, names: Iterable[str]) -> bool:
    """Return whether the actor contains one of ``names``; no actor is right if `NOBODY` is among them."""
    if found is None:
        return NOBODY in names
    return any(re.search(rf"\b{re.escape(name)}\b", found.casefold()) for name in names if name != NOBODY)


def right(mark: Mark, event: Event) -> bool:
    """Return whether ``event`` is the marked one."""
    whom = accepted(event.target, mark.targets) or (event.object is not None and accepted(event.object, mark.targets))
    return event.action in mark.types and accepted(event.actor, mark.actors) and whom


def _text(marked: Marked) -> Text:
    return Text(f"{NAME}/{marked.name}", article_of(marked.text, published_at=marked.day), published_at=marked.day)


def chosen(root: Path, *, sample: bool) -> list[Marked]:
    return sample_of(load(root), IN_SAMPLE) if sample else load(root)


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    return [_text(marked) for marked in chosen(root, sample=sample)]


@dataclass(slots=True)
class Count:
    required: int = 0
    met: int = 0
    """Required marks for which an event was found."""
    wrong: int = 0

    def figures(self) -> dict[str, float]:
        return {
            "events.precision": round(self.met / max(1, self.met + self.wrong), 3),
            "events.recall": round(self.met / max(1, self.required), 3),
        }


def count(cases: Iterable[tuple[Marked, Article | None]]) -> tuple[Count, list[str]]:
    """Return the counts, and a line for each wrong result."""
    all_, misses = Count(), []
    for marked, article in cases:
        left = list(article.events) if article else []
        for mark in sorted(marked.marks, key=lambda mark: not mark.required):
            event = next((event for event in left if right(mark, event)), None)
            if event is not None:
                left.remove(event)
            if mark.required:
                all_.required += 1
                all_.met += event is not None
                if event is None:
                    misses.append(
                        f"missed  {marked.name}: {'/'.join(sorted(mark.types))} {mark.actors} {mark.targets}: {marked.text}"
                    )
        all_.wrong += len(left)
        misses += [f"wrong   {marked.name}: {e.action} {e.actor!r} {e.target!r}: {marked.text}" for e in left]
    return all_, misses


def score(root: Path, *, sample: bool) -> Scored:
    """Read the texts and compare the events found in them with the marks."""
    some = chosen(root, sample=sample)
    ours, misses = count((m, r.article) for m, r in zip(some, read_all(map(_text, some)), strict=True))
    notes = [f"{ours.required} events required, {ours.met} found; {ours.wrong} found that are not marked"]
    return Scored(ours.figures(), size=len(some), digest=digest_of([file(root)]), notes=notes, misses=misses)
