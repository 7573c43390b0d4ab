"""Filters that callers send: MongoDB's query language without the operators that run code or read other collections."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import bson
from bson import Decimal128, Int64, ObjectId, Regex, json_util
from bson.errors import BSONError

OPERATORS = frozenset(
    [
        "$and",
        "$or",
        "$nor",
        "$not",
        "$eq",
        "$ne",
        "$gt",
        "$gte",
        "$lt",
        "$lte",
        "$in",
        "$nin",
        "$exists",
        "$type",
        "$size",
        "$all",
        "$elemMatch",
        "$mod",
        "$regex",
        "$options",
    ]
)
DEEPEST = 10
LARGEST = 10_000
_VALUES = (str, int, float, bool, datetime, ObjectId, Decimal128, Int64, Regex, type(None))


class WrongFilter(ValueError):
    """The filter is not allowed; the message is one line that says why."""


def read_filter(given: dict[str, Any]) -> dict[str, Any]:
    """Return the filter from MongoDB's Extended JSON (`{"$oid": …}`, `{"$date": …}`). Raises WrongFilter."""
    try:
        found = json_util.loads(json.dumps(given))
        if not isinstance(found, dict):
            raise WrongFilter('a filter must be an object such as {"status": "failed"}')
        if _check(found, 0) > LARGEST:
            raise WrongFilter(f"the filter has more than {LARGEST} values; send it in parts")
        bson.encode(found)  # not possible in BSON: NUL in a name, half a surrogate pair, an integer over 64 bits
    except WrongFilter:
        raise
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, BSONError) as error:
        raise WrongFilter(f"a value of the filter cannot be read: {str(error).partition('\n')[0]}") from None
    return found


def mentions(found: Any, field: str) -> bool:
    """Return whether a filter uses a field or a part of it."""
    if isinstance(found, dict):
        return any(name.partition(".")[0] == field or mentions(value, field) for name, value in found.items())
    return isinstance(found, list) and any(mentions(one, field) for one in found)


def identifies(found: Any) -> bool:
    """Return whether a filter uses the ids of entities: ``entities.id``, or ``id`` within ``entities``."""
    if isinstance(found, dict):
        return any(
            name == "id"
            or (name.endswith(".id") and name.partition(".")[0] in ("entities", "uncorrected"))
            or identifies(value)
            for name, value in found.items()
        )
    return isinstance(found, list) and any(identifies(one) for one in found)


def _check(node: Any, depth: int) -> int:
    """Return the number of values. Raises WrongFilter."""
    if depth > DEEPEST:
        raise WrongFilter(f"the filter is nested more than {DEEPEST} deep")
    if isinstance(node, dict):
        for name in node:
            if name.startswith("$") and name not in OPERATORS:
                raise WrongFilter(f"{name} is not allowed in a filter; allowed are {' '.join(sorted(OPERATORS))}")
        return sum(_check(value, depth + 1) for value in node.values())
    if isinstance(node, list):
        return sum(_check(value, depth + 1) for value in node)
    if type(node) not in _VALUES:  # Code is a subclass of str, and not allowed
        raise WrongFilter(f"{type(node).__name__} is not allowed in a filter")
    return 1
