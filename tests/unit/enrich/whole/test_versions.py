"""What makes two documents versions of one story, and what keeps them apart."""

from __future__ import annotations

import pytest

from services.store.stories import Fingerprint
from workers.enrich.whole.story import numbers, title_words
from workers.enrich.whole.versions import same

REPORT = (
    "The ferry company Havila said it lets forty sailors go in Aalesund once the dock at Vigra closes in May. "
    "Its director, Ragnhild Moe, told the union on Tuesday that orders had fallen by 31 percent since January. "
    "The union wants the town to buy the dock and to keep the crane that was built there in 1974."
)
TABLE = "Shr 21 cts vs 17 cts. Net 2,310,400 vs 1,870,200. Revs 31.4 mln vs 28.9 mln. Year shr 84 cts vs 70 cts. Net 9.1 mln vs 7.7 mln."
HELP = "The central bank gave the money market {} mln crowns of help this {}. It bought {} mln of bills in band one at 9-7/8 pct."


def alike(one: tuple[str | None, str], other: tuple[str | None, str], hours: float = 0) -> bool:
    a = Fingerprint(**numbers(one[1], one[0]), at=0)
    b = Fingerprint(**numbers(other[1], other[0]), at=hours * 3600)
    assert same(a, b, 48 * 3600) == same(b, a, 48 * 3600)
    return same(a, b, 48 * 3600) > 0


def test_a_report_and_what_it_became() -> None:
    assert alike(
        ("Havila to cut jobs", REPORT), ("Forty jobs to go at Havila", REPORT + " The town council meets on Friday.")
    )
    assert alike((None, REPORT), (None, REPORT), hours=47)
    assert not alike((None, REPORT), (None, REPORT), hours=49)


@pytest.mark.parametrize(
    "title", ["CORRECTED - TREFORD GLASS 4TH QTR NET", "RPT-TREFORD GLASS YEAR", "TREFORD GLASS <TRG> NET"]
)
def test_a_table_that_is_sent_again(title: str) -> None:
    again = TABLE.replace("9.1 mln", "9,120,000").replace("28.9", "29.0")
    assert alike(("TREFORD GLASS INC <TRG> 4TH QTR NET", TABLE), (title, again), hours=3)
    assert not alike(("TREFORD GLASS INC <TRG> 4TH QTR NET", TABLE), ("ALVORA MILLS <ALV> 4TH QTR NET", again), hours=3)


def test_one_template_with_other_figures() -> None:
    early, late = HELP.format(478, "morning", 31), HELP.format(168, "afternoon", 12)
    assert not alike(
        ("MONEY MARKET GIVEN 478 MLN CROWNS", early), ("MONEY MARKET GIVEN FURTHER 168 MLN CROWNS", late), hours=2
    )


def test_a_flash_has_its_title_alone() -> None:
    flash = ("HAVILA TO LET FORTY SAILORS GO IN AALESUND", "More soon.")
    assert alike(flash, ("Havila to let forty sailors go", REPORT), hours=1)
    assert not alike(flash, ("HAVILA TO BUY TWO FERRIES", "More soon."))
    assert not alike(("HAVILA", "More soon."), ("Havila to let forty sailors go", REPORT))


def test_words_of_a_title() -> None:
    assert title_words("The Havila Corp to cut 40 jobs") == title_words("UPDATE 2 - HAVILA CUT 40 JOBS")
    assert [word < 0 for word in title_words("Havila pays 5-1/4 pct in 1987")] == [False, False, True, False, True]
