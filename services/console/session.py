"""Log in with an e-mail address and a password, or with an API key. The browser keeps a session's token or the key in
a cookie that scripts cannot read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.api import login as people
from services.api import oidc, sessions
from services.api.auth import COOKIE, SESSION, from_own_page
from services.api.common import Config, Database, Doc
from services.api.problems import Problem
from services.console.page import Page, page, seen
from services.store import keys
from services.store.rights import USERS
from services.store.users import SESSIONS, secret, token_id

log = structlog.get_logger()
router = APIRouter(route_class=Page, include_in_schema=False)
OwnPage = Depends(from_own_page)
KEY, PASSWORD = "key", "password"


def local(path: str) -> str:
    """Return a path of this site; the desk for any other address."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


@router.get("/login")
async def form(
    request: Request, settings: Config, db: Database, next: str = "/", by: str = "", joined: bool = False
) -> Response:
    """Show the form for an e-mail address and a password, or the one for a key: on request, and while nobody has been
    invited."""
    if not settings.auth:
        return seen(RedirectResponse(local(next), 303))
    return await _form(request, next, by=by, joined=joined)


async def _form(
    request: Request, next: str, *, by: str = "", wrong: str = "", status: int = 200, joined: bool = False
) -> Response:
    anybody = await request.app.state.db[USERS].find_one({}, {"_id": 1}) is not None
    settings = request.app.state.settings
    provider = settings.oidc_name if oidc.enabled(settings) else ""
    anybody = anybody or bool(provider)
    shown = KEY if by == KEY or not anybody else PASSWORD
    return page(request, "login.html", None, status, next=local(next), wrong=wrong, by=shown, anybody=anybody, joined=joined, provider=provider)  # fmt: skip


@router.post("/login", dependencies=[OwnPage])
async def login(
    request: Request,
    key: Annotated[str, Form(max_length=200)] = "",
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Start a session, or store the key in a cookie until the browser is closed if it is valid and has the scope
    read."""
    if key or not email:
        return await _by_key(request, key.strip(), next)
    try:
        user = await people.by_password(request, email, password, code)
    except Problem as problem:
        wrong = f"{problem.detail[:1].upper()}{problem.detail[1:]}."
        answer = await _form(request, next, wrong=wrong, status=problem.status)
        answer.headers.update(problem.headers)
        return answer
    return await logged_in(request, user, next, PASSWORD)


async def logged_in(request: Request, user: Doc, next: str, by: str) -> Response:
    """Start a session with a new token, end the one that the browser had, and go on to the page."""
    await _end(request)
    answer = RedirectResponse(local(next), 303)
    token = await people.start(request, user, by)
    answer.set_cookie(SESSION, token, httponly=True, samesite="strict", secure=secure(request))
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return seen(answer)


def secure(request: Request) -> bool:
    """Return whether the browser uses TLS. It knows about a proxy's TLS, about which the request may say nothing."""
    known = (request.app.state.settings.public_url or "").rstrip("/")
    schemes = (request.url.scheme, request.headers.get("origin", "").partition(":")[0])
    return "https" in schemes or known == f"https://{request.headers.get('host', '')}"


async def _by_key(request: Request, key: str, next: str) -> Response:
    found = await request.app.state.keys.find(key)
    wrong = ""
    if found is None or not found.valid(datetime.now(UTC)):
        wrong = "This key is not valid: it is mistyped, expired or revoked."
        if keys.key_id(key) is None:
            wrong = "This is not an API key. A key starts with cd_ and is 80 characters long."
    elif "read" not in found.scopes:
        wrong = "This key has no right to read. The console needs a key with the scope “read”."
    if wrong:
        log.warning("login_refused", key=keys.key_id(key), address=people.address_of(request))
        return await _form(request, next, by=KEY, wrong=wrong, status=401)
    answer = RedirectResponse(local(next), 303)
    await _end(request)
    answer.set_cookie(COOKIE, key, httponly=True, samesite="strict", secure=secure(request))
    answer.delete_cookie(SESSION, httponly=True, samesite="strict")
    return seen(answer)


async def _end(request: Request) -> None:
    """End the session that the browser has, if any."""
    db, settings = request.app.state.db, request.app.state.settings
    token = request.cookies.get(SESSION, "")
    if await sessions.find(db, settings, token):
        await secret(db)[SESSIONS].delete_one({"_id": token_id(token, "s")})


@router.post("/logout", dependencies=[OwnPage])
async def logout(request: Request) -> Response:
    await _end(request)
    answer = RedirectResponse("/login", 303)
    for cookie in (COOKIE, SESSION):
        answer.delete_cookie(cookie, httponly=True, samesite="strict")
    return seen(answer)
