"""Workbooks, read back with a reader of spreadsheets."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from services import workbook

Doc = dict[str, Any]


async def paged(*pages: list[Doc]) -> AsyncIterator[list[Doc]]:
    for page in pages:
        yield page


async def collected(pages: AsyncIterator[list[Doc]], columns: list[str]) -> bytes:
    return b"".join([piece async for piece in workbook.workbook(pages, columns)])


def written(rows: list[Doc], columns: list[str]) -> Any:
    return openpyxl.load_workbook(io.BytesIO(asyncio.run(collected(paged(rows), columns))))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Ships & <tugs> 🚢", "Ships & <tugs> 🚢"),
        ("  two\n lines ", "  two\n lines "),
        ("=1+1", "'=1+1"),
        ("a\x00b\x0bc\ufffed", "abcd"),
        ("_x0041_", "_x0041_"),
        ("\ud800!", "!"),
        ("🚢" * 20_000, "🚢" * 16_382 + "…"),
        (12, 12),
        (1.5, 1.5),
        (True, True),
        (None, None),
        (["Oslo", "Busan"], "Oslo; Busan"),
    ],
)
def test_a_cell_is_what_was_written(value: object, read: object) -> None:
    sheet = written([{"title": value}], ["title"]).worksheets[0]
    found = sheet["A2"]
    assert sheet["A1"].value == "title"
    assert found.data_type != "f"
    shown = unescape(found.value) if isinstance(found.value, str) else found.value  # as Excel does
    assert shown == read


def test_amounts_are_numbers_unless_they_would_be_rounded() -> None:
    rows = [{"amount": "2400000000"}, {"amount": "-1.50"}, {"amount": "12345678901234567890"}, {"amount": "1E+9"}]
    sheet = written(rows, ["amount"]).worksheets[0]
    found = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == [2_400_000_000, -1.5, "12345678901234567890", "1E+9"]


def test_what_does_not_fit_on_a_sheet_is_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    book = written([{"n": number} for number in range(7)], ["n"])
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets] == [
        ["n", 0, 1, 2],
        ["n", 3, 4, 5],
        ["n", 6],
    ]


def test_memory_does_not_grow_with_the_rows() -> None:
    async def many(pages: int) -> AsyncIterator[list[Doc]]:
        for page in range(pages):
            yield [{"text": f"{page} {number} " + "words of a document " * 50} for number in range(100)]

    async def drain(pages: int) -> int:
        tracemalloc.start()
        async for _ in workbook.workbook(many(pages), ["text"]):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    asyncio.run(drain(2))
    assert asyncio.run(drain(60)) < 2 * asyncio.run(drain(6))
