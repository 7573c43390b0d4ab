"""Keyphrases: what stands often, early and together in the article, none inside another."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from services.records import Article, Keyword
from services.text.stopwords import stopwords
from workers.calendars import month_names, names_of_days
from workers.enrich.base import Reading, Stage
from workers.enrich.languages import russian

MOST = 12
LONGEST = 4
_WORD = re.compile(r"[^\W\d_][\w’'-]*|\d+|[^\w\s]|\n\n")
_PARTS = {"NOUN", "PROPN", "ADJ"}
_EMPTY = frozenset(
    [
        *month_names("en", "wide"),
        *map(str.lower, names_of_days("en")),
        "year", "years", "month", "months", "week", "weeks", "day", "days", "time", "times", "people", "percent", "cent",
        "yesterday",
    ]
)  # fmt: skip


def run(reading: Reading) -> list[Keyword]:
    """Up to 12 keyphrases, the best first; ``score`` is 0 to 1.

    A phrase weighs frequency x earliness x length: log2(1 + count) x (1 + 1 / (1 + offset / 500)) x sqrt(words),
    half as much again where the title has it. Noun phrases by the parser; in a
    language without one, runs between stopwords.
    """
    article = reading.article
    phrases: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for start, text in _nominal(reading) if _tagged(reading) else _runs(article):
        phrases[text.casefold()].append((text, start))
    title = (article.title or "").casefold()
    scored = []
    for key, uses in phrases.items():
        words = key.split()
        if len(uses) == 1 and key not in title and uses[0][1] > 1500:
            continue
        first = min(start for _, start in uses)
        score = math.log2(1 + len(uses)) * (1 + 1 / (1 + first / 500)) * math.sqrt(len(words))
        scored.append((score * (1.5 if key in title else 1), key, uses[0][0]))
    scored.sort(key=lambda one: (-one[0], one[1]))
    chosen: list[tuple[float, str, str]] = []
    for score, key, text in scored:
        own = set(key.split())
        if not any(own & set(other.split()) for _, other, _ in chosen):
            chosen.append((score, key, text))
        if len(chosen) == MOST:
            break
    return [Keyword(text=text, score=round(score / chosen[0][0], 3)) for score, _, text in chosen]


def _tagged(reading: Reading) -> bool:
    """Whether the model tells parts of speech."""
    return reading.doc is not None and reading.doc.has_annotation("POS")


def _nominal(reading: Reading) -> Iterator[tuple[int, str]]:
    """Runs of adjectives and nouns from the tags; they end in a noun, in French they begin with one."""
    french = (reading.article.language or "").split("-")[0] == "fr"
    ignored = stopwords(reading.article.language) | _EMPTY
    text = reading.article.text
    run: list[tuple[int, int, bool]] = []

    def close() -> Iterator[tuple[int, str]]:
        while run and not run[0 if french else -1][2]:
            run.pop(0 if french else -1)
        if run and len(run) <= LONGEST:
            yield run[0][0], " ".join(text[run[0][0] : run[-1][1]].split())
        run.clear()

    dateline = reading.article.dateline
    parsed = reading.doc.has_annotation("DEP")
    joined = None
    for token in reading.doc:
        word = token.lower_
        if dateline and dateline.start <= token.idx < dateline.end:
            continue
        if parsed and run and joined is not None and not _together(joined, token):
            yield from close()
        joined = token
        if run and token.text in ("-", "‑") and run[-1][1] == token.idx and not token.whitespace_:
            continue
        if (
            token.pos_ in _PARTS
            and token.is_alpha
            and len(word) > 2
            and word not in ignored
            and not token.is_sent_start
        ):
            run.append((token.idx, token.idx + len(token), token.pos_ != "ADJ"))
        else:
            yield from close()
            if token.pos_ in _PARTS and token.is_alpha and len(word) > 2 and word not in ignored:
                run.append((token.idx, token.idx + len(token), token.pos_ != "ADJ"))
    yield from close()


def _together(left: Any, right: Any) -> bool:
    """Whether two words are of one phrase by the parse: not `decade Georgia` of `for a decade Georgia was`."""
    return bool(left.is_punct or right.is_punct or left.head.i >= right.i or right.head.i <= left.i == right.head.i)


def _runs(article: Article) -> Iterator[tuple[int, str]]:
    """RAKE's candidates: what stands between stopwords and punctuation; in Russian, also between verbs and adverbs."""
    text, ignored = article.text, stopwords(article.language)
    nominal = russian.is_nominal if (article.language or "").split("-")[0] == "ru" else bool
    run: list[tuple[int, int]] = []
    for match in _WORD.finditer(text + "\n\n", article.dateline.end if article.dateline else 0):
        word = match.group()
        if word[0].isalpha() and len(word) > 2 and word.casefold() not in ignored and nominal(word):
            run.append(match.span())
            continue
        if run and len(run) <= LONGEST:
            yield run[0][0], " ".join(text[run[0][0] : run[-1][1]].split())
        run = []


STAGE = Stage("keywords", 3, run, needs=frozenset({"language"}), uses_model=True)
