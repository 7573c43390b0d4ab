"""People who log in: collection ``users``, and what proves who they are, in the database of secrets.

``users`` is ``{_id, email, name, roles[{role, collections}], active, second_factor, created_at, logged_in_at}``. The
database of secrets, which the MongoDB user ``reader`` cannot read, has ``oidc_flows`` (logins that are under way), ``credentials`` (the Argon2 hash of the password,
the secret of the second factor), ``sessions``, ``invitations`` and ``login_tries``. Of a session and an invitation only a
hash is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from services.store.keys import Glob
from services.store.rights import Role
from services.store.webhooks import secrets_database

Doc = dict[str, Any]
CREDENTIALS = "credentials"
SESSIONS = "sessions"
INVITATIONS = "invitations"
TRIES = "login_tries"
FLOWS = "oidc_flows"

_TOKEN = re.compile(r"c[si]_([0-9a-f]{12})_[0-9a-f]{64}")


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@<>\"',;:]+@[^\s@<>\"',;:]+$"),
    AfterValidator(str.lower),
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]


class RoleIn(BaseModel):
    """A role in some collections, in whose names ``*`` matches any characters."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    collections: Annotated[list[Glob], Field(min_length=1, max_length=100)] = ["*"]


Roles = Annotated[list[RoleIn], Field(min_length=1, max_length=20)]


class UserIn(BaseModel):
    """A person to be invited."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    name: Name
    roles: Roles


class UserChange(BaseModel):
    """The fields of a person to change; the others stay unchanged."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    roles: Roles | None = None
    active: bool | None = None


class User(BaseModel):
    """A person, without what proves who they are."""

    id: str
    email: str
    name: str
    roles: list[RoleIn]
    active: bool
    second_factor: bool = Field(description="Whether they log in with a second factor, too.")
    created_at: datetime
    logged_in_at: datetime | None = None


class Session(BaseModel):
    """A login that has not ended."""

    id: str
    created_at: datetime
    seen_at: datetime = Field(description="The last request, to the minute.")
    expires_at: datetime
    address: str | None
    agent: str = Field(description="The browser, as it calls itself.")


def shown(stored: Doc) -> User:
    return User.model_validate({**stored, "id": stored["_id"]})


def shown_session(stored: Doc) -> Session:
    return Session.model_validate({**stored, "id": stored["_id"]})


def new_entry(asked: UserIn) -> Doc:
    """Return the entry of ``users`` to insert."""
    return {
        "_id": new_id(),
        **asked.model_dump(),
        "active": True,
        "second_factor": False,
        "created_at": datetime.now(UTC),
        "logged_in_at": None,
    }


def indexes() -> list[IndexModel]:
    """Return the indexes of ``users``."""
    return [IndexModel([("email", ASCENDING)], name="email", unique=True)]


def create_secret_indexes(db: Database[Doc]) -> None:
    """Create the indexes in the database of secrets."""
    kept = db.client[secrets_database(db.name)]
    for name in (SESSIONS, INVITATIONS, TRIES, FLOWS):
        expiry = IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)
        kept[name].create_indexes([expiry])
    for name in (SESSIONS, INVITATIONS):
        kept[name].create_indexes([IndexModel([("user", ASCENDING)], name="user")])


def secret(db: AsyncDatabase[Doc]) -> AsyncDatabase[Doc]:
    """Return the database of secrets beside ``db``."""
    return db.client.get_database(secrets_database(db.name), codec_options=db.codec_options)


def new_id() -> str:
    return secrets.token_hex(6)


def new_token(kind: str) -> tuple[str, str, str]:
    """Return a new token of a session (kind ``s``) or an invitation (``i``), its id and its hash. It has 256 random
    bits, so one round of SHA-256 is enough."""
    id = new_id()
    token = f"c{kind}_{id}_{secrets.token_hex(32)}"
    return token, id, hash_of(token)


def token_id(token: str, kind: str) -> str | None:
    """Return the id in a token, or None if the text does not have the form of a token of this kind."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found and token.startswith(f"c{kind}_") else None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def matches(token: str, stored: Doc) -> bool:
    """Return whether this is the token that was stored; compares in constant time."""
    return hmac.compare_digest(hash_of(token), stored["hash"])
