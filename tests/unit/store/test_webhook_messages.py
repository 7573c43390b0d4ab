"""Messages of webhooks: what they say about a document, and that they say it once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from bson import ObjectId

from services.store.webhooks import KEPT, PAUSES_SECONDS, _message

HOOK = {"_id": ObjectId("665f1f77bcf86cd799439011")}
DONE = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "_id": ObjectId("665f1f77bcf86cd799439022"),
    "status": "done",
    "title": "Hafen „leer“",
    "source": {"collection": "wire", "external_id": "u:1", "batch": None, "metadata": {"desk": "private"}},
    "story": {"id": "s1"},
    "processing": {"finished_at": DONE, "lease": {"token": "hidden"}},
}


def test_looking_twice_makes_the_same_message_and_a_second_run_another() -> None:
    now = datetime(2024, 5, 6, 8, tzinfo=UTC)
    first, again = _message(HOOK, RECORD, now), _message(HOOK, RECORD, now + timedelta(minutes=1))
    assert first["_id"] == again["_id"]
    later = {**RECORD, "processing": {"finished_at": DONE + timedelta(milliseconds=1)}}
    assert _message(HOOK, later, now)["_id"] != first["_id"]
    assert _message({"_id": ObjectId()}, RECORD, now)["_id"] != first["_id"]


def test_a_message_says_what_became_of_it_and_nothing_that_the_receiver_must_ask_for() -> None:
    body = _message(HOOK, RECORD, DONE)["body"]
    assert body["type"] == "document.done" and body["timestamp"] == "2024-05-06T07:08:09.123000+00:00"
    assert body["data"] == {
        "id": "665f1f77bcf86cd799439022", "url": "/v1/documents/665f1f77bcf86cd799439022", "status": "done",
        "title": "Hafen „leer“", "collection": "wire", "external_id": "u:1", "batch": None, "story": "s1", "error": None,
    }  # fmt: skip
    assert "hidden" not in json.dumps(body) and "private" not in json.dumps(body)


def test_a_withdrawal_is_a_message_of_its_own_and_names_the_item() -> None:
    taken_back = {"by": "665f1f77bcf86cd799439033", "at": DONE}
    record = {**RECORD, "item": {"withdrawn": taken_back}, "wire": {"provider": "Coast Wire", "guid": "urn:tide"}}
    message = _message(HOOK, record, DONE, withdrawn=True)
    assert message["_id"] != _message(HOOK, record, DONE)["_id"]
    assert message["body"]["type"] == "document.withdrawn"
    told = message["body"]["data"]
    assert (told["withdrawn_by"], told["provider"], told["guid"]) == (taken_back["by"], "Coast Wire", "urn:tide")


def test_a_failure_says_why() -> None:
    failed = {**RECORD, "status": "failed", "story": None, "title": None}
    failed["error"] = {"code": "poison", "message": "The worker died.", "stage": "parse", "attempts": 3}
    data = _message(HOOK, failed, DONE)["body"]["data"]
    assert data["error"] == {"code": "poison", "message": "The worker died."}
    assert data["story"] is None


def test_tries_are_further_and_further_apart_and_end_before_the_message_goes() -> None:
    assert all(one < other for one, other in pairwise(PAUSES_SECONDS))
    assert [*accumulate(PAUSES_SECONDS)][-1] * 1.2 < KEPT.total_seconds()
