"""Check, beside the load, whether the server itself keeps what it acknowledged.

The witness uses nothing of Copydesk but its connection. So the server is to blame for writes that the witness misses,
but not for those that only Copydesk misses.
"""

from __future__ import annotations

import threading
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

PAUSE_SECONDS = 0.03


class Witness:
    """Inserts a small document, then changes it, again and again, with the write concern of ``db``."""

    def __init__(self, db: Database[dict[str, Any]]) -> None:
        self._collection = db.drill_witness
        self._acknowledged: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def forgotten(self) -> tuple[int, int]:
        """Return how many acknowledged writes are gone, and how many there were."""
        kept = {entry["_id"]: entry["value"] for entry in self._collection.find({})}
        gone = sum(max(0, value - kept.get(id, 0)) for id, value in self._acknowledged.items())
        return gone, sum(self._acknowledged.values())

    def _work(self) -> None:
        id = 0
        while not self._over.wait(PAUSE_SECONDS):
            id += 1
            try:
                self._collection.insert_one({"_id": id, "value": 1})
                self._acknowledged[id] = 1
                self._collection.update_one({"_id": id}, {"$set": {"value": 2}})
                self._acknowledged[id] = 2
            except PyMongoError:
                continue
