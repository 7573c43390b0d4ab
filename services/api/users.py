"""``/v1/users``: invite people, change what they may do, end their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, ValidationError
from pymongo.errors import DuplicateKeyError

from services.api import second_factor, sessions
from services.api.auth import REFUSALS, Caller, Operator
from services.api.common import Config, Database, Doc
from services.api.problems import RESPONSE, Problem, invalid
from services.invitations import send
from services.settings import Settings
from services.store import users
from services.store.audit import Action
from services.store.rights import USERS
from services.store.users import Session, User, UserChange, UserIn

router = APIRouter(prefix="/v1/users", tags=["users"], responses=REFUSALS)
_MISSING: dict[int | str, Doc] = {404: {**RESPONSE, "description": "No such person."}}
_CONFLICT: dict[int | str, Doc] = {
    409: {**RESPONSE, "description": "Somebody else has this address, or it is your own account."}
}
PersonId = Annotated[str, Path(max_length=100, description="the person's id")]


class Invitation(BaseModel):
    """A link with which a person chooses a password, once. Only this answer shows it."""

    link: str = Field(description="The address; without COPYDESK_PUBLIC_URL only its path.")
    expires_at: datetime
    mailed: bool = Field(description="Whether the link was sent to the person's address, too.")


class Invited(User):
    invitation: Invitation


class UserList(BaseModel):
    users: list[User]


class SessionList(BaseModel):
    sessions: list[Session]


def _body(model: type[BaseModel]) -> Doc:
    """Return the description of a body that is read by `_read`. Its roles are described where those of answers are."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


@router.post("", status_code=201, responses=_CONFLICT, openapi_extra=_body(UserIn))
async def create_user(request: Request, operator: Operator, db: Database, settings: Config) -> Invited:
    """Invite a person. They choose a password with the link in the answer, which is mailed to them if
    COPYDESK_SMTP_URL and COPYDESK_PUBLIC_URL are set."""
    return await create(await _read(request, UserIn), operator, db, settings)


async def create(asked: UserIn, operator: Caller, db: Database, settings: Settings) -> Invited:
    """Store a person and invite them. Raises Problem 409 if somebody has the address."""
    if await db[USERS].find_one({"email": asked.email}, {"_id": 1}):
        raise _taken(asked.email)
    entry = users.new_entry(asked)
    await operator.audit(db, settings, Action.USER_CREATE, entry["_id"], email=asked.email, roles=entry["roles"])
    try:
        await db[USERS].insert_one(entry)
    except DuplicateKeyError:
        raise _taken(asked.email) from None
    return Invited(invitation=await _invite(db, settings, entry), **users.shown(entry).model_dump())


@router.get("")
async def list_users(operator: Operator, db: Database) -> UserList:
    """Return everybody, oldest first, including people who are disabled."""
    return UserList(users=[users.shown(entry) async for entry in db[USERS].find().sort("created_at", 1)])


@router.patch("/{id}", responses={**_MISSING, **_CONFLICT}, openapi_extra=_body(UserChange))
async def change_user(id: PersonId, request: Request, operator: Operator, db: Database, settings: Config) -> User:
    """Change a person's name or roles, disable them or enable them again. It takes effect at once; disabling ends
    their sessions."""
    return await change(id, await _read(request, UserChange), operator, db, settings)


async def change(id: str, asked: UserChange, operator: Caller, db: Database, settings: Settings) -> User:
    """Change a person's entry. Raises Problem 404, 409 or 422."""
    entry = await _found(db, id)
    changes = {name: value for name, value in asked.model_dump().items() if value is not None}
    if not changes:
        raise Problem(422, "invalid", "Nothing changes", "send at least one of name, roles and active")
    if "roles" in changes or changes.get("active") is False:
        _not_yourself(operator, id)
    told = {"person" if field == "name" else field: value for field, value in changes.items()}  # `name` is the caller's
    await operator.audit(db, settings, Action.USER_CHANGE, id, email=entry["email"], **told)
    await db[USERS].update_one({"_id": id}, {"$set": changes})
    if changes.get("active") is False:
        await sessions.end(db, id)
    return users.shown({**entry, **changes})


@router.delete("/{id}", status_code=204, responses={**_MISSING, **_CONFLICT})
async def delete_user(id: PersonId, operator: Operator, db: Database, settings: Config) -> Response:
    """Delete a person, their password and their sessions. The audit log and corrections still name them."""
    entry = await _found(db, id)
    _not_yourself(operator, id)
    await operator.audit(db, settings, Action.USER_DELETE, id, email=entry["email"])
    await db[USERS].delete_one({"_id": id})
    await sessions.forget(db, id)
    return Response(status_code=204)


@router.post("/{id}/invitation", status_code=201, responses=_MISSING)
async def invite_user(id: PersonId, operator: Operator, db: Database, settings: Config) -> Invitation:
    """Return a new link with which the person chooses a password, the first one or another. Earlier links are void."""
    entry = await _found(db, id)
    await operator.audit(db, settings, Action.USER_INVITE, id, email=entry["email"])
    return await _invite(db, settings, entry)


@router.get("/{id}/sessions", responses=_MISSING)
async def list_sessions(id: PersonId, operator: Operator, db: Database, settings: Config) -> SessionList:
    """Return where the person is logged in, newest first."""
    await _found(db, id)
    return SessionList(sessions=[users.shown_session(one) for one in await sessions.of(db, settings, id)])


@router.delete("/{id}/sessions", status_code=204, responses=_MISSING)
async def end_sessions(id: PersonId, operator: Operator, db: Database, settings: Config) -> Response:
    """Log the person out everywhere."""
    entry = await _found(db, id)
    await operator.audit(db, settings, Action.USER_LOGOUT, id, email=entry["email"])
    await sessions.end(db, id)
    return Response(status_code=204)


@router.delete("/{id}/second-factor", status_code=204, responses=_MISSING)
async def remove_second_factor(id: PersonId, operator: Operator, db: Database, settings: Config) -> Response:
    """Remove the second factor of a person who has lost it, and log them out everywhere."""
    entry = await _found(db, id)
    await operator.audit(db, settings, Action.USER_SECOND_FACTOR, id, email=entry["email"], removed=True)
    await second_factor.remove(db, id)
    await sessions.end(db, id)
    return Response(status_code=204)


async def _read[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """Read the body, after the caller's rights were checked. Raises Problem 422."""
    try:
        return model.model_validate_json(await request.body(), strict=True)
    except ValidationError as error:
        raise invalid(error.errors(include_context=False, include_url=False)) from None


async def _found(db: Database, id: str) -> Doc:
    entry = await db[USERS].find_one({"_id": id})
    if entry is None:
        raise Problem(404, "not-found", "No such person", f"there is no person {id!r}; look at GET /v1/users")
    return entry


def _taken(email: str) -> Problem:
    return Problem(409, "taken", "Somebody has this address", f"{email} is in GET /v1/users: change that entry instead")


def _not_yourself(operator: Caller, id: str) -> None:
    if operator.person == id:
        raise Problem(409, "yourself", "You cannot do this to yourself", "ask another administrator, or use an API key")


async def _invite(db: Database, settings: Settings, entry: Doc) -> Invitation:
    token, expires = await sessions.invite(db, settings, entry["_id"])
    link = f"{(settings.public_url or '').rstrip('/')}/invitation?token={token}"
    mailed = await run_in_threadpool(send, settings, entry["email"], entry["name"], link, expires)
    return Invitation(link=link, expires_at=expires, mailed=mailed)
