"""Score sums in Reuters stories, marked by hand in ``tests/real/marks/money.jsonl``.

A line of the marks: ``{"file": "reut2-001.sgm", "newid": 1039, "start": 151, "end": 165, "amount": "2800000",
"currency": "USD"}``, the offsets into the story's body; ``amount_max`` ends a range, a ``currency`` of null is not
compared. ``right`` is the share of the marks read with this amount and currency, ``wrong`` the share read with others.
The others were not read at all, or the currency was left open. Half of the marks were filled in by the stage and
corrected by a reader, who also added what the stage had missed. The baseline is price-parser on the spans that the
model labels as money.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from services.records import Article
from tests.quality.enrich import baselines
from tests.real.reading import Text, article_of, in_processes, read_all
from tests.real.reuters import Story, stories
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import offsets, pairs

NAME = "money"
MARKS = Path(__file__).parents[1] / "marks" / "money.jsonl"
IN_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Sum:
    start: int
    end: int
    amount: Decimal
    amount_max: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    name: str
    story: Story
    sums: tuple[Sum, ...]


def load(root: Path) -> list[Marked]:
    """Return the stories that have marks. Raises ValueError if a mark is not inside its story."""
    by_story: dict[int, list[Sum]] = defaultdict(list)
    known = stories(root)
    for row in map(json.loads, MARKS.read_text(encoding="utf-8").splitlines()):
        story = known.get(row["newid"])
        if story is None or story.file != row["file"] or not 0 <= row["start"] < row["end"] <= len(story.body):
            raise ValueError(f"{MARKS}: no such place: {row}")
        highest = Decimal(row["amount_max"]) if "amount_max" in row else None
        by_story[row["newid"]].append(Sum(row["start"], row["end"], Decimal(row["amount"]), highest, row["currency"]))
    return [Marked(f"reuters-{newid}", known[newid], tuple(sums)) for newid, sums in sorted(by_story.items())]


def _text(marked: Marked) -> Text:
    return Text(f"{NAME}/{marked.name}", data=marked.story.data, media_type="text/x-reuters-sgml")


def found_in(body: str, article: Article | None) -> list[Sum]:
    """Return the sums found, with offsets into ``body``."""
    if article is None:
        return []
    at = offsets(body, article.text)
    found = []
    for money in article.money:
        start, last = at[money.start], at[money.end - 1]
        if start is not None and last is not None:
            found.append(Sum(start, last + 1, money.amount, money.amount_max, money.currency))
    return found


def verdict(mark: Sum, found: Sum | None) -> str:
    """Return the result for a mark: ``right``, ``wrong``, ``open`` (no currency given) or ``missed``."""
    if found is None:
        return "missed"
    if (found.amount, found.amount_max) != (mark.amount, mark.amount_max):
        return "wrong"
    if mark.currency is None or found.currency == mark.currency:
        return "right"
    return "open" if found.currency is None else "wrong"


def _baseline(marked: Marked) -> list[Sum]:
    found = baselines.money(article_of(marked.story.body))
    return [Sum(m.start, m.end, m.amount, m.amount_max, m.currency) for m in found]


def count(cases: Iterable[tuple[Marked, Sequence[Sum]]]) -> tuple[Counter[str], list[str]]:
    """Return how many marks were read ``right`` and ``wrong``, out of ``all``, and a line for each that was not
    right."""
    counts, misses = Counter[str](), []
    for marked, found in cases:
        counts["all"] += len(marked.sums)
        made = {id(mark): got for mark, got in pairs(marked.sums, found)}
        for mark in marked.sums:
            got = made.get(id(mark))
            judged = verdict(mark, got)
            counts[judged] += 1
            if judged != "right":
                words = " ".join(marked.story.body[mark.start : mark.end].split())
                read = f"{got.amount} {got.amount_max or ''} {got.currency}" if got else "nothing"
                misses.append(f"{judged}  {marked.name}: {words!r} {mark.amount} {mark.currency}, read {read}")
    return counts, misses


def _figures(counts: Counter[str], before: str = "") -> dict[str, float]:
    return {f"{before}money.{name}": round(counts[name] / max(1, counts["all"]), 3) for name in ("right", "wrong")}


def score(root: Path, *, sample: bool) -> Scored:
    """Read the stories and compare the sums found in them with the marks."""
    some = sample_of(load(root), IN_SAMPLE) if sample else load(root)
    read = read_all(map(_text, some))
    ours, misses = count((m, found_in(m.story.body, r.article)) for m, r in zip(some, read, strict=True))
    theirs, _ = count(zip(some, in_processes(_baseline, some), strict=True))
    notes = [f"{ours['all']} sums in {len(some)} stories, {ours['open']} of them read without a currency"]
    figures = _figures(ours) | _figures(theirs, "baseline.price-parser.")
    return Scored(figures, size=len(some), digest=digest_of([MARKS]), notes=notes, misses=misses)
