"""Make the fingerprint of a document for finding versions of its story: MinHash over word shingles. The index is in
`services.store`.

MinHash: Broder, "On the resemblance and containment of documents", 1997. Banding: Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.4.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, TypedDict

import numpy as np

from services.records import Article, Span
from services.text.paragraphs import spans

VERSION = "2"
"""The version stored in the record. Raise it when the fingerprint or the comparison changes."""

SHINGLE = 3
"""Words in a shingle: one changed word spoils three shingles, so a light edit leaves most of them."""

BANDS, ROWS = 32, 4
"""128 hashes of the whole text in 32 bands of 4: two documents of Jaccard similarity s share a band with probability
1 - (1 - s^4)^32, which is 0.23 at s = 0.3, 0.87 at 0.5 and 0.999 at 0.7."""

LEAD_WORDS, LEAD_BANDS = 80, 16
"""64 more hashes of the first 80 words in 16 bands of 4: a version cut to its first paragraphs has a low Jaccard
similarity with the whole, but the same lead."""

TITLE_BANDS, TITLE_ROWS = 8, 2
"""Hashes of the title's words in bands of 2: a report that was written again shares few shingles and most of its title.
Two titles of Jaccard similarity s share a band with probability 1 - (1 - s^2)^8, which is 0.53 at s = 0.3, 0.90 at 0.5.
"""

TINY = 6
"""With fewer shingles, a text says nothing about its story, as in a flash: then only the title counts."""

MOST_FACTS = 256
_HASHES = (BANDS + LEAD_BANDS) * ROWS
_PRIME = (1 << 31) - 1
_RANDOM = np.random.default_rng(20120310)
_A = _RANDOM.integers(1, _PRIME, _HASHES, dtype=np.uint64)
_B = _RANDOM.integers(0, _PRIME, _HASHES, dtype=np.uint64)
_TITLE_A = _RANDOM.integers(1, _PRIME, TITLE_BANDS * TITLE_ROWS, dtype=np.uint64)
_TITLE_B = _RANDOM.integers(0, _PRIME, TITLE_BANDS * TITLE_ROWS, dtype=np.uint64)
_WORD = re.compile(r"\w+")
_TITLE_WORD = re.compile(r"[^\W_]+(?:[.,/-]\w+)*")  # 10-3/4, mid-march, u.s
_TITLE_MARK = re.compile(
    r"\A\W*(?:corrected|correction|rpt|repeat|update\s*\d*|refile|wrapup)\b\W*"
)  # corrected - , rpt-
_TITLE_STOPS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "be",
        "by",
        "co",
        "corp",
        "for",
        "from",
        "in",
        "inc",
        "is",
        "it",
        "its",
        "ltd",
        "of",
        "on",
        "said",
        "says",
        "the",
        "to",
        "with",
    ]
)
_TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_DATELINE = re.compile(r"\A[^\n]{0,120}?(?:\)\s*(?:—|–|--?|:)|\s(?:—|–|--)\s)")
_BOILERPLATE = re.compile(
    r"(?im)^(?:©|copyright\b|all rights reserved|\(?reporting by\b|\(?editing by\b|read more|sign up|follow us)[^\n]*$"
)


def shingles(text: str) -> list[int]:
    """Return distinct 31-bit hashes of the text's word triples, ascending, without dateline, boilerplate, case and
    accents."""
    return _shingles(_words(text))


def facts(text: str) -> list[int]:
    """Return hashes of the names and numbers in the text: words with a digit, and capitalised words inside a sentence.

    Ascending; of more than 256, the 256 smallest, so that two texts keep the same ones.
    """
    text = _stripped(text)
    names = set()
    for match in _TOKEN.finditer(text):
        word = match.group()
        inside = text[max(0, match.start() - 2) : match.start()].strip(" ,").isalnum()
        if any(char.isdigit() for char in word) or (inside and len(word) > 1 and word[0].isupper()):
            names.add(word.casefold())
    return sorted(zlib.crc32(name.encode()) % _PRIME for name in names)[:MOST_FACTS]


def signature(text: str) -> list[int]:
    """Return 192 minima: 128 of the whole text, 64 of its lead; empty for a text without words. They are the same in
    every process."""
    words = _words(text)
    if not words:
        return []
    whole = BANDS * ROWS
    return [*_minima(_shingles(words), slice(0, whole)), *_minima(_shingles(words[:LEAD_WORDS]), slice(whole, _HASHES))]


def bands(signature: Sequence[int], title: Sequence[int] = ()) -> list[int]:
    """Return the keys under which a document is found: a signed 64-bit number for each band of its signature and its
    title."""
    keys = [_key(at, signature[at : at + ROWS]) for at in range(0, len(signature), ROWS)]
    if title:
        lowest = _lowest([abs(word) for word in title], _TITLE_A, _TITLE_B)
        keys += [_key(_HASHES + at, lowest[at : at + TITLE_ROWS]) for at in range(0, len(lowest), TITLE_ROWS)]
    return keys


def _key(place: int, row: Sequence[int]) -> int:
    data = np.array([place, *row], dtype="<u4").tobytes()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


def title_words(title: str) -> list[int]:
    """Return distinct hashes of the words in a title, in their order, without case, marks of corrections and frequent
    words.

    Hashes of words with a digit are below zero.
    """
    plain = _TITLE_MARK.sub("", title.casefold())
    words = dict.fromkeys(word for word in _TITLE_WORD.findall(plain) if word not in _TITLE_STOPS)
    hashes = ((word, zlib.crc32(word.encode()) % _PRIME) for word in words)
    return [-value if any(char.isdigit() for char in word) else value for word, value in hashes]


class Numbers(TypedDict):
    """Return what the store keeps about a document to find its versions; ``size`` counts shingles."""

    bands: list[int]
    signature: list[int]
    size: int
    facts: list[int]
    title: list[int]


def numbers(text: str, title: str | None = None) -> Numbers:
    """Return the numbers of a document; for one with fewer than `TINY` shingles, return only those of its title, or
    without a title those of its text."""
    found = shingles(text)
    if len(found) < TINY:
        words = title_words(title or text)
        return Numbers(bands=bands([], words), signature=[], size=0, facts=[], title=words)
    minima, words = signature(text), title_words(title or "")
    whole = minima[: BANDS * ROWS]  # the rest is from the lead and is only used to find candidates
    return Numbers(bands=bands(minima, words), signature=whole, size=len(found), facts=facts(text), title=words)


def _stripped(text: str) -> str:
    return _BOILERPLATE.sub("", _DATELINE.sub("", text, count=1))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", _stripped(text).casefold())
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def _shingles(words: list[str]) -> list[int]:
    size = min(SHINGLE, len(words))
    grams = (" ".join(words[at : at + size]) for at in range(len(words) - size + 1)) if words else ()
    return sorted({zlib.crc32(gram.encode()) % _PRIME for gram in grams})


def _minima(shingles: list[int], part: slice) -> list[int]:
    return _lowest(shingles, _A[part], _B[part])


def _lowest(shingles: list[int], a: Any, b: Any) -> list[int]:
    """Return the smallest value of each hash function h(x) = (a x + b) mod p over the shingles."""
    lowest = np.full(len(a), _PRIME, dtype=np.uint64)
    for hashes in np.array_split(np.array(shingles, dtype=np.uint64), len(shingles) // 4096 + 1):
        lowest = np.minimum(lowest, ((hashes[:, None] * a + b) % np.uint64(_PRIME)).min(axis=0))
    return [int(value) for value in lowest]


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Return exactly, from two lists of shingles, how much of the shorter document is in the longer one, from 0 to
    1."""
    if not one or not other:
        return 0.0
    return len(set(one) & set(other)) / min(len(set(one)), len(set(other)))


def new_paragraphs(article: Article, earlier_text: str) -> list[Span]:
    """Return the paragraphs of ``article`` of which less than half was in the earlier version."""
    earlier = set(shingles(earlier_text))
    found = []
    for start, end in _paragraphs(article):
        own = shingles(article.text[start:end])
        if own and sum(one in earlier for one in own) < len(own) / 2:
            found.append(Span(text=article.text[start:end], start=start, end=end))
    return found


def _paragraphs(article: Article) -> list[tuple[int, int]]:
    if article.blocks:
        return [(block.start, block.end) for block in article.blocks if block.kind != "heading"]
    return spans(article.text)
