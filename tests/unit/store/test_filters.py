"""Filters that people send: MongoDB's language without operators that run code or read other collections."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from services.store.filters import WrongFilter, read_filter


def test_extended_json_is_read() -> None:
    found = read_filter(
        {"_id": {"$oid": "665f1f77bcf86cd799439011"}, "published_at": {"$gte": {"$date": "2012-03-10T00:00:00Z"}}}
    )
    assert found["_id"] == ObjectId("665f1f77bcf86cd799439011")
    assert found["published_at"]["$gte"].replace(tzinfo=UTC) == datetime(2012, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        {"$where": "sleep(1000)"},
        {"$expr": {"$function": {"body": "x", "args": [], "lang": "js"}}},
        {"a": {"$code": "x"}},
        {"_id": {"$oid": "nonsense"}},
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"j": {"k": {"l": 1}}}}}}}}}}}},
        {"tags": {"$in": list(range(20_000))}},
        {"a\0b": 1},
        {"a": 2**80},
    ],
)
def test_what_may_not_be_sent_is_refused_in_one_line(given: dict[str, object]) -> None:
    with pytest.raises(WrongFilter) as refused:
        read_filter(given)
    assert "\n" not in str(refused.value)
