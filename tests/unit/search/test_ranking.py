"""Ranking: rare words weigh more, and no weight is below nothing."""

from __future__ import annotations

from services.search.ranking import idf


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weights = [idf(10_000, having) for having in (1, 10, 1000, 10_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert idf(5, 9) > 0, "counted while documents were erased"
