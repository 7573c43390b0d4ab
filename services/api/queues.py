"""``/v1/queues``: pause and resume what workers take, for maintenance."""

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

Which = Annotated[Priority | None, Query(description="only this queue; without it, both")]


class Pause(BaseModel):
    """When the queue was paused, and who did it: the name and the id of their API key."""

    at: datetime
    name: str
    key: str | None


class Queues(BaseModel):
    """Each queue with its pause; null where workers take from it."""

    interactive: Pause | None
    bulk: Pause | None


async def paused(db: AsyncDatabase[dict[str, Any]]) -> list[Priority]:
    """Return the queues that are paused."""
    return sorted(control.of(await db[CONTROL].find_one({"_id": QUEUES})).paused, reverse=True)


@router.get("")
async def get_queues(reader: Reader, db: Database) -> Queues:
    """Which queues are paused, since when and by whom."""
    entry = await db[CONTROL].find_one({"_id": QUEUES}) or {}
    return Queues.model_validate({queue: entry.get(queue) for queue in Priority})


@router.post("/pause")
async def pause(operator: Operator, db: Database, settings: Config, queue: Which = None) -> Queues:
    """Have workers finish what they hold and take nothing more. Documents are accepted and wait. May be repeated."""
    queues = [queue] if queue else list(Priority)
    await operator.audit(db, settings, Action.QUEUE_PAUSE, ", ".join(queues))
    await db[CONTROL].bulk_write(control.pausing(queues, operator.name, operator.key))
    return await get_queues(operator, db)


@router.post("/resume")
async def resume(operator: Operator, db: Database, settings: Config, queue: Which = None) -> Queues:
    """Have workers go on: the scheduler tells them of what waits, oldest first. May be repeated."""
    queues = [queue] if queue else list(Priority)
    await operator.audit(db, settings, Action.QUEUE_RESUME, ", ".join(queues))
    await db[CONTROL].bulk_write(control.resuming(queues))
    return await get_queues(operator, db)
