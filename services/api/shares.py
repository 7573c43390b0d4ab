"""Each sender's share of the interactive queue, as this process knows it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.records import Beyond
from services.settings import Settings
from services.store import shares
from services.store.setup import DOCUMENTS

COUNTED_SECONDS = 2.0
AGAIN_SECONDS = 0.25
MOST_KNOWN = 10_000


@dataclass(slots=True)
class _Known:
    waiting: int = 0
    counted_at: float = float("-inf")  # time.monotonic()


class Shares:
    """Interactive documents that wait, by key and by collection: counted in MongoDB, and in between by what comes here.

    A count is made again after ``COUNTED_SECONDS``, because other processes take documents in as well, and after
    ``AGAIN_SECONDS`` where the share seems to be used up, because workers take documents away. So each process lets no
    more than a share in before it counts, and nobody is held back for what is done already.
    """

    def __init__(self, db: AsyncDatabase[dict[str, Any]], settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._known: dict[shares.Share, _Known] = {}

    async def take(self, key: str | None, collection: str, documents: int) -> tuple[int, Beyond | None]:
        """Return how many of so many documents are interactive, and whose share the others are beyond."""
        found = shares.of(key, collection, self._settings)
        known = [await self._counted(share, documents) for share in found]
        left = [(share.most - one.waiting, share) for share, one in zip(found, known, strict=True)]
        room, whose = shares.narrowest(left)
        taken = min(room, documents)
        for one in known:
            one.waiting += taken
        return taken, whose if taken < documents else None

    async def _counted(self, share: shares.Share, documents: int) -> _Known:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        known = self._known.setdefault(share, _Known())
        age = time.monotonic() - known.counted_at
        if age > COUNTED_SECONDS or (age > AGAIN_SECONDS and known.waiting + documents > share.most):
            known.counted_at = time.monotonic()  # others go on with what is known
            before = known.waiting
            counted = await self._db[DOCUMENTS].count_documents(share.waiting, limit=share.most)
            known.waiting += counted - before  # what came meanwhile stays counted
        return known
