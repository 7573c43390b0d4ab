"""Steps from one ``schema_version`` of the records to the next, and back, while workers of both versions run.

A step looks at the shape of each record and not at its version number, because a worker of the older version may still
write the older shape into a newer record. It is safe to repeat: when the old workers are gone, run the last step again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.records import SCHEMA_VERSION

Doc = dict[str, Any]
SCHEMA = "schema"  # the collection that holds the version of the database; under the name of the versioned collection
DOCUMENTS = "documents"
BATCH = 500
_MISSING = object()


class WrongVersion(ValueError):
    """The database cannot be migrated to this version; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """``forward`` leads from ``version`` - 1 to ``version``, ``back`` the other way.

    Both take the value of ``field`` (dotted) and return it in the other shape, unchanged if it already has that shape.
    """

    version: int
    field: str
    forward: Callable[[Any], Any]
    back: Callable[[Any], Any]


def _with_licences(models: Any) -> Any:
    return {
        name: {"version": used, "licence": None} if isinstance(used, str) else used for name, used in models.items()
    }


def _bare_versions(models: Any) -> Any:
    return {name: used if isinstance(used, str) else used["version"] for name, used in models.items()}


STEPS = (Step(2, "processing.models", _with_licences, _bare_versions),)


def version(db: Database[Doc]) -> int:
    """Return the version of the database. A database without one is empty or has version 1, which was not stored."""
    entry = db[SCHEMA].find_one({"_id": DOCUMENTS})
    if entry is not None:
        return int(entry["version"])
    return SCHEMA_VERSION if db[DOCUMENTS].find_one({}, {"_id": 1}) is None else 1


def migrate(db: Database[Doc], to: int = SCHEMA_VERSION) -> int:
    """Migrate all records to version ``to``. Returns how many were changed. If the database has that version already,
    its step runs again. Raises WrongVersion.
    """
    now = version(db)
    if now > SCHEMA_VERSION:
        raise WrongVersion(
            f"the database has schema version {now} and this Copydesk supports {SCHEMA_VERSION}: run "
            f"`copydesk migrate --to {SCHEMA_VERSION}` with the newer version first"
        )
    if not 1 <= to <= SCHEMA_VERSION:
        raise WrongVersion(f"there is no schema version {to}; this Copydesk supports 1 to {SCHEMA_VERSION}")
    changed = 0
    first = now if to == now else now + 1
    for step in STEPS:
        if first <= step.version <= to:
            changed += _all(db, step.field, step.forward, step.version)
            _say(db, step.version)
    for step in reversed(STEPS):
        if to < step.version <= now:
            changed += _all(db, step.field, step.back, step.version - 1)
            _say(db, step.version - 1)
    _say(db, to)
    return changed


def settle(db: Database[Doc]) -> None:
    """Migrate an older database to the current version. Raises WrongVersion if it is newer."""
    if version(db) == SCHEMA_VERSION:
        _say(db, SCHEMA_VERSION)
    else:
        migrate(db)


def upgrade(record: Doc, since: int) -> Doc:
    """Change a record of version ``since`` into the current shape, in place."""
    for step in STEPS:
        *path, last = step.field.split(".")
        inside = record
        for name in path:
            inside = inside.get(name, {})
        if step.version > since and last in inside:
            inside[last] = step.forward(inside[last])
    record["schema_version"] = SCHEMA_VERSION
    return record


def _say(db: Database[Doc], version: int) -> None:
    db[SCHEMA].replace_one({"_id": DOCUMENTS}, {"version": version}, upsert=True)


def _all(db: Database[Doc], field: str, change: Callable[[Any], Any], version: int) -> int:
    """Convert in batches by ``_id``, so that no operation takes long. Records that change in between are read again."""
    documents = db[DOCUMENTS]
    shown = {"schema_version": 1, field: 1}
    changed = 0
    after: Doc = {}
    while batch := list(documents.find(after, shown).sort("_id", 1).limit(BATCH)):
        updates = [update for record in batch if (update := _update(record, field, change, version))]
        matched = documents.bulk_write(updates, ordered=False).matched_count if updates else 0
        changed += matched
        if matched == len(updates):
            after = {"_id": {"$gt": batch[-1]["_id"]}}
    return changed


def _update(record: Doc, field: str, change: Callable[[Any], Any], version: int) -> UpdateOne | None:
    value: Any = record
    for name in field.split("."):
        value = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
    fields: Doc = {} if record.get("schema_version") == version else {"schema_version": version}
    query: Doc = {"_id": record["_id"]}
    if value is not _MISSING and (new := change(value)) != value:
        fields[field] = new
        query[field] = value  # as it was read
    return UpdateOne(query, {"$set": fields}) if fields else None
