"""The console: web pages at ``/`` for a newsroom. See docs/console.md."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from services.console import (
    account,
    corrections,
    desk,
    find,
    holdings,
    jobs,
    lists,
    oidc,
    people,
    reading,
    register,
    searches,
    session,
    sources,
    watchlists,
)
from services.console.page import STATIC, version


class _Kept(StaticFiles):
    """Files whose address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def install(app: FastAPI) -> None:
    """Add the console's pages to the API."""
    for module in (
        session,
        account,
        oidc,
        people,
        desk,
        lists,
        find,
        holdings,
        jobs,
        reading,
        corrections,
        register,
        searches,
        sources,
        watchlists,
    ):
        app.include_router(module.router)
    app.mount(f"/static/{version()}", _Kept(directory=STATIC), name="static")
