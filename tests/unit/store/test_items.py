"""The order of versions, what a kill withdraws, and what a key sees, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from bson import ObjectId

from services.store import shown
from services.store.items import in_order, key_of, standings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
OTHER_SCOPES = ("read", "write", "admin", "metrics")


def version(number: int, stated: str | None = None, status: str = "usable", **more: Any) -> dict[str, Any]:
    """Return a record whose ``_id`` grows with ``number``, the order of arrival."""
    return {
        "_id": ObjectId(f"{number:024x}"),
        "source": {"collection": "wires"},
        "wire": {"provider": "Coast", "guid": "urn:tide", "version": stated, "pub_status": status},
        **more,
    }


def ids(records: Any) -> list[int]:
    return [int(str(one.id), 16) for one in in_order(records)]


def withdrawn(records: Any) -> set[int]:
    return {int(str(id), 16) for id, item in standings(records).items() if item and item["withdrawn"]}


def test_versions_are_in_the_order_of_their_numbers_and_not_of_arrival() -> None:
    assert ids([version(1, "10"), version(2, "9"), version(3, "2")]) == [3, 2, 1]


def test_versions_without_numbers_are_in_order_of_the_time_that_they_state() -> None:
    later = version(1, "final", published_at=NOON, updated_at=NOON + timedelta(hours=1))
    assert ids([later, version(2, "first", published_at=NOON)]) == [2, 1]


def test_versions_without_numbers_and_times_are_in_order_of_arrival() -> None:
    assert ids([version(2, "b", published_at=NOON), version(1, "c")]) == [1, 2]


def test_each_version_names_the_next() -> None:
    found = standings([version(1, "1"), version(2, "3"), version(3, "2")])
    following = {int(str(id), 16): item and int(item["superseded_by"] or "0", 16) for id, item in found.items()}
    assert following == {1: 3, 3: 2, 2: None}


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_a_kill_withdraws_itself_and_what_came_before_in_any_order_of_arrival(status: str) -> None:
    for first, second, kill, again in permutations(range(1, 5)):
        records = [version(first, "1"), version(second, "2"), version(kill, "3", status), version(again, "4")]
        assert withdrawn(records) == {first, second, kill}


def test_a_kill_without_a_version_withdraws_what_is_not_known_to_be_later() -> None:
    kill = version(1, None, "canceled", published_at=NOON)
    after = version(3, "3", published_at=NOON + timedelta(minutes=1))
    assert withdrawn([kill, version(2, "2", published_at=NOON), version(4, "1"), after]) == {1, 2, 4}


def test_a_kill_with_the_number_of_what_it_kills_withdraws_it() -> None:
    assert withdrawn([version(1, "1", "canceled"), version(2, "1")]) == {1, 2}


def test_what_is_withdrawn_says_by_which_document_and_keeps_its_time() -> None:
    told = {"superseded_by": None, "withdrawn": {"by": str(ObjectId(f"{2:024x}")), "at": NOON}}
    found = standings([version(1, "1", item=told), version(2, "2", "canceled")])
    assert found[ObjectId(f"{1:024x}")]["withdrawn"] == told["withdrawn"]  # type: ignore[index]


def test_what_an_erased_document_withdrew_stays_withdrawn() -> None:
    told = {"superseded_by": None, "withdrawn": {"by": None, "at": NOON}}
    assert withdrawn([version(1, "1", item=told), version(2, "2")]) == {1}


def test_a_single_version_says_nothing_and_a_kill_without_an_item_withdraws_itself() -> None:
    assert standings([version(1)]) == {ObjectId(f"{1:024x}"): None}
    kill = {"_id": ObjectId(), "source": {"collection": "wires"}, "wire": {"pub_status": "canceled"}}
    assert key_of(kill) is None
    assert standings([kill])[kill["_id"]]["withdrawn"]["by"] == str(kill["_id"])  # type: ignore[index]


def test_a_kill_that_is_a_message_to_editors_stays_in_sight() -> None:
    telex = {
        "_id": ObjectId(),
        "format": "anpa-1312",
        "source": {"collection": "wires"},
        "wire": {"pub_status": "canceled"},
    }
    assert standings([telex]) == {telex["_id"]: None}


def test_a_key_without_the_scope_is_told_of_an_embargo_and_no_word_of_the_text() -> None:
    record = version(1, status="embargoed") | {"status": "done", "text": "Secret.", "title": "Secret"}
    record["wire"]["embargoed_until"] = datetime.now(UTC) + timedelta(days=1)
    why = shown.withheld(record, OTHER_SCOPES)
    assert why is not None and why["reason"] == "embargoed" and "do not publish" in why["message"]
    assert "Secret" not in str(shown.told(record, why))
    assert shown.withheld(record, (*OTHER_SCOPES, "embargoed")) is None


def test_an_embargo_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    record = version(1) | {"wire": {"embargoed_until": NOON}}
    monkeypatch.setattr(shown, "now", lambda: NOON - timedelta(seconds=1))
    assert shown.withheld(record, OTHER_SCOPES)
    assert shown.shown(OTHER_SCOPES)["$nor"][0] == {"wire.embargoed_until": {"$gt": NOON - timedelta(seconds=1)}}
    monkeypatch.setattr(shown, "now", lambda: NOON)
    assert shown.withheld(record, OTHER_SCOPES) is None


def test_an_embargo_without_a_time_has_no_end() -> None:
    assert shown.withheld({"wire": {"pub_status": "embargoed", "embargoed_until": None}}, OTHER_SCOPES)


def test_what_was_withdrawn_is_not_shown_under_embargo_either() -> None:
    record = version(1) | {"item": {"withdrawn": {"by": None, "at": NOON}}}
    assert shown.withheld(record, (*OTHER_SCOPES, "embargoed"))["reason"] == "withdrawn"  # type: ignore[index]
    assert shown.withheld(record, (*OTHER_SCOPES, "withdrawn")) is None
