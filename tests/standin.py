"""SecantusDB, where it stands in for MongoDB and stops answering.

It does so now and then: all its threads then wait for room in WiredTiger's cache, for good. A test that fails meanwhile
says nothing of Copydesk, so the server is killed and started again on its files, and the test is run once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.store import server

ASKED = 3  # times, as long as the client waits each


class StandIn:
    """``start_anew`` kills the server of ``db`` and starts it on its files."""

    def __init__(self, db: Database[dict[str, Any]], start_anew: Callable[[], object]) -> None:
        self.server = server.ask(db)
        self._db = db
        self._start_anew = start_anew

    def had_stopped(self) -> bool:
        """Whether it did not answer; it does again afterwards. Never of a mongod."""
        if self.server.name != "SecantusDB" or self._answers():
            return False
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
