"""Write the figures as tables beside those of the baselines, to the terminal and to ``docs/quality-real.md``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tests.real import floors
from tests.real.frame import REPOSITORY, SETS
from tests.real.scored import Scored

FIGURES = REPOSITORY / "tests" / "real" / "figures.json"
PAGE = REPOSITORY / "docs" / "quality-real.md"
MEANINGS = {
    "web.article.f1": "articles: mean F1 of the words of the text, as a bag",
    "web.all.f1": "pages of every type: mean F1 of the words of the text",
    "web.held.f1": "the half of the pages from which no weights were learned: mean F1 of the words",
    "web.article.with": "articles: share of the snippets of the text that were found",
    "web.article.without": "articles: share of the snippets around the text that were taken for text (lower is better)",
    "web.title": "articles: the title, exact except for white space",
    "web.authors": "articles: the set of authors, exact",
    "web.day": "articles: the local day of publication",
    "web.empty": "pages without any text found, of those that have some (lower is better)",
    "web.speed": "pages per CPU second, divided by those of trafilatura with metadata in the same run",
    "pages.title": "the title, exact except for white space",
    "pages.authors": "F1 of the sets of authors",
    "pages.day": "the local day of publication",
    "pages.start": "the text begins with the expected words",
    "wire.exact": "files with every field right",
    "wire.fields": "fields that are right",
    "wire.silent": "files with a field wrong and no warning (lower is better)",
    "reuters.got": "stories in the files that were read",
    "reuters.dateline": "stories as plain wire text: the dateline and its place",
    "reuters.title": "stories as plain wire text: the title",
    "reuters.body": "stories as plain wire text: the whole text after the dateline, except for white space",
    "cases.right": "cases that are right",
    "cases.all": "cases",
    "dates.relaxed": "F1 of spans that overlap a mark",
    "dates.strict": "F1 of spans that equal a mark",
    "dates.value": "F1 of spans that overlap a mark and have its value",
    "places.lgl.span": "LGL: F1 of place names, spans equal",
    "places.lgl.near": "LGL: share of the places found that are within 161 km",
    "places.lgl.end_to_end": "LGL: share of all places that are found and within 161 km",
    "names.person": "F1 of persons, spans equal",
    "names.org": "F1 of organisations",
    "names.place": "F1 of places",
    "names.three": "F1 of all three types",
    "names.prose": "F1 of all three types in running text",
    "speech.quote": "F1 of the quotes",
    "speech.speaker": "share of the quotes found that have the right speaker",
    "speech.both": "F1 of quote and speaker together",
    "events.precision": "share of the events found that have type and both actors right",
    "events.recall": "share of the required events that were found with type and both actors right",
    "money.right": "sums read with their amount and currency",
    "money.wrong": "sums read with another amount or currency (lower is better)",
    "stories.precision": "share of the grouped pairs that are versions of one story",
    "stories.recall": "share of the pairs of one story that were grouped",
    "stories.held.precision": "the same, for the pairs on which no rule was tuned",
    "stories.held.recall": "the same, for the pairs on which no rule was tuned",
    "gist.keywords": "F1 of the keyphrases, of ten at most",
    "gist.summary": "F1 of the sentences of the summary",
    "topics.first": "Reuters stories whose first topic, of the top level, is right",
    "topics.second": "Reuters stories with a topic of the second level that is right, as a share of those that have one",
    "topics.covered": "Reuters stories with a topic of the second level",
    "topics.marked": "marked articles of all kinds whose first topic is a marked one",
    "crashes": "documents that raise an exception in any stage (lower is better)",
}
for _set, _name in (("trnews", "TR-News"), ("geovirus", "GeoVirus")):
    for _part in ("span", "near", "end_to_end"):
        MEANINGS[f"places.{_set}.{_part}"] = MEANINGS[f"places.lgl.{_part}"].replace("LGL", _name)


def table(scored: Scored, limits: Mapping[str, float] | None = None) -> str:
    """Return a Markdown table: a row for each figure, a column for Copydesk and each baseline, and one for the floors,
    if given."""
    own = [name for name in scored.figures if not name.startswith("baseline.")]
    others = list(dict.fromkeys(name.split(".", 2)[1] for name in scored.figures if name.startswith("baseline.")))
    heads = ["figure", "Copydesk", *others, *(["floor"] if limits is not None else []), "what it is"]
    lines = [f"| {' | '.join(heads)} |", "| --- " + "| ---: " * (len(heads) - 2) + "| --- |"]
    for name in own:
        cells = [_shown(scored.figures[name])]
        cells += [_shown(scored.figures.get(f"baseline.{other}.{name}")) for other in others]
        if limits is not None:
            cells.append(_shown(limits.get(name)))
        lines.append(f"| `{name}` | {' | '.join(cells)} | {MEANINGS.get(name, '')} |")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def section(name: str, scored: Scored, kept: floors.Floors) -> str:
    """Return what the page says about a set."""
    limits = (floors.table_of(kept, name, sample=False) or {"floors": {}})["floors"]
    notes = "\n".join(f"- {note}" for note in scored.notes)
    return f"{scored.size} documents or marks.\n\n{table(scored, limits)}\n\n{notes}\n".replace("\n\n\n", "\n")


def write(results: Mapping[str, Scored], kept: floors.Floors) -> None:
    """Write the figures and the page; sets that were not scored in this run keep what they had."""
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    text = PAGE.read_text("utf-8")
    for name, scored in results.items():
        own = {figure: value for figure, value in figures.items() if _set_of(figure) != name}
        figures = own | scored.figures
        marks = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        inside = f"{marks[0]}\n\n{section(name, scored, kept)}\n{marks[1]}"
        text, count = re.subn(f"(?s){re.escape(marks[0])}.*{re.escape(marks[1])}", lambda _, new=inside: new, text)
        if count != 1:
            raise ValueError(
                f"{PAGE} has no place for {name}: it needs the markers {marks[0]} and {marks[1]}, once each."
            )
    FIGURES.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n", "utf-8")
    PAGE.write_text(text, "utf-8")


def _set_of(figure: str) -> str:
    """Return the set that a figure belongs to; the name of a baseline's figure is ``baseline.NAME.SET.…``."""
    parts = figure.split(".")
    found = parts[2] if parts[0] == "baseline" else parts[0]
    return found if found in SETS else parts[0]
