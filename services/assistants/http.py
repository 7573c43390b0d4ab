"""`POST /mcp`: the tools over HTTP, for the key in the header."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from copydesk_client import AsyncCopydesk
from services.api.auth import Reader
from services.api.problems import Problem
from services.assistants.server import NoAssistants, over_http
from services.assistants.tools import DESK

HERE = "http://127.0.0.1"
"""The address under which the API answers itself; nothing is sent over the network."""

router = APIRouter(include_in_schema=False)


class _Handed(Response):
    """Hands the request to the server of the tools, with a client of this API that has the request's key."""

    def __init__(self, server: ASGIApp, desk: AsyncCopydesk) -> None:
        super().__init__()
        self._server, self._desk = server, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._desk as desk:
            before = DESK.set(desk)
            try:
                await self._server(scope, receive, send)
            finally:
                DESK.reset(before)


@router.post("/mcp")
async def tools(request: Request, _: Reader) -> Response:
    """Answer a message of the Model Context Protocol."""
    server: ASGIApp | None = request.app.state.assistants
    if server is None:
        raise Problem(501, "assistants", "The tools for assistants are not installed",
                      "install the extra: pip install 'copydesk[assistants]'")  # fmt: skip
    client = (request.client.host, request.client.port) if request.client else ("127.0.0.1", 0)
    inside = httpx.ASGITransport(request.app, client=client)
    return _Handed(server, AsyncCopydesk(HERE, _key(request), transport=inside))


def _key(request: Request) -> str | None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else request.headers.get("x-api-key")


def install(app: FastAPI) -> None:
    """Add `/mcp` to the API."""
    api = app.router.lifespan_context

    @asynccontextmanager
    async def with_tools(app: FastAPI) -> AsyncIterator[Any]:
        async with api(app) as state, AsyncExitStack() as stack:
            app.state.assistants = None
            with suppress(NoAssistants):
                app.state.assistants = await stack.enter_async_context(over_http())
            yield state

    app.router.lifespan_context = with_tools
    app.include_router(router)
