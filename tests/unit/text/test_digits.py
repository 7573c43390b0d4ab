"""Digits of any script are replaced, and the offsets of the text are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.digits import fold_digits


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("$۱.۶ billion", "$1.6 billion"),
        ("٣٫٥", "3.5"),
        ("١٬٠٠٠", "1,000"),
        ("१२ मई", "12 मई"),
        ("𝟐𝟎𝟐𝟒", "2024"),
        ("10² Ⅳ ½ ①", "10² Ⅳ ½ ①"),
    ],
    ids=["Persian", "Arabic point", "Arabic thousands", "Devanagari", "beyond 16 bits", "no decimal digits"],
)
def test_decimal_digits_are_folded_and_no_others(text: str, folded: str) -> None:
    assert fold_digits(text) == folded


@given(st.text())
def test_offsets_are_kept(text: str) -> None:
    assert len(fold_digits(text)) == len(text)
