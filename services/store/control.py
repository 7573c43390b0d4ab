"""Paused queues. The state is in MongoDB, so it survives restarts of workers and broker; workers check it before each
claim.

A worker drops the messages of a paused queue, and the sweeper publishes none for it: waiting documents stay ``queued``
without a message, and the sweeper publishes them when the queue is resumed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from services.records import Priority

Doc = dict[str, Any]
CONTROL = "control"
QUEUES = "queues"
"""The ``_id`` of the entry: for each queue null or ``{at, name, key}`` (who paused it and when), and ``resumed_at``."""


@dataclass(frozen=True, slots=True)
class State:
    """The queues that are paused, and when one was last resumed."""

    paused: frozenset[Priority] = frozenset()
    resumed_at: datetime | None = None

    def pauses(self, queue: Priority | None) -> bool:
        """Return whether this queue is paused; None means a queue that holds documents of both priorities."""
        return queue in self.paused if queue else len(self.paused) == len(Priority)

    @property
    def which(self) -> Doc:
        """Return the filter for documents whose queue is not paused; a record without a priority is interactive."""
        if not self.paused:
            return {}
        if len(self.paused) == len(Priority):
            return {"processing.priority": {"$in": []}}
        return {"processing.priority": Priority.BULK if Priority.INTERACTIVE in self.paused else {"$ne": Priority.BULK}}


def read(db: Database[Doc]) -> State:
    """Return the current state."""
    return of(db[CONTROL].find_one({"_id": QUEUES}))


def of(entry: Doc | None) -> State:
    """Return the state in an entry of ``control``."""
    if entry is None:
        return State()
    return State(frozenset(queue for queue in Priority if entry.get(queue)), entry.get("resumed_at"))


def pausing(queues: Collection[Priority], name: str, key: str | None) -> list[UpdateOne]:
    """Return the writes that pause these queues. The entry keeps who paused a queue first."""
    pause = {"at": datetime.now(UTC), "name": name, "key": key}
    there = UpdateOne({"_id": QUEUES}, {"$setOnInsert": {"resumed_at": None}}, upsert=True)
    return [there, *(UpdateOne({"_id": QUEUES, queue: None}, {"$set": {queue: pause}}) for queue in queues)]


def resuming(queues: Sequence[Priority]) -> list[UpdateOne]:
    """Return the writes that resume these queues; a queue that is not paused is left unchanged."""
    now = datetime.now(UTC)
    return [
        UpdateOne({"_id": QUEUES, queue: {"$ne": None}}, {"$set": {queue: None, "resumed_at": now}}) for queue in queues
    ]
