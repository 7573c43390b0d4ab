"""Rates: what a sender is told of the room that is left."""

from __future__ import annotations

from services.api.rates import Rate


def test_a_full_bucket_leaves_all_and_an_empty_one_says_when_to_come_back() -> None:
    full = Rate(allowed=True, per_minute=60, full_seconds=0)
    assert full.headers()["RateLimit"].startswith('"key";r=60;')
    assert "Retry-After" not in full.headers()
    refused = Rate(allowed=False, per_minute=60, full_seconds=60)
    assert refused.headers()["RateLimit"].startswith('"key";r=0;')
    assert refused.headers()["Retry-After"] == "1"
    assert Rate(allowed=False, per_minute=2, full_seconds=60).retry_seconds == 30
