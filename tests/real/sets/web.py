"""Score the development split of WCXB: 1,497 pages of seven types with the text that an extractor should find. The
score of a text is the F1 of its lower-case words as a bag, compared with the expected text; the figure is the mean over
pages. ``with`` and ``without`` are the shares of a page's snippets that are found in the text, ignoring white space and
case. Title, authors and day are scored for the articles that state them. The parser does not get the page's address.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.quality.parse.baselines import Found
from tests.real.pages import OURS, Page, Seen, extractors, names, plain, see
from tests.real.reading import in_processes
from tests.real.scored import Scored, digest_of, sample_of

NAME = "web"
IN_SAMPLE = 60
BASE = "trafilatura"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Gold:
    """What should be found in a page. ``day`` is a date, or the first part of one."""

    kind: str
    text: str
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    title: str
    authors: frozenset[str]
    day: str


def words(text: str) -> Counter[str]:
    """Return the words of a text, as a bag."""
    return Counter(_WORD.findall(text.lower()))


def f1_of_words(found: str, expected: str) -> float:
    """Return the F1 of two bags of words; 1 if both are empty."""
    one, other = words(found), words(expected)
    if not one or not other:
        return float(one == other)
    return 2 * (one & other).total() / (one.total() + other.total())


def share_in(text: str, snippets: Iterable[str]) -> float:
    """Return the share of ``snippets`` that are in ``text``."""
    within = plain(text).lower()
    return fmean(plain(snippet).lower() in within for snippet in snippets)


def gold_of(path: Path) -> Gold:
    """Read one file of the ground truth."""
    whole: dict[str, Any] = json.loads(path.read_bytes())
    stated = whole["ground_truth"]
    return Gold(
        whole["_internal"]["page_type"]["primary"],
        stated.get("main_content") or "",
        tuple(stated.get("with") or ()),
        tuple(stated.get("without") or ()),
        plain(stated.get("title")),
        frozenset(names([stated.get("author") or ""])),
        stated.get("publish_date") or "",
    )


def is_learned(name: str) -> bool:
    """Return whether a page is in the half from which the weights of ``workers/parse/web/weigh.py`` were learned."""
    return hashlib.md5(name.encode(), usedforsecurity=False).digest()[0] % 2 == 0


def on_day(found: date | None, expected: str) -> bool:
    """Return whether a day is the expected one, which may be only a month."""
    return found is not None and found.isoformat().startswith(expected)


def figures_of(extractor: str, seen: list[tuple[Gold, Seen]]) -> dict[str, float]:
    """Return the figures of one extractor, without its speed."""
    all_ = [(gold, each.found[extractor]) for gold, each in seen]
    articles = [(gold, found) for gold, found in all_ if gold.kind == "article"]
    return {
        "web.article.f1": _mean(f1_of_words(found.text, gold.text) for gold, found in articles),
        "web.all.f1": _mean(f1_of_words(found.text, gold.text) for gold, found in all_),
        "web.held.f1": _mean(
            f1_of_words(each.found[extractor].text, gold.text) for gold, each in seen if not is_learned(each.name)
        ),
        "web.article.with": _mean(share_in(found.text, gold.inside) for gold, found in articles if gold.inside),
        "web.article.without": _mean(share_in(found.text, gold.outside) for gold, found in articles if gold.outside),
        "web.title": _mean(plain(found.title) == gold.title for gold, found in articles if gold.title),
        "web.authors": _mean(names(found.authors) == gold.authors for gold, found in articles if gold.authors),
        "web.day": _mean(on_day(found.day, gold.day) for gold, found in articles if gold.day),
        "web.empty": sum(bool(words(gold.text)) and not words(found.text) for gold, found in all_),
    }


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(fmean(listed), 3) if listed else 0.0


def speed(extractor: str, seen: list[tuple[Gold, Seen]]) -> dict[str, float]:
    """Return the pages per CPU second, divided by those of trafilatura with metadata, for pages that both read."""
    if BASE not in seen[0][1].found:
        return {}
    mine, theirs = (sum(each.seconds[name] for _, each in seen) for name in (extractor, BASE))
    return {"web.speed": round(theirs / mine, 3)}


def _misses(seen: list[tuple[Gold, Seen]]) -> list[str]:
    lines = []
    for gold, each in seen:
        found: Found = each.found[OURS]
        if (score := f1_of_words(found.text, gold.text)) < 0.9:
            theirs = each.found.get(BASE)
            other = f", {BASE} {f1_of_words(theirs.text, gold.text):.3f}" if theirs else ""
            lines.append(f"text {each.name} ({gold.kind}): {score:.3f}{other}")
        if gold.kind != "article":
            continue
        if gold.title and plain(found.title) != gold.title:
            lines.append(f"title {each.name}: {found.title!r}, not {gold.title!r}")
        if gold.authors and names(found.authors) != gold.authors:
            lines.append(f"authors {each.name}: {sorted(names(found.authors))}, not {sorted(gold.authors)}")
        if gold.day and not on_day(found.day, gold.day):
            lines.append(f"day {each.name}: {found.day}, not {gold.day}")
    return sorted(lines)


def _see(path: Path, sample: bool) -> Seen:
    return see(Page(path.name.removesuffix(".html.gz"), gzip.decompress(path.read_bytes()), extractors(sample)))


def _by_type(extractor: str, seen: list[tuple[Gold, Seen]]) -> str:
    """Return the mean F1 of the pages of each type, as text."""
    scores: dict[str, list[float]] = {}
    for gold, each in seen:
        scores.setdefault(gold.kind, []).append(f1_of_words(each.found[extractor].text, gold.text))
    return ", ".join(f"{kind} {_mean(values):.3f} ({len(values)} pages)" for kind, values in sorted(scores.items()))


def score(root: Path, *, sample: bool) -> Scored:
    """Read the pages with Copydesk and the baselines and compare what they found with the ground truth."""
    folder = root / "web" / "wcxb-dev"
    paths = sorted((folder / "html").glob("*.html.gz"))
    chosen = sample_of(paths, IN_SAMPLE) if sample else paths
    golds = [folder / "ground-truth" / f"{path.name.removesuffix('.html.gz')}.json" for path in chosen]
    seen = list(zip(map(gold_of, golds), in_processes(partial(_see, sample=sample), chosen), strict=True))
    figures: dict[str, float] = {}
    notes: list[str] = []
    for extractor in seen[0][1].found:
        before = "" if extractor == OURS else f"baseline.{extractor}."
        found = figures_of(extractor, seen) | speed(extractor, seen)
        figures |= {before + name: value for name, value in found.items()}
        notes.append(f"F1 by type of page, {extractor}: {_by_type(extractor, seen)}")
    return Scored(figures, size=len(seen), digest=digest_of([*chosen, *golds]), notes=notes, misses=_misses(seen))
