"""Is it alive, is it ready, and how is it doing: ``/healthz``, ``/readyz``, ``/metrics``."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import BaseModel

from services import queue
from services.api.auth import REFUSALS, Watcher
from services.records import Status
from services.store.setup import DOCUMENTS

router = APIRouter(tags=["health"])

DOCUMENTS_BY_STATUS = Gauge("copydesk_documents", "Documents by status.", ["status"])
QUEUE_DEPTH = Gauge("copydesk_queue_depth", "Messages that wait for a worker.")


class Readiness(BaseModel):
    """``parts`` are ``mongo`` and ``redis``, each ``ok`` or ``down: `` and what was raised."""

    status: Literal["ok", "unavailable"]
    parts: dict[str, str]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def _mongo(request: Request) -> str:
    await request.app.state.db.client.admin.command("ping")
    return "ok"


async def _redis(_: Request) -> str:
    await run_in_threadpool(queue.depth)
    return "ok"


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "A part is down; `parts` says which."}},
)
async def readyz(request: Request) -> JSONResponse:
    """Every part answers; else 503, and ``parts`` says which does not. Without Redis documents are still accepted."""
    parts: dict[str, str] = {}
    for name, check in (("mongo", _mongo), ("redis", _redis)):
        try:
            parts[name] = await asyncio.wait_for(check(request), timeout=4)
        except Exception as error:
            parts[name] = f"down: {type(error).__name__}"
    ready = all(state == "ok" for state in parts.values())
    return JSONResponse({"status": "ok" if ready else "unavailable", "parts": parts}, 200 if ready else 503)


@router.get("/metrics", response_class=Response, responses={**REFUSALS, 200: {"content": {"text/plain": {}}}})
async def metrics(request: Request, watcher: Watcher) -> Response:
    """Prometheus' text format; the counts are over all collections."""
    await _refresh(request.app.state.db)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _refresh(db: Any) -> None:
    total = await db[DOCUMENTS].estimated_document_count()
    unfinished = 0
    for status in (Status.QUEUED, Status.PROCESSING, Status.FAILED):
        count = await db[DOCUMENTS].count_documents({"status": status})
        DOCUMENTS_BY_STATUS.labels(status).set(count)
        unfinished += count
    DOCUMENTS_BY_STATUS.labels(Status.DONE).set(max(0, total - unfinished))
    try:
        QUEUE_DEPTH.set(await run_in_threadpool(queue.depth))
    except Exception:
        QUEUE_DEPTH.set(float("nan"))
