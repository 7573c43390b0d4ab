"""Calendars behind date lines and dates in running text."""

from __future__ import annotations

from datetime import date

import pytest

from services.records import Article
from workers.calendars import months_in_prose, to_gregorian
from workers.enrich import enrich
from workers.parse.article.dates import read_stamp


@pytest.mark.parametrize(
    ("solar", "gregorian"),
    [
        ((1390, 12, 17), date(2012, 3, 7)),
        ((1391, 12, 30), date(2013, 3, 20)),  # a leap year
        ((1404, 1, 1), date(2025, 3, 21)),
    ],
)
def test_solar_hijri_days(solar: tuple[int, int, int], gregorian: date) -> None:
    assert to_gregorian("solar", *solar) == gregorian


@pytest.mark.parametrize("solar", [(1390, 7, 31), (1390, 12, 30), (1390, 13, 1), (1390, 1, 0)])
def test_a_day_that_the_month_does_not_have_is_none(solar: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError):
        to_gregorian("solar", *solar)


@pytest.mark.parametrize(("written", "value"), [("30 Mehr 1390", "2011-10-22"), ("31 Mehr 1390", None)])
def test_a_date_line_and_running_text_agree(written: str, value: str | None) -> None:
    stamp = read_stamp(written)
    found = enrich(Article(text=f"The bridge was opened on {written}, officials said.", language="en")).article.dates
    assert (stamp.instant.date().isoformat() if stamp else None) == value
    assert [each.value for each in found if each.grain == "day"] == ([value] if value else [])


def test_short_names_that_are_words_of_their_own_are_no_months_in_prose() -> None:
    assert {"march", "märz", "мае", "déc", "sept"} <= set(months_in_prose())
    assert not {"set", "out", "ago", "ara", "tem"} & set(months_in_prose())
