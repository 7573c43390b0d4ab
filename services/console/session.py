"""Log in with an API key, which the browser then keeps in a cookie that scripts cannot read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.api.auth import COOKIE, from_own_page
from services.api.common import Config
from services.console.page import Page, page, seen
from services.store import keys

log = structlog.get_logger()
router = APIRouter(route_class=Page, include_in_schema=False)
OwnPage = Depends(from_own_page)


def _local(path: str) -> str:
    """Return a path of this site; the desk for any other address."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


@router.get("/login")
async def form(request: Request, settings: Config, next: str = "/") -> Response:
    if not settings.auth:
        return seen(RedirectResponse(_local(next), 303))
    return page(request, "login.html", None, next=_local(next), wrong="")


@router.post("/login", dependencies=[OwnPage])
async def login(
    request: Request, settings: Config, key: Annotated[str, Form(max_length=200)], next: Annotated[str, Form()] = "/"
) -> Response:
    """Store the key in a cookie until the browser is closed, if it is valid and has the scope read."""
    key = key.strip()
    found = await request.app.state.keys.find(key)
    wrong = ""
    if found is None or not found.valid(datetime.now(UTC)):
        wrong = "This key is not valid: it is mistyped, expired or revoked."
        if keys.key_id(key) is None:
            wrong = "This is not an API key. A key starts with cd_ and is 80 characters long."
    elif "read" not in found.scopes:
        wrong = "This key has no right to read. The console needs a key with the scope “read”."
    if wrong:
        log.warning("login_refused", key=keys.key_id(key), address=request.client.host if request.client else None)
        return page(request, "login.html", None, 401, next=_local(next), wrong=wrong)
    answer = RedirectResponse(_local(next), 303)
    # the browser knows about a proxy's TLS, about which the request may say nothing
    secure = "https" in (request.url.scheme, request.headers.get("origin", "").partition(":")[0])
    answer.set_cookie(COOKIE, key, httponly=True, samesite="strict", secure=secure)
    return seen(answer)


@router.post("/logout", dependencies=[OwnPage])
async def logout() -> Response:
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return seen(answer)
