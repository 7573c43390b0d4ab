"""Which Reuters stories are versions of one another, marked by hand in ``tests/real/marks/stories.jsonl``.

A line of the marks: ``{"a": 1001, "b": 1017, "same": true}``, both by NEWID. All stories that a mark names are
grouped by the real index, in the order of a shuffle, and each marked pair is asked for. The baseline: the same first
paragraph.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.quality.enrich.story import found_by_index, found_by_lead
from tests.real.reuters import stories
from tests.real.scored import Scored, digest_of
from workers.parse import parse

NAME = "stories"
MARKS = Path(__file__).parents[1] / "marks" / "stories.jsonl"
IN_SAMPLE = 40

Pair = tuple[int, int]


def load() -> dict[Pair, bool]:
    """Each marked pair, and whether both are versions of one story."""
    rows = map(json.loads, MARKS.read_text(encoding="utf-8").splitlines())
    return {(row["a"], row["b"]): row["same"] for row in rows}


def _text(data: bytes) -> str:
    article = parse(data, "text/x-reuters-sgml").article
    return article.text if article else ""


def count(marks: dict[Pair, bool], found: set[Pair]) -> tuple[dict[str, float], list[str]]:
    """Precision and recall over the marked pairs; each judgement that is not right, as a line."""
    same = {pair for pair, yes in marks.items() if yes}
    joined = marks.keys() & found
    figures = {
        "stories.precision": round(len(joined & same) / max(1, len(joined)), 3),
        "stories.recall": round(len(joined & same) / max(1, len(same)), 3),
    }
    misses = [f"wrong   {a} with {b}" for a, b in sorted(joined - same)]
    misses += [f"missed  {a} with {b}" for a, b in sorted(same - joined)]
    return figures, misses


def score(root: Path, *, sample: bool) -> Scored:
    """Group the stories that the marks name and ask for each marked pair."""
    if not MARKS.exists():
        return Scored({}, size=0, digest="", notes=["no pairs are marked yet"])
    marks = load()
    if sample:
        marks = dict(sorted(marks.items())[:IN_SAMPLE])
    numbers = sorted({number for pair in marks for number in pair})
    known = stories(root)
    texts = [_text(known[number].data) for number in numbers]
    figures: dict[str, float] = {}
    misses: list[str] = []
    for before, group in (("", found_by_index), ("baseline.lead.", found_by_lead)):
        found = {(numbers[a], numbers[b]) for a, b in group(texts)}
        some, lines = count(marks, found | {(b, a) for a, b in found})
        figures |= {before + name: value for name, value in some.items()}
        misses = misses or lines
    notes = [f"{len(marks)} pairs, {sum(marks.values())} of them versions of one story"]
    return Scored(figures, size=len(marks), digest=digest_of([MARKS]), notes=notes, misses=misses)
