"""The client's models of the record: generated from the service's, and able to read what the API answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

import copydesk_client
from clients import generate
from services import records


def test_they_are_what_the_service_has_today(tmp_path: Path) -> None:
    generate.write(tmp_path)
    for file in tmp_path.iterdir():
        assert (generate.CLIENT / file.name).read_text() == file.read_text(), "run `make client`"


def answered() -> str:
    """Return a record as the API answers it."""
    record = records.Record(
        status=records.Status.DONE,
        title="Ferry order",
        raw=records.Raw(sha256="0" * 64, size_bytes=3),
        source=records.Source(received_at=datetime(2026, 3, 1, tzinfo=UTC)),
        text="The yard got $2.40 on Monday.",
        money=[records.Money(text="$2.40", start=13, end=18, amount=Decimal("2.40"), currency="USD")],
        dates=[records.DateMention(text="Monday", start=22, end=28, value="2026-02-23", from_=datetime(2026, 2, 23, tzinfo=UTC))],
    )  # fmt: skip
    return json.dumps({"id": "65e000000000000000000000", **json.loads(record.model_dump_json())})


def test_a_record_is_read_and_written_without_loss() -> None:
    read = copydesk_client.Record.model_validate_json(answered())
    assert (read.money[0].amount, read.dates[0].from_) == (Decimal("2.40"), datetime(2026, 2, 23, tzinfo=UTC))
    assert str(read.money[0].amount) == "2.40"
    assert json.loads(read.model_dump_json()) == json.loads(answered())


def test_fields_of_a_later_version_are_passed_over_and_missing_ones_are_refused() -> None:
    later = {**json.loads(answered()), "weather": {"sky": "grey"}}
    assert copydesk_client.Record.model_validate(later).title == "Ferry order"
    with pytest.raises(ValidationError, match="status"):
        copydesk_client.Record.model_validate({"id": "65e000000000000000000000", "title": "Only this was asked for"})
