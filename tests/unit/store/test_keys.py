"""API keys: what is stored of one opens nothing, and a key reaches its collections alone."""

from __future__ import annotations

import pytest

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
