"""Paragraphs of a text."""

from __future__ import annotations

import pytest

from services.text.paragraphs import around, paragraphs, spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ships sailed.\n\nNobody was hurt.", ["Ships sailed.", "Nobody was hurt."]),
        ("One line\nand its second.\n \t\n\n  The next.\n", ["One line\nand its second.", "The next."]),
        ("\n\n \n", []),
        ("", []),
    ],
)
def test_blank_lines_separate_paragraphs(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected
    assert [text[start:end] for start, end in spans(text)] == expected


def test_the_paragraph_around_a_word() -> None:
    text = "First.\n\nShips sailed on Friday.\n\nLast."
    at = text.index("sailed")
    start, end = around(text, at, at + 6)
    assert text[start:end] == "Ships sailed on Friday."
