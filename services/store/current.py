"""Which versions the workers have: they say so here, and `reprocess` finds by it the records that are behind."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pymongo.database import Database

from services.records import Status

CURRENT = "current"
PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Current:
    """``parsers`` as in ``processing.parser``, ``stages`` exactly as ``processing.stages`` is written, in its order.

    ``models`` gives the version of each model by name.
    """

    parsers: list[str]
    stages: dict[str, str]
    models: dict[str, str]


def of(entry: dict[str, Any]) -> Current:
    """What an entry of ``CURRENT`` says; a worker of a later version may say more."""
    return Current(parsers=entry["parsers"], stages=entry["stages"], models=entry["models"])


def announce(db: Database[dict[str, Any]], now: Current) -> None:
    """Store what is current. While workers of two versions run, the most recent report wins."""
    db[CURRENT].replace_one({"_id": PIPELINE}, asdict(now), upsert=True)


def behind(now: Current) -> dict[str, Any]:
    """The filter for finished records that the code of today would make otherwise."""
    models = [{f"processing.models.{name}.version": {"$exists": True, "$ne": now.models[name]}} for name in now.models]
    return {
        "status": Status.DONE,
        "$or": [
            {"processing.parser": {"$nin": now.parsers}},
            {"processing.stages": {"$ne": now.stages}},
            *models,
        ],
    }
