"""The HTTP API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response

from services import logs
from services.api import documents, health, problems
from services.settings import settings
from services.store.client import connect_async


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config = settings()
    logs.configure(config)
    app.state.settings = config
    app.state.db = connect_async(config)
    yield
    await app.state.db.client.close()


def create_app() -> FastAPI:
    """The application, for ``uvicorn --factory services.api:create_app``."""
    app = FastAPI(
        title="Copydesk",
        version="0.1.0",
        summary="POST raw news documents; query what they say in MongoDB.",
        lifespan=_lifespan,
    )
    problems.install(app)
    app.include_router(documents.router)
    app.include_router(health.router)

    @app.middleware("http")
    async def _measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        started = time.perf_counter()
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "unmatched")
        health.REQUESTS.labels(request.method, route, response.status_code).inc()
        health.SECONDS.labels(request.method, route).observe(time.perf_counter() - started)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    return app
