"""Restart SecantusDB if it stops answering while it stands in for MongoDB.

Now and then, all its threads wait for room in WiredTiger's cache for ever. A test that fails meanwhile says nothing
about Copydesk, so the server is killed and started again on its files, and the test is run once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.store import server

ASKED = 3  # times, as long as the client waits each


class StandIn:
    """The server. ``start_anew`` kills the server of ``db`` and starts it on its files."""

    def __init__(self, db: Database[dict[str, Any]], start_anew: Callable[[], object]) -> None:
        self.server = server.ask(db)
        self._db = db
        self._start_anew = start_anew

    def had_stopped(self) -> bool:
        """Return whether it had stopped answering and answers again after a restart; always false for a mongod."""
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
