"""Liveness and readiness: ``/healthz``, ``/readyz``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services import queue
from services.api import queues
from services.records import Priority
from services.store import raw

router = APIRouter(tags=["health"])


class Readiness(BaseModel):
    """``parts`` are ``mongo``, the broker, ``redis`` or ``rabbitmq``, and ``raw`` where raw bytes go to a bucket.

    Each is ``ok``, or ``down: `` with the error. ``paused`` names the queues that are paused; the API is still ready.
    """

    status: Literal["ok", "unavailable"]
    parts: dict[str, str]
    paused: list[Priority] = []


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Return 200 as long as the process runs; nothing else is checked."""
    return {"status": "ok"}


async def _mongo(request: Request) -> str:
    await request.app.state.db.client.admin.command("ping")
    return "ok"


async def _broker(_: Request) -> str:
    await run_in_threadpool(queue.depths)
    return "ok"


async def _raw(request: Request) -> str:
    await raw.answers(request.app.state.settings)
    return "ok"


async def parts(request: Request, exclude: Collection[str] = ()) -> dict[str, str]:
    """Return ``ok`` or the error for each part that the API needs."""
    found: dict[str, str] = {}
    config = request.app.state.settings
    checks: list[tuple[str, str, Callable[[Request], Awaitable[str]]]] = [
        ("mongo", "mongo", _mongo),
        ("broker", config.broker, _broker),
    ]
    if config.raw_url:
        checks.append(("raw", "raw", _raw))
    for part, name, check in checks:
        if part in exclude:
            continue
        try:
            found[name] = await asyncio.wait_for(check(request), timeout=4)
        except Exception as error:
            found[name] = f"down: {type(error).__name__}"
    return found


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "A part is down; `parts` says which."}},
)
async def readyz(
    request: Request,
    exclude: Annotated[
        list[Literal["mongo", "broker", "raw"]] | None, Query(description="Parts that are not checked.")
    ] = None,
) -> JSONResponse:
    """Check every part; answer 503 if one is down, which ``parts`` names. Without the broker, documents are still
    accepted."""
    found = await parts(request, exclude or ())
    ready = all(state == "ok" for state in found.values())
    paused = await queues.paused(request.app.state.db) if found.get("mongo") == "ok" else []
    content = {"status": "ok" if ready else "unavailable", "parts": found, "paused": paused}
    return JSONResponse(content, 200 if ready else 503)
