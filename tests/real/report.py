"""The figures as tables: ours beside those of the baselines, for the terminal and for ``docs/quality-real.md``."""

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
    "web.all.f1": "the same over pages of every type",
    "web.held.f1": "likewise, of the half of the pages that no weights were learned from",
    "web.article.with": "articles: share of the snippets of the text that were found",
    "web.article.without": "articles: share of the snippets of what surrounds the text that were taken (lower is better)",
    "web.title": "articles: the title, exact but for white space",
    "web.authors": "articles: the set of authors, exact",
    "web.day": "articles: the local day of publication",
    "web.empty": "pages without any text found, of those that have some (lower is better)",
    "web.speed": "pages for a second of CPU, over those of trafilatura with metadata in the same run",
    "pages.title": "the title, exact but for white space",
    "pages.authors": "F1 of the sets of authors",
    "pages.day": "the local day of publication",
    "pages.start": "the text begins with the words that it should begin with",
    "wire.exact": "files with every field right",
    "wire.fields": "fields that are right",
    "wire.silent": "files with a field wrong and no warning (lower is better)",
    "reuters.got": "stories of the files that were read",
    "reuters.dateline": "stories as plain wire text: the dateline and its place",
    "reuters.title": "stories as plain wire text: the title",
    "reuters.body": "stories as plain wire text: the whole text after the dateline, but for white space",
    "cases.right": "cases that are right",
    "cases.all": "cases",
    "dates.relaxed": "F1 of spans that overlap a mark",
    "dates.strict": "F1 of spans that equal a mark",
    "dates.value": "F1 of spans that overlap a mark and have its value",
    "places.lgl.span": "LGL: F1 of place names, spans equal",
    "places.lgl.near": "LGL: of those found, within 161 km",
    "places.lgl.end_to_end": "LGL: found and within 161 km, of all",
    "names.person": "F1 of persons, spans equal",
    "names.org": "F1 of organisations",
    "names.place": "F1 of places",
    "names.three": "F1 of all three",
    "names.prose": "F1 of all three in running text",
    "speech.quote": "F1 of the quotes",
    "speech.speaker": "of the quotes found, those with the right speaker",
    "speech.both": "F1 of quote and speaker together",
    "events.precision": "of the events found, those with type and both actors right",
    "events.recall": "of the events marked as required, those found with type and both actors right",
    "money.right": "sums read with their amount and currency",
    "money.wrong": "sums read with another amount or currency (lower is better)",
    "stories.precision": "of the marked pairs that were grouped, those that are versions of one story",
    "stories.recall": "of the pairs that are versions of one story, those that were grouped",
    "stories.held.precision": "the same, of the pairs that no rule was tuned on",
    "stories.held.recall": "the same, of the pairs that no rule was tuned on",
    "gist.keywords": "F1 of the keyphrases, of ten at most",
    "gist.summary": "F1 of the sentences of the summary",
    "topics.first": "Reuters stories: the first topic, of the top level, is right",
    "topics.second": "Reuters stories with a topic of the second level: it is right",
    "topics.covered": "Reuters stories with a topic of the second level",
    "topics.marked": "marked articles of all kinds: the first topic is one of the marked",
    "crashes": "documents that raise in any stage (lower is better)",
}
for _set, _name in (("trnews", "TR-News"), ("geovirus", "GeoVirus")):
    for _part in ("span", "near", "end_to_end"):
        MEANINGS[f"places.{_set}.{_part}"] = MEANINGS[f"places.lgl.{_part}"].replace("LGL", _name)


def table(scored: Scored, limits: Mapping[str, float] | None = None) -> str:
    """Markdown: a row for each figure, a column for Copydesk and each baseline, and one for the floors where given."""
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
    """What the page says of a set."""
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
            raise ValueError(f"{PAGE} has no place for {name}: it needs {marks[0]} and {marks[1]} once.")
    FIGURES.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n", "utf-8")
    PAGE.write_text(text, "utf-8")


def _set_of(figure: str) -> str:
    """The set that a figure belongs to; a baseline's is ``baseline.NAME.SET.…``."""
    parts = figure.split(".")
    found = parts[2] if parts[0] == "baseline" else parts[0]
    return found if found in SETS else parts[0]
