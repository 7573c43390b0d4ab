"""Cells of an export: each field is one value, which no spreadsheet runs as a formula."""

from __future__ import annotations

import pytest

from services.export import cell, safe

RECORD = {
    "title": "Ships sail",
    "source": {"tags": ["port", "sea"], "metadata": {"desk": "news"}},
    "entities": [{"name": "Busan"}, {"name": "Oslo"}],
    "quotes": [{"speaker": "Solheim", "text": "Yes"}, {"speaker": None, "text": "No"}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "Ships sail"),
        ("source.tags", "port; sea"),
        ("entities", "Busan; Oslo"),
        ("quotes.speaker", "Solheim"),
        ("source.metadata", '{"desk": "news"}'),
        ("source.metadata.desk", "news"),
        ("nowhere.at.all", None),
    ],
)
def test_a_field_is_one_cell(path: str, value: object) -> None:
    assert cell(RECORD, path) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\n=1+1", "\n'=1+1"),
        (" \t\r\n+1", " \t\r\n'+1"),
        ("\u202e\ufeff=1", "\u202e\ufeff'=1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        (";=1+1", ";'=1+1"),
        ("Oslo; =1+1", "Oslo; '=1+1"),
        ("Rates\n=HYPERLINK(1)", "Rates\n'=HYPERLINK(1)"),
        ('"=1+1', "\"'=1+1"),
    ],
)
def test_what_a_spreadsheet_would_run_is_text(value: str, written: str) -> None:
    assert safe(value) == written


@pytest.mark.parametrize(
    "value", ["Ships sail", "1 + 1 = 2", "a=b", "(-5)", "well-known", "x@desk.example", "", None, -3, 1.5]
)
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert safe(value) == value


def test_a_text_of_nothing_but_separators_takes_no_long_work() -> None:
    assert len(safe(";\n" * 200_000)) == 400_000
