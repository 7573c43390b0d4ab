from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.records import Article, Dateline
from workers.enrich import enrich
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
        "at the 2000 EST/0100 gmt session",
        "at 1900 GMT",
    ],
)
def test_not_a_date(text: str) -> None:
    assert marked(text) == []


def test_without_a_reference_what_is_relative_has_no_value() -> None:
    text = "On Sunday and in May 2010, at 8 p.m. yesterday, on March 3, a year ago, three weeks, the weekend"
    assert [each[:2] for each in marked(text, None)] == [
        ("Sunday", None), ("May 2010", "2010-05"), ("8 p.m. yesterday", None), ("March 3", None), ("a year ago", None),
        ("three weeks", "P3W"), ("the weekend", None),
    ]  # fmt: skip


def test_a_document_without_a_date_says_so_where_that_matters() -> None:
    def warnings(text: str, published_at: datetime | None = None) -> list[str]:
        return enrich(Article(text=text, language="en", published_at=published_at)).article.warnings

    assert warnings("The dam broke on Sunday, the mayor said.") == ["no_reference_date"]
    assert warnings("The dam broke on March 4, 2012, the mayor said.") == []
    assert warnings("The dam broke on Sunday, the mayor said.", SATURDAY) == []


@pytest.mark.parametrize(
    ("text", "zone", "first", "after"),
    [
        ("It opened on May 6, 2015.", None, "2015-05-06T00:00", "2015-05-07T00:00"),
        ("It opened on May 6, 2015.", "+02:00", "2015-05-05T22:00", "2015-05-06T22:00"),
        ("It opened on May 6, 2015.", "ET", "2015-05-06T04:00", "2015-05-07T04:00"),
        ("It opened on March 11, 2012.", "ET", "2012-03-11T05:00", "2012-03-12T04:00"),  # the clocks went forward
        ("It opened on May 6, 2015.", "GMT-05:30", "2015-05-06T05:30", "2015-05-07T05:30"),
        ("It opened in May 2015.", None, "2015-05-01T00:00", "2015-06-01T00:00"),
        ("In the third quarter of 2011 it grew.", "CET", "2011-06-30T23:00", "2011-09-30T23:00"),
        ("It opened in the summer of 2011.", None, "2011-06-01T00:00", "2011-09-01T00:00"),
        ("It opened in the winter of 2011.", None, "2011-12-01T00:00", "2012-03-01T00:00"),
        ("It grew between 2008 and 2010 in Kent.", None, "2008-01-01T00:00", "2011-01-01T00:00"),
        ("It grew from March 3 to 5 in Kent.", None, "2012-03-03T00:00", "2012-03-06T00:00"),
        ("Music of the 1990s.", None, "1990-01-01T00:00", "2000-01-01T00:00"),
        ("It opens next week.", None, "2012-03-12T00:00", "2012-03-19T00:00"),
        ("It rained over the weekend.", None, "2012-03-03T00:00", "2012-03-05T00:00"),
        ("It fell last night.", None, "2012-03-09T18:00", "2012-03-10T06:00"),
        ("It fell at 11:40 p.m. on Friday.", "-05:00", "2012-03-10T04:40", "2012-03-10T04:41"),
        ("It fell at 11:40 GMT on Friday.", "-05:00", "2012-03-09T11:40", "2012-03-09T11:41"),
    ],
)  # fmt: skip
def test_what_a_date_covers(text: str, zone: str | None, first: str, after: str) -> None:
    article = Article(text=text, language="en", published_zone=zone)
    found = dates.STAGE.run(Reading(article, SATURDAY))[0]
    assert (f"{found.from_:%Y-%m-%dT%H:%M}", f"{found.to:%Y-%m-%dT%H:%M}") == (first, after)
    assert found.from_.utcoffset() == found.to.utcoffset() == timedelta(0)


def test_what_has_no_place_in_the_calendar_has_no_interval() -> None:
    text = "It was closed for three weeks, recently, every Monday, and on Friday."
    found = dates.STAGE.run(Reading(Article(text=text, language="en")))
    assert [(each.kind, each.from_, each.to) for each in found] == [
        ("duration", None, None), ("reference", None, None), ("set", None, None), ("date", None, None),
    ]  # fmt: skip


def test_a_season_of_the_south_is_not_taken_for_one_of_the_north() -> None:
    dateline = Dateline(places=["Sydney"], credit=None, text="SYDNEY", start=0, end=6)
    article = Article(text="SYDNEY - It opened in the summer of 2011.", language="en", dateline=dateline)
    [found] = dates.STAGE.run(Reading(article, SATURDAY))
    assert (found.value, found.from_) == ("2011-SU", None)


def test_relative_dates_count_from_the_day_where_the_document_was_published() -> None:
    late = datetime(2012, 3, 11, 3, 30, tzinfo=UTC)  # still Saturday in New York
    article = Article(text="It fell on Saturday, and yesterday.", language="en", published_at=late, published_zone="ET")
    assert [each.value for each in dates.STAGE.run(Reading(article, late))] == ["2012-03-10", "2012-03-09"]


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
        ("Am Freitag beginnt in Kiel die Messe.", "de", "Freitag", "2012-03-16"),
        ("Die Messe beginnt am Freitag.", "de", "Freitag", "2012-03-16"),
        ("Am Montag treffen sich die Minister.", "de", "Montag", "2012-03-12"),
        ("Der Rat will am Montag entscheiden.", "de", "Montag", "2012-03-12"),
        ("Am Freitag sagte der Bürgermeister ab.", "de", "Freitag", "2012-03-09"),
        ("Am Freitag trat der Bürgermeister zurück.", "de", "Freitag", "2012-03-09"),
        ("Am Freitag hat der Rat entschieden.", "de", "Freitag", "2012-03-09"),
        ("Das Museum wurde eröffnet am Freitag.", "de", "Freitag", "2012-03-09"),
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


def test_the_day_itself_is_no_day_of_next_week() -> None:
    found = kinds("The knee will be looked at on Thursday.")  # a Thursday
    assert [each[1] for each in found] == ["1989-11-02"]


def test_a_figure_of_a_table_is_no_length_of_the_next_heading() -> None:
    assert kinds("Avg shrs 131,600,000 vs 134,300,000 Year Shr 4.35 vs 1.73") == []


@pytest.mark.parametrize(
    "text",
    [
        "Nineteen people sailed.",
        "Two thousand people came.",
        "The Daily Wire was sold.",
        "Three-quarters of them voted.",
        "He was man of the year-long event.",
        "The 2099 g model was the heaviest, and the board weighs 1910 grams.",
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
