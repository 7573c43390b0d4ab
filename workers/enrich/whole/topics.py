"""IPTC Media Topics, top level, found by seed words, a keyword method whose lists are short enough to correct by hand.

Codes and names are those of the IPTC Media Topics vocabulary; the words are in ``data/topics.toml``.
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
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class _Seed:
    code: str
    weight: float


@lru_cache
def _table() -> tuple[dict[str, str], dict[str, list[_Seed]], dict[str, list[_Seed]]]:
    names: dict[str, str] = {}
    exact: dict[str, list[_Seed]] = {}
    prefixes: dict[str, list[_Seed]] = {}
    table = tomllib.loads((DATA / "topics.toml").read_text("utf-8"))
    for code, entry in table.items():
        names[code] = entry["name"]
        for word in entry["words"].split():
            seed = _Seed(code, 2.0 if word.startswith("+") else 1.0)
            bare = word.strip("+*")
            (prefixes if word.endswith("*") else exact).setdefault(bare, []).append(seed)
    return names, exact, prefixes


@lru_cache(maxsize=50_000)
def _seeds(word: str) -> tuple[_Seed, ...]:
    """Return a word and its possible stems: ``films`` has the seeds of ``film*``, up to three letters of ending."""
    _, exact, prefixes = _table()
    found = [*exact.get(word, ())]
    for length in range(max(3, len(word) - 3), len(word) + 1):
        found.extend(prefixes.get(word[:length], ()))
    return tuple(found)


def topics_of(title: str, text: str) -> list[Topic]:
    """Return up to three topics, the best first; ``score`` is relative to the best.

    Each distinct seed word counts weight x (1 + log2 of its uses); the title counts three times.
    """
    names, _, _ = _table()
    counts = Counter(_WORD.findall(text.lower()))
    for word in _WORD.findall(title.lower()):
        counts[word] += 3
    weights: defaultdict[str, float] = defaultdict(float)
    for word, uses in counts.items():
        for seed in _seeds(word):
            weights[seed.code] += seed.weight * (1 + math.log2(uses))
    ranked = sorted(weights.items(), key=lambda one: (-one[1], one[0]))
    if not ranked or ranked[0][1] < _LEAST_WEIGHT:
        return []
    best = ranked[0][1]
    return [
        Topic(code=f"medtop:{code}", name=names[code], score=round(weight / best, 3))
        for code, weight in ranked[:MOST]
        if weight >= _LEAST_WEIGHT and weight / best >= LEAST_SCORE
    ]


def run(reading: Reading) -> list[Topic]:
    """Return the stage, for English."""
    return topics_of(reading.article.title or "", reading.article.text)


STAGE = Stage("topics", 2, run, frozenset({"en"}), needs=frozenset({"language"}))
