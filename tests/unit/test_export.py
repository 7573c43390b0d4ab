"""Cells of an export: a field as one value."""

from __future__ import annotations

import pytest

from services.export import cell

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
