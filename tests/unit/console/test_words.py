"""Values as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.localedata import locale_identifiers

from services.console import words


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"amount": Decimal("2400000000"), "currency": "USD"}, "$2,400,000,000"),
        ({"amount": Decimal("0.5"), "currency": "EUR"}, "€0.5"),
        ({"amount": Decimal("1200000000"), "amount_max": Decimal("1400000000"), "currency": "EUR"}, "€1,200,000,000 – €1,400,000,000"),
        ({"amount": Decimal(3), "currency": "CHF"}, "CHF 3"),
        ({"amount": Decimal(3), "currency": None}, "3"),
    ],
)  # fmt: skip
def test_sums(found: dict[str, object], said: str) -> None:
    assert words.money(found) == said


@pytest.mark.parametrize(
    ("code", "direction"),
    [("fa", "rtl"), ("ar-EG", "rtl"), ("he", "rtl"), ("ur", "rtl"), ("en", "ltr"), ("ru", "ltr"), ("zh-Hant", "ltr"), (None, "auto"), ("zzz", "auto")],
)  # fmt: skip
def test_direction_of_a_language(code: str | None, direction: str) -> None:
    assert words.direction(code) == direction


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "English"), ("en-US", "English (United States)"), ("zh-Hant", "Chinese (Traditional)"), ("sr-Latn-RS", "Serbian (Latin, Serbia)"), ("xx", "xx"), (None, "unknown language")],
)  # fmt: skip
def test_language_tags_of_one_language_are_told_apart(code: str | None, said: str) -> None:
    assert words.language(code) == said


def test_direction_of_every_language_that_babel_knows() -> None:
    for name in locale_identifiers():
        expected = "rtl" if Locale.parse(name).character_order == "right-to-left" else "ltr"
        assert words.direction(name.replace("_", "-")) == expected, name


def test_a_document_has_a_name_whatever_there_is_of_it() -> None:
    nothing = {"_id": "5", "title": None, "source": {"title": None}, "raw": {"filename": None}, "text": ""}
    assert words.titled(nothing) == "Document 5"
    assert words.titled({**nothing, "raw": {"filename": "a.pdf"}}) == "a.pdf"
    assert words.titled({**nothing, "text": "It began \n at night."}) == "It began at night."
    assert words.titled({**nothing, "title": "Ministers meet"}) == "Ministers meet"
