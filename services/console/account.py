"""A person's own account: choose a password with an invitation, change it, see and end one's sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.api import login, passwords, sessions
from services.api.auth import Reader, visitor
from services.api.common import Config, Database, Doc
from services.api.problems import Problem
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.store import rights, users
from services.store.audit import Action
from services.store.users import CREDENTIALS, secret

WRONG = 422
router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/invitation")
async def invitation(request: Request, db: Database, token: str = "") -> Response:
    """Show the form in which an invited person chooses a password."""
    user = await sessions.invited(db, token)
    if user is None:
        raise _void()
    return page(request, "invitation.html", None, user=users.shown(user), token=token, wrong="")


def _void() -> Problem:
    return Problem(404, "invitation", "This invitation is not valid",
                   "it was used, has expired, or a newer one replaced it; ask an administrator for another one")  # fmt: skip


@router.post("/invitation", dependencies=[OwnPage])
async def accept(
    request: Request,
    db: Database,
    settings: Config,
    token: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Store the password that an invited person chose, and go on to the login."""
    user = await sessions.invited(db, token)
    if user is None:
        raise _void()
    try:
        passwords.check_new(password, user["email"])
    except Problem as problem:
        return page(request, "invitation.html", None, WRONG, user=users.shown(user), token=token, wrong=problem.detail)
    await login.record(db, settings, Action.USER_PASSWORD, user, request)
    if await sessions.accept(db, token, await passwords.hashed(password)) is None:
        raise _void()
    return seen(RedirectResponse("/login?joined=true", 303))


@router.get("/account")
async def account(request: Request, reader: Reader) -> Response:
    """Show a person who they are, what they may do, and where they are logged in."""
    return await _page(request, reader)


async def _page(request: Request, reader: Reader, wrong: str = "", said: str = "") -> Response:
    user, session = await visitor(request)
    db, settings = request.app.state.db, request.app.state.settings
    open_ = [users.shown_session(one) for one in await sessions.of(db, settings, user["_id"])]
    own = await secret(db)[CREDENTIALS].find_one({"_id": user["_id"]}) or {}
    context: Doc = {"user": users.shown(user), "sessions": open_, "this": session["_id"], "wrong": wrong, "said": said,
                    "has_password": bool(own.get("password")), "scopes": rights.SCOPES_OF}  # fmt: skip
    return page(request, "account.html", reader, WRONG if wrong else 200, **context)


@router.post("/account/password", dependencies=[OwnPage])
async def change_password(
    request: Request,
    reader: Reader,
    db: Database,
    settings: Config,
    current: Annotated[str, Form(max_length=1000)],
    password: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Change the person's password, and end all their other sessions."""
    user, session = await visitor(request)
    try:
        await login.by_password(request, user["email"], current)
        passwords.check_new(password, user["email"])
    except Problem as problem:
        said = "the current password is wrong" if problem.code == "login" else problem.detail
        return await _page(request, reader, wrong=said)
    await login.record(db, settings, Action.USER_PASSWORD, user, request)
    await sessions.set_password(db, user["_id"], await passwords.hashed(password))
    await sessions.end(db, user["_id"], but=session["_id"])
    return await _page(request, reader, said="Your password is changed. All other sessions have ended.")


@router.post("/account/sessions/end", dependencies=[OwnPage])
async def end(
    request: Request, db: Database, settings: Config, id: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """End one of the person's sessions, or all but this one."""
    user, session = await visitor(request)
    await login.record(db, settings, Action.USER_LOGOUT, user, request, session=id or "all others")
    await sessions.end(db, user["_id"], id or None, but=session["_id"])
    return seen(RedirectResponse("/account", 303))
