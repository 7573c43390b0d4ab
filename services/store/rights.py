"""Decide who may do what: the one place for API keys and for people.

A holder is a key, named by its id, or a person, named ``user:<id>``. A key is one `Right`. A person has a right for
each of their roles; a role is a name for scopes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pymongo.database import Database

from services.store import keys
from services.store.keys import KEYS, SCOPES, Scope

Doc = dict[str, Any]
USERS = "users"
PERSON = "user:"

Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES_OF: Mapping[Role, tuple[Scope, ...]] = {
    "reader": ("read",),
    "editor": ("read", "write", "embargoed", "correct"),
    "admin": ("read", "write", "admin", "embargoed", "withdrawn", "correct"),
}
"""The scopes of each role. None has `metrics`, which counts over all collections and is for programs."""


@dataclass(frozen=True)
class Right:
    """Scopes in collections; ``*`` in the name of a collection matches any characters."""

    scopes: tuple[str, ...]
    collections: tuple[str, ...]

    def covers(self, other: Right) -> bool:
        """Return whether this right allows everything that the other one allows."""
        wider = "*" in self.collections or set(other.collections) <= set(self.collections)
        return wider and set(other.scopes) <= set(self.scopes)


def decide(rights: Sequence[Right], needed: Iterable[str]) -> Right | None:
    """Return what these rights allow in a request that needs all of these scopes, or None if nothing.

    The collections are those of every right that has the scopes, and the scopes are those that all of these rights
    have. So an editor of one collection who may read the others is a reader where a request only reads.
    """
    fitting = [right for right in rights if set(needed) <= set(right.scopes)]
    widest: list[Right] = []
    for right in sorted(fitting, key=lambda one: len(one.scopes), reverse=True):
        if not any(other.covers(right) for other in widest):
            widest.append(right)
    if not widest:
        return None
    scopes = tuple(scope for scope in widest[0].scopes if all(scope in right.scopes for right in widest))
    return Right(scopes, tuple(dict.fromkeys(name for right in widest for name in right.collections)))


def of_key(key: keys.Grant) -> tuple[Right, ...]:
    return (Right(tuple(key.scopes), tuple(key.collections)),)


def of_roles(roles: Iterable[Doc]) -> tuple[Right, ...]:
    """Return the rights of a person's roles, ``[{role, collections}]``."""
    return tuple(Right(SCOPES_OF[one["role"]], tuple(one["collections"])) for one in roles)


def person(holder: str | None) -> str | None:
    """Return the id of the person if the holder is one."""
    return holder.removeprefix(PERSON).partition("/")[0] if holder and holder.startswith(PERSON) else None


def now_of(db: Database[Doc], holder: str | None) -> tuple[Right, ...]:
    """Return the rights that a holder has now; none if the key is revoked or expired, or the person is disabled or
    deleted. None is the holder if the API works without keys, and has every right.
    """
    if holder is None:
        return (Right(SCOPES, ("*",)),)
    id = person(holder)
    stored = db[KEYS if id is None else USERS].find_one({"_id": id or holder})
    return of_stored(stored, holder)


def of_stored(stored: Doc | None, holder: str) -> tuple[Right, ...]:
    """Return the rights of a holder whose entry of ``api_keys`` or ``users`` is ``stored``."""
    if stored is None:
        return ()
    if person(holder):
        return of_roles(stored["roles"]) if stored["active"] else ()
    key = keys.shown(stored)
    return of_key(key) if key.valid(datetime.now(UTC)) else ()


def lives(db: Database[Doc], holder: str | None) -> bool:
    """Return whether the key is neither revoked nor expired, or the person is active."""
    return bool(now_of(db, holder))


def keeps(db: Database[Doc], holder: str | None, scope: Scope, collections: Sequence[str]) -> bool:
    """Return whether a holder still has this scope in all of these collections, for what runs in their name."""
    right = decide(now_of(db, holder), [scope])
    if right is None:
        return False
    allowed = keys.pattern(right.collections)
    return all(name in right.collections or allowed.match(name) for name in collections)
