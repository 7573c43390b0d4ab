"""What is written to MongoDB is what comes back: sums to the last digit, instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import bson
import pytest

from services.store.codec import CODEC


def back(value: Any) -> Any:
    return bson.decode(bson.encode({"value": value}, codec_options=CODEC), codec_options=CODEC)["value"]


@pytest.mark.parametrize("written", ["0", "-0.00", "0.1", "2400000000", "1.60E+9", "9" * 34, "1E-6176", "-12.50"])
def test_a_sum_comes_back_as_it_was_written(written: str) -> None:
    found = back({"amount": [Decimal(written)]})["amount"][0]
    assert type(found) is Decimal and str(found) == str(Decimal(written))


def test_a_sum_of_more_digits_than_mongodb_holds_is_rounded() -> None:
    assert back(Decimal("0." + "3" * 60)) == Decimal("0." + "3" * 34)
    assert back(Decimal("1E+999999")) == Decimal("Infinity"), "a bound of a search may be that large"


def test_an_instant_comes_back_in_utc() -> None:
    local = datetime(2024, 5, 6, 9, 8, 7, 654321, timezone(timedelta(hours=5, minutes=45)))
    found = back(local)
    assert (found.tzinfo, found) == (UTC, local.replace(microsecond=654000)), "MongoDB keeps milliseconds"
