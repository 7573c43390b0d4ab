"""The validator: MongoDB refuses what the models refuse, and records of two versions pass."""

from __future__ import annotations

from services.records import SCHEMA_VERSION, Record
from services.store.migrations import upgrade
from services.store.schema import record_schema


def test_every_field_of_the_record_is_in_the_validator() -> None:
    schema = record_schema()
    assert set(schema["properties"]) == set(Record.model_fields)
    assert "additionalProperties" not in schema, "an older and a newer worker may share the collection"


def test_sums_are_decimals_and_instants_dates() -> None:
    properties = record_schema()["properties"]
    money = properties["money"]["items"]["properties"]
    assert money["amount"] == {"bsonType": "decimal"}
    assert "date" in str(properties["published_at"])
    assert properties["wire"]["anyOf"] if "anyOf" in properties["wire"] else properties["wire"]


def test_an_older_record_is_brought_to_the_shape_of_today() -> None:
    record = {"schema_version": 1, "processing": {"models": {"en_core_web_md": "3.8.0"}}}
    found = upgrade(record, 1)
    assert found["schema_version"] == SCHEMA_VERSION
    assert found["processing"]["models"] == {"en_core_web_md": {"version": "3.8.0", "licence": None}}
    assert upgrade(found, SCHEMA_VERSION) == found
