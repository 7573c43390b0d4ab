"""Figures as wires write them: fractions, groups and scales; ambiguous ones are not read."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrich.facts.numbers import number_at, numbers


def values(text: str, language: str = "en") -> list[tuple[str, Decimal]]:
    return [(text[each.start : each.end], each.value) for each in numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6-3/4", "6.75"),
        ("101 27/32", "101.84375"),
        ("3/4", "0.75"),
        ("1,200-1/2", "1200.5"),
        ("15\u00a0000 1/2", "15000.5"),
        ("6½", "6.5"),
        ("6 ⅞", "6.875"),
        ("1500½", "1500.5"),
        ("⅗", "0.6"),
        ("3⁄4", "0.75"),
        ("6 3⁄4", "6.75"),
        ("2/3", "0.666667"),
        ("5-1/4 billion", "5250000000"),
        ("3 1/2 million", "3500000"),
        ("1/2 million", "500000"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567,89", "1234567.89"),
        ("2 thouſand", "2000"),
    ],
)
def test_one_number(text: str, value: str) -> None:
    assert values(f"at {text} now") == [(text, Decimal(value))]


@pytest.mark.parametrize(
    "text",
    [
        "3/4/1987",
        "9/11",
        "24/7",
        "4/3",
        "6-3/8/87",
        "6-2/7",
        "1500 1/2",
        "12.05.1987",
        "2.5.3",
        "1.000,000.5",
        "1.000.50",
        "1234567890123456",
    ],
)
def test_what_may_be_a_date_or_a_code_is_not_read_in_part(text: str) -> None:
    assert values(f"on {text} in") == []


def test_a_score_is_two_numbers() -> None:
    assert [value for _, value in values("won 2-1 at home")] == [2, 1]


_WORDS = ("million mıllıon MİLYON thouſand lakh-crore six hundred vingt двух млрд 億 k $ ٣ ,000 " + "9" * 40).split()
_PIECES = st.sampled_from([*"0123456789.,'’/⁄- \u00a0½⅓⅞", *_WORDS, "and a half", "half a ", " 000"])


@given(
    text=st.lists(_PIECES, max_size=30).map("".join) | st.text(max_size=60),
    language=st.sampled_from(["en", "de", "fr", "ru", "tr", "fa", "ja", "es-MX"]),
)
def test_every_text_is_read_to_finite_numbers_in_order(text: str, language: str) -> None:
    found = list(numbers(text, language))
    assert all(each.value.is_finite() and each.value >= 0 for each in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for at in range(len(text)):
        number = number_at(text, at, language)
        assert number is None or (number.start == at and number.value.is_finite())
