"""Is this document a version of a story already seen? MinHash over word shingles; the index itself is the store's.

MinHash: Broder, "On the resemblance and containment of documents", 1997. Banding: Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.4.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence

import numpy as np

from services.records import Article, Span

SHINGLE = 3
"""Words in a shingle: one changed word spoils three shingles, so a light edit leaves most of them."""

BANDS, ROWS = 32, 4
"""128 hashes in 32 bands of 4: two documents of Jaccard similarity s share a band with probability 1 - (1 - s^4)^32.
That is 0.23 at s = 0.3, 0.87 at 0.5 and 0.999 at 0.7; a shared band makes a candidate, `similarity` decides."""

SAME_STORY = 0.4
"""Containment of the shorter document's shingles in the longer one, estimated, from which two documents are one story."""

_PRIME = (1 << 31) - 1
_RANDOM = np.random.default_rng(20120310)
_A = _RANDOM.integers(1, _PRIME, BANDS * ROWS, dtype=np.uint64)
_B = _RANDOM.integers(0, _PRIME, BANDS * ROWS, dtype=np.uint64)
_WORD = re.compile(r"\w+")
_DATELINE = re.compile(r"\A[^\n]{0,120}?(?:\)\s*(?:—|–|--?|:)|\s(?:—|–|--)\s)")
_BOILERPLATE = re.compile(
    r"(?im)^(?:©|copyright\b|all rights reserved|\(?reporting by\b|\(?editing by\b|read more|sign up|follow us)[^\n]*$"
)


def shingles(text: str) -> list[int]:
    """Distinct 31-bit hashes of the text's word triples, ascending, without dateline, boilerplate, case and accents.

    Numbers and names stay as they are: they are what tells two earnings reports apart.
    """
    text = _BOILERPLATE.sub("", _DATELINE.sub("", text, count=1))
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))
    if not words:
        return []
    size = min(SHINGLE, len(words))
    grams = (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
    return sorted({zlib.crc32(gram.encode()) % _PRIME for gram in grams})


def signature(text: str) -> list[int]:
    """128 minima, one for each hash function; empty for a text without words. The same in every process."""
    hashes = np.array(shingles(text), dtype=np.uint64)
    if not len(hashes):
        return []
    lowest = np.full(BANDS * ROWS, _PRIME, dtype=np.uint64)
    for part in np.array_split(hashes, len(hashes) // 4096 + 1):
        lowest = np.minimum(lowest, ((part[:, None] * _A + _B) % np.uint64(_PRIME)).min(axis=0))
    return [int(value) for value in lowest]


def bands(signature: Sequence[int]) -> list[int]:
    """The keys under which a signature is found: one signed 64-bit number for each band, none for an empty signature."""
    keys = []
    for band in range(BANDS if signature else 0):
        row = np.array([band, *signature[band * ROWS : (band + 1) * ROWS]], dtype="<u4").tobytes()
        keys.append((zlib.crc32(row) << 31) | (zlib.adler32(row) & 0x7FFFFFFF))
    return keys


def jaccard(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimated from two signatures: the share of equal minima, with a standard error of at most 0.045."""
    if not one or not other:
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Exact, from two lists of shingles: how much of the shorter document stands in the longer one, 0 to 1."""
    if not one or not other:
        return 0.0
    return len(set(one) & set(other)) / min(len(set(one)), len(set(other)))


def new_paragraphs(article: Article, earlier_text: str) -> list[Span]:
    """The paragraphs of ``article`` of which less than half stood in the earlier version."""
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
    return [match.span() for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", article.text)]
