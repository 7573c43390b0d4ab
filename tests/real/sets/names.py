"""Score persons, organisations and places in 216 stories of 1996: the validation part of CoNLL-2003, used only for
measuring.

The set is a list of tokens, a sentence at a time; `write` puts it back into the paragraphs of a story. A name is found
if the span is equal and the type right: PER is PERSON; ORG is ORG; LOC is GPE, LOC or FAC. MISC is not scored, but an
organisation found in its place is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from services.records import Article, Entity
from tests.quality.enrich import baselines
from tests.real.reading import Text, article_of, in_processes, read_all
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import f1

NAME = "names"
IN_SAMPLE = 12
FIGURES = {"PER": "person", "ORG": "org", "LOC": "place"}
TYPES = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}
LAYOUTS = ("prose", "rows", "capitals")

_DAY = re.compile(r"199\d-\d\d-\d\d")
_NO_SPACE_BEFORE = re.compile(r"[.,;:!?)\]%]|'(?:s|re|ve|ll|d|m)?|n't|\.\.\.", re.IGNORECASE)
_ENDS = frozenset({".", "!", "?", '"', ":", "..."})
_LEAST_PROSE, _SHARE_PROSE = 3, 0.25  # minimum lower-case words in a line of running text

Token = tuple[str, str]
"""A word and its label: ``O``, ``B-PER``, ``I-PER`` …"""


@dataclass(frozen=True, slots=True)
class Name:
    start: int
    end: int
    kind: str


@dataclass(slots=True)
class Story:
    """A story as text. ``lines`` has for each sentence of the set its span and its layout."""

    name: str
    text: str = ""
    names: list[Name] = field(default_factory=list)
    lines: list[tuple[int, int, str]] = field(default_factory=list)
    published_at: datetime | None = None


def file(root: Path) -> Path:
    return root / "names" / "measure" / "conll2003-valid.txt"


def sentences(path: Path) -> list[list[Token]]:
    """Return every sentence of the file."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    rows = [[line.split() for line in block.splitlines() if line.strip()] for block in blocks]
    return [[(row[0], row[1]) for row in block] for block in rows if block]


def stories(path: Path) -> list[Story]:
    """Cut the file into stories and write them out.

    The file does not say where a story begins. It begins with the line before the day (``LONDON 1996-08-30``), or with
    the one before that if there is a byline in between.
    """
    lines = sentences(path)
    starts = [0]
    for number, line in enumerate(lines):
        if _DAY.fullmatch(line[-1][0]) and len(line) <= 5:
            head = max(number - 1, 0)
            if lines[head][-1][0] != "." and len(lines[head]) <= 4:
                head = max(head - 1, 0)
            if head > starts[-1]:
                starts.append(head)
    ends = [*starts[1:], len(lines)]
    return [write(f"story-{n:03}", lines[a:b]) for n, (a, b) in enumerate(zip(starts, ends, strict=True))]


def write(name: str, lines: list[list[Token]]) -> Story:
    """Write a story out as a news agency would: no space before a comma, a blank line between paragraphs.

    After a sentence that ends inside quotation marks the paragraph continues, and a line that ends without a
    punctuation mark continues on the next line, as in tables and in prose that was cut into lines.
    """
    story, made = Story(name), _Written()
    for line in lines:
        words = [word for word, _ in line]
        begin = made.begin_line(words)
        spans: list[Name] = []
        for word, label in line:
            start = made.add(word)
            if label[0] == "I" and spans and spans[-1].kind == label[2:]:
                spans[-1] = Name(spans[-1].start, made.length, spans[-1].kind)
            elif label != "O":
                spans.append(Name(start, made.length, label[2:]))
        if _DAY.fullmatch(words[-1]):
            story.published_at = story.published_at or datetime.fromisoformat(words[-1]).replace(tzinfo=UTC)
        story.names += spans
        story.lines.append((begin, made.length, layout(words)))
    story.text = "".join(made.pieces)
    return story


@dataclass(slots=True)
class _Written:
    """The part of a story that has been written so far."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    quoted: bool = False
    tight: bool = True
    """Whether the next word follows without a space."""
    last: str = ""

    def begin_line(self, words: list[str]) -> int:
        """Write what separates the line from the one before; return where the line begins."""
        if self.quoted and words[0] == '"' and words[1:] and words[1][0].isupper():
            self.quoted = False  # in a speech of several paragraphs, each opens with a mark
        if not self.pieces:
            pass
        elif self.quoted:
            self._write("" if self.last == '"' else " ")
        else:
            self._write("\n\n" if self.last in _ENDS or _DAY.fullmatch(self.last) else "\n")
        self.tight = True
        return self.length

    def add(self, word: str) -> int:
        """Write a word and return where it begins."""
        closes = word == '"' and self.quoted
        if not (self.tight or closes or _NO_SPACE_BEFORE.fullmatch(word)):
            self._write(" ")
        start = self.length
        self._write(word)
        if word == '"':
            self.quoted = not self.quoted
        self.tight = word in {"(", "[", "$"} or (word == '"' and self.quoted)
        self.last = word
        return start

    def _write(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)


def layout(words: list[str]) -> str:
    """Return the layout of a line: ``capitals`` (a headline), ``prose`` (a sentence), or ``rows``, such as those of a
    table."""
    letters = [char for word in words for char in word if char.isalpha()]
    if letters and not any(char.islower() for char in letters):
        return "capitals"
    plain = sum(word.isalpha() and word.islower() for word in words)
    return "prose" if words[-1] in _ENDS and plain >= max(_LEAST_PROSE, _SHARE_PROSE * len(words)) else "rows"


def _text(story: Story) -> Text:
    article = article_of(story.text, published_at=story.published_at)
    return Text(f"{NAME}/{story.name}", article, published_at=story.published_at)


def chosen(root: Path, *, sample: bool) -> list[Story]:
    found = stories(file(root))
    return sample_of(found, IN_SAMPLE) if sample else found


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    return [_text(story) for story in chosen(root, sample=sample)]


def found_in(article: Article | None) -> list[Name]:
    """Return the names found that have a type of the set."""
    return _names(article.entities) if article else []


def _names(entities: Iterable[Entity]) -> list[Name]:
    spans = {(m.start, m.end, TYPES[e.type]) for e in entities if e.type in TYPES for m in e.mentions}
    return [Name(*span) for span in sorted(spans)]


def _baseline(story: Story) -> list[Name]:
    return _names(baselines.entities(article_of(story.text)))


class Counts(Counter[tuple[str, str]]):
    """How many names are ``marked``, ``found`` and ``right``, by kind and by layout (``PER``, ``prose``) and in
    ``all``."""

    def f1(self, row: str) -> float:
        return f1(self[row, "right"], self[row, "marked"], self[row, "found"])

    def figures(self, before: str = "") -> dict[str, float]:
        rows = {f"names.{name}": kind for kind, name in FIGURES.items()} | {
            "names.three": "all",
            "names.prose": "prose",
        }
        return {before + name: round(self.f1(row), 3) for name, row in rows.items()}


def count(cases: Iterable[tuple[Story, list[Name]]]) -> tuple[Counts, list[str]]:
    """Return the counts, and a line for each wrong result."""
    counts, misses = Counts(), []
    for story, found in cases:
        marked, got = {name for name in story.names if name.kind in FIGURES}, set(found)
        for part, names in (("marked", marked), ("found", got), ("right", marked & got)):
            for name in names:
                looks = next((looks for start, end, looks in story.lines if start <= name.start < end), "rows")
                counts.update((row, part) for row in (name.kind, looks, "all"))
        for what, names in (("missed", marked - got), ("wrong ", got - marked)):
            misses += [
                f"{what} {story.name}: {n.kind} {story.text[n.start : n.end]!r} in {_line(story, n)}" for n in names
            ]
    return counts, misses


def _line(story: Story, name: Name) -> str:
    return next((f"{k} {story.text[a:b]!r}" for a, b, k in story.lines if a <= name.start < b), "")


def score(root: Path, *, sample: bool) -> Scored:
    """Read the stories and compare the names found in them with the labels."""
    some = chosen(root, sample=sample)
    ours, misses = count((s, found_in(r.article)) for s, r in zip(some, read_all(map(_text, some)), strict=True))
    theirs, _ = count(zip(some, in_processes(_baseline, some), strict=True))
    notes = [
        f"{looks}: {ours[looks, 'marked']} names, F1 {ours.f1(looks):.3f} (baseline {theirs.f1(looks):.3f})"
        for looks in LAYOUTS
    ]
    figures = ours.figures() | theirs.figures("baseline.spacy.")
    return Scored(figures, size=len(some), digest=digest_of([file(root)]), notes=notes, misses=misses)
