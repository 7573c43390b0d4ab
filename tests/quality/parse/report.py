"""Make tables of the scores: by format, by feature, and for web pages beside other extractors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from .baselines import EXTRACTORS
from .build import build
from .case import load
from .score import FIELDS, Parse, Result, score, shingle_f1

HEADS = {
    "published_at": "date",
    "published_zone": "zone",
    "byline_detail": "role etc.",
    "dateline": "places",
    "language": "lang",
}
PAGE_KINDS = ("html", "xhtml", "mhtml")


def run(parse: Parse, split: str | None = None) -> list[Result]:
    """Parse and score every case, or every case of one split."""
    return [score(case, parse) for case in load().values() if split in (None, case.split)]


def means(results: Iterable[Result]) -> dict[str, tuple[float, int, int]]:
    """Return for each field its mean score, the number of cases with a score, and the number of cases in which it was
    filled but should be empty."""
    values: dict[str, list[float]] = defaultdict(list)
    spurious: dict[str, int] = defaultdict(int)
    for result in results:
        for name, value in result.scores.items():
            values[name].append(value)
        for name in result.spurious:
            spurious[name] += 1
    return {n: (sum(v) / len(v), len(v), spurious[n]) for n in FIELDS if (v := values.get(n))}


def overall(results: list[Result]) -> float:
    """Return the mean over cases of the mean over fields."""
    return sum(result.mean for result in results) / len(results) if results else 0.0


def _group(results: list[Result], keys: Callable[[Result], list[str]]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for key in keys(result):
            groups[key].append(result)
    return dict(sorted(groups.items()))


def by_format(results: list[Result]) -> dict[str, list[Result]]:
    return _group(results, lambda result: [result.case.kind])


def by_feature(results: list[Result]) -> dict[str, list[Result]]:
    return _group(results, lambda result: result.case.features)


def format_table(results: list[Result]) -> str:
    """Return a Markdown table with a row for each format and a column for each field."""
    names = [name for name in FIELDS if name in means(results)]
    lines = ["| format | cases | all | " + " | ".join(HEADS.get(name, name) for name in names) + " |"]
    lines.append("| --- " + "| ---: " * (len(names) + 2) + "|")
    for kind, group in [*by_format(results).items(), ("**all**", results)]:
        found = means(group)
        cells = [f"{found[name][0]:.2f}" if name in found else "" for name in names]
        lines.append(f"| {kind} | {len(group)} | {overall(group):.3f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def field_table(results: list[Result]) -> str:
    """Return a Markdown table with a row for each field."""
    lines = ["| field | score | cases | filled though it should be empty |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | {mean:.3f} | {n} | {bad} |" for name, (mean, n, bad) in means(results).items()]
    return "\n".join(lines)


def feature_table(results: list[Result]) -> str:
    """Return a Markdown table with a row for each feature that a case names."""
    lines = ["| feature | cases | all | body |", "| --- | ---: | ---: | ---: |"]
    for name, group in by_feature(results).items():
        body = means(group).get("body")
        lines.append(f"| {name} | {len(group)} | {overall(group):.3f} | {f'{body[0]:.3f}' if body else ''} |")
    return "\n".join(lines)


def pages(results: list[Result]) -> dict[str, float]:
    """Return for each extractor its mean body F1 over the web pages among the cases; Copydesk's name is
    ``copydesk``."""
    web = [result for result in results if result.case.kind in PAGE_KINDS and result.case.kind != "mhtml"]
    figures = {"copydesk": [result.scores.get("body", 0.0) for result in web]}
    for name, extract in EXTRACTORS.items():
        figures[name] = [shingle_f1(extract(build(result.case)), str(result.case.expect["body"])) for result in web]
    return {name: sum(values) / len(values) for name, values in figures.items() if values}


def page_table(results: list[Result]) -> str:
    lines = ["| extractor | body F1 on the web pages |", "| --- | ---: |"]
    return "\n".join(lines + [f"| {name} | {value:.3f} |" for name, value in pages(results).items()])


def markdown(results: list[Result]) -> str:
    """Return the report between the markers of docs/quality-parse.md."""
    parts = []
    for split in ("test", "tuning"):
        some = [result for result in results if result.case.split == split]
        parts += [
            f"## The {split} part: {len(some)} cases, {overall(some):.3f}",
            format_table(some),
            field_table(some),
            feature_table(some),
            page_table(some),
        ]
    return "\n\n".join(parts) + "\n"


def as_json(results: list[Result]) -> list[dict[str, Any]]:
    """Return one object for each case."""
    return [
        {
            "id": result.case.id,
            "split": result.case.split,
            "kind": result.case.kind,
            "features": result.case.features,
            "mean": round(result.mean, 4),
            "error": result.error,
            "scores": {name: round(value, 4) for name, value in result.scores.items()},
            "spurious": sorted(result.spurious),
            "misses": {name: [str(found), str(wanted)] for name, (found, wanted) in result.misses.items()},
        }
        for result in results
    ]
