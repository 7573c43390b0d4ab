"""Determine which shards a command goes to, from its filter, because there is no mongos here."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from services.store.sharding import KEYS

Doc = dict[str, Any]


class Route(StrEnum):
    """What a mongos does with a command."""

    ONE = "one shard"
    SOME = "the shards of these ids"
    COLLECTION = "the shards of this collection"
    ID = "all shards, by `_id`"
    ALL = "all shards"


def route(collection: str, query: Doc) -> Route:
    """Return the route of a find, an update, a delete, or an aggregation that begins with this filter.

    A filter on a prefix of a shard key that is not hashed also limits the shards.
    """
    key = KEYS[collection]
    fixed = dict(_fixed(query))
    if all(fixed.get(field) == 1 for field in key):
        return Route.ONE
    first = next(iter(key))
    if first not in fixed:
        return Route.ID if "_id" in fixed else Route.ALL
    return Route.SOME if "hashed" in key.values() else Route.COLLECTION


def _fixed(query: Doc) -> Iterator[tuple[str, int]]:
    """Yield the fields that the filter compares for equality, with the number of values."""
    for name, wanted in query.items():
        if name == "$and":
            for part in wanted:
                yield from _fixed(part)
        elif name.startswith("$"):
            continue
        elif (
            not isinstance(wanted, dict) or not any(operator.startswith("$") for operator in wanted) or "$eq" in wanted
        ):
            yield name, 1
        elif "$in" in wanted:
            yield name, len(wanted["$in"])


def of_command(name: str, command: Doc) -> Iterator[tuple[str, Route]]:
    """Yield where the statements of a command go, each with its collection; none for collections that are not
    sharded."""
    collection = command.get(name)
    if not isinstance(collection, str) or collection not in KEYS:
        return
    if name == "insert":
        for _ in command["documents"]:
            yield collection, Route.ONE  # a document contains its shard key
    elif name in ("update", "delete"):
        for statement in command[f"{name}s"]:
            yield collection, route(collection, statement["q"])
    elif name == "findAndModify":
        yield collection, route(collection, command["query"])
    elif name == "aggregate":
        first = command["pipeline"][0] if command["pipeline"] else {}
        yield collection, route(collection, first.get("$match", {}))
        for join in (stage["$lookup"] for stage in command["pipeline"] if "$lookup" in stage):
            if join["from"] in KEYS:
                yield join["from"], route(join["from"], {join["foreignField"]: 1})
    elif name == "find":
        yield collection, route(collection, command.get("filter", {}))
    elif name in ("distinct", "count"):
        yield collection, route(collection, command.get("query", {}))
