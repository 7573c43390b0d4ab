"""``/v1/queues``: pause and resume the queues, for maintenance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import REFUSALS, Operator, Reader
from services.api.common import Config, Database
from services.records import Priority
from services.store import control
from services.store.audit import Action
from services.store.control import CONTROL, QUEUES

router = APIRouter(prefix="/v1/queues", tags=["queues"], responses=REFUSALS)

Which = Annotated[Priority | None, Query(description="only this queue; by default both")]


class Pause(BaseModel):
    """When a queue was paused and by whom: the name and id of the API key."""

    at: datetime
    name: str
    key: str | None


class Queues(BaseModel):
    """Each queue with its pause, or null if it is not paused."""

    interactive: Pause | None
    bulk: Pause | None


async def paused(db: AsyncDatabase[dict[str, Any]]) -> list[Priority]:
    """Return the queues that are paused."""
    return sorted(control.of(await db[CONTROL].find_one({"_id": QUEUES})).paused, reverse=True)


@router.get("")
async def get_queues(reader: Reader, db: Database) -> Queues:
    """Return which queues are paused, since when and by whom."""
    entry = await db[CONTROL].find_one({"_id": QUEUES}) or {}
    return Queues.model_validate({queue: entry.get(queue) for queue in Priority})


@router.post("/pause")
async def pause(operator: Operator, db: Database, settings: Config, queue: Which = None) -> Queues:
    """Pause queues: workers finish the documents they hold and take no more. Documents are still accepted and wait. The
    request can be repeated."""
    queues = [queue] if queue else list(Priority)
    await operator.audit(db, settings, Action.QUEUE_PAUSE, ", ".join(queues))
    await db[CONTROL].bulk_write(control.pausing(queues, operator.name, operator.key))
    return await get_queues(operator, db)


@router.post("/resume")
async def resume(operator: Operator, db: Database, settings: Config, queue: Which = None) -> Queues:
    """Resume queues: the scheduler publishes the waiting documents, oldest first. The request can be repeated."""
    queues = [queue] if queue else list(Priority)
    await operator.audit(db, settings, Action.QUEUE_RESUME, ", ".join(queues))
    await db[CONTROL].bulk_write(control.resuming(queues))
    return await get_queues(operator, db)
