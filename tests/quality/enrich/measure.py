"""Run enrichment and the baselines over one half of the set."""

from __future__ import annotations

from dataclasses import dataclass

from tests.quality.enrich import baselines, story
from tests.quality.enrich.gold import load_half
from tests.quality.enrich.score import Table, Tally, new_table, score
from workers.enrich import enrich


@dataclass(slots=True)
class Figures:
    articles: int
    ours: Table
    baseline: Table


def measure(half: str) -> Figures:
    figures = Figures(0, new_table(), new_table())
    articles = load_half(half)
    for gold in articles:
        figures.articles += 1
        score(gold, enrich(gold.article).article, figures.ours)
        score(gold, baselines.read(gold.article), figures.baseline)
    story.score(half, articles, figures.ours, figures.baseline)
    return figures


def _cells(tally: Tally | None) -> str:
    if tally is None or not tally.tp + tally.fp + tally.fn:
        return "| | | "
    return f"| {tally.precision:.3f} | {tally.recall:.3f} | {tally.f1:.3f} "


def markdown(half: str, figures: Figures) -> str:
    lines = [
        f"### {half.capitalize()} half, {figures.articles} articles",
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
    return "\n".join(lines)
