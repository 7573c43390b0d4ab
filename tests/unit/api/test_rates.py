"""Rates: what a sender learns about the requests that are left."""

from __future__ import annotations

import asyncio

import pytest

from services.api.rates import OwnLimiter, Rate


def test_a_full_bucket_leaves_all_and_an_empty_one_says_when_to_come_back() -> None:
    full = Rate(allowed=True, per_minute=60, full_seconds=0)
    assert full.headers()["RateLimit"].startswith('"key";r=60;')
    assert "Retry-After" not in full.headers()
    refused = Rate(allowed=False, per_minute=60, full_seconds=60)
    assert refused.headers()["RateLimit"].startswith('"key";r=0;')
    assert refused.headers()["Retry-After"] == "1"
    assert Rate(allowed=False, per_minute=2, full_seconds=60).retry_seconds == 30


async def taken(limiter: OwnLimiter, key: str, per_minute: int, times: int) -> list[Rate | None]:
    return [await limiter.take(key, per_minute) for _ in range(times)]


@pytest.mark.parametrize("per_minute", [1, 7, 600])
def test_so_many_may_ask_at_once_and_no_more_each_key_for_itself(per_minute: int) -> None:
    async def run() -> None:
        limiter = OwnLimiter()
        found = [one for one in await taken(limiter, "desk", per_minute, per_minute + 5) if one is not None]
        allowed = sum(one.allowed for one in found)
        # meanwhile, some become available again
        assert per_minute <= allowed <= per_minute + 1
        assert not found[-1].allowed or per_minute > 1
        other = await limiter.take("another", per_minute)
        assert other is not None and other.allowed

    asyncio.run(run())


def test_a_key_without_a_rate_may_ask_for_ever() -> None:
    assert asyncio.run(taken(OwnLimiter(), "desk", 0, 1000)) == [None] * 1000


@pytest.mark.parametrize("per_minute", [1, 3, 60, 10_000_000])
@pytest.mark.parametrize("full_seconds", [0.0, 0.000001, 30.0, 59.999999, 60.0])
def test_what_is_left_is_never_more_than_there_is_nor_less_than_nothing(per_minute: int, full_seconds: float) -> None:
    rate = Rate(True, per_minute, full_seconds)
    left = int(rate.headers()["RateLimit"].partition("r=")[2].partition(";")[0])
    assert 0 <= left <= per_minute
    assert rate.retry_seconds >= 1, "0 would have a client ask again at once"
    assert rate.headers()["RateLimit-Policy"] == f'"key";q={per_minute};w=60'
