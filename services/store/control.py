"""Paused queues. The state is in MongoDB, so it outlives workers and the broker, and workers look at it before each claim.

A worker gives a message of a paused queue back as if there were nothing to do, and the sweeper publishes nothing for it: what
waits stays ``queued``, without a message, and the sweeper publishes it when the queue is resumed.
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
"""The ``_id`` of the entry: for each queue null or ``{at, name, key}``, who paused it and when; and ``resumed_at``."""


@dataclass(frozen=True, slots=True)
class State:
    """The queues that are paused, and when one was last resumed."""

    paused: frozenset[Priority] = frozenset()
    resumed_at: datetime | None = None

    def pauses(self, queue: Priority | None) -> bool:
        """Whether this queue is paused; None is one that holds documents of either priority."""
        return queue in self.paused if queue else len(self.paused) == len(Priority)

    @property
    def which(self) -> Doc:
        """The filter for documents whose queue is not paused; an older record has no priority and is interactive."""
        if not self.paused:
            return {}
        if len(self.paused) == len(Priority):
            return {"processing.priority": {"$in": []}}
        return {"processing.priority": Priority.BULK if Priority.INTERACTIVE in self.paused else {"$ne": Priority.BULK}}


def read(db: Database[Doc]) -> State:
    """Return the state now."""
    return of(db[CONTROL].find_one({"_id": QUEUES}))


def of(entry: Doc | None) -> State:
    """Return the state that an entry of ``control`` says."""
    if entry is None:
        return State()
    return State(frozenset(queue for queue in Priority if entry.get(queue)), entry.get("resumed_at"))


def pausing(queues: Collection[Priority], name: str, key: str | None) -> list[UpdateOne]:
    """Return the writes that pause these queues. Who paused one first stays written down."""
    pause = {"at": datetime.now(UTC), "name": name, "key": key}
    there = UpdateOne({"_id": QUEUES}, {"$setOnInsert": {"resumed_at": None}}, upsert=True)
    return [there, *(UpdateOne({"_id": QUEUES, queue: None}, {"$set": {queue: pause}}) for queue in queues)]


def resuming(queues: Sequence[Priority]) -> list[UpdateOne]:
    """Return the writes that resume these queues; one that is not paused is left as it is."""
    now = datetime.now(UTC)
    return [
        UpdateOne({"_id": QUEUES, queue: {"$ne": None}}, {"$set": {queue: None, "resumed_at": now}}) for queue in queues
    ]
