"""Ranking: rare words weigh more, and no weight is negative."""

from __future__ import annotations

import math
from typing import Any

import pytest

from services.search.ranking import idf, score


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weights = [idf(10_000, having) for having in (1, 10, 1000, 10_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert idf(5, 9) > 0, "counted while documents were erased"


def value(expression: Any, document: dict[str, Any]) -> Any:
    """Return the value of the expression, computed here as MongoDB would."""
    if isinstance(expression, str) and expression.startswith("$"):
        return document.get(expression.lstrip("$"))
    if not isinstance(expression, dict):
        return [value(one, document) for one in expression] if isinstance(expression, list) else expression
    [(operator, given)] = expression.items()
    if operator == "$let":
        return value(given["in"], {**document, **{name: value(one, document) for name, one in given["vars"].items()}})
    parts = [value(one, document) for one in given]
    match operator:
        case "$add":
            return sum(parts)
        case "$multiply":
            return math.prod(parts)
        case "$divide":
            return parts[0] / parts[1]
        case "$ifNull":
            return parts[1] if parts[0] is None else parts[0]
        case "$in":
            return parts[0] in parts[1]
        case "$or":
            return any(parts)
        case "$eq":
            return parts[0] == parts[1]
        case "$cond":
            return parts[1] if parts[0] else parts[2]
        case "$round":
            return round(parts[0], parts[1])
    raise AssertionError(operator)


def test_the_expression_is_the_formula_of_the_docs() -> None:
    found = score([(["ferri"], 2.0), (["oslo"], 3.0)])
    # title and body: f = 5; of the mean length the norm is k1: 5 · 2.2 / (5 + 1.2)
    assert value(found, {"terms": ["ferri", "title:ferri"], "word_count": 500}) == pytest.approx(2 * 11 / 6.2, abs=1e-6)
    assert value(found, {"terms": ["oslo"], "word_count": 500}) == pytest.approx(3 * 2.2 / 2.2)
    assert value(found, {}) == 0


def test_a_title_counts_more_than_a_text_and_a_short_text_more_than_a_long_one() -> None:
    found = score([(["ferri"], 1.0)])
    ranked = [
        {"terms": ["ferri", "title:ferri"], "word_count": 500},
        {"terms": ["ferri"], "word_count": 50},
        {"terms": ["ferri"]},
        {"terms": ["ferri"], "word_count": 5_000},
        {"terms": ["boat"], "word_count": 50},
    ]
    scores = [value(found, document) for document in ranked]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == len(scores)
    assert value(score([]), ranked[0]) == 0
