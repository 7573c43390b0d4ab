"""Score keyphrases and summaries of 40 short articles, marked by hand in ``tests/real/marks/gist.jsonl``.

A line of the marks: ``{"name": "lgl-240", "keywords": [[35, 47]], "summary": [[56, 215]]}``, offsets into the text of
the set that the name begins with (``tb/`` is TimeBank, ``web/`` WCXB); a hard-wrapped text is put into paragraphs
first. ``keywords`` are phrases that an editor would take, ``summary`` the sentences of a good summary, ``topics`` the
top terms of IPTC Media Topics that may come first; the marks were made before the stages were run on these articles. A
keyphrase is right if it has the words of a mark, or more or fewer of them with the same last word. A sentence is right
if it covers half of a marked one. The baselines are the ten phrases of one to three words with the highest TF-IDF in
the collection, and as many sentences from the start of the text as Copydesk gives.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.records import Article, Span
from services.text.stopwords import stopwords
from tests.real.reading import Text, article_of, read_all
from tests.real.reuters import stories
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.sets import dates, places
from tests.real.spans import f1, shared
from workers.enrich.base import Reading
from workers.enrich.whole.summary import sentences

NAME = "gist"
MARKS = Path(__file__).parents[1] / "marks" / "gist.jsonl"
IN_SAMPLE = 40
MOST = 10
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_SIGN_OFF = re.compile(r"\s*\breuters?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    name: str
    text: str
    title: str | None
    keywords: tuple[str, ...]
    summary: tuple[Span, ...]
    topics: tuple[str, ...]


def _unfolded(body: str) -> str:
    """Return a Reuters story without its line breaks and its sign-off; its paragraphs begin with an indent."""
    paragraphs = re.split(r"\n {2,}", _SIGN_OFF.sub("", body).strip())
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _page(path: Path) -> tuple[str, str | None]:
    stated = json.loads(path.read_text("utf-8"))["ground_truth"]
    return stated.get("main_content") or "", stated.get("title")


@lru_cache
def _texts(root: Path) -> dict[str, tuple[str, str | None]]:
    """Return the collection: every text of the sets with its title, by name; of Reuters and WCXB, every tenth and the
    marked ones."""
    marked = {row["name"] for row in _rows()}
    found = {each.name: (each.text, each.title) for part in ("lgl", "geovirus") for each in places.load(root, part)}
    found |= {each.name: (" ".join(each.text.split()), each.title) for each in places.load(root, "trnews")}
    found |= {f"tb/{path.stem}": (dates.load(path).text, None) for path in dates.files(root)}
    for number, story in enumerate(stories(root).values()):
        if number % 10 == 0 or story.name in marked:
            found[story.name] = (_unfolded(story.body), story.title)
    for number, path in enumerate(sorted((root / "web" / "wcxb-dev" / "ground-truth").glob("*.json"))):
        if number % 10 == 0 or f"web/{path.stem}" in marked:
            found[f"web/{path.stem}"] = _page(path)
    return found


def _rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in MARKS.read_text("utf-8").splitlines()]


def load(root: Path) -> list[Marked]:
    """Return the articles with their marks. Raises KeyError if a mark names no article."""
    every, marked = _texts(root), []
    for row in _rows():
        text, title = every[row["name"]]
        spans = tuple(Span(text=text[start:end], start=start, end=end) for start, end in row["summary"])
        phrases = tuple(text[start:end] for start, end in row["keywords"])
        marked.append(Marked(row["name"], text, title, phrases, spans, tuple(row["topics"])))
    return marked


def _article(marked: Marked) -> Article:
    return article_of(marked.text, title=marked.title)


def chosen(root: Path, *, sample: bool) -> list[Marked]:
    return sample_of(load(root), IN_SAMPLE) if sample else load(root)


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    return [Text(f"{NAME}/{marked.name}", _article(marked)) for marked in chosen(root, sample=sample)]


def same_phrase(one: str, other: str) -> bool:
    """Return whether two phrases are the same, or one has more words before the same last word: `Ruiz`, `Ana Ruiz`."""
    mine, theirs = ([word.casefold() for word in _WORD.findall(phrase)] for phrase in (one, other))
    nested = set(mine) <= set(theirs) or set(theirs) <= set(mine)
    return mine == theirs or bool(mine and theirs and mine[-1] == theirs[-1] and nested)


def _phrases(text: str, ignored: frozenset[str]) -> Counter[str]:
    words = [word.casefold() for word in _WORD.findall(text)]
    found: Counter[str] = Counter()
    for size in (1, 2, 3):
        for at in range(len(words) - size + 1):
            phrase = words[at : at + size]
            if phrase[0] not in ignored and phrase[-1] not in ignored:
                found[" ".join(phrase)] += 1
    return found


def tfidf(marked: Marked, frequency: Counter[str], documents: int, ignored: frozenset[str]) -> list[str]:
    """Return the ten phrases with the highest weight, none inside another."""
    weights = {
        phrase: count * math.log(documents / frequency[phrase])
        for phrase, count in _phrases(marked.text, ignored).items()
    }
    found: list[str] = []
    for phrase in sorted(weights, key=lambda each: (-weights[each], each)):
        if not any(set(phrase.split()) & set(other.split()) for other in found):
            found.append(phrase)
        if len(found) == MOST:
            break
    return found


class Count:
    """How many are right, found and marked."""

    def __init__(self) -> None:
        self.right = self.marked = self.found = 0

    def add(self, right: int, marked: int, found: int) -> None:
        self.right, self.marked, self.found = self.right + right, self.marked + marked, self.found + found

    @property
    def f1(self) -> float:
        return round(f1(self.right, self.marked, self.found), 3)

    def __str__(self) -> str:
        return f"{self.right} of {self.found} right, {self.marked} wanted"


def _judge_phrases(count: Count, marked: Marked, found: list[str]) -> list[str]:
    wrong = [phrase for phrase in found if not any(same_phrase(phrase, mark) for mark in marked.keywords)]
    count.add(len(found) - len(wrong), min(MOST, len(marked.keywords)), len(found))
    return wrong


def _judge_sentences(count: Count, marked: Marked, found: list[Span]) -> None:
    right = sum(any(shared(mark, each) * 2 >= mark.end - mark.start for each in found) for mark in marked.summary)
    count.add(right, len(marked.summary), len(found))


def score(root: Path, *, sample: bool) -> Scored:
    """Read the articles and compare their keyphrases and summaries with the marks."""
    some = chosen(root, sample=sample)
    ignored = stopwords("en")
    frequency = Counter(phrase for text, _ in _texts(root).values() for phrase in _phrases(text, ignored))
    phrases, theirs, summary, lead, misses = Count(), Count(), Count(), Count(), []
    for marked, read in zip(some, read_all(texts(root, sample=sample)), strict=True):
        article = read.article or _article(marked)
        wrong = _judge_phrases(phrases, marked, [each.text for each in article.keywords])
        _judge_phrases(theirs, marked, tfidf(marked, frequency, len(_texts(root)), ignored))
        _judge_sentences(summary, marked, article.summary)
        head = sentences(Reading(_article(marked)))[: len(article.summary)]
        _judge_sentences(lead, marked, [Span(text=marked.text[a:b], start=a, end=b) for a, b in head])
        misses += [f"wrong {marked.name}: {phrase!r}" for phrase in wrong]
    figures = {
        "gist.keywords": phrases.f1,
        "gist.summary": summary.f1,
        "baseline.tfidf.gist.keywords": theirs.f1,
        "baseline.lead.gist.summary": lead.f1,
    }
    notes = [f"keyphrases: {phrases}; by TF-IDF: {theirs}", f"sentences: {summary}; from the head: {lead}"]
    return Scored(figures, size=len(some), digest=digest_of([MARKS]), notes=notes, misses=misses)
