"""Shares of the interactive queue: how many documents of one key, and of one collection, may wait in it.

Documents beyond a sender's share become bulk, so that a flood from one key does not make the others wait. Waiting
documents are counted in MongoDB, so the rule covers several API processes and the members that workers find in
archives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from services.records import Beyond, Priority, Status
from services.settings import Settings

Doc = dict[str, Any]
FIELDS = {Beyond.KEY: "source.key", Beyond.COLLECTION: "source.collection"}
"""The fields of a record that name key and collection."""
_WAITING: list[Doc] = [
    {"$match": {"status": Status.QUEUED}},  # a separate stage, so that SecantusDB uses an index; MongoDB merges the two
    {"$match": {"processing.priority": Priority.INTERACTIVE}},
]


@dataclass(frozen=True, slots=True)
class Share:
    """A share: the key or the collection ``name``, and how many of its interactive documents may wait."""

    whose: Beyond
    name: str
    most: int

    @property
    def waiting(self) -> list[Doc]:
        """Return the pipeline that counts waiting documents up to ``most``: ``{waiting}``, or nothing if none waits."""
        return [*_WAITING, {"$match": {FIELDS[self.whose]: self.name}}, {"$limit": self.most}, {"$count": "waiting"}]


def by_sender() -> list[Doc]:
    """Return the pipeline that counts the waiting documents of all senders: ``{_id: {key, collection}, waiting}``."""
    sender = {whose.value: f"${field}" for whose, field in FIELDS.items()}
    return [*_WAITING, {"$group": {"_id": sender, "waiting": {"$sum": 1}}}]


def of(key: str | None, collection: str, settings: Settings) -> list[Share]:
    """Return the shares that a document counts for. A document without a key counts for its collection, with a key's
    share."""
    if key is None:
        found = [Share(Beyond.COLLECTION, collection, settings.share_of_key)]
    else:
        found = [
            Share(Beyond.KEY, key, settings.share_of_key),
            Share(Beyond.COLLECTION, collection, settings.share_of_collection),
        ]
    return [share for share in found if share.most]


def room(db: Database[Doc], shares: list[Share]) -> tuple[int, Beyond | None]:
    """Return how many more interactive documents may wait, and which share sets this limit."""
    left = []
    for share in shares:
        found = next(iter(db["documents"].aggregate(share.waiting)), {"waiting": 0})
        left.append((share.most - int(found["waiting"]), share))
    return narrowest(left)


def narrowest(left: list[tuple[int, Share]]) -> tuple[int, Beyond | None]:
    """Return the smallest remainder of any share, and whose it is; a very large number if there is no share."""
    if not left:
        return 10**9, None
    most, share = min(left, key=lambda one: one[0])
    return max(0, most), share.whose
