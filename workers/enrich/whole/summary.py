"""The two to four sentences that sum the article up, as they stand."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

from services.records import Span
from services.text.stopwords import stopwords
from workers.enrich.base import Reading, Stage

_END = re.compile(r"[.!?…][\"'”’»)\]]*(?=\s+[\"'“‘«(\[]?[A-ZÀ-ÞΑ-ΩА-Я0-9])|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Maj|Capt|Sen|Rep|Gov|St|No|vs|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec|Inc|Corp|Co|Ltd)|\b[A-Z])\.$"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_DANGLING = re.compile(
    r"[\"'“‘«(]?(?:he|she|it|they|his|her|its|their|this|that|these|those|but|and|however|also|meanwhile|instead|rather|so|such|both|there)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS, _MOST_WORDS = 6, 60


def sentences(reading: Reading) -> list[tuple[int, int]]:
    """Offsets of the running text's sentences; none crosses a paragraph, is a heading or has the dateline in it."""
    article = reading.article
    text = article.text
    headings = {(section.start, section.end) for section in article.sections}
    found = []
    starts = reading.block_starts
    for start, end in pairwise([*starts, len(text)]):
        stop = start + len(text[start:end].rstrip())
        if any(start >= one and stop <= other for one, other in headings):
            continue
        if article.dateline and start <= article.dateline.start < stop:
            start = min(article.dateline.end, stop)
        at = start
        for match in _END.finditer(text, start, stop):
            if _ABBREVIATION.search(text, max(at, match.start() - 8), match.start() + 1):
                continue
            found.append((at, match.end()))
            at = match.end()
        found.append((at, stop))
    trimmed = ((end - len(text[start:end].lstrip(" \t\n—–-:")), end) for start, end in found)
    return [(start, end) for start, end in trimmed if text[start:end].rstrip()[-1:] in tuple(".!?…\"'”’»)。！？")]


def run(reading: Reading) -> list[Span]:
    """In the article's order. A sentence weighs the mean log-frequency of its words, more near the head of the article.

    A sentence that leans on the one before it (a pronoun, "but") is left out, and one that repeats a chosen one.
    """
    text = reading.article.text
    every = sentences(reading)
    ignored = stopwords(reading.article.language)
    counts = Counter(word for word in (one.casefold() for one in _WORD.findall(text)) if word not in ignored)
    scored = []
    for rank, (start, end) in enumerate(every):
        words = {one.casefold() for one in _WORD.findall(text[start:end])} - ignored
        length = len(text[start:end].split())
        balanced = sum(text.count(mark, start, end) for mark in "“«") == sum(
            text.count(mark, start, end) for mark in "”»"
        )
        if not _FEWEST_WORDS <= length <= _MOST_WORDS or _DANGLING.match(text, start) or not balanced or not words:
            continue
        weight = sum(math.log2(1 + counts[word]) for word in words) / math.sqrt(len(words))
        scored.append((weight * (1 + 2 / (1 + rank)), start, end, words))
    scored.sort(key=lambda one: (-one[0], one[1]))
    wanted = min(4, max(2, len(every) // 8 + 1))
    chosen: list[tuple[int, int, set[str]]] = []
    for _, start, end, words in scored:
        if all(len(words & other) < 0.6 * min(len(words), len(other)) for _, _, other in chosen):
            chosen.append((start, end, words))
        if len(chosen) == wanted:
            break
    return [
        Span(text=text[start:end], start=start, end=end) for start, end, _ in sorted(chosen, key=lambda one: one[:2])
    ]


STAGE = Stage("summary", 1, run, needs=frozenset({"language"}))
