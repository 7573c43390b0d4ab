"""Filters that people send: MongoDB's query language, less what runs code or reads other collections."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

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
_VALUES = (str, int, float, bool, datetime, ObjectId, Decimal128, Int64, Regex, type(None))


class WrongFilter(ValueError):
    """The filter is not one that may be sent; the message is one line that says why."""


def read_filter(given: dict[str, Any]) -> dict[str, Any]:
    """The filter from MongoDB's Extended JSON (`{"$oid": …}`, `{"$date": …}`). Raises WrongFilter."""
    try:
        found = json_util.loads(json.dumps(given))
    except (ValueError, TypeError, KeyError, ArithmeticError, BSONError) as error:
        raise WrongFilter(f"a value of the filter cannot be read: {str(error).partition('\n')[0]}") from None
    if not isinstance(found, dict):
        raise WrongFilter('a filter names fields: {"status": "failed"}')
    _check(found, 0)
    return found


def _check(node: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise WrongFilter(f"the filter is nested more than {DEEPEST} deep")
    if isinstance(node, dict):
        for name, value in node.items():
            if name.startswith("$") and name not in OPERATORS:
                raise WrongFilter(f"{name} may not stand in a filter; these may: {' '.join(sorted(OPERATORS))}")
            _check(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            _check(value, depth + 1)
    elif type(node) not in _VALUES:  # Code is a str, and not meant
        raise WrongFilter(f"{type(node).__name__} may not stand in a filter")
