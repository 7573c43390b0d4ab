"""How the growing collections are divided among the shards of a cluster; docs/scaling-mongodb.md explains each key."""

from __future__ import annotations

from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from services.store.setup import DOCUMENTS, RAW, RAW_LARGE

KEYS: dict[str, dict[str, Any]] = {
    DOCUMENTS: {"source.collection": 1, "raw.sha256": 1},
    RAW: {"_id": "hashed"},
    f"{RAW_LARGE}.files": {"_id": "hashed"},
    f"{RAW_LARGE}.chunks": {"files_id": "hashed"},
    "story_index": {"_id": "hashed"},
}
"""Shard keys. All other collections are small or short-lived and stay on the database's primary shard."""


class NoCluster(ValueError):
    """The server is not a mongos."""


def shard(db: Database[dict[str, Any]]) -> None:
    """Shard the collections that `set_up` created by `KEYS`. Safe to repeat. Raises NoCluster, and PyMongoError if the
    user lacks the rights or a collection is sharded by another key.
    """
    admin = db.client.admin
    if admin.command("hello").get("msg") != "isdbgrid":
        raise NoCluster(
            "this server is not a mongos, so there are no shards: name one in COPYDESK_MONGO_URL, or leave out --shard"
        )
    for name, key in KEYS.items():
        if "hashed" in key.values():  # the index for `documents` is `bytes_once`
            db[name].create_indexes([IndexModel(list(key.items()))])
        admin.command("shardCollection", f"{db.name}.{name}", key=key)
