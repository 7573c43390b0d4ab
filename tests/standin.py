"""SecantusDB, where it stands in for MongoDB and stops answering.

It does so now and then: all its threads then wait for room in WiredTiger's cache, for good. A test that fails meanwhile
says nothing of Copydesk, so the server is killed and started again on its files, and the test is run once more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.store import server

ASKED = 3  # times, as long as the client waits each


class StandIn:
    """``started_anew`` holds a line for each time."""

    def __init__(self, db: Database[dict[str, Any]], start_anew: Callable[[], object]) -> None:
        self.name = str(server.ask(db))
        self.started_anew: list[str] = []
        self._db = db
        self._start_anew = start_anew

    def had_stopped(self) -> bool:
        """Whether it did not answer; it does again afterwards. Never of a mongod."""
        if not self.name.startswith("SecantusDB") or self._answers():
            return False
        self.started_anew.append(f"{self.name} stopped answering and was started anew at {datetime.now(UTC):%H:%M:%S}")
        self._start_anew()
        return self._answers()

    def _answers(self) -> bool:
        for _ in range(ASKED):
            try:
                self._db.list_collection_names()
            except PyMongoError:
                continue
            return True
        return False
