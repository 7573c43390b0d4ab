"""Show administrators who may log in: invite people, end their sessions, disable them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.api import users
from services.api.auth import Caller, Operator
from services.api.common import Config, Database, Doc
from services.api.problems import Problem, invalid
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.store.rights import ROLES
from services.store.users import UserChange, UserIn

WRONG = 422
router = APIRouter(route_class=Page, include_in_schema=False)
Id = Annotated[str, Form(max_length=100)]


@router.get("/people")
async def people(request: Request, operator: Operator, db: Database) -> Response:
    """Show everybody, with what an administrator may do to them."""
    return await _page(request, operator, db)


async def _page(request: Request, operator: Caller, db: Database, **more: object) -> Response:
    found = await users.list_users(operator, db)
    context: Doc = {"rows": found.users, "roles": ROLES, "wrong": None, "invitation": None, "form": {}, **more}
    return page(request, "people.html", operator, WRONG if context["wrong"] else 200, **context)


@router.post("/people", dependencies=[OwnPage])
async def invite(
    request: Request,
    operator: Operator,
    db: Database,
    settings: Config,
    email: Annotated[str, Form(max_length=300)],
    name: Annotated[str, Form(max_length=200)],
    role: Annotated[str, Form(max_length=20)],
    collections: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Invite a person and show the link; if something in the form is wrong, show it again."""
    given = {"email": email, "name": name, "role": role, "collections": collections}
    try:
        asked = UserIn.model_validate({"email": email, "name": name, "roles": [_role(role, collections)]})
        made = await users.create(asked, operator, db, settings)
    except ValidationError as error:
        problem = invalid(error.errors(include_context=False, include_url=False))
        return await _page(request, operator, db, wrong=problem, form=given)
    except Problem as problem:
        return await _page(request, operator, db, wrong=problem, form=given)
    return await _page(request, operator, db, invitation=made.invitation, email=made.email)


def _role(role: str, collections: str) -> Doc:
    return {"role": role, "collections": [one.strip() for one in collections.split(",") if one.strip()] or ["*"]}


@router.post("/people/invitation", dependencies=[OwnPage])
async def invite_again(request: Request, operator: Operator, db: Database, settings: Config, id: Id) -> Response:
    """Show a new link with which a person chooses a password."""
    made = await users.invite_user(id, operator, db, settings)
    return await _page(request, operator, db, invitation=made, email="the person")


@router.post("/people/disable", dependencies=[OwnPage])
async def disable(operator: Operator, db: Database, settings: Config, id: Id) -> Response:
    await users.change(id, UserChange(active=False), operator, db, settings)
    return _back()


@router.post("/people/enable", dependencies=[OwnPage])
async def enable(operator: Operator, db: Database, settings: Config, id: Id) -> Response:
    await users.change(id, UserChange(active=True), operator, db, settings)
    return _back()


@router.post("/people/logout", dependencies=[OwnPage])
async def log_out(operator: Operator, db: Database, settings: Config, id: Id) -> Response:
    """End all sessions of a person."""
    await users.end_sessions(id, operator, db, settings)
    return _back()


def _back() -> Response:
    return seen(RedirectResponse("/people", 303))
