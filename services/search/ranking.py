"""How well a document answers words: BM25F over title and body, in the pipeline, from the terms alone.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equations 3.15 and 3.19 to 3.21:

    score = sum over words of  idf * f (k1 + 1) / (f + k1 ((1 - b) + b length / pivot))
    f     = 1 where the word is in the document, and TITLE more where it is in the title
    idf   = ln(1 + (N - n + 0.5) / (n + 0.5))

``terms`` says which words a document has, not how often, so the frequency in the body is 0 or 1; ``length`` is
``word_count``. ``pivot`` stands for the mean length; it is a constant, and so are a search's idf from its first page to
its last (the cursor carries them), so a document's score does not change while others arrive.
"""

from __future__ import annotations

import math
from typing import Any

Doc = dict[str, Any]

K1, B = 1.2, 0.75
"""The usual values (same source, section 3.4.3)."""
TITLE = 4.0
"""A word in the title counts as five in the body."""
PIVOT_WORDS = 500
MOST_COUNTED = 50_000
"""A word in so many documents or more is as common as any."""
_DIGITS = 6


def idf(documents: int, having: int) -> float:
    """Weight of a word that ``having`` of ``documents`` have; above 0."""
    return math.log1p((max(documents, having) - having + 0.5) / (having + 0.5))


def score(weighted: list[tuple[list[str], float]]) -> Doc:
    """The expression for words given as their terms and their idf; rounded, so that a cursor can hold it."""
    shorter = {"$divide": [{"$ifNull": ["$word_count", PIVOT_WORDS]}, PIVOT_WORDS]}
    norm = {"$multiply": [K1, {"$add": [1 - B, {"$multiply": [B, shorter]}]}]}
    parts = []
    for terms, weight in weighted:
        frequency = {"$add": [_has(terms), {"$multiply": [TITLE, _has([f"title:{term}" for term in terms])]}]}
        parts.append({
            "$let": {
                "vars": {"f": frequency},
                "in": {"$divide": [{"$multiply": [weight * (K1 + 1), "$$f"]}, {"$add": ["$$f", norm]}]},
            }
        })  # fmt: skip
    return {"$round": [{"$add": parts or [0.0]}, _DIGITS]}


def _has(terms: list[str]) -> Doc:
    """1 where the document has any of the terms, else 0."""
    common = {"$setIntersection": [{"$ifNull": ["$terms", []]}, terms]}
    return {"$cond": [{"$eq": [common, []]}, 0, 1]}
