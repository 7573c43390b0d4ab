"""The HTTP API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version

import structlog
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pymongo.errors import PyMongoError

from services import logs, tracing
from services.api import (
    batches,
    corrections,
    docs,
    documents,
    entities,
    erase,
    events,
    export,
    health,
    keys,
    lists,
    metrics,
    network,
    problems,
    queues,
    register,
    reprocess,
    schema,
    search,
    searches,
    sources,
    splits,
    stats,
    stories,
    users,
    versions,
    watchlists,
    webhooks,
)
from services.api.admission import Backlog, Room
from services.api.auth import Keys
from services.api.edge import Edge
from services.api.rates import limiter
from services.api.shares import Shares
from services.api.watch import Watcher
from services.search.find import Finder
from services.search.holdings import Counter
from services.settings import settings
from services.store.client import connect, connect_async

log = structlog.get_logger()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config = settings()
    logs.configure(config)
    tracing.configure(config, "copydesk-api")
    if not config.auth:
        log.warning(
            "auth_off", hint="anybody who can reach the API may do everything; set COPYDESK_AUTH=true to require keys"
        )
    app.state.settings = config
    app.state.db = connect_async(config)
    app.state.blocking_db = connect(config)
    app.state.finder = Finder(app.state.db)
    warming = asyncio.create_task(_warmed(app.state.finder))
    app.state.stats = {}
    app.state.batches = {}
    app.state.holdings = Counter(app.state.db, app.state.finder.windows)
    app.state.keys = Keys(app.state.db, config)
    app.state.watcher = Watcher(config, app.state.keys.lives)
    app.state.watcher.register(events.KIND, partial(events.states, app.state.db))
    app.state.watcher.register(batches.KIND, partial(batches.states, app.state.db))
    app.state.watcher.end_on_signals()
    app.state.limiter = limiter(config)
    app.state.backlog = Backlog(app.state.db, config)
    app.state.shares = Shares(app.state.db, config)
    app.state.room = Room(config)
    yield
    warming.cancel()
    app.state.holdings.close()
    app.state.watcher.close()
    await app.state.backlog.close()
    await app.state.limiter.close()
    app.state.blocking_db.client.close()
    await app.state.db.client.close()
    tracing.shut_down()


async def _warmed(finder: Finder) -> None:
    """Look up what every search needs, so that the first one need not."""
    with suppress(PyMongoError):  # the first search tries again
        await finder.windowed()


def create_app() -> FastAPI:
    """Build the application that `copydesk api` runs. Raises pydantic.ValidationError if the settings are wrong."""
    app = FastAPI(
        title="Copydesk",
        version=version("copydesk"),
        summary="POST raw news documents; query what they say in MongoDB.",
        lifespan=_lifespan,
        responses=problems.EVERYWHERE,
        dependencies=[Depends(problems.known_parameters)],
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(search.router)
    app.include_router(documents.router)
    app.include_router(reprocess.router)
    for resource in (
        erase,
        corrections,
        events,
        versions,
        batches,
        queues,
        webhooks,
        searches,
        sources,
        lists,
        register,
        network,
        splits,
        watchlists,
        entities,
        stories,
        stats,
        schema,
        export,
    ):
        app.include_router(resource.router)
    for resource in (keys, users, health, metrics):
        app.include_router(resource.router)
    problems.describe(app)
    docs.install(app)
    if origins := settings().cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
            expose_headers=[
                "Location",
                "Idempotent-Replayed",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                "X-Request-ID",
            ],
        )
    app.add_middleware(Edge, settings=settings())
    return app
