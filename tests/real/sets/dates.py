"""Score the dates, times, durations and repetitions of 183 news articles against TimeBank's TIMEX3.

The text goes through the parser, and the date of publication is the document's own (its DCT). Relaxed: the spans
overlap. Strict: they are equal. Value: they overlap, and the value is that of the mark, letter for letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from services.records import Article
from tests.quality.enrich import baselines
from tests.real.reading import Read, Text, article_of, in_processes, read_all
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import f1, offsets, pairs

NAME = "dates"
IN_SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Timex:
    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Marked:
    """One article of the set: its text without the marks, and the marks, with offsets into it."""

    name: str
    text: str
    published_at: datetime
    timexes: list[Timex]


def files(root: Path) -> list[Path]:
    return sorted((root / "dates" / "timebank").glob("*.tml"))


def load(path: Path) -> Marked:
    """Read one TimeML file."""
    tree = etree.fromstring(path.read_bytes())
    body = tree.find("TEXT")
    pieces: list[str] = [body.text or ""]
    timexes: list[Timex] = []
    _walk(body, pieces, timexes)
    published = datetime.fromisoformat(tree.find("DCT/TIMEX3").get("value")).replace(tzinfo=UTC)
    return Marked(path.name, "".join(pieces), published, timexes)


def _walk(element: etree._Element, pieces: list[str], timexes: list[Timex]) -> None:
    for child in element:
        start = sum(map(len, pieces))
        pieces.append(child.text or "")
        _walk(child, pieces, timexes)
        if child.tag == "TIMEX3":
            timexes.append(Timex(start, sum(map(len, pieces)), child.get("type"), child.get("value")))
        pieces.append(child.tail or "")


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    chosen = sample_of(files(root), IN_SAMPLE) if sample else files(root)
    return [_text(load(path)) for path in chosen]


def _text(marked: Marked) -> Text:
    data = marked.text.strip().encode()
    return Text(f"{NAME}/{marked.name}", data=data, media_type="text/plain", published_at=marked.published_at)


def found_in(source: str, article: Article | None) -> list[Found]:
    """Return what was found, with offsets into ``source``; nothing if the document failed."""
    if article is None:
        return []
    at = offsets(source, article.text)
    found = []
    for date in article.dates:
        start, last = at[date.start], at[date.end - 1]
        if start is not None and last is not None:
            found.append(Found(start, last + 1, date.value))
    return found


@dataclass(slots=True)
class Count:
    marked: int = 0
    found: int = 0
    relaxed: int = 0
    strict: int = 0
    value: int = 0

    def figures(self, before: str = "") -> dict[str, float]:
        return {
            f"{before}dates.{name}": round(f1(getattr(self, name), self.marked, self.found), 3)
            for name in ("relaxed", "strict", "value")
        }


def count(cases: Iterable[tuple[Marked, list[Found]]]) -> tuple[Count, Counter[tuple[str, str]], list[str]]:
    """Return the counts over all, those by type (``("DATE", "value")``), and a line for each wrong result."""
    all_, kinds, misses = Count(), Counter[tuple[str, str]](), []
    for marked, found in cases:
        all_.marked += len(marked.timexes)
        all_.found += len(found)
        kinds.update((timex.kind, "marked") for timex in marked.timexes)
        made = pairs(marked.timexes, found)
        for timex, got in made:
            strict = (timex.start, timex.end) == (got.start, got.end)
            value = timex.value == got.value
            all_.relaxed += 1
            all_.strict += strict
            all_.value += value
            kinds[timex.kind, "relaxed"] += 1
            kinds[timex.kind, "value"] += value
            if not (strict and value):
                words, others = marked.text[timex.start : timex.end], marked.text[got.start : got.end]
                misses.append(f"differs {marked.name}: {words!r} {timex.value}, found {others!r} {got.value}")
        met, used = {id(m) for m, _ in made}, {id(f) for _, f in made}
        for timex in marked.timexes:
            if id(timex) not in met:
                words = marked.text[timex.start : timex.end]
                misses.append(f"missed  {marked.name}: {words!r} {timex.kind} {timex.value}")
        for got in found:
            if id(got) not in used:
                misses.append(f"wrong   {marked.name}: {marked.text[got.start : got.end]!r} {got.value}")
    return all_, kinds, misses


def _baseline(marked: Marked) -> list[Found]:
    article = article_of(marked.text, published_at=marked.published_at).model_copy(update={"language": "en"})
    return [Found(d.start, d.end, d.value) for d in baselines.dates(article)]


def score(root: Path, *, sample: bool) -> Scored:
    """Read the articles and compare the dates found in them with the marks."""
    chosen = sample_of(files(root), IN_SAMPLE) if sample else files(root)
    marked = [load(path) for path in chosen]
    read: list[Read] = read_all(map(_text, marked))
    ours, kinds, misses = count((m, found_in(m.text, r.article)) for m, r in zip(marked, read, strict=True))
    theirs, _, _ = count(zip(marked, in_processes(_baseline, marked), strict=True))
    notes = [
        f"{kind}: {kinds[kind, 'marked']} marked, {kinds[kind, 'relaxed']} found, {kinds[kind, 'value']} with their value"
        for kind in ("DATE", "TIME", "DURATION", "SET")
    ]
    figures = ours.figures() | theirs.figures("baseline.dateparser.")
    return Scored(figures, size=len(marked), digest=digest_of(chosen), notes=notes, misses=misses)
