"""Operators in the text of a query, and names as people type them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.search.names import country, folded
from services.search.operators import into_search
from services.search.params import Search
from services.search.words import WrongQuery, read


def search(q: str, **params: str) -> Search:
    return into_search(Search.model_validate(params), read(q))[0]


@pytest.mark.parametrize(
    ("q", "least", "most"),
    [("amount:>=1bn", "1E9", None), ("amount:<=2.5m", None, "2.5E6"), ("amount:250,000", "250000", "250000"),
     ('amount:"1 million..5 million"', "1E6", "5E6"), ("amount:1K..2tn", "1E3", "2E12")],
)  # fmt: skip
def test_amounts(q: str, least: str | None, most: str | None) -> None:
    found = search(q)
    assert (found.amount_min, found.amount_max) == tuple(None if one is None else Decimal(one) for one in (least, most))


def test_more_and_less_leave_the_amount_itself_out() -> None:
    assert search("amount:>1bn").amount_min > Decimal(10**9)  # type: ignore[operator]
    assert search("amount:<1bn").amount_max < Decimal(10**9)  # type: ignore[operator]


def test_days_and_words_beside_them() -> None:
    found, rest = into_search(Search(), read("ferry from:2024-05-01 to:2024-05-31 place:Oslo"))
    assert (found.published_from, found.published_to) == (date(2024, 5, 1), date(2024, 5, 31))
    assert [rest.filters, len(rest.clauses)] == [(("place", "Oslo", False),), 1]


@pytest.mark.parametrize(
    "part",
    [
        "amount:much",
        "amount:5dozen",
        "-amount:>1bn",
        "from:yesterday",
        "currency:dollars",
        "country:Atlantis",
        "event:x",
    ],
)
def test_the_part_that_is_wrong_is_named(part: str) -> None:
    with pytest.raises(WrongQuery) as wrong:
        search(f"ferry {part} place:Oslo")
    assert wrong.value.part == part


def test_what_is_given_twice_is_refused() -> None:
    for q, params in (
        ("amount:>1bn amount:>2bn", {}),
        ("currency:USD", {"currency": "EUR"}),
        ("amount:1", {"money": "USD"}),
    ):
        with pytest.raises(WrongQuery):
            search(q, **params)


def test_names_in_other_letters() -> None:
    assert folded("  São  PAULO ") == folded("sao paulo")
    assert [country(name) for name in ("no", "Norway", "cote d’ivoire", "USA")] == ["NO", "NO", "CI", "US"]
    with pytest.raises(ValueError, match="Atlantis"):
        country("Atlantis")
