"""Invite the first person, named by COPYDESK_FIRST_ADMIN."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.settings import Settings
from services.store import audit, users
from services.store.audit import AUDIT, Action
from services.store.rights import USERS
from services.store.users import CREDENTIALS, INVITATIONS
from services.store.webhooks import secrets_database

Doc = dict[str, Any]


def invite(db: Database[Doc], settings: Settings) -> str | None:
    """Store the first person, an administrator of all collections, and return the path of their invitation. Until they
    have chosen a password, each call makes a new invitation. Returns None if no setting names them, or if there are
    others. Raises pydantic.ValidationError if the setting is not an e-mail address.
    """
    if settings.first_admin is None:
        return None
    email = settings.first_admin.strip().lower()
    asked = users.UserIn(email=email, name=email.partition("@")[0], roles=[users.RoleIn(role="admin")])
    kept = db.client[secrets_database(db.name)]
    entry = db[USERS].find_one({})
    if entry is None:
        entry = users.new_entry(asked)
        db[AUDIT].insert_one(audit.entry(Action.USER_CREATE, entry["_id"], settings, name="init", email=email))
        db[USERS].insert_one(entry)
    elif (
        entry["email"] != email
        or db[USERS].count_documents({}) > 1
        or kept[CREDENTIALS].find_one({"_id": entry["_id"]})
    ):
        return None
    token, id, hashed = users.new_token("i")
    expires = datetime.now(UTC) + timedelta(hours=settings.invitation_hours)
    kept[INVITATIONS].delete_many({"user": entry["_id"]})
    kept[INVITATIONS].insert_one({"_id": id, "hash": hashed, "user": entry["_id"], "expires_at": expires})
    return f"/invitation?token={token}"
