from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.records import Article, Dateline, Place, Span
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


def sums(text: str, *, city: str | None = None, country: str | None = None, year: int | None = 1987) -> list[object]:
    """Return amount, highest amount and currency of each sum in a text of that year, which comes from that city."""
    dateline = Dateline(text=city, start=0, end=len(city), places=[city]) if city else None
    mentions = [Span(text=city or "", start=0, end=len(city or ""))]
    places = [Place(name=city or "", country=country, mentions=mentions)] if country else []
    published = datetime(year, 3, 1, tzinfo=UTC) if year else None
    article = Article(
        text=f"{city or ''} {text}", language="en", dateline=dateline, published_at=published, places=places
    )
    found = money.STAGE.run(Reading(article))
    return [(str(each.amount), each.amount_max and str(each.amount_max), each.currency) for each in found]


@pytest.mark.parametrize(
    ("text", "city", "country", "year", "currency"),
    [
        ("a loan of 4 billion francs", "BRUSSELS", "BE", 1987, "BEF"),
        ("a loan of 4 billion francs", "PARIS", "FR", 1987, "FRF"),
        ("an old debt of 4 billion francs", "PARIS", "FR", 2012, "FRF"),
        ("a loan of 4 billion Swiss francs", "PARIS", "FR", 1987, "CHF"),
        ("a loan of 4 billion francs", None, None, 1987, None),
        ("a loan of 4 billion marks", None, None, 1987, "DEM"),
        ("a loan of 4 billion marks", "HELSINKI", "FI", 1987, "FIM"),
        ("a bond of 55 billion lire", None, None, 1987, "ITL"),
        ("a bond of 55 billion Turkish lira", None, None, 1987, "TRL"),
        ("a bond of 55 billion Turkish lira", None, None, 2020, "TRY"),
        ("a bond of 5 mln guilders", None, None, 1987, "NLG"),
        ("a bond of 5 mln schillings", None, None, 1987, "ATS"),
        ("a bond of 5 billion pesetas", None, None, 1987, "ESP"),
        ("a bond of 5 mln Ecus", None, None, 1987, "XEU"),
        ("a bond of 5 mln Irish pounds", None, None, 1987, "IEP"),
        ("a bond of 5 mln pounds", "DUBLIN", "IE", 1987, "IEP"),
        ("a bond of 5 mln pounds", "LONDON", "GB", 1987, "GBP"),
        ("a gift of 5 mln roubles", None, None, 1987, "SUR"),
        ("a gift of 5 mln roubles", None, None, 2012, "RUB"),
        ("a bond of 5 mln Australia dlrs", None, None, 1987, "AUD"),
        ("DM 5 mln was lent", None, None, 1987, "DEM"),
    ],
)
def test_a_shared_name_is_settled_by_adjective_home_and_date(
    text: str, city: str | None, country: str | None, year: int, currency: str | None
) -> None:
    [(_, _, code)] = sums(text, city=city, country=country, year=year)
    assert code == currency


@pytest.mark.parametrize(
    ("text", "city", "country", "currencies"),
    [
        ("Shr 516 cts vs 347 cts, pre-tax 133 mln rand", "DURBAN", "ZA", {"ZAR"}),
        ("Shr 516 cts vs 347 cts", "DURBAN", "ZA", {"ZAR"}),
        ("Net 3 mln guilders, or 45 cts a share", None, None, {"NLG"}),
        ("The mine earned 12 cts a share on ore at 60 dlrs a tonne", "DURBAN", "ZA", {"USD"}),
        ("a loss of 44 cts a share", "OSAKA", "JP", {"USD"}),
    ],
)
def test_a_cent_is_of_the_currency_at_hand(
    text: str, city: str | None, country: str | None, currencies: set[object]
) -> None:
    assert {each[2] for each in sums(text, city=city, country=country)} == currencies  # type: ignore[index]


def test_what_stays_open_names_its_candidates() -> None:
    [found] = money.STAGE.run(Reading(Article(text="It cost 5 million pesos.", language="en")))
    assert found.currency is None
    assert {"MXN", "ARS", "PHP"} <= set(found.candidates)


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("oil at 18 dlrs a barrel", "barrel"),
        ("18 dlrs/bbl", "barrel"),
        ("a loss of 44 cts a share", "share"),
        ("$5 per tonne", "tonne"),
        ("$5 an ounce", "ounce"),
        ("5 mln dlrs a year", "year"),
        ("a 45 cent an hour cut", "hour"),
        ("5 mln dlrs in a year", None),
    ],
)
def test_what_a_sum_is_paid_for_each_of(text: str, per: str | None) -> None:
    [found] = money.STAGE.run(Reading(Article(text=text, language="en")))
    assert found.per == per


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sold at 2,045/2,070 yen", [("2045", "2070", "JPY")]),
        ("closed at 409.40/90 dlrs", [("409.4", "409.9", "USD")]),
        ("closed at 151.05/15 yen", [("151.05", "151.15", "JPY")]),
        ("wheat at 2.92-1/2 dlrs", [("2.925", None, "USD")]),
        ("a rate of .059 cts", [("0.00059", None, "USD")]),
        ("around 1.85 marks", [("1.85", None, "DEM")]),
        ("pieces of 50,000 marks", [("50000", None, "DEM")]),
        ("gave it 20 marks", []),
        ("the full set of Model One CAD files", []),
        ("between 302p and 310p, or 3 mln stg", [("3.02", "3.1", "GBP"), ("3000000", None, "GBP")]),
        (
            "fell on March 5 to 3.4 billion dlrs from 3.9 billion dlrs",
            [("3400000000", None, "USD"), ("3900000000", None, "USD")],
        ),
    ],
)
def test_prices_and_quotations(text: str, found: list[object]) -> None:
    assert sums(text) == found


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Shr 31 cts vs 1.12 dlrs\nNet 3,120,000 vs 11.4 mln", ["0.31", "1.12", "3120000", "11400000"]),
        ("Shr 6.10 yen vs 5.20\nDiv four yen vs same\nNet 8.2 billion vs 7.1 billion", ["6.1", "5.2", "4", "8200000000", "7100000000"]),
        ("Net loss 1,200,300 vs profit 45,000\nShr loss one cent vs profit nine cts", ["1200300", "45000", "0.01", "0.09"]),
        ("Oper shr 21 cts vs eight cts\nOper net 2,410,000 vs 904,000", ["0.21", "0.08", "2410000", "904000"]),
        # shares are not sums; the text does not say whether 12.3 is millions; two currencies say nothing about a third
        # figure
        ("Shr 31 cts vs 12 cts\nAvg shrs 3,120,000 vs 3,110,000", ["0.31", "0.12"]),
        ("Shr 31 cts vs 12 cts\nNet 12.3 vs 10.1", ["0.31", "0.12"]),
        ("Shr 31 cts vs 4 stg\nNet 3,120,000 vs 2,110,000", ["0.31", "4"]),
        ("Net 3,120,000 vs 2,110,000", []),
        ("Turnover rose to 1.4 billion stg from 1.1 billion in 1985.", ["1400000000", "1100000000"]),
        ("It has 5 mln dlrs from 3 mln shares.", ["5000000"]),
    ],
)  # fmt: skip
def test_a_unit_said_once_goes_for_the_figures_beside_it(text: str, amounts: list[str]) -> None:
    assert [found[0] for found in sums(text)] == amounts


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("Shr 2-1/5 cts vs nil", [("2-1/5 cts", "0.022"), ("nil", "0")]),
        ("Shr profit nil vs loss five cts", [("nil", "0"), ("five cts", "0.05")]),
        ("Tax nil vs 4.5 mln dlrs", [("nil", "0"), ("4.5 mln dlrs", "4500000")]),
        ("Shr nil vs nil", []),
        ("The forecast is for nil growth after 4.5 mln dlrs.", [("4.5 mln dlrs", "4500000")]),
    ],
)
def test_nil_is_nought_of_the_unit_beside_it(text: str, sums: list[tuple[str, str]]) -> None:
    found = money.STAGE.run(Reading(Article(text=text, language="en")))
    assert [(each.text, str(each.amount)) for each in found] == sums
    assert {each.currency for each in found} <= {"USD"}


def test_real_estate_is_no_money_whatever_the_dateline() -> None:
    text = "It sold eight real estate firms in Ohio for 12.9 mln dlrs."
    assert sums(text, city="NEW YORK", country="US") == [("12900000", None, "USD")]
