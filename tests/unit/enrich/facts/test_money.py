from __future__ import annotations

from decimal import Decimal

import pytest

from services.records import Article, Dateline
from workers.enrich.base import Reading
from workers.enrich.facts import money


def marked(text: str, **fields: object) -> list[tuple[object, ...]]:
    article = Article(text=text, **{"language": "en", **fields})
    found = money.STAGE.run(Reading(article))
    assert all(article.text[each.start : each.end] == each.text for each in found)
    return [(each.text, each.amount, each.amount_max, each.currency) for each in found]


@pytest.mark.parametrize(
    ("text", "span", "amount", "currency"),
    [
        ("a $۱.۶ billion deal", "$۱.۶ billion", "1600000000", "USD"),
        ("It cost US$5m.", "US$5m", "5000000", "USD"),
        ("worth €1.25bn last year", "€1.25bn", "1250000000", "EUR"),
        ("a $100-million plant", "$100-million", "100000000", "USD"),
        ("The fine was $1,250.50 each.", "$1,250.50", "1250.50", "USD"),
        ("half a billion dollars in aid", "half a billion dollars", "500000000", "USD"),
        ("gave a million euros to", "a million euros", "1000000", "EUR"),
        ("three and a half million pounds sterling", "three and a half million pounds sterling", "3500000", "GBP"),
        ("two hundred and fifty thousand Iranian rials", None, "250000", "IRR"),
        ("They spent Rs 500 crore on roads.", "Rs 500 crore", "5000000000", "INR"),
        ("a ₹2 lakh crore plan", "₹2 lakh crore", "2000000000000", "INR"),
        ("500 million Kuwaiti dinars", None, "500000000", "KWD"),
        ("A$3.5 billion", "A$3.5 billion", "3500000000", "AUD"),
        ("Tk 200 million", None, "200000000", "BDT"),
        ("1 trillion yen", None, "1000000000000", "JPY"),
        ("petrol at 99 cents a litre", "99 cents", "0.99", "USD"),
        ("about 20 million tomans", "20 million tomans", "200000000", "IRR"),
        ("EUR 40 million was lent", "EUR 40 million", "40000000", "EUR"),
        ("40 million USD was lent", "40 million USD", "40000000", "USD"),
        ("a 50-million-dollar deal", "50-million-dollar", "50000000", "USD"),
        ("twenty-five dollars a head", "twenty-five dollars", "25", "USD"),
        ("300 billion South Korean won", None, "300000000000", "KRW"),
        ("£3 million", "£3 million", "3000000", "GBP"),
        ("Rs 1,50,000 was stolen", "Rs 1,50,000", "150000", "INR"),
        ("profit of 12.3 mln dlrs a year", "12.3 mln dlrs", "12300000", "USD"),
        ("SALES OF 1.5 BILLION DLRS", "1.5 BILLION DLRS", "1500000000", "USD"),
        ("lent 20 mln U.S. dlrs to it", "20 mln U.S. dlrs", "20000000", "USD"),
        ("cost Dlrs 5.2 bln in all", "Dlrs 5.2 bln", "5200000000", "USD"),
        ("a 5 dlr rise", "5 dlr", "5", "USD"),
        ("a loss of 44 cts a share", "44 cts", "0.44", "USD"),
        ("lost 34 N.Z. cts a share", "34 N.Z. cts", "0.34", "NZD"),
        ("rose 1/2 cent a bushel", "1/2 cent", "0.005", "USD"),
        ("aid of 20 mln stg", "20 mln stg", "20000000", "GBP"),
        ("worth 100 mln pounds stg", "100 mln pounds stg", "100000000", "GBP"),
        ("cost stg 20 mln", "stg 20 mln", "20000000", "GBP"),
        ("it lent HK$3 mln", "HK$3 mln", "3000000", "HKD"),
        ("sold for C$5.5 BLN", "C$5.5 BLN", "5500000000", "CAD"),
        ("some 5-1/4 billion dollars", "5-1/4 billion dollars", "5250000000", "USD"),
        ("at $5 1/4 a share", "$5 1/4", "5.25", "USD"),
        ("at $6-3/4 a share", "$6-3/4", "6.75", "USD"),
        ("a $¾ million house", "$¾ million", "750000", "USD"),
    ],
)
def test_one_sum(text: str, span: str | None, amount: str, currency: str) -> None:
    [(found, value, high, code)] = marked(text)
    assert found == (span or text)
    assert (value, high, code) == (Decimal(amount), None, currency)


@pytest.mark.parametrize(
    ("text", "span", "low", "high"),
    [
        ("between $2 million and $3 million for it", "$2 million and $3 million", "2000000", "3000000"),
        ("some $2-3 million a year", "$2-3 million", "2000000", "3000000"),
        ("$1.2m to $1.5m a year", "$1.2m to $1.5m", "1200000", "1500000"),
        ("$2 to $3 million a year", "$2 to $3 million", "2000000", "3000000"),
        ("between 10 and 20 million euros went", "10 and 20 million euros", "10000000", "20000000"),
        ("from 1-3/4 to 2-1/4 mln dlrs a year", "1-3/4 to 2-1/4 mln dlrs", "1750000", "2250000"),
    ],
)
def test_a_range_is_one_sum(text: str, span: str, low: str, high: str) -> None:
    assert [each[:3] for each in marked(text)] == [(span, Decimal(low), Decimal(high))]


@pytest.mark.parametrize(
    ("language", "text", "span", "amount", "currency"),
    [
        ("de", "Das kostet 1.200.000,50 € im Jahr.", "1.200.000,50 €", "1200000.50", "EUR"),
        ("de", "Der Bund gab 3,5 Milliarden Euro aus.", "3,5 Milliarden Euro", "3500000000", "EUR"),
        ("de", "rund 20 Mio. Euro", "20 Mio. Euro", "20000000", "EUR"),
        ("fr", "un contrat de 2,5 milliards d’euros", "2,5 milliards d’euros", "2500000000", "EUR"),
        ("fr", "il a versé 15 000 euros", "15 000 euros", "15000", "EUR"),
        ("es", "unos 300 millones de dólares", "300 millones de dólares", "300000000", "USD"),
        ("ru", "около 5 млрд рублей", "5 млрд рублей", "5000000000", "RUB"),
        ("fa", "۵۰۰ میلیون دلار", "۵۰۰ میلیون دلار", "500000000", "USD"),
        ("ar", "بقيمة ٢٠ مليون دولار", "٢٠ مليون دولار", "20000000", "USD"),
        ("ja", "予算は50億円だった", "50億円", "5000000000", "JPY"),
    ],
)
def test_other_languages(language: str, text: str, span: str, amount: str, currency: str) -> None:
    assert marked(text, language=language) == [(span, Decimal(amount), None, currency)]


def test_the_dateline_says_which_dollar() -> None:
    dateline = Dateline(text="TORONTO —", start=0, end=9, places=["TORONTO"])
    assert marked("TORONTO — It cost $5.", dateline=dateline)[0][3] == "CAD"
    assert [each[3] for each in marked("TORONTO — It cost $5 (C$7).", dateline=dateline)] == ["USD", "CAD"]


@pytest.mark.parametrize(
    "text",
    [
        "dollar-denominated debt rose 5 percent",
        "shares of $ROPE fell",
        "They lost millions of dollars.",
        "The 12 won medals in Seoul.",
        "He lost 20 pounds of weight.",
        "about 5 million people in 2011",
        "a million-dollar smile",
        "the rapper 50 Cent sang",
        "up 5 per cent",
        "an 18 ct gold ring",
        "Hartford, 06 CT",
        "billions of dlrs 5 years ago",
        "payable on 3/4/1987 dollars or not",
    ],
)
def test_not_money(text: str) -> None:
    assert marked(text) == []


def test_a_move_between_two_sums_is_two_sums() -> None:
    assert len(marked("Sales rose from $5 million to $8 million.")) == 2


@pytest.mark.parametrize(("city", "currency"), [("DAKAR", "XOF"), ("YAOUNDE", "XAF"), ("PARIS", None)])
def test_the_cfa_franc_of_the_west_and_of_the_centre(city: str, currency: str | None) -> None:
    text = f"{city} — It cost 5 billion CFA francs."
    dateline = Dateline(text=f"{city} —", start=0, end=len(city) + 2, places=[city])
    assert marked(text, dateline=dateline)[0][3] == currency


def test_a_range_in_words_and_a_rise_to_a_price() -> None:
    assert marked("It will cost four to six million dollars.")[0][1:3] == (Decimal(4_000_000), Decimal(6_000_000))
    assert [each[1:3] for each in marked("Crude rose 90 cents to $113.40 a barrel.")] == [
        (Decimal("0.9"), None),
        (Decimal("113.4"), None),
    ]
