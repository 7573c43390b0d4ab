"""Run enrichment and the baselines over one half of the set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.quality.enrich import baselines, story
from tests.quality.enrich.gold import Gold, load_half
from tests.quality.enrich.score import Table, Tally, new_table, score
from workers.enrich import enrich

BY_LANGUAGE = ("entities", "entities: joined", "roles", "places", "quotes", "money", "dates", "cites")


@dataclass(slots=True)
class Figures:
    articles: int
    ours: Table
    baseline: Table
    languages: dict[str, tuple[int, Table, Table]]
    """By language: the number of articles, and both tables for that language alone."""


def measure(half: str) -> Figures:
    articles = load_half(half)
    figures = measured(articles)
    story.score(half, articles, figures.ours, figures.baseline)
    return figures


def measured(articles: Sequence[Gold]) -> Figures:
    """Return the figures of these articles, without stories."""
    figures = Figures(0, new_table(), new_table(), {})
    for gold in articles:
        figures.articles += 1
        language = str(gold.article.language)
        count, ours, baseline = figures.languages.get(language, (0, new_table(), new_table()))
        figures.languages[language] = count + 1, ours, baseline
        for found, tables in (
            (enrich(gold.article).article, (figures.ours, ours)),
            (baselines.read(gold.article), (figures.baseline, baseline)),
        ):
            for table in tables:
                score(gold, found, table)
    return figures


def _cells(tally: Tally | None) -> str:
    if tally is None or not tally.tp + tally.fp + tally.fn:
        return "| | | "
    return f"| {tally.precision:.3f} | {tally.recall:.3f} | {tally.f1:.3f} "


def markdown(name: str, figures: Figures) -> str:
    lines = [
        f"### {name.capitalize()}, {figures.articles} articles",
        "",
        "| annotation | marked | P | R | F1 | baseline P | R | F1 |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for row in sorted(figures.ours.keys() | figures.baseline.keys()):
        ours, base = figures.ours[row], figures.baseline[row]
        blank = not base.tp
        if row.endswith("of those found"):
            lines.append(f"| {row} | {ours.tp + ours.fp} | {ours.precision:.3f} | | | {base.precision:.3f} | | |")
        else:
            lines.append(f"| {row} | {ours.tp + ours.fn} {_cells(ours)}{_cells(None if blank else base)}|")
    for language, (count, own, other) in sorted(figures.languages.items(), key=lambda item: (-item[1][0], item[0])):
        for row in BY_LANGUAGE:
            ours, base = own[row], other[row]
            if ours.tp + ours.fn:
                cells = f"{_cells(ours)}{_cells(base if base.tp else None)}"
                lines.append(f"| {language} ({count} articles): {row} | {ours.tp + ours.fn} {cells}|")
    return "\n".join(lines)
