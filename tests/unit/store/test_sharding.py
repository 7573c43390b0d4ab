"""Shard keys: MongoDB shards a collection only if its unique indexes begin with its key."""

from __future__ import annotations

import pytest

from services.store.setup import DOCUMENTS, document_indexes
from services.store.sharding import KEYS


@pytest.mark.parametrize("geo_index", [False, True])
def test_what_is_unique_is_unique_on_every_shard(geo_index: bool) -> None:
    key = list(KEYS[DOCUMENTS])
    unique = [index.document for index in document_indexes(geo_index) if index.document.get("unique")]
    assert unique
    for index in unique:
        assert list(index["key"])[: len(key)] == key, index["name"]


def test_the_key_of_documents_has_an_index_of_its_own() -> None:
    assert list(KEYS[DOCUMENTS].items()) in [list(index.document["key"].items()) for index in document_indexes(False)]
