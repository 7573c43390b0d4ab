"""Find IPTC Media Topics by seed words: a keyword method whose lists are short enough to correct by hand.

Every document gets topics of the top level, and one of the second level if one narrower term is clearly ahead of the
others. Codes and names are those of the IPTC Media Topics vocabulary; the words are in ``data/topics.toml``.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

from services.records import Topic
from workers.enrich.base import Reading, Stage
from workers.enrich.languages.wordlists import DATA

MOST = 3
LEAST_SCORE = 0.5
_LEAST_WEIGHT = 4.0
_LEAST_NARROWER, _AHEAD = 6.0, 1.3
"""The weight that a term of the second level needs, and how many times the weight of the next one it must be."""
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class _Seed:
    code: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Table:
    names: dict[str, str]
    broader: dict[str, str]
    exact: dict[str, list[_Seed]]
    prefixes: dict[str, list[_Seed]]


@lru_cache
def _table() -> _Table:
    made = _Table({}, {}, {}, {})
    table = tomllib.loads((DATA / "topics.toml").read_text("utf-8"))
    for code, entry in table.items():
        made.names[code] = entry["name"]
        if "broader" in entry:
            made.broader[code] = entry["broader"]
        for word in entry["words"].split():
            seed = _Seed(code, 2.0 if word.startswith("+") else 1.0)
            seeds = made.prefixes if word.endswith("*") else made.exact
            seeds.setdefault(word.strip("+*"), []).append(seed)
    return made


@lru_cache(maxsize=50_000)
def _seeds(word: str) -> tuple[_Seed, ...]:
    """Return the seeds that a word matches: ``films`` matches ``film*``, which allows up to three more letters."""
    table = _table()
    found = [*table.exact.get(word, ())]
    for length in range(max(3, len(word) - 3), len(word) + 1):
        found.extend(table.prefixes.get(word[:length], ()))
    return tuple(found)


def _weights(title: str, text: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the weights of the top terms and of the narrower ones."""
    counts = Counter(_WORD.findall(text.lower()))
    for word in _WORD.findall(title.lower()):
        counts[word] += 3
    top: defaultdict[str, float] = defaultdict(float)
    narrower: defaultdict[str, float] = defaultdict(float)
    for word, uses in counts.items():
        for seed in _seeds(word):
            weights = narrower if seed.code in _table().broader else top
            weights[seed.code] += seed.weight * (1 + math.log2(uses))
    return top, narrower


def topics_of(title: str, text: str) -> list[Topic]:
    """Return up to three top terms, the best first, then the narrower term of the best if one is clearly ahead.

    Each distinct seed word counts weight x (1 + log2 of its uses); the title counts three times. ``score`` is relative
    to the best top term, or for the narrower term its share of the weights of all narrower terms.
    """
    top, narrower = _weights(title, text)
    ranked = sorted(top.items(), key=lambda one: (-one[1], one[0]))
    if not ranked or ranked[0][1] < _LEAST_WEIGHT:
        return []
    best = ranked[0][1]
    found = [
        _topic(code, weight / best)
        for code, weight in ranked[:MOST]
        if weight >= _LEAST_WEIGHT and weight / best >= LEAST_SCORE
    ]
    return found + _narrower(ranked[0][0], narrower)


def _narrower(broader: str, weights: dict[str, float]) -> list[Topic]:
    ranked = sorted(
        ((weight, code) for code, weight in weights.items() if _table().broader[code] == broader), reverse=True
    )
    if not ranked or ranked[0][0] < _LEAST_NARROWER:
        return []
    if len(ranked) > 1 and ranked[0][0] < _AHEAD * ranked[1][0]:
        return []
    return [_topic(ranked[0][1], ranked[0][0] / sum(weight for weight, _ in ranked))]


def _topic(code: str, score: float) -> Topic:
    return Topic(code=f"medtop:{code}", name=_table().names[code], score=round(score, 3))


def run(reading: Reading) -> list[Topic]:
    """Return the stage, for English."""
    return topics_of(reading.article.title or "", reading.article.text)


STAGE = Stage("topics", 3, run, frozenset({"en"}), needs=frozenset({"language"}))
