"""API keys: what is stored of a key gives no access, and a key reaches only its collections."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.store import keys


def test_a_key_is_known_by_its_hash_alone() -> None:
    key = keys.generate()
    stored = keys.entry(key, keys.Grant(name="desk", scopes=["read"]))
    assert stored["_id"] == keys.key_id(key)
    assert key not in str(stored) and key.rpartition("_")[2] not in str(stored)
    assert keys.matches(key, stored)
    assert not keys.matches(keys.generate(), stored)


@pytest.mark.parametrize("wrong", ["", "secret", "cd_1_2", "cd_" + "g" * 12 + "_" + "0" * 64])
def test_what_has_not_the_form_of_a_key_is_none(wrong: str) -> None:
    assert keys.key_id(wrong) is None
    with pytest.raises(ValueError, match="hexadecimal"):
        keys.entry(wrong, keys.Grant(name="desk", scopes=["read"]))


def test_patterns_of_collections_reach_whole_names() -> None:
    pattern = keys.pattern(["wire-*", "a.b"])
    assert pattern.search("wire-ap") and pattern.search("a.b")
    assert not pattern.search("my-wire-ap") and not pattern.search("axb") and not pattern.search("wire")


@pytest.mark.parametrize(
    ("collections", "reached", "closed"),
    [
        (["*"], ["a", "wire.ap", "A-1_b"], []),
        (["wire"], ["wire"], ["Wire", "wires", "my-wire", "wire.ap"]),
        (["wire.*"], ["wire.ap", "wire."], ["wire", "wirexap"]),
        (["*-ap"], ["wire-ap", "-ap"], ["wire-ap-2"]),
        (["a*b*c", "d"], ["abc", "aXbYc", "d"], ["ab", "abcd", "ad"]),
    ],
)
def test_a_query_and_a_check_reach_the_same_collections(
    collections: list[str], reached: list[str], closed: list[str]
) -> None:
    """One is sent to MongoDB, the other is used before a document is stored."""
    found = keys.access(collections).get("source.collection", {"$regex": ""})
    pattern = keys.pattern(collections)
    for name in [*reached, *closed]:
        in_query = name in found["$in"] if "$in" in found else re.search(found["$regex"], name) is not None
        assert in_query is (name in reached) is (pattern.search(name) is not None), name


@pytest.mark.parametrize(
    "given",
    [
        {"name": "  "},
        {"name": "x" * 101},
        {"name": "desk", "scopes": []},
        {"name": "desk", "scopes": ["root"]},
        {"name": "desk", "collections": []},
        {"name": "desk", "collections": ["$where"]},
        {"name": "desk", "collections": ["wire\n"]},
        {"name": "desk", "expires_at": "2030-01-01T00:00:00"},
        {"name": "desk", "rate_per_minute": -1},
        {"name": "desk", "secret": "mine"},
    ],
)
def test_a_grant_that_makes_no_sense_is_none(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        keys.Grant.model_validate(given)


def test_a_key_ends_with_its_last_instant() -> None:
    end = datetime(2030, 1, 1, tzinfo=UTC)
    key = keys.shown(keys.entry(keys.generate(), keys.Grant(name="desk", expires_at=end)))
    assert key.valid(end - timedelta(microseconds=1)) and not key.valid(end)
    assert not key.model_copy(update={"revoked_at": end}).valid(end - timedelta(days=1))
    assert "hash" not in key.model_dump()


def test_keys_differ() -> None:
    made = {keys.generate() for _ in range(100)}
    assert len({keys.key_id(key) for key in made}) == 100
