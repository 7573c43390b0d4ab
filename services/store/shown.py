"""Which documents a key may see: the condition for every query of documents for readers, and the same check of one
record. Nothing has to run when an embargo ends: queries compare with the current time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Literal

Doc = dict[str, Any]

EMBARGOED: Literal["embargoed"] = "embargoed"
WITHDRAWN: Literal["withdrawn"] = "withdrawn"
"""Scopes that let a key see more documents."""

_TOLD = {
    "source": ("collection", "received_at", "external_id", "batch"),
    "wire": ("provider", "guid", "version", "pub_status", "embargoed_until"),
}
"""The fields of a hidden document that are shown."""

_HELD: Doc = {"$gt": [{"$toLong": "$wire.embargoed_until"}, {"$toLong": "$$NOW"}]}
# as numbers: in SecantusDB 0.7.0b3 no date compares as later than $$NOW
VIEW: list[Doc] = [
    {"$match": {"item.withdrawn": None}},
    {"$match": {"$expr": {"$not": [_HELD]}}},
    {"$match": {"$nor": [{"wire.pub_status": EMBARGOED, "wire.embargoed_until": None}]}},
]
"""The condition for a key without these scopes, as stages for a view in MongoDB."""


def now() -> datetime:
    """Return the time that embargoes are compared with."""
    return datetime.now(UTC)


def shown(scopes: Collection[str], *, withdrawn: bool = False) -> Doc:
    """Return the condition for documents that a key with these scopes may see. ``withdrawn`` includes withdrawn
    documents; the caller has checked that the key may see them.
    """
    found: Doc = {} if withdrawn else {"item.withdrawn": None}
    if EMBARGOED not in scopes:
        # an embargo without a time ends with a new version
        endless = {"wire.pub_status": EMBARGOED, "wire.embargoed_until": None}
        found["$nor"] = [{"wire.embargoed_until": {"$gt": now()}}, endless]
    return found


def embargoed(record: Doc) -> bool:
    """Return whether a record is under embargo now."""
    wire = record.get("wire") or {}
    until = wire.get("embargoed_until")
    return until > now() if until else wire.get("pub_status") == EMBARGOED


def withheld(record: Doc, scopes: Collection[str]) -> Doc | None:
    """Return why a record is hidden from a key with these scopes, ``{reason, …, message}``, or None if it is shown. A
    key with the scope ``withdrawn`` may see a document that it asks for by id.
    """
    taken_back = (record.get("item") or {}).get("withdrawn")
    if taken_back and WITHDRAWN not in scopes:
        message = "its provider withdrew it: do not publish it; a key with the scope 'withdrawn' can read it"
        return {"reason": WITHDRAWN, "by": taken_back["by"], "at": taken_back["at"], "message": message}
    if embargoed(record) and EMBARGOED not in scopes:
        message = "it is under embargo: do not publish it before the embargo ends; a key with the scope 'embargoed' can read it"
        return {"reason": EMBARGOED, "until": record["wire"].get("embargoed_until"), "message": message}
    return None


def told(record: Doc, why: Doc) -> Doc:
    """Return what is shown of a hidden record: its state, its source, and the reason, in ``hidden``."""
    parts = {
        part: {name: value for name, value in record[part].items() if name in names}
        for part, names in _TOLD.items()
        if record.get(part)
    }
    return {"_id": record["_id"], "status": record["status"], "hidden": why, **parts}
