"""Log people in and out: sessions in MongoDB. The browser has a random token, and the database the hash of it.

Nothing is cached: a session that is ended, or whose person is disabled, ends with the next request in every process.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.settings import Settings
from services.store import users
from services.store.rights import USERS
from services.store.users import CREDENTIALS, INVITATIONS, SESSIONS, secret

Doc = dict[str, Any]
SEEN_SECONDS = 60.0
LONGEST_AGENT = 200


async def start(
    db: AsyncDatabase[Doc], settings: Settings, user: Doc, *, address: str | None, agent: str, by: str
) -> str:
    """Start a session and return its token. ``by`` says how the person logged in: ``password`` or ``oidc``."""
    token, id, hashed = users.new_token("s")
    now = datetime.now(UTC)
    await secret(db)[SESSIONS].insert_one(
        {
            "_id": id,
            "hash": hashed,
            "user": user["_id"],
            "by": by,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + timedelta(hours=settings.session_hours),
            "address": address,
            "agent": agent[:LONGEST_AGENT],
        }
    )
    await db[USERS].update_one({"_id": user["_id"]}, {"$set": {"logged_in_at": now}})
    return token


async def find(db: AsyncDatabase[Doc], settings: Settings, token: str) -> tuple[Doc, Doc] | None:
    """Return the person and the session of a token; None if the session has ended or the person is disabled."""
    id = users.token_id(token, "s")
    stored = await secret(db)[SESSIONS].find_one({"_id": id}) if id else None
    if stored is None or not users.matches(token, stored) or not _alive(stored, settings):
        return None
    user = await db[USERS].find_one({"_id": stored["user"], "active": True})
    if user is None:
        return None
    now = datetime.now(UTC)
    if (now - stored["seen_at"]).total_seconds() > min(SEEN_SECONDS, settings.session_idle_hours * 900):
        await secret(db)[SESSIONS].update_one({"_id": id}, {"$set": {"seen_at": now}})
    return user, stored


def _alive(stored: Doc, settings: Settings) -> bool:
    now = datetime.now(UTC)
    return bool(now < stored["expires_at"] and now < stored["seen_at"] + timedelta(hours=settings.session_idle_hours))


async def lives(db: AsyncDatabase[Doc], settings: Settings, id: str) -> bool:
    """Return whether the session with this id has not ended."""
    stored = await secret(db)[SESSIONS].find_one({"_id": id})
    return stored is not None and _alive(stored, settings)


async def of(db: AsyncDatabase[Doc], settings: Settings, user: str) -> list[Doc]:
    """Return the sessions of a person, newest first."""
    found = await secret(db)[SESSIONS].find({"user": user}).sort("created_at", -1).to_list()
    return [one for one in found if _alive(one, settings)]


async def end(db: AsyncDatabase[Doc], user: str, id: str | None = None, *, but: str | None = None) -> int:
    """End one session of a person, or all of them, but never the session ``but``. Returns how many ended."""
    which: Doc = {"user": user, "_id": {**({"$eq": id} if id else {}), **({"$ne": but} if but else {})}}
    if not which["_id"]:
        del which["_id"]
    return (await secret(db)[SESSIONS].delete_many(which)).deleted_count


async def invite(db: AsyncDatabase[Doc], settings: Settings, user: str) -> tuple[str, datetime]:
    """Return the token of a new invitation to choose a password, and when it expires. Earlier ones of this person are
    void."""
    token, id, hashed = users.new_token("i")
    expires = datetime.now(UTC) + timedelta(hours=settings.invitation_hours)
    invitations = secret(db)[INVITATIONS]
    await invitations.delete_many({"user": user})
    await invitations.insert_one({"_id": id, "hash": hashed, "user": user, "expires_at": expires})
    return token, expires


async def invited(db: AsyncDatabase[Doc], token: str) -> Doc | None:
    """Return the person whom an invitation is for; None if it was used, expired or replaced, or they are disabled."""
    id = users.token_id(token, "i")
    stored = await secret(db)[INVITATIONS].find_one({"_id": id}) if id else None
    if stored is None or not users.matches(token, stored) or stored["expires_at"] <= datetime.now(UTC):
        return None
    return await db[USERS].find_one({"_id": stored["user"], "active": True})


async def accept(db: AsyncDatabase[Doc], token: str, password_hash: str) -> Doc | None:
    """Use an invitation up: store the password, end all sessions, and return the person. None if somebody used it
    first."""
    user = await invited(db, token)
    if user is None:
        return None
    used = await secret(db)[INVITATIONS].delete_one({"_id": users.token_id(token, "i")})
    if not used.deleted_count:
        return None
    await set_password(db, user["_id"], password_hash)
    await end(db, user["_id"])
    own = await secret(db)[CREDENTIALS].find_one({"_id": user["_id"]}) or {}
    # after a restore from a backup, which has no secrets, there is none to ask for
    await db[USERS].update_one({"_id": user["_id"]}, {"$set": {"second_factor": "totp" in own}})
    return user


async def set_password(db: AsyncDatabase[Doc], user: str, password_hash: str) -> None:
    await secret(db)[CREDENTIALS].update_one({"_id": user}, {"$set": {"password": password_hash}}, upsert=True)


async def forget(db: AsyncDatabase[Doc], user: str) -> None:
    """Remove all that proves who a person is: sessions, invitations, password and second factor."""
    for name in (SESSIONS, INVITATIONS):
        await secret(db)[name].delete_many({"user": user})
    await secret(db)[CREDENTIALS].delete_one({"_id": user})
