"""Cursors: the next page begins where the last one ended, of the same search alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from services.search.cursor import Cursor, WrongCursor, digest

ID = ObjectId("665f1f77bcf86cd799439011")
SEARCH = digest("q=ferry", "sort=published")


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("received", None),
        ("published", datetime(2015, 5, 14, 9, 40, tzinfo=UTC)),
        ("published", None),
        ("relevance", 3.25),
    ],
)
def test_what_is_written_is_read(sort: Any, key: Any) -> None:
    cursor = Cursor(ID, key, ["en", None], [1.5])
    assert Cursor.read(cursor.write(SEARCH), SEARCH, sort) == cursor


@pytest.mark.parametrize("text", ["", "nonsense", "e30", "WyJhIl0", "ééé"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(WrongCursor, match="give `next` of an earlier page"):
        Cursor.read(text, SEARCH, "received")


def test_a_cursor_of_another_search_is_refused() -> None:
    with pytest.raises(WrongCursor, match="of another search"):
        Cursor.read(Cursor(ID).write(digest("q=strike")), SEARCH, "received")


def test_undated_documents_come_last_in_descending_order() -> None:
    day = datetime(2015, 5, 14, tzinfo=UTC)
    assert {"published_at": None} in Cursor(ID, day).after("published", "desc")["$or"]
    assert Cursor(ID, None).after("published", "desc") == {"published_at": None, "_id": {"$lt": ID}}
    assert {"published_at": {"$ne": None}} in Cursor(ID, None).after("published", "asc")["$or"]
