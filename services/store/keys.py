"""API keys, collection ``api_keys``: a key's rights are stored, and only a hash of the key itself.

A key is ``cd_<id>_<secret>``, id 12 and secret 64 hexadecimal digits. The secret is 256 random bits, so one round of
SHA-256 is enough: unlike a password, it cannot be guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.inputs import Instant

Doc = dict[str, Any]
KEYS = "api_keys"

_KEY = re.compile(r"cd_([0-9a-f]{12})_[0-9a-f]{64}")
Glob = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*][A-Za-z0-9._*-]{0,99}$")]


# what a key may do; none implies another
Scope = Literal["read", "write", "admin", "metrics", "embargoed", "withdrawn", "correct"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


class Grant(BaseModel):
    """A key's rights. ``collections`` are names, in which ``*`` matches any characters."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1)] = ["read", "write"]
    collections: Annotated[list[Glob], Field(min_length=1, max_length=100)] = ["*"]
    expires_at: Instant | None = None
    rate_per_minute: Annotated[
        int, Field(ge=0, le=10_000_000, description="Requests per minute; 0 means no limit.")
    ] = 6000


class ApiKey(Grant):
    """A key without its secret and its hash, as it may be shown."""

    model_config = ConfigDict(extra="ignore")

    id: str
    created_at: datetime
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def pattern(collections: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern for names of collections that these patterns, in which ``*`` matches any characters, allow."""
    globs = (".*".join(map(re.escape, glob.split("*"))) for glob in collections)
    return re.compile(f"^(?:{'|'.join(globs)})$")


def access(collections: Sequence[str]) -> Doc:
    """Return the filter for queries of ``documents``: it matches those of the allowed collections."""
    if "*" in collections:
        return {}
    if any("*" in name for name in collections):
        return {"source.collection": {"$regex": pattern(collections).pattern}}
    return {"source.collection": {"$in": list(collections)}}


def generate() -> str:
    """Return a new key. It cannot be shown again: only its hash is stored."""
    return f"cd_{secrets.token_hex(6)}_{secrets.token_hex(32)}"


def key_id(key: str) -> str | None:
    """Return the id in a key, or None if the text does not have the form of a key."""
    found = _KEY.fullmatch(key)
    return found[1] if found else None


def entry(key: str, grant: Grant) -> Doc:
    """Return the entry to store for a key. Raises ValueError if it does not have the form of a key."""
    id = key_id(key)
    if id is None:
        raise ValueError("an API key is cd_, 12 hexadecimal digits, _ and 64 more digits; `make env` writes one")
    return {
        "_id": id,
        "hash": _hash(key),
        **grant.model_dump(),
        "created_at": datetime.now(UTC),
        "revoked_at": None,
    }


def matches(key: str, stored: Doc) -> bool:
    """Return whether this is the key that was stored; compares in constant time."""
    return hmac.compare_digest(_hash(key), stored["hash"])


def shown(stored: Doc) -> ApiKey:
    return ApiKey.model_validate({**stored, "id": stored["_id"]})


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
