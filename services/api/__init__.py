"""The HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from services import logs
from services.api import documents, health, keys, problems, reprocess
from services.api.admission import Backlog, Room
from services.api.auth import Keys
from services.api.edge import Edge
from services.api.rates import Limiter
from services.settings import settings
from services.store.client import connect_async

log = structlog.get_logger()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config = settings()
    logs.configure(config)
    if not config.auth:
        log.warning("auth_off", hint="anybody who reaches the API may do everything; COPYDESK_AUTH=true asks for keys")
    app.state.settings = config
    app.state.db = connect_async(config)
    app.state.keys = Keys(app.state.db, config)
    app.state.limiter = Limiter(config.broker_url)
    app.state.backlog = Backlog(app.state.db, config)
    app.state.room = Room(config)
    yield
    await app.state.backlog.close()
    await app.state.limiter.close()
    await app.state.db.client.close()


def create_app() -> FastAPI:
    """The application; `copydesk api` runs it. Raises pydantic.ValidationError where the settings are wrong."""
    app = FastAPI(
        title="Copydesk",
        version="0.1.0",
        summary="POST raw news documents; query what they say in MongoDB.",
        lifespan=_lifespan,
        responses=problems.EVERYWHERE,
        dependencies=[Depends(problems.known_parameters)],
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    problems.install(app)
    app.include_router(documents.router)
    app.include_router(reprocess.router)
    app.include_router(keys.router)
    app.include_router(health.router)
    problems.describe(app)
    if origins := settings().cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    app.add_middleware(Edge, settings=settings())
    return app
