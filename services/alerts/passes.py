"""A pass: find the documents that were finished since the last one, and the saved searches that find them.

A document may be found again, since a pass begins a little before the end of the last one, and a process may die at any
point. Alerts are stored before their documents are recorded as tested, and each alert is stored only once, so a search
reports each document once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from services.alerts import mails, messages
from services.alerts.candidates import READ
from services.alerts.standing import Kept, Owner, Shelf, owners
from services.alerts.values import Values, values
from services.search import plan
from services.search.find import Finder
from services.settings import Settings
from services.store import alerts
from services.store.alerts import SEARCHES
from services.store.setup import DOCUMENTS
from services.store.webhooks import OVERLAP, seen_mark

Doc = dict[str, Any]
Pair = tuple[Kept, ObjectId]
log = structlog.get_logger()

CORRECTED = "corrections.at"
LISTED = "processing.listed_at"
TIMES = ("processing.finished_at", "wire.embargoed_until", CORRECTED, LISTED)
"""The fields with the times from which searches can report a document: the second holds for keys that may not see
embargoed documents, the third for searches that find it only after an editor's correction, the fourth if a watch list
changed while the document was being read."""
MOST_DOCUMENTS = 2000
"""Maximum number of documents in one pass; the next pass continues."""
CHUNK = 100
"""Number of documents that are tested together."""
QUESTIONS = 50
"""Number of searches that MongoDB tests in one query."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A document, and its time, by which a pass found it."""

    id: ObjectId
    at: datetime

    @property
    def mark(self) -> str:
        return f"{seen_mark(self.id)}{round(self.at.timestamp() * 1000):x}"


class Alerter:
    """Run passes in one process, and keep the searches that it has prepared."""

    def __init__(self, db: AsyncDatabase[Doc], settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._shelf = Shelf(db, Finder(db))

    async def run(self) -> int:
        """Run a pass, unless another process is running one. Returns how many alerts are new. Raises PyMongoError."""
        turn = await alerts.take_turn(self._db)
        if turn is None:
            return 0
        until = datetime.now(UTC)
        start = alerts.window_start(turn)
        entries = await self._db[SEARCHES].find({"muted": False}).to_list()
        if not entries:
            await alerts.end_turn(self._db, turn, until, [])
            return 0
        seen: set[str] = set(turn["seen"])
        new, until = await self._new(start, until, seen)
        matched, end = 0, time.monotonic() + self._settings.task_soft_seconds / 2
        for at in range(0, len(new), CHUNK):
            if time.monotonic() > end:  # the next pass continues
                new, until = new[:at], new[at - 1].at
                break
            chunk = new[at : at + CHUNK]
            try:
                found = await self._match(turn, entries, chunk)
                await alerts.advance(self._db, turn, [one.mark for one in chunk], found)
            except alerts.TurnLost:
                log.warning("alerts_turn_lost")
                return matched
            matched += found
        await mails.compose(self._db)
        again = until - OVERLAP
        kept = [mark for mark in seen if _time(mark) >= again] + [one.mark for one in new if one.at >= again]
        await alerts.end_turn(self._db, turn, until, kept)
        if matched:
            log.info("alerts", matched=matched, documents=len(new))
        return matched

    async def _new(self, start: datetime, until: datetime, seen: set[str]) -> tuple[list[Ref], datetime]:
        """Return the documents to test, in the order in which they finished, and the time up to which none is missing."""
        found: dict[str, Ref] = {}
        for path in TIMES:
            here = 0
            stages: list[Doc] = [
                {"$match": {path: {"$gte": start, "$lte": until}}},
                {"$sort": {path: 1, "_id": 1}},
                {"$project": {path: 1}},
            ]
            async for one in await self._db[DOCUMENTS].aggregate(stages):
                ref = Ref(one["_id"], max(at for at in values(one, path) if at <= until))
                if ref.mark in seen or ref.mark in found:
                    continue
                found[ref.mark] = ref
                here += 1
                if here == MOST_DOCUMENTS and path != CORRECTED:
                    until = ref.at
                    break
        return sorted((one for one in found.values() if one.at <= until), key=lambda one: one.at), until

    async def _match(self, turn: Doc, entries: Sequence[Doc], chunk: Sequence[Ref]) -> int:
        """Store the alerts about these documents. Returns how many are new. Raises alerts.TurnLost."""
        at = {one.id: one.at for one in chunk}
        records = await self._db[DOCUMENTS].find({"_id": {"$in": [*at]}}, READ).to_list()
        documents = [Values(one) for one in records]
        of = await owners(self._db, entries)
        found: list[Pair] = []
        unclear: list[tuple[Kept, Owner, list[ObjectId]]] = []
        for kept, owner in await self._shelf.prepared(entries, of, records):
            since, sight = kept.entry["since"], owner.sight(kept.search)
            tested = {one.id: kept.finds(one, sight) for one in kept.candidates(documents) if at[one.id] >= since}
            found += [(kept, id) for id, matches in tested.items() if matches]
            if ids := [id for id, matches in tested.items() if matches is None]:
                unclear.append((kept, owner, ids))
        for first in range(0, len(unclear), QUESTIONS):
            found += await self._ask(unclear[first : first + QUESTIONS])
        return await messages.store(self._db, turn, found, self._settings) if found else 0

    async def _ask(self, pairs: Sequence[tuple[Kept, Owner, list[ObjectId]]]) -> list[Pair]:
        """Return the pairs that match; MongoDB tests them with the query of the search."""
        questions = {str(at): _question(*pair) for at, pair in enumerate(pairs)}
        every = list({id for *_, ids in pairs for id in ids})
        try:
            [answers] = await self._all([{"$match": {"_id": {"$in": every}}}, {"$facet": questions}])
        except OperationFailure as error:
            if len(pairs) == 1:
                kept = pairs[0][0]
                log.warning("search_not_tested", search=str(kept.entry["_id"]), error=str(error))
                await self._db[SEARCHES].update_one(
                    {"_id": kept.entry["_id"]}, {"$set": {"error": f"MongoDB refuses it: {error}"[:500]}}
                )
                return []
            return [found for pair in pairs for found in await self._ask([pair])]
        return [(kept, one["_id"]) for at, (kept, *_) in enumerate(pairs) for one in answers[str(at)]]

    async def _all(self, pipeline: list[Doc]) -> list[Doc]:
        return await (await self._db[DOCUMENTS].aggregate(pipeline)).to_list()


def _question(kept: Kept, owner: Owner, ids: Sequence[ObjectId]) -> list[Doc]:
    """Return the pipeline stages that select the documents that the search finds."""
    filtered = plan.plan(kept.standing.conditions, owner.sight(kept.search).found)
    return [{"$match": {"_id": {"$in": [*ids]}}}, *filtered.stages, {"$project": {"_id": 1}}]


def _time(mark: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(mark[24:], 16))
