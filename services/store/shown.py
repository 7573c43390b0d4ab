"""What may be shown to whom: the one condition in every query of documents for readers, and the same of one record.

Nothing has to run when an embargo ends: a query compares with the present time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Literal

Doc = dict[str, Any]

EMBARGOED: Literal["embargoed"] = "embargoed"
WITHDRAWN: Literal["withdrawn"] = "withdrawn"
"""Scopes of keys that see what others do not."""

_TOLD = {
    "source": ("collection", "received_at", "external_id", "batch"),
    "wire": ("provider", "guid", "version", "pub_status", "embargoed_until"),
}
"""What is told of a document that may not be shown."""

_HELD: Doc = {"$gt": [{"$toLong": "$wire.embargoed_until"}, {"$toLong": "$$NOW"}]}
# as numbers: SecantusDB 0.7.0b3 takes no date for later than $$NOW
VIEW: list[Doc] = [
    {"$match": {"item.withdrawn": None}},
    {"$match": {"$expr": {"$not": [_HELD]}}},
    {"$match": {"$nor": [{"wire.pub_status": EMBARGOED, "wire.embargoed_until": None}]}},
]
"""`shown` to a key without a scope for more, as stages that a view of MongoDB can hold."""


def now() -> datetime:
    """Return the time that embargoes are compared with."""
    return datetime.now(UTC)


def shown(scopes: Collection[str], *, withdrawn: bool = False) -> Doc:
    """Return the condition for documents that a key with these scopes is shown.

    ``withdrawn``: also what was withdrawn; whether the key may see that has been checked.
    """
    found: Doc = {} if withdrawn else {"item.withdrawn": None}
    if EMBARGOED not in scopes:
        # an embargo without a time ends with a new version
        endless = {"wire.pub_status": EMBARGOED, "wire.embargoed_until": None}
        found["$nor"] = [{"wire.embargoed_until": {"$gt": now()}}, endless]
    return found


def embargoed(record: Doc) -> bool:
    """Whether a record is under embargo now."""
    wire = record.get("wire") or {}
    until = wire.get("embargoed_until")
    return until > now() if until else wire.get("pub_status") == EMBARGOED


def withheld(record: Doc, scopes: Collection[str]) -> Doc | None:
    """Return why a record is not shown to a key with these scopes, ``{reason, …, message}``; None where it is shown.

    A key with the scope ``withdrawn`` that names a document is shown it.
    """
    taken_back = (record.get("item") or {}).get("withdrawn")
    if taken_back and WITHDRAWN not in scopes:
        message = "its provider withdrew it: do not publish it; a key with the scope 'withdrawn' reads it"
        return {"reason": WITHDRAWN, "by": taken_back["by"], "at": taken_back["at"], "message": message}
    if embargoed(record) and EMBARGOED not in scopes:
        message = "it is under embargo: do not publish it before its time; a key with the scope 'embargoed' reads it"
        return {"reason": EMBARGOED, "until": record["wire"].get("embargoed_until"), "message": message}
    return None


def told(record: Doc, why: Doc) -> Doc:
    """Return what is told of a record that is not shown: its state, where it is from, and why, as ``hidden``."""
    parts = {
        part: {name: value for name, value in record[part].items() if name in names}
        for part, names in _TOLD.items()
        if record.get(part)
    }
    return {"_id": record["_id"], "status": record["status"], "hidden": why, **parts}
