"""The stage versions of the workers. Workers store them here, and `reprocess` uses them to find outdated records."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pymongo.database import Database

from services.records import Status

CURRENT = "current"
PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Current:
    """The current versions: ``parsers`` as in ``processing.parser``, ``stages`` exactly as in ``processing.stages``, in
    the same order. ``models`` has the version of each model by name, ``dialects`` the names of the agencies' dialects.
    """

    parsers: list[str]
    stages: dict[str, str]
    models: dict[str, str]
    dialects: list[str] = field(default_factory=list)


def of(entry: dict[str, Any]) -> Current:
    """Read an entry of ``CURRENT``; a worker of a later version may have written more fields."""
    return Current(entry["parsers"], entry["stages"], entry["models"], entry.get("dialects", []))


def announce(db: Database[dict[str, Any]], now: Current) -> None:
    """Store the current versions. While workers of two versions run, the most recent report wins."""
    db[CURRENT].replace_one({"_id": PIPELINE}, asdict(now), upsert=True)


def behind(now: Current) -> dict[str, Any]:
    """Return the filter for finished records with a version that is not current."""
    models = [{f"processing.models.{name}.version": {"$exists": True, "$ne": now.models[name]}} for name in now.models]
    return {
        "status": Status.DONE,
        "$or": [
            {"processing.parser": {"$nin": now.parsers}},
            {"processing.stages": {"$ne": now.stages}},
            *models,
        ],
    }
