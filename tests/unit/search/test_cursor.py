"""Cursors: the next page begins where the last one ended, and only for the same search."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from bson import ObjectId

from services.search.cursor import Cursor, WrongCursor, digest, ordering

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
    with pytest.raises(WrongCursor, match="give the `next` of an earlier page"):
        Cursor.read(text, SEARCH, "received")


def test_a_cursor_of_another_search_is_refused() -> None:
    with pytest.raises(WrongCursor, match="belongs to another search"):
        Cursor.read(Cursor(ID).write(digest("q=strike")), SEARCH, "received")


def test_undated_documents_come_last_in_descending_order() -> None:
    day = datetime(2015, 5, 14, tzinfo=UTC)
    assert {"published_at": None} in Cursor(ID, day).after("published", "desc")["$or"]
    assert Cursor(ID, None).after("published", "desc") == {"published_at": None, "_id": {"$lt": ID}}
    assert {"published_at": {"$ne": None}} in Cursor(ID, None).after("published", "asc")["$or"]


def packed(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "parts"),
    [
        ("relevance", (str(ID), 10**400, [], [])),
        ("relevance", (str(ID), None, [], [])),
        ("relevance", (str(ID), 1.5, [], [10**400])),
        ("published", (str(ID), "0001-01-01T00:00:00+14:00", [], [])),
        ("published", (str(ID), 20150514, [], [])),
        ("received", (str(ID), None, ["\ud800"], [])),
        ("received", (str(ID), None, None, [])),
        ("received", ([str(ID)], None, [], [])),
        ("received", (str(ID), None, [])),
    ],
    ids=["large score", "no score", "large idf", "before the first year", "number for a date", "half a character",
         "no languages", "list for an id", "too few"],
)  # fmt: skip
def test_a_cursor_that_somebody_made_up_is_refused_before_mongodb_is_asked(sort: Any, parts: tuple[Any, ...]) -> None:
    with pytest.raises(WrongCursor, match="give the `next` of an earlier page"):
        Cursor.read(packed(SEARCH, *parts), SEARCH, sort)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(WrongCursor):
        Cursor.read(base64.urlsafe_b64encode(b"[" * 100_000).decode(), SEARCH, "received")


def test_a_cursor_can_stand_in_an_address_as_it_is() -> None:
    written = Cursor(ID, datetime(2015, 5, 14, tzinfo=UTC), ["zh-Hant", None], [0.123456] * 20).write(SEARCH)
    assert quote(written, safe="") == written


def test_searches_differ_by_each_part() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("ab", "c", "")}) == 4


@pytest.mark.parametrize("sort", ["relevance", "published", "received"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_continuation_follows_the_order(sort: Any, order: Any) -> None:
    """A later document follows by the first key, or is equal in it and follows by the id, each in the direction of the
    sort."""
    key = {"relevance": 1.5, "published": datetime(2015, 5, 14, tzinfo=UTC), "received": None}[sort]
    way = "$gt" if order == "asc" else "$lt"
    *first, last = ordering(sort, order).items()
    assert last == ("_id", 1 if order == "asc" else -1)
    after = Cursor(ID, key).after(sort, order)
    if not first:
        assert after == {"_id": {way: ID}}
        return
    [(path, direction)] = first
    assert direction == last[1]
    assert after["$or"][:2] == [{path: {way: key}}, {path: key, "_id": {way: ID}}]
