"""Stories as agencies send them on the wire, as plain text: headline, dateline, the body broken at a column."""

from __future__ import annotations

import pytest

from workers.parse.article.dateline import is_dateline, read_dateline
from workers.parse.article.newstext import read_text

_LEAD = """The port authority said it had
settled with the dockers and that the cranes would move again
on Monday.
    It named no figure.
 Reuter
"""

DATELINES = [
    ("LEEDS, March 3 -", "Leeds"),
    ("THE HAGUE, March 9 -", "The Hague"),
    ("THE FELLS, Texas, March 9 -", "The Fells"),
    ("LEEDS, Mo. - March 9 -", "Leeds"),
    ("LEEDS Conn., March 9 -", "Leeds"),
    ("LEEDS, MINN., March 4-", "Leeds"),
    ("LEEDS, March 13, Reuter -", "Leeds"),
    ("LEEDS, Nev., Mach 4 -", "Leeds"),
    ("LEEDS, March 2O -", "Leeds"),
    ("La Paz, march 18 -", "La Paz"),
]


@pytest.mark.parametrize(("dateline", "place"), DATELINES)
def test_datelines_of_the_teletype(dateline: str, place: str) -> None:
    article = read_text(f"DOCKERS SETTLE IN HARBOR ROW\n\n    {dateline} {_LEAD}")
    assert article.title == "DOCKERS SETTLE IN HARBOR ROW"
    assert article.dateline is not None
    assert (article.dateline.text, article.dateline.places) == (dateline, [place])
    assert article.text[article.dateline.end :].startswith(" The port authority said it had settled with")


@pytest.mark.parametrize("opening", ["the port authority", "4th quarter", "<Port Authority> said it"])
def test_text_that_goes_on_small_or_with_a_sign(opening: str) -> None:
    found = read_dateline(f"Leeds, march 4 - {opening} settled with the dockers")
    assert found is not None and found.places == ["Leeds"]


def test_a_weekday_with_its_date_and_time_is_no_dateline() -> None:
    article = read_text(
        "سطح دریاچه بالا آمد\nشنبه ۱۵ مهر ۱۴۰۲ - ۱۰:۳۰\n\nارومیه - سطح آب دریاچه در ماه گذشته هفده سانتی‌متر بالا آمد، به گفته مدیر."
    )
    assert article.dateline is not None and article.dateline.places == ["ارومیه"]
    assert article.published_at is not None and f"{article.published_at:%Y-%m-%d %H:%M}" == "2023-10-07 10:30"


@pytest.mark.parametrize(("left", "right", "whole"), [("over", "dag", "overdag"), ("non", "stop", "non-stop")])
def test_a_word_broken_at_a_lines_end(left: str, right: str, whole: str) -> None:
    lines = f"LEEDS, March 3 - The port authority of the northern town said it {left}-\n{right} on Monday and then went home."
    assert whole in read_text(f"DOCKERS SETTLE IN HARBOR ROW\n\n    {lines}").text


def test_an_agency_is_no_author() -> None:
    article = read_text(f"Dockers settle\nBy Reuter\n\nLEEDS, March 3 - {_LEAD}")
    assert article.byline == []
    assert article.publisher == "Reuter"


def test_a_dash_in_prose_is_no_dateline() -> None:
    assert read_dateline("Leeds - the town on the river - has a port") is None
    assert read_dateline("Wednesday, March 4 - the day of the vote - is a holiday") is None


@pytest.mark.parametrize(
    "headline",
    [
        "SAAB-WINDERMERE WINS 15 MLN DLR BUS CONTRACT",
        "ENERGY/FOREIGN INVESTORS IN LEEDS",
        "PORT SHARES FALL AFTER WEEKEND NEWS",
        "PORT AUTHORITY SEEKS NEW FERRY SERVICE",
        "LEEDS ADDS, CANCELS WHEAT COMMITMENTS - USDA",
        "PORT SUBSIDY TO END JULY 1 - MINISTER",
        "(CORRECTED) - PORT AUTHORITY RAISES DIVIDEND",
    ],
)
def test_headlines_that_look_like_a_code_an_agency_or_a_dateline(headline: str) -> None:
    article = read_text(f"{headline}\n\n    LEEDS, March 3 - {_LEAD}")
    assert article.title == headline
    assert article.dateline is not None and article.dateline.places == ["Leeds"]


@pytest.mark.parametrize("alone", ["LEEDS, England (AP)", "LEEDS, England (AP) —", "LEEDS, March 3 -", "Leeds (CNN)"])
@pytest.mark.parametrize("title", ["", "Dockers settle in harbor row\n\n"])
def test_a_dateline_alone_on_its_line_goes_before_the_first_paragraph(alone: str, title: str) -> None:
    article = read_text(f"{title}{alone}\n\nThe port authority said it had settled.\n\nIt named no figure.")
    assert article.title == (title.strip() or None)
    assert article.dateline is not None and article.dateline.places == ["Leeds"]
    assert article.text.split("\n\n")[0].endswith("— The port authority said it had settled.")


def test_a_byline_is_no_dateline() -> None:
    assert not is_dateline("By Jane Roe (AP)")
    assert not is_dateline("Jane Roe (AP)")
    assert not is_dateline("Leeds")


def test_rows_of_figures_are_no_captions_and_days_no_credits() -> None:
    article = read_text("""PORT AUTHORITY <PRT> YEAR

    LEEDS, March 3 - Oper shr loss 31 cts vs loss 30 cts
    Oper shr profit nil vs loss eight cts
    Pay May One, 1987
    Record March 31, 1987
    NOTE: Net includes charge of 15.7 mln dlrs in both periods of
the year
 Reuter
""")
    assert not article.captions
    assert "Oper shr profit nil vs loss eight cts" in article.text
    assert "Record March 31, 1987" in article.text
    assert article.published_at is None
    assert "Reuter" not in article.text


def test_short_stories_are_joined_and_words_broken_at_their_hyphen_keep_it() -> None:
    article = read_text("""PORT AUTHORITY SEES NON-PERFORMING LOANS

    LEEDS, March 3 - The port authority has three- and five-year notes and non-
performing loans.
""")
    assert article.text == (
        "LEEDS, March 3 - The port authority has three- and five-year notes and non-performing loans."
    )


@pytest.mark.parametrize(
    "lead",
    [
        "The port authority of the northern town said on Tuesday that it would settle with the\ndockers this week.",
        "They call it the miracle port.",
        "The mayor of the northern town made a plea to the dockers on Tuesday, asking them in the\n"
        "Leeds council chamber to go back. (Ann Poe/Reuters)",
    ],
)
def test_a_first_paragraph_of_prose_is_no_title(lead: str) -> None:
    more = "The cranes of the port would move again on Monday, the authority said in a statement."
    article = read_text(f"{lead}\n{more}\n{more}")
    assert article.title is None
    assert not article.deck


def test_a_headline_may_end_in_a_full_stop() -> None:
    more = "The cranes of the port would move again on Monday, the authority said in a statement."
    assert read_text(f"Dockers settle in the harbor row.\n\n{more}").title == "Dockers settle in the harbor row."
    assert read_text(f"Dockers settle in the harbor row.\nLEEDS — {more}").title == "Dockers settle in the harbor row."
