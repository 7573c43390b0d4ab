"""Score which Reuters stories are versions of one another, marked by hand in ``tests/real/marks/stories.jsonl``.

A line of the marks: ``{"a": 1001, "b": 1017, "same": true}``, both by NEWID. A report, its flash, its corrections, its
repeats and its later versions are one story; a reaction, a table beside its report and another company's notice are
other stories. The pairs of ``stories-held.jsonl`` are kept back: no rule was tuned on them. All stories that a mark
names are grouped by the real index, in shuffled order, and each marked pair is looked up. The baseline is an identical
first paragraph.
"""

from __future__ import annotations

import json
from pathlib import Path

from services.records import Article
from tests.quality.enrich.story import found_by_index, found_by_lead
from tests.real.reuters import stories
from tests.real.scored import Scored, digest_of
from workers.parse import parse

NAME = "stories"
MARKS = Path(__file__).parents[1] / "marks" / "stories.jsonl"
HELD = MARKS.with_name("stories-held.jsonl")
WITHIN = 48 * 3600.0
IN_SAMPLE = 40

Pair = tuple[int, int]


def load(path: Path = MARKS) -> dict[Pair, bool]:
    """Return each marked pair, and whether both are versions of one story."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(row["a"], row["b"]): row["same"] for row in rows}


def _article(data: bytes) -> Article:
    return parse(data, "text/x-reuters-sgml").article or Article()


def count(marks: dict[Pair, bool], found: set[Pair], name: str = "stories") -> tuple[dict[str, float], list[str]]:
    """Return precision and recall over the marked pairs, and a line for each wrong result."""
    same = {pair for pair, yes in marks.items() if yes}
    joined = marks.keys() & found
    figures = {
        f"{name}.precision": round(len(joined & same) / max(1, len(joined)), 3),
        f"{name}.recall": round(len(joined & same) / max(1, len(same)), 3),
    }
    misses = [f"wrong   {a} with {b}" for a, b in sorted(joined - same)]
    misses += [f"missed  {a} with {b}" for a, b in sorted(same - joined)]
    return figures, misses


def score(root: Path, *, sample: bool) -> Scored:
    """Group the stories that the marks name, and look up each marked pair."""
    if not MARKS.exists():
        return Scored({}, size=0, digest="", notes=["no pairs are marked yet"])
    tuned, held = load(), load(HELD)
    if sample:
        tuned, held = (dict(sorted(marks.items())[:IN_SAMPLE]) for marks in (tuned, held))
    numbers = sorted({number for pair in (*tuned, *held) for number in pair})
    known = stories(root)
    articles = [_article(known[number].data) for number in numbers]
    texts = [article.text for article in articles]
    titles = [article.title for article in articles]
    at = [article.published_at.timestamp() if article.published_at else None for article in articles]
    figures: dict[str, float] = {}
    misses: list[str] = []
    for before, pairs in (("", found_by_index(texts, titles, at, WITHIN)), ("baseline.lead.", found_by_lead(texts))):
        found = {(numbers[a], numbers[b]) for a, b in pairs}
        found |= {(b, a) for a, b in found}
        for name, marks in (("stories", tuned), ("stories.held", held)):
            some, lines = count(marks, found, name)
            figures |= {before + key: value for key, value in some.items()}
            misses += [] if before else lines
    same = sum(tuned.values()) + sum(held.values())
    notes = [
        f"{len(tuned) + len(held)} pairs, {same} of them versions of one story; {len(held)} were kept back from tuning"
    ]
    return Scored(figures, size=len(tuned) + len(held), digest=digest_of([MARKS, HELD]), notes=notes, misses=misses)
