"""Check an e-mail address and a password, and start a session."""

from __future__ import annotations

import structlog
from fastapi import Request
from pymongo.asynchronous.database import AsyncDatabase

from services.api import passwords, second_factor, sessions, tries
from services.api.problems import Problem
from services.settings import Settings
from services.store import audit
from services.store.audit import AUDIT, Action
from services.store.rights import PERSON, USERS
from services.store.users import CREDENTIALS, Doc, secret

log = structlog.get_logger()


def address_of(request: Request) -> str | None:
    return request.client.host if request.client else None


async def by_password(request: Request, email: str, password: str, code: str | None = None) -> Doc:
    """Return the person. ``code`` is of their second factor; None if it is not asked for. Raises Problem 401 with the
    same words, after the same work, whether the account does not exist, is disabled, has no password or a different
    one, or the code is wrong or was used; 429 after too many tries."""
    db, settings = request.app.state.db, request.app.state.settings
    email, address = email.strip().lower(), address_of(request)
    counters = await tries.take(db, email, address, settings)
    user: Doc | None = await db[USERS].find_one({"email": email})
    kept = await secret(db)[CREDENTIALS].find_one({"_id": user["_id"] if user else ""}) or {}
    fits = await passwords.right(password, kept.get("password"))
    if fits and user and user["second_factor"] and code is not None:
        fits = await second_factor.use(db, user["_id"], code)
    if user is None or not fits or not user["active"]:
        log.warning("login_refused", person=user["_id"] if user else None, address=address)
        raise Problem(401, "login", "This login is not valid",
                      "the e-mail address, the password or the code is wrong, or the account is disabled")  # fmt: skip
    await tries.give_back(db, counters)
    return user


async def by_code(request: Request, user: Doc, code: str) -> bool:
    """Return whether the code is right, for somebody who is logged in, and use it up. Raises Problem 429."""
    db = request.app.state.db
    counters = await tries.take(db, user["email"], address_of(request), request.app.state.settings)
    right = await second_factor.use(db, user["_id"], code)
    if right:
        await tries.give_back(db, counters)
    return right


async def start(request: Request, user: Doc, by: str) -> str:
    """Start a session of this person, in place of the browser's former one, and return its token. Raises PyMongoError."""
    db, settings = request.app.state.db, request.app.state.settings
    await record(db, settings, Action.USER_LOGIN, user, request, by=by)
    agent = request.headers.get("user-agent", "")
    return await sessions.start(db, settings, user, address=address_of(request), agent=agent, by=by)


async def record(
    db: AsyncDatabase[Doc], settings: Settings, action: Action, user: Doc, request: Request, **details: object
) -> None:
    """Record in the audit log what a person does to their own account."""
    holder = f"{PERSON}{user['_id']}"
    entry = audit.entry(action, user["_id"], settings, name=user["name"], key=holder, address=address_of(request), **details)  # fmt: skip
    await db[AUDIT].insert_one(entry)
