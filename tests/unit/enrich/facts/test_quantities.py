from __future__ import annotations

from decimal import Decimal

import pytest

from services.records import Article
from workers.enrich.base import Reading
from workers.enrich.facts import money, quantities


def marked(text: str) -> list[tuple[str, Decimal, str]]:
    article = Article(text=text, language="en")
    article.money = money.STAGE.run(Reading(article))
    found = quantities.STAGE.run(Reading(article))
    assert all(text[each.start : each.end] == each.text for each in found)
    return [(each.text, each.value, each.unit) for each in found]


@pytest.mark.parametrize(
    ("text", "span", "value", "unit"),
    [
        ("some 40 km north of the town", "40 km", "40", "kilometre"),
        ("Inflation rose to 7.5 percent", "7.5 percent", "7.5", "percent"),
        ("fell ۱۲% in a year", "۱۲%", "12", "percent"),
        ("pumps 1.2 million barrels per day", "1.2 million barrels per day", "1200000", "barrel/day"),
        ("twenty-five miles away", "twenty-five miles", "25", "mile"),
        ("3,000 tonnes of wheat", "3,000 tonnes", "3000", "tonne"),
        ("a 200-hectare farm", "200-hectare", "200", "hectare"),
        ("heat of 42 degrees Celsius", "42 degrees Celsius", "42", "degree Celsius"),
        ("carrying 20 pounds of explosives", "20 pounds", "20", "pound"),
        ("fell to 6-3/4 pct", "6-3/4 pct", "6.75", "percent"),
        ("some 3 1/2 miles away", "3 1/2 miles", "3.5", "mile"),
        ("a 5¼-inch disk", "5¼-inch", "5.25", "inch"),
    ],
)
def test_one_quantity(text: str, span: str, value: str, unit: str) -> None:
    assert marked(text) == [(span, Decimal(value), unit)]


@pytest.mark.parametrize("text", ["It cost $5 million.", "500 people fled", "5 million pounds were paid"])
def test_not_a_quantity(text: str) -> None:
    assert marked(text) == []
