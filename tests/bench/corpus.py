"""Make the texts of the bench from the sentences of `seeds/`: 100 to 5,000 words, one in ten a light edit of an earlier
one.

The sentences of the seeds are few. Each time one is used, most of its longer words are replaced by others with the same
ending, and names and numbers by invented ones, so that two texts share phrases but are not versions of one another.
With six words in ten replaced, the search for versions compared a text with one in 33 of all others, and 63 of 1,200
became one story.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"
SHORTEST, LONGEST = 100, 5_000  # words
NEAR_DUPLICATES = 0.1
_SENTENCE = re.compile(r"[A-Z“][^.\n]{40,300}\.(?=\s)”?")
_LONGER_WORD = re.compile(r"\b[a-z]{4,}\b")
_NAME_OR_NUMBER = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+|\d+)\b")
EXCHANGED = 0.95
_SYLLABLES = [
    "ba",
    "da",
    "ke",
    "li",
    "mo",
    "na",
    "or",
    "pe",
    "ri",
    "sa",
    "ta",
    "ul",
    "va",
    "wen",
    "zi",
    "gar",
    "hol",
    "mir",
    "nes",
    "tor",
]
_PLACES = ("LONDON", "NAIROBI", "LIMA", "OSLO", "SEOUL", "CAIRO", "DELHI", "OTTAWA")


def texts(count: int, seed: int) -> list[str]:
    """Return ``count`` news texts with headline and dateline, the same for the same seed; lengths are log-uniform."""
    rng = random.Random(seed)
    sentences = _sentences()
    found: list[str] = []
    while len(found) < count:
        if found and rng.random() < NEAR_DUPLICATES:
            found.append(_edited(rng.choice(found), rng, len(found)))
        else:
            words = round(math.exp(rng.uniform(math.log(SHORTEST), math.log(LONGEST))))
            found.append(_written(words, sentences, rng, len(found)))
    return found


def written(words: int, count: int, seed: int) -> list[str]:
    """Return ``count`` texts of about ``words`` words, none a version of another."""
    rng = random.Random(seed)
    return [_written(words, _sentences(), rng, number) for number in range(count)]


def _written(words: int, sentences: list[str], rng: random.Random, number: int) -> str:
    headline = f"Report {number}: " + " ".join(rng.choice(sentences).split()[:7]).strip(",.“”")
    paragraphs = list(_paragraphs(words, sentences, rng))
    return f"{headline}\n\n{rng.choice(_PLACES)} (Reuters) - {'\n\n'.join(paragraphs)}\n"


def _paragraphs(words: int, sentences: list[str], rng: random.Random) -> Iterator[str]:
    while words > 0:
        paragraph = " ".join(_exchanged(rng.choice(sentences), rng) for _ in range(rng.randint(1, 3)))
        words -= paragraph.count(" ") + 1
        yield paragraph


def _edited(text: str, rng: random.Random, number: int) -> str:
    """Return a version of the same story: with another headline, one paragraph less, and one sentence more."""
    _, _, body = text.partition("\n\n")
    paragraphs = body.rstrip().split("\n\n")
    if len(paragraphs) > 3:
        del paragraphs[rng.randrange(1, len(paragraphs))]
    return f"Report {number}: updated\n\n{'\n\n'.join(paragraphs)}\n\nThis is version {number} of the report.\n"


def _exchanged(sentence: str, rng: random.Random) -> str:
    def other(match: re.Match[str]) -> str:
        word = match.group()
        return rng.choice(_words()[word[-2:]]) if rng.random() < EXCHANGED else word

    def invented(match: re.Match[str]) -> str:
        if rng.random() >= EXCHANGED:
            return match.group()
        if match.group().isdigit():
            return str(rng.randint(2, 990))
        return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))).capitalize()

    return _NAME_OR_NUMBER.sub(invented, _LONGER_WORD.sub(other, sentence))


@cache
def _words() -> dict[str, list[str]]:
    """Return the longer words of the seeds, by their last two letters."""
    found: dict[str, set[str]] = {}
    for sentence in _sentences():
        for word in _LONGER_WORD.findall(sentence):
            found.setdefault(word[-2:], set()).add(word)
    return {ending: sorted(words) for ending, words in found.items()}


@cache
def _sentences() -> list[str]:
    text = "\n".join(path.read_text() for path in sorted(SEEDS.glob("*.txt")))
    found = (match.group().strip() for match in _SENTENCE.finditer(text))
    return sorted({sentence for sentence in found if "(" not in sentence})  # no datelines
