"""A person's own account: choose a password with an invitation, change it, see and end one's
sessions, set up a second factor."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from services.api import login, passwords, second_factor, sessions
from services.api.auth import Visit, Visitor, must_enrol
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
async def account(request: Request, visit: Visitor) -> Response:
    """Show a person who they are, what they may do, and where they are logged in."""
    return await _page(request, visit)


async def _page(request: Request, visit: Visit, wrong: str = "", said: str = "", **more: Any) -> Response:
    user, session, db, settings = visit.user, visit.session, request.app.state.db, request.app.state.settings
    open_ = [users.shown_session(one) for one in await sessions.of(db, settings, user["_id"])]
    own = await secret(db)[CREDENTIALS].find_one({"_id": user["_id"]}) or {}
    context: Doc = {
        "user": users.shown(user),
        "sessions": open_,
        "this": session["_id"],
        "wrong": wrong,
        "said": said,
        "has_password": bool(own.get("password")),
        "scopes": rights.SCOPES_OF,
        "must_enrol": must_enrol(settings, user, session),
        "left": len(own.get("recovery", [])),
        "picture": "",
        "typed": "",
        "codes": [],
        **more,
    }
    return page(request, "account.html", visit.caller, WRONG if wrong else 200, **context)


@router.post("/account/password", dependencies=[OwnPage])
async def change_password(
    request: Request,
    visit: Visitor,
    db: Database,
    settings: Config,
    current: Annotated[str, Form(max_length=1000)],
    password: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Change the person's password, and end all their other sessions."""
    user = visit.user
    try:
        await login.by_password(request, user["email"], current)
        passwords.check_new(password, user["email"])
    except Problem as problem:
        said = "the current password is wrong" if problem.code == "login" else problem.detail
        return await _page(request, visit, wrong=said)
    await login.record(db, settings, Action.USER_PASSWORD, user, request)
    await sessions.set_password(db, user["_id"], await passwords.hashed(password))
    await sessions.end(db, user["_id"], but=visit.session["_id"])
    return await _page(request, visit, said="Your password is changed. All other sessions have ended.")


@router.post("/account/sessions/end", dependencies=[OwnPage])
async def end(
    request: Request, visit: Visitor, db: Database, settings: Config, id: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """End one of the person's sessions, or all but this one."""
    user, session = visit.user, visit.session
    await login.record(db, settings, Action.USER_LOGOUT, user, request, session=id or "all others")
    await sessions.end(db, user["_id"], id or None, but=session["_id"])
    return seen(RedirectResponse("/account", 303))


@router.post("/account/second-factor", dependencies=[OwnPage])
async def begin(request: Request, visit: Visitor, db: Database) -> Response:
    """Show a new secret for the person's app, as a picture and to be typed."""
    if visit.user["second_factor"]:
        return await _page(request, visit, wrong="you have a second factor: remove it before you set up another one")
    return await _offer(request, visit, await second_factor.begin(db, visit.user["_id"]))


async def _offer(request: Request, visit: Visit, made: str, wrong: str = "") -> Response:
    typed = " ".join(made[at : at + 4] for at in range(0, len(made), 4))
    drawn = Markup(second_factor.picture(made, visit.user["email"]))  # noqa: S704 - the library draws it from its own strings
    return await _page(request, visit, wrong, picture=drawn, typed=typed)


@router.post("/account/second-factor/confirm", dependencies=[OwnPage])
async def confirm(
    request: Request, visit: Visitor, db: Database, settings: Config, code: Annotated[str, Form(max_length=100)]
) -> Response:
    """Set the second factor up if the code is right, end all other sessions, and show the recovery codes."""
    user = visit.user
    await login.record(db, settings, Action.USER_SECOND_FACTOR, user, request, removed=False)
    codes = await second_factor.confirm(db, user["_id"], code)
    if codes is None:
        pending = (await secret(db)[CREDENTIALS].find_one({"_id": user["_id"]}) or {}).get("pending")
        said = "the code does not fit: check the clock of your telephone, and send the code that it shows now"
        return await _offer(request, visit, pending, said) if pending else await _page(request, visit, said)
    await sessions.end(db, user["_id"], but=visit.session["_id"])
    user["second_factor"] = True
    return await _page(request, visit, said="Your second factor is set up.", codes=codes)


@router.post("/account/second-factor/remove", dependencies=[OwnPage])
async def remove(
    request: Request, visit: Visitor, db: Database, settings: Config, code: Annotated[str, Form(max_length=100)]
) -> Response:
    """Remove the second factor of a person who can still use it."""
    user = visit.user
    if not await login.by_code(request, user, code):
        return await _page(request, visit, wrong="the code is wrong or was used: wait for the next one")
    await login.record(db, settings, Action.USER_SECOND_FACTOR, user, request, removed=True)
    await second_factor.remove(db, user["_id"])
    user["second_factor"] = False
    return await _page(request, visit, said="Your second factor is removed.")
