"""A record as JSON can hold it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from bson import Int64, ObjectId

from services.api.common import not_found, plain


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (ObjectId("665f1f77bcf86cd799439011"), "665f1f77bcf86cd799439011"),
        (Decimal("2400000000.10"), "2400000000.10"),
        (datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), "2024-05-06T07:08:09Z"),
        (datetime(2024, 5, 6, 7, 8, 9, 120000, timezone(timedelta(hours=2))), "2024-05-06T05:08:09.120000Z"),
        (float("nan"), None),
        (float("-inf"), None),
        (Int64(2**63 - 1), 2**63 - 1),
        (True, True),
        (None, None),
        ("\u2028é\U0001f6a2", "\u2028é\U0001f6a2"),
    ],
)
def test_each_value_can_be_sent(value: Any, shown: Any) -> None:
    assert plain({"deep": [{"_id": value}]}) == {"deep": [{"id": shown}]}
    assert json.loads(json.dumps(plain([value]), allow_nan=False)) == [shown]


def test_names_in_metadata_are_the_senders() -> None:
    given = {"_id": 1, "id": 2, "parts": [{"_id": 3}]}
    assert plain({"_id": 4, "source": {"metadata": given}}) == {"id": 4, "source": {"metadata": given}}


def test_an_unknown_id_is_repeated_at_no_length() -> None:
    problem = not_found("x" * 10_000)
    assert problem.status == 404 and len(problem.detail) < 200
    assert "GET /v1/documents" in problem.detail
