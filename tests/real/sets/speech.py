"""Score direct quotes and their speakers, marked by hand in 24 articles. A quote is found if both spans share 0.8 of
the longer one. The speaker is right if it is one of the accepted names or contains the surname of one; if nobody is
named, it is right if no speaker is given, or the words that describe the speaker in the article. A quote marked
``scare`` is not speech, and finding it as speech is wrong. A quote marked ``skip`` does not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import spacy
import textacy.extract.triples
from spacy.language import Language

from services.records import Article
from tests.real.reading import Text, article_of, in_processes, read_all
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import f1, pairs, shared
from workers.enrich.languages import models

NAME = "speech"
IN_SAMPLE = 8
COVERED = 0.8
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote. In the gold ``accept`` has every right speaker; in a result, the one given."""

    start: int
    end: int
    kind: str = "speech"
    accept: tuple[str, ...] = ()
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    name: str
    text: str
    quotes: tuple[Quoted, ...]


def file(root: Path) -> Path:
    return root / "speech" / "quotes.jsonl"


def load(root: Path) -> list[Marked]:
    """Return the articles with their marks."""
    rows = map(json.loads, file(root).read_text(encoding="utf-8").splitlines())
    return [Marked(row["name"], row["text"], tuple(map(_quoted, row["quotes"]))) for row in rows]


def _quoted(mark: dict) -> Quoted:
    accept = tuple(dict.fromkeys([*filter(None, [mark["speaker"]]), *mark["accept"]]))
    return Quoted(mark["start"], mark["end"], mark["kind"], accept, mark["unnamed"])


def same_quote(one: Quoted, other: Quoted) -> bool:
    """Return whether both spans share `COVERED` of the longer one."""
    return shared(one, other) >= COVERED * max(one.end - one.start, other.end - other.start)


def right_speaker(mark: Quoted, found: Quoted) -> bool:
    """Return whether the speaker found is right for ``mark``."""
    if not found.accept:
        return mark.unnamed
    words = _words(found.accept[0])
    return any(words == _words(name) or _surname(name) in words for name in mark.accept)


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’]s\b", "", name.casefold()))


def _surname(name: str) -> str:
    words = [word for word in _words(name) if word not in _SUFFIXES]
    return words[-1] if words else ""


def _text(marked: Marked) -> Text:
    return Text(f"{NAME}/{marked.name}", article_of(marked.text))


def chosen(root: Path, *, sample: bool) -> list[Marked]:
    return sample_of(load(root), IN_SAMPLE) if sample else load(root)


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    return [_text(marked) for marked in chosen(root, sample=sample)]


def found_in(article: Article | None) -> list[Quoted]:
    """Return the quotes that were taken for speech."""
    quotes = article.quotes if article else []
    return [Quoted(q.start, q.end, accept=(q.speaker,) if q.speaker else ()) for q in quotes if q.kind == "speech"]


@lru_cache
def _whole_model() -> Language:
    """Return the English model with every component; the pipeline leaves out those that it does not need."""
    return spacy.load(models.MODELS["en"].path)


def _baseline(marked: Marked) -> list[Quoted]:
    """Return what textacy finds; it finds nothing in a text with an odd number of quotation marks."""
    doc = _whole_model()(marked.text)
    try:
        triples = list(textacy.extract.triples.direct_quotations(doc))
    except ValueError:
        return []
    return [
        Quoted(
            triple.content[1].idx,
            triple.content[-1].idx,
            accept=(" ".join(token.text for token in triple.speaker),),
        )
        for triple in triples
    ]


@dataclass(slots=True)
class Count:
    marked: int = 0
    found: int = 0
    quotes: int = 0
    both: int = 0

    def figures(self, before: str = "") -> dict[str, float]:
        return {
            f"{before}speech.quote": round(f1(self.quotes, self.marked, self.found), 3),
            f"{before}speech.speaker": round(self.both / max(1, self.quotes), 3),
            f"{before}speech.both": round(f1(self.both, self.marked, self.found), 3),
        }


def count(cases: Iterable[tuple[Marked, list[Quoted]]]) -> tuple[Count, list[str]]:
    """Return the counts, and a line for each wrong result."""
    all_, misses = Count(), []
    for marked, found in cases:
        skipped = [mark for mark in marked.quotes if mark.kind == "skip"]
        speech = [mark for mark in marked.quotes if mark.kind == "speech"]
        made = pairs(speech, found, same_quote)
        used = {id(got) for _, got in made}
        found = [got for got in found if id(got) in used or not any(shared(mark, got) for mark in skipped)]
        all_.marked += len(speech)
        all_.found += len(found)
        all_.quotes += len(made)
        for mark, got in made:
            if right_speaker(mark, got):
                all_.both += 1
            else:
                said = marked.text[got.start : got.end][:60]
                misses.append(f"speaker {marked.name}: {said!r} {mark.accept}, found {got.accept}")
        met = {id(mark) for mark, _ in made}
        misses += [f"missed  {marked.name}: {_shown(marked, m)}" for m in speech if id(m) not in met]
        misses += [f"wrong   {marked.name}: {_shown(marked, f)}" for f in found if id(f) not in used]
    return all_, misses


def _shown(marked: Marked, quote: Quoted) -> str:
    return f"{marked.text[quote.start : quote.end]!r} {quote.accept}"


def score(root: Path, *, sample: bool) -> Scored:
    """Read the articles and compare the quotes found in them with the marks."""
    some = chosen(root, sample=sample)
    ours, misses = count((m, found_in(r.article)) for m, r in zip(some, read_all(map(_text, some)), strict=True))
    theirs, _ = count(zip(some, in_processes(_baseline, some), strict=True))
    notes = [
        f"{ours.marked} quotes of speech marked, {ours.found} found, {ours.quotes} of them right; baseline {theirs.found} found, {theirs.quotes} right"
    ]
    figures = ours.figures() | theirs.figures("baseline.textacy.")
    return Scored(figures, size=len(some), digest=digest_of([file(root)]), notes=notes, misses=misses)
