"""Parameters of a search: their meaning at the limits, and the error for other values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.inputs import explain, in_a_line
from services.search.params import Search, read_money


def refused(**given: Any) -> str:
    """Return the error for these parameters."""
    with pytest.raises(ValidationError) as error:
        Search.model_validate(given)
    return in_a_line(explain(error.value.errors(include_url=False, include_context=False)))


def test_a_day_is_all_of_it_and_an_instant_itself() -> None:
    day = Search(published_from="2024-02-29", published_to="2024-02-29")  # type: ignore[arg-type]
    assert (day.since, day.before) == (datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    instant = Search(published_to="2024-05-06T07:08:00")  # type: ignore[arg-type]
    assert instant.before == datetime(2024, 5, 6, 7, 8, tzinfo=UTC), "without a zone it is UTC"
    elsewhere = Search(published_from="2024-05-06T07:08:00+02:00")  # type: ignore[arg-type]
    assert elsewhere.since == datetime(2024, 5, 6, 5, 8, tzinfo=UTC)


def test_after_the_last_day_there_is_nothing_that_is_too_late() -> None:
    assert Search(published_to="9999-12-31").before is None  # type: ignore[arg-type]
    assert Search().since is None


@pytest.mark.parametrize(
    ("given", "money"),
    [
        ("USD:1e6..1e9", ("USD", Decimal("1e6"), Decimal("1e9"))),
        ("usd:1e9..", ("USD", Decimal("1e9"), None)),
        ("EUR:..0.5", ("EUR", None, Decimal("0.5"))),
        ("EUR:-5..-1", ("EUR", Decimal(-5), Decimal(-1))),
        ("NOK:..", ("NOK", None, None)),
        ("NOK", ("NOK", None, None)),
    ],
)
def test_money_in_one(given: str, money: tuple[str, Decimal | None, Decimal | None]) -> None:
    assert read_money(given) == money
    assert Search(money=given).sums == money


@pytest.mark.parametrize("given", ["", "US", "USDT:1..2", "123:1..2", "USD:5", "USD:1e6-1e9", "USD:a..b", "USD:inf..", "USD:..NaN", ":1..2"])  # fmt: skip
def test_what_is_no_money_is_answered_with_a_form_that_is(given: str) -> None:
    assert refused(money=given) == "money: give money as USD:1e6..1e9, USD:1e9.. or USD"


def test_a_box_may_cross_the_date_line_and_a_centre_be_a_pole() -> None:
    assert Search(bbox="177,-20,-178,-15").box == (177, -20, -178, -15)
    assert Search(bbox="-180,-90,180,90").box == (-180, -90, 180, 90)
    assert Search(near="-90,0").centre == (-90, 0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bbox": "4,50,32"}, "bbox: give west,south,east,north in degrees, such as 4,50,32,72"),
        ({"bbox": "nan,50,32,72"}, "within ±180"),
        ({"bbox": "4,72,32,50"}, "south not above north"),
        ({"near": "10.75;59.91"}, "near: give latitude,longitude in degrees, such as 59.91,10.75"),
        ({"near": "91,10"}, "give latitude (within ±90) first"),
        ({"near": "inf,0"}, "give latitude (within ±90) first"),
        ({"within": 0}, "within: Input should be greater than 0"),
        ({"within": 20_001}, "within: Input should be less than or equal to 20000"),
        ({"published_from": "5/6/2024"}, "give a day as 2024-05-06 or an instant as 2024-05-06T07:08:00Z"),
        ({"published_from": "2024-02-30"}, "give a day as 2024-05-06"),
        (
            {"published_from": "0001-01-01T00:00:00+23:59"},
            "published_from: it is outside the years 1 to 9999",
        ),
        ({"published_to": "9999-12-31T23:59:59-10:00"}, "published_to: it is outside the years 1 to 9999"),
        ({"colour": "red"}, "colour: unknown field"),
        ({"status": ["lost"]}, "'queued', 'processing', 'done', 'failed' or 'canceled'"),
        ({"entity": [""]}, "at least 1 character"),
        ({"entity": ["x" * 301]}, "at most 300 characters"),
        ({"entity": ["x"] * 21}, "at most 20 items"),
        ({"q": "x" * 1001}, "at most 1000 characters"),
        ({"id": ["665f1f77"]}, "id.0: "),
        ({"sha256": "A" * 64}, "sha256: "),
        ({"currency": "dollars"}, "currency: "),
        ({"amount_min": "NaN"}, "amount_min: "),
    ],
)
def test_what_cannot_be_meant_is_said_by_name(given: dict[str, Any], told: str) -> None:
    assert told in refused(**given)


def test_limits_themselves_may_be_asked_for() -> None:
    search = Search(entity=["é" * 300] * 20, within=20_000, q="x" * 1000, country=["no"])
    assert search.country == ["NO"]
    assert Search(id=["665f1f77bcf86cd799439011"] * 1000).ids[999].binary == bytes.fromhex("665f1f77bcf86cd799439011")
