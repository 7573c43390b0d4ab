"""Each sender's share of the interactive queue, as this process knows it."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.records import Beyond
from services.settings import Settings
from services.store import shares
from services.store.backlog import REFRESH_SECONDS, REFRESH_SHARE
from services.store.setup import DOCUMENTS

AGAIN_SECONDS = 0.25


class Shares:
    """Waiting interactive documents, by key and by collection: counted in MongoDB, plus those accepted here since. One
    count serves all senders. It is repeated after ``REFRESH_SECONDS``, because other processes accept documents too,
    and after ``AGAIN_SECONDS`` if a share seems to be used up, because workers finish documents. Counting takes at most
    ``REFRESH_SHARE`` of the time. So each process accepts at most one share before it counts again, and documents that
    are already done hold nobody back for long.
    """

    def __init__(self, db: AsyncDatabase[dict[str, Any]], settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._waiting: Counter[tuple[Beyond, str]] = Counter()
        self._meanwhile: Counter[tuple[Beyond, str]] = Counter()
        self._counting = False
        self._counted_at, self._pause = float("-inf"), AGAIN_SECONDS  # time.monotonic()

    async def take(self, key: str | None, collection: str, documents: int) -> tuple[int, Beyond | None]:
        """Return how many of ``count`` documents are interactive, and whose share the others exceed."""
        found = shares.of(key, collection, self._settings)
        if self._due(found, documents):
            await self._count()
        left = [(share.most - self._waiting[share.whose, share.name], share) for share in found]
        room, whose = shares.narrowest(left)
        taken = min(room, documents)
        for share in found:
            self._waiting[share.whose, share.name] += taken
            self._meanwhile[share.whose, share.name] += taken
        return taken, whose if taken < documents else None

    def _due(self, found: list[shares.Share], documents: int) -> bool:
        age = time.monotonic() - self._counted_at
        used_up = any(self._waiting[share.whose, share.name] + documents > share.most for share in found)
        return (
            bool(found) and not self._counting and age > (self._pause if used_up else max(self._pause, REFRESH_SECONDS))
        )

    async def _count(self) -> None:
        """Count again. A request that arrives during the count uses the last one, and the documents it adds stay
        counted."""
        started = time.monotonic()
        self._counting = True
        self._meanwhile.clear()
        try:
            groups = await (await self._db[DOCUMENTS].aggregate(shares.by_sender())).to_list()
            waiting = self._meanwhile.copy()
            for group in groups:
                for whose, name in group["_id"].items():
                    if name is not None:
                        waiting[Beyond(whose), name] += group["waiting"]
            self._waiting = waiting
        finally:
            self._counting = False
            self._counted_at = time.monotonic()
            self._pause = max(AGAIN_SECONDS, (self._counted_at - started) / REFRESH_SHARE)
