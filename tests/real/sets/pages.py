"""Score title, authors, day and first words of the text for 180 pages of other extractors' test suites. A page counts
for the fields that its suite states. ``pages.start`` requires the first words at the start of the text, ignoring case,
punctuation and white space; the notes say how many are found anywhere in it. If a suite states an instant, its day in
the page's zone and its day in UTC are both right.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.quality.parse.baselines import Found
from tests.real.pages import OURS, Page, extractors, names, plain, see
from tests.real.reading import in_processes
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import f1

NAME = "pages"
IN_SAMPLE = 30
_ZONE = re.compile(r" [A-Z]{3,4}(?= \d{4}$)")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Gold:
    """What a page's suite expects; None for fields that it does not state."""

    name: str
    title: str | None
    authors: frozenset[str] | None
    published: datetime | None
    start: str | None


def gold_of(stated: dict[str, Any]) -> Gold:
    """Read one entry of ``expected.json``."""
    day = stated.get("date")
    return Gold(
        stated["file"],
        plain(html.unescape(stated.get("title") or "")) or None,
        frozenset(names(stated["authors"])) if stated.get("authors") else None,
        _instant(day) if isinstance(day, str) else None,
        squeezed(html.unescape(stated.get("start") or "")) or None,
    )


def _instant(words: str) -> datetime:
    """Read an ISO date, or one like ``Sun Nov 23 16:00:00 EDT 2014``, whose zone is ignored."""
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return datetime.strptime(_ZONE.sub("", words), "%a %b %d %H:%M:%S %Y")


def squeezed(text: str) -> str:
    """Return only letters and digits, in lower case."""
    return _NO_WORD.sub("", text.casefold())


def day_is_right(found: Found, published: datetime) -> bool:
    """Return whether the day found is the one expected, in the stated zone or, for an instant, in UTC."""
    if found.day is None:
        return False
    right = found.day == published.date()
    if found.at is not None and found.at.tzinfo and published.tzinfo:
        right = right or found.at.astimezone(UTC).date() == published.astimezone(UTC).date()
    return right


def judge(gold: Gold, found: Found) -> dict[str, float]:
    """Return the score of each field that the page's suite states, from 0 to 1."""
    scores: dict[str, float] = {}
    if gold.title is not None:
        scores["title"] = float(plain(found.title) == gold.title)
    if gold.authors is not None:
        own = names(found.authors)
        scores["authors"] = f1(len(own & gold.authors), len(gold.authors), len(own))
    if gold.published is not None:
        scores["day"] = float(day_is_right(found, gold.published))
    if gold.start is not None:
        text = squeezed(found.text)
        scores["start"] = float(text.startswith(gold.start))
        scores["anywhere"] = float(gold.start in text)
    return scores


def means(judged: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each field over the pages that have it."""
    listed = list(judged)
    fields = ("title", "authors", "day", "start", "anywhere")
    return {
        field: round(fmean(scores[field] for scores in listed if field in scores), 3)
        for field in fields
        if any(field in scores for scores in listed)
    }


def _line(gold: Gold, found: Found, scores: dict[str, float]) -> list[str]:
    got = {
        "title": (found.title, gold.title),
        "authors": (sorted(names(found.authors)), sorted(gold.authors or ())),
        "day": (found.day, gold.published),
        "start": (found.text[:120], gold.start),
    }
    return [
        f"{field} {gold.name}: {got[field][0]!r}, not {got[field][1]!r}" for field in got if scores.get(field, 1) < 1
    ]


def _page(path: Path, sample: bool) -> Page:
    return Page(path.name, path.read_bytes(), extractors(sample))


def score(root: Path, *, sample: bool) -> Scored:
    """Read the pages with Copydesk and the baselines and compare what they found with what the suites expect."""
    folder = root / "web" / "pages"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    paths = sorted(folder / stated["file"] for stated in expected)
    chosen = sample_of(paths, IN_SAMPLE) if sample else paths
    golds = {stated["file"]: gold_of(stated) for stated in expected}
    seen = list(in_processes(see, [_page(path, sample) for path in chosen]))
    figures: dict[str, float] = {}
    notes: list[str] = []
    for extractor in seen[0].found:
        found = means(judge(golds[each.name], each.found[extractor]) for each in seen)
        before = "" if extractor == OURS else f"baseline.{extractor}."
        figures |= {f"{before}pages.{field}": value for field, value in found.items() if field != "anywhere"}
        notes.append(f"first words found anywhere in the text by {extractor}: {found.get('anywhere', 0):.3f}")
    misses = [
        line
        for each in seen
        for line in _line(golds[each.name], each.found[OURS], judge(golds[each.name], each.found[OURS]))
    ]
    digest = digest_of([*chosen, folder / "expected.json"])
    return Scored(figures, size=len(seen), digest=digest, notes=notes, misses=sorted(misses))
