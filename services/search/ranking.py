"""Rank documents for words: BM25F over title and body, in the pipeline, from the field ``terms`` alone.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equations 3.15 and 3.19 to 3.21:

    score = sum over words of  idf * f (k1 + 1) / (f + k1 ((1 - b) + b length / pivot))
    f     = 1 if the word is in the document, plus TITLE if it is in the title
    idf   = ln(1 + (N - n + 0.5) / (n + 0.5))

``terms`` says which words a document has, not how often, so the frequency in the body is 0 or 1; ``length`` is
``word_count``. ``pivot`` is a constant in place of the mean length. A search's idf values stay the same from its first
page to its last (the cursor holds them). So a document's score does not change while other documents arrive.

A server that reads everything that a filter finds (SecantusDB) takes a millisecond for each document that it ranks. There,
`MOST_RANKED` limits what is ranked.
"""

from __future__ import annotations

import math
from typing import Any

from bson import ObjectId

from services.search.cursor import Order

Doc = dict[str, Any]

K1, B = 1.2, 0.75
"""The usual values (same source, section 3.4.3)."""
TITLE = 4.0
"""A word in the title counts as five in the body."""
PIVOT_WORDS = 500
MOST_COUNTED = 50_000
"""The count of documents stops here: a word in as many or more counts as fully common."""
MOST_RANKED = 190
"""On a server that reads everything that a filter finds, only this many documents are ranked: the newest that the
search finds, and those with its words in the title. The first windows have this many."""
SCORED = {"terms": 1, "word_count": 1}
"""The projection that `scored` needs."""
_DIGITS = 6


def idf(documents: int, having: int) -> float:
    """Return the weight of a word that ``having`` of ``documents`` contain; above 0."""
    return math.log1p((max(documents, having) - having + 0.5) / (having + 0.5))


def score(weighted: list[tuple[list[str], float]]) -> Doc:
    """Return the score expression for words given as terms and idf; rounded, so that a cursor can hold the score."""
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


def scored(document: Doc, weighted: list[tuple[list[str], float]]) -> float:
    """Return the score of a document that has the fields of `SCORED`: the same as `score` gives in the pipeline, which
    takes SecantusDB twice as long as reading the fields."""
    known = set(document.get("terms") or ())
    length = document.get("word_count")
    norm = K1 * (1 - B + B * ((PIVOT_WORDS if length is None else length) / PIVOT_WORDS))
    total = 0.0
    for terms, weight in weighted:
        titled = any(f"title:{term}" in known for term in terms)
        frequency = float(not known.isdisjoint(terms)) + TITLE * titled
        total += weight * (K1 + 1) * frequency / (frequency + norm)
    return round(total, _DIGITS)


def best(scored: list[Doc], after: tuple[Any, ObjectId] | None, order: Order, limit: int) -> list[Doc]:
    """Return the first documents, ``{_id, score}``, by score and then id, after this position; each once."""
    found = {(one["score"], one["_id"]): one for one in scored}
    ranked = sorted(found, reverse=order == "desc")
    rest = [key for key in ranked if after is None or (key < after if order == "desc" else key > after)]
    return [found[key] for key in rest[:limit]]


def _has(terms: list[str]) -> Doc:
    """Return the expression that is 1 if the document has any of the terms, otherwise 0."""
    known = {"$ifNull": ["$terms", []]}
    return {"$cond": [{"$or": [{"$in": [term, known]} for term in terms]}, 1, 0]}
