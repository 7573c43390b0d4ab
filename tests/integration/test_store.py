"""The database, as people who query it directly see it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from services.records import Money, Raw, Record, Source
from services.store import setup
from tests.conftest import make_settings
from tests.integration.conftest import Deployment


def _record() -> dict[str, object]:
    raw = Raw(sha256=ObjectId().binary.hex().ljust(64, "0"), size_bytes=1)
    record = Record(status="queued", raw=raw, source=Source(collection="store", received_at=datetime.now(UTC)))
    record.money = [Money(text="$1", start=0, end=2, amount=Decimal("1.10"), currency="USD")]
    return record.model_dump()


def test_the_validator_takes_records_and_nothing_else(deployment: Deployment) -> None:
    documents = deployment.db.documents
    id = documents.insert_one(_record()).inserted_id
    assert documents.find_one({"_id": id})["money"][0]["amount"] == Decimal("1.10")
    for field, wrong in (("status", "finished"), ("word_count", "many"), ("raw", None), ("money", [{"amount": "1"}])):
        with pytest.raises(WriteError, match="validation"):
            documents.insert_one({**_record(), field: wrong})
    documents.delete_many({"source.collection": "store"})


def test_setting_up_twice_changes_nothing(deployment: Deployment) -> None:
    before = deployment.db.documents.index_information()
    setup.set_up(deployment.db, make_settings(deployment.environment))
    assert deployment.db.documents.index_information() == before
    assert {"bytes_once", "status", "collection", "overdue", "holder"} <= before.keys()


def test_places_are_found_near_a_point(deployment: Deployment) -> None:
    record = _record() | {
        "places": [{"name": "Busan", "mentions": [], "location": {"type": "Point", "coordinates": [129.04, 35.1]}}]
    }
    id = deployment.db.documents.insert_one(record).inserted_id
    near = {"$geoWithin": {"$centerSphere": [[129.0, 35.2], 50 / 6378.1]}}
    assert deployment.db.documents.find_one({"source.collection": "store", "places.location": near})["_id"] == id
    far = {"$geoWithin": {"$centerSphere": [[0.0, 0.0], 50 / 6378.1]}}
    assert deployment.db.documents.find_one({"source.collection": "store", "places.location": far}) is None
    deployment.db.documents.delete_one({"_id": id})
