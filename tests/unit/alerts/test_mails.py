"""When a mail is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.alerts.mails import due_at

NOW = datetime(2026, 12, 31, 6, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "hour", "at"),
    [
        ("at_once", 6, NOW),
        ("hourly", 6, datetime(2026, 12, 31, 7, tzinfo=UTC)),
        ("daily", 6, datetime(2027, 1, 1, 6, tzinfo=UTC)),
        ("daily", 7, datetime(2026, 12, 31, 7, tzinfo=UTC)),
    ],
)
def test_a_digest_is_due_at_the_next_full_hour_or_the_next_such_hour(every: str, hour: int, at: datetime) -> None:
    assert due_at(every, hour, NOW) == at
