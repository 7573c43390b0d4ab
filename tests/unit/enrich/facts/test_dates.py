from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.records import Article
from workers.enrich.base import Reading
from workers.enrich.facts import dates

SATURDAY = datetime(2012, 3, 10, 13, 11, tzinfo=UTC)


def marked(text: str, reference: datetime | None = SATURDAY, language: str = "en") -> list[tuple[str, str, str | None]]:
    found = dates.STAGE.run(Reading(Article(text=text, language=language), reference))
    assert all(text[each.start : each.end] == each.text for each in found)
    return [(each.text, each.value, each.value_end) for each in found]


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("announced Sunday by the mill", "Sunday", "2012-03-04"),
        ("He said Tuesday that", "Tuesday", "2012-03-06"),
        ("last Tuesday the bridge fell", "last Tuesday", "2012-03-06"),
        ("Talks will resume on Friday.", "Friday", "2012-03-16"),
        ("In September the dam broke.", "September", "2011-09"),
        ("The match opens next week.", "next week", "2012-W11"),
        ("built two years ago", "two years ago", "2010"),
        ("signed on March 3, 2009, in Oslo", "March 3, 2009", "2009-03-03"),
        ("signed on 3 March 2009 in Oslo", "3 March 2009", "2009-03-03"),
        ("the third quarter of 2011 was poor", "third quarter of 2011", "2011-Q3"),
        ("music of the 1990s", "the 1990s", "199X"),
        ("born in 1954 in Kent", "1954", "1954"),
        ("elected 17 Esfand 1390 by", "17 Esfand 1390", "2012-03-07"),
        ("since 1 Farvardin 1403 it", "1 Farvardin 1403", "2024-03-20"),
        ("on Monday morning a ferry", "Monday morning", "2012-03-05TMO"),
        ("It opens tomorrow.", "tomorrow", "2012-03-11"),
    ],
)
def test_one_date(text: str, span: str, value: str) -> None:
    assert marked(text) == [(span, value, None)]


@pytest.mark.parametrize(
    ("text", "span", "first", "last"),
    [
        ("from March 3 to 5 in Rome", "March 3 to 5", "2012-03-03", "2012-03-05"),
        ("between 2008 and 2010 prices fell", "2008 and 2010", "2008", "2010"),
        ("the 2011-12 season", "2011-12", "2011", "2012"),
    ],
)
def test_ranges(text: str, span: str, first: str, last: str) -> None:
    assert marked(text) == [(span, first, last)]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("fr", "le 14 juillet 2011 à Paris", "2011-07-14"),
        ("de", "am 3. Oktober 2010 in Kiel", "2010-10-03"),
        ("es", "el 5 de mayo de 2009", "2009-05-05"),
        ("ru", "встреча 9 мая 2011 года", "2011-05-09"),
    ],
)
def test_other_languages(language: str, text: str, value: str) -> None:
    assert [each[1] for each in marked(text, None, language)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "It may rain.",
        "They march on.",
        "The Sunday Times wrote",
        "the fall of Rome",
        "1,500 men",
        "won 3-2",
        "a second man",
    ],
)
def test_not_a_date(text: str) -> None:
    assert marked(text) == []


def test_without_a_reference_nothing_relative_is_marked() -> None:
    assert marked("On Sunday and in May 2010, yesterday", None) == [("May 2010", "2010-05", None)]


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("The shop shut at 11:40 on Friday morning.", "11:40 on Friday morning", "2012-03-09T11:40"),
        ("The dam broke on Thursday at 8:40 p.m. near Oslo.", "Thursday at 8:40 p.m.", "2012-03-08T20:40"),
        ("The fair opens in Oslo on March 21.", "March 21", "2012-03-21"),
        ("They were beaten by 92 runs on Friday.", "Friday", "2012-03-09"),
        ("The bill must pass by Friday.", "Friday", "2012-03-16"),
    ],
)
def test_times_on_their_day_and_days_near_ahead(text: str, span: str, value: str) -> None:
    assert [each[:2] for each in marked(text)] == [(span, value)]


def test_a_time_of_day_is_of_the_day_named_before() -> None:
    assert marked("It shook on Tuesday.\n\nIt struck at 12:50 pm in Oslo.")[1][1] == "2012-03-06T12:50"


@pytest.mark.parametrize(
    ("text", "language", "span", "value"),
    [
        ("Le pont a cédé mardi soir.", "fr", "mardi soir", "2012-03-06"),
        ("Il travaille ici depuis septembre.", "fr", "septembre", "2011-09"),
        ("Die Bank zahlt, teilte sie am Dienstag mit.", "de", "Dienstag", "2012-03-06"),
        ("El puente cedió el lunes pasado.", "es", "lunes", "2012-03-05"),
        ("Abrió ayer.", "es", "ayer", "2012-03-09"),
    ],
)
def test_days_in_other_languages(text: str, language: str, span: str, value: str) -> None:
    assert [each[:2] for each in marked(text, language=language)] == [(span, value)]


def kinds(text: str, reference: datetime = datetime(1989, 11, 2, tzinfo=UTC)) -> list[tuple[str, str, str]]:
    article = Article(text=text, language="en")
    return [(each.text, each.value, each.kind) for each in dates.STAGE.run(Reading(article, reference=reference))]


@pytest.mark.parametrize(
    ("text", "words", "value", "kind"),
    [
        ("The strike lasted three months.", "three months", "P3M", "duration"),
        ("A wait of a year and a half ended.", "a year and a half", "P1Y6M", "duration"),
        ("It sold 30-year bonds.", "30-year", "P30Y", "duration"),
        ("A 10-hour flight.", "10-hour", "PT10H", "duration"),
        ("They had waited for decades.", "decades", "PXDE", "duration"),
        ("It took several weeks.", "several weeks", "PXW", "duration"),
        ("The crew meets every month.", "every month", "P1M", "set"),
        ("The ferry sails each Thursday.", "each Thursday", "XXXX-WXX-4", "set"),
        ("The quay is now closed.", "now", "PRESENT_REF", "reference"),
        ("It was recently closed.", "recently", "PAST_REF", "reference"),
        ("It may open in the near future.", "the near future", "FUTURE_REF", "reference"),
        ("It closed this morning.", "this morning", "1989-11-02TMO", "time"),
        ("It closed last night.", "last night", "1989-11-01TNI", "time"),
        ("It sank in nineteen sixty-four.", "nineteen sixty-four", "1964", "date"),
        ("It sank in the year two thousand.", "the year two thousand", "2000", "date"),
        ("It will open in mid-1996.", "mid-1996", "1996", "date"),
        ("The harbour was shut over the weekend.", "the weekend", "1989-W43-WE", "date"),
        ("It lost money in the 1988 second quarter.", "second quarter", "1988-Q2", "date"),
        ("It earned more than in the year-ago third quarter.", "third quarter", "1988-Q3", "date"),
        ("The fall is due to its third-quarter loss.", "third-quarter", "1989-Q3", "date"),
        ("It sailed last summer.", "last summer", "1989-SU", "date"),
    ],
)
def test_kinds_and_their_values(text: str, words: str, value: str, kind: str) -> None:
    assert (words, value, kind) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nineteen people sailed.",
        "Two thousand people came.",
        "The Daily Wire was sold.",
        "Three-quarters of them voted.",
        "He was man of the year-long event.",
    ],
)
def test_no_times(text: str) -> None:
    assert kinds(text) == []


def test_a_year_ago_is_the_quarter_that_it_is_compared_with() -> None:
    text = (
        "Third-quarter profit rose from a year ago. In the latest quarter sales fell; in the year-ago period they rose."
    )
    assert [value for _, value, _ in kinds(text)] == ["1989-Q3", "1988-Q3", "1989-Q3", "1988-Q3"]
    assert [value for _, value, _ in kinds("The mill opened a year ago.")] == ["1988"]


def test_two_years_with_and_are_a_range_only_after_between() -> None:
    assert [value for _, value, _ in kinds("It lost money in both 1984 and 1985.")] == ["1984", "1985"]
    [found] = dates.STAGE.run(Reading(Article(text="It ran between 1984 and 1987.", language="en")))
    assert (found.value, found.value_end) == ("1984", "1987")
