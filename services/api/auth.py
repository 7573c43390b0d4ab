"""Identify the caller of a request, a key or a person, and what they may do: scopes, collections and rate."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pymongo.asynchronous.database import AsyncDatabase

from services.addresses import is_loopback
from services.api import sessions
from services.api.problems import RESPONSE, Problem
from services.settings import Settings
from services.store import audit, keys, rights, shown
from services.store.audit import AUDIT, Action
from services.store.keys import KEYS

Doc = dict[str, Any]
log = structlog.get_logger()

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {**RESPONSE, "description": "No key, or one that is unknown, expired or revoked."},
    403: {**RESPONSE, "description": "The key or the person lacks the scope or the collection."},
    429: {**RESPONSE, "description": "Too many requests with this key; `Retry-After` says when to try again."},
}
COOKIE = "copydesk_key"  # the console's, with a key
SESSION = "copydesk_session"  # the console's, with a person's session
PERSON_PER_MINUTE = 6000
ENROL = "second-factor"
"""The kind of problem that a person must set up a second factor."""
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
"""Match ``localhost:8000`` and ``[::1]:8000``, but not ``user@localhost``, ``localhost/x`` or ``[::1``, which no
browser sends."""
_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key: `copydesk keys create`.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header", description="The same key.")


@dataclass(frozen=True)
class Caller:
    """The caller of a request. ``key`` is the key's id, ``user:`` and a person's id, or None if the API works without
    keys. ``collections`` and ``scopes`` are what the request allows them, ``elsewhere`` the scopes that they have in
    any collection. ``session`` is the id of a person's session."""

    name: str
    key: str | None
    address: str | None
    collections: tuple[str, ...] = ("*",)
    scopes: tuple[str, ...] = keys.SCOPES
    elsewhere: frozenset[str] = frozenset(keys.SCOPES)
    session: str | None = None

    @property
    def person(self) -> str | None:
        """The person's id, or None for a key."""
        return rights.person(self.key)

    @property
    def holder(self) -> str | None:
        """The name under which event streams of the caller run; it ends with the key, the person or the session."""
        return f"{self.key}/{self.session}" if self.session else self.key

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return keys.pattern(self.collections)

    @property
    def everywhere(self) -> bool:
        """Return whether the caller may use every collection."""
        return "*" in self.collections

    def may_use(self, collection: str) -> bool:
        return self.everywhere or self._pattern.match(collection) is not None

    @property
    def reach(self) -> Doc:
        """Return the filter for queries that count or change documents: it matches those in the caller's
        collections."""
        return keys.access(self.collections)

    def access(self, *, withdrawn: bool = False) -> Doc:
        """Return the filter for queries that show documents: it matches those that the caller may see. ``withdrawn``
        includes withdrawn documents. Raises Problem 403 if the caller may not see those.
        """
        if withdrawn and not self.sees_withdrawn:
            raise Problem(403, "scope", "The key may not see what was withdrawn",
                          f"it lacks the scope {shown.WITHDRAWN!r}, it has {', '.join(self.scopes)}")  # fmt: skip
        return {**self.reach, **shown.shown(self.scopes, withdrawn=withdrawn)}

    @property
    def sees(self) -> Doc:
        """Return the filter that decides whether the caller may see a document that they name."""
        return self.access(withdrawn=self.sees_withdrawn)

    @property
    def sees_withdrawn(self) -> bool:
        return shown.WITHDRAWN in self.scopes

    def read(self) -> None:
        """Check the scope `read`: a filter reveals a document's content by whether it matches. Raises Problem 403."""
        if "read" not in self.scopes:
            raise lacking("read", self.scopes)

    def write(self, collection: str) -> None:
        """Check that the caller may use the collection. Raises Problem 403."""
        if not self.may_use(collection):
            raise Problem(403, "collection", "The key has no access to this collection",
                          f"collection {collection!r} is not one of {', '.join(self.collections)}")  # fmt: skip

    async def audit(
        self, db: AsyncDatabase[Doc], settings: Settings, action: Action, target: str, **details: Any
    ) -> None:
        """Record in the audit log what the caller is about to do. Raises PyMongoError; the action must not be done
        then."""
        entry = audit.entry(action, target, settings, name=self.name, key=self.key, address=self.address, **details)
        await db[AUDIT].insert_one(entry)


class Keys:
    """Stored keys by id, each cached for ``auth_cache_seconds``, so that most requests need no look-up."""

    def __init__(self, db: AsyncDatabase[Doc], settings: Settings) -> None:
        self._db, self._settings, self._seconds = db, settings, settings.auth_cache_seconds
        self._known: dict[str, tuple[float, Doc]] = {}

    async def find(self, key: str) -> keys.ApiKey | None:
        """Return the stored key, even if it is expired or revoked, or None if it is unknown."""
        id = keys.key_id(key)
        if id is None:
            return None
        stored = await self._stored(id)
        return keys.shown(stored) if stored is not None and keys.matches(key, stored) else None

    async def lives(self, holder: str | None) -> bool:
        """Return whether a key that was valid before is neither revoked nor expired, or whether a person is active and
        their session has not ended. Without keys, ``holder`` is None."""
        if holder is None:
            return True
        id = rights.person(holder)
        if id is None:
            return bool(rights.of_stored(await self._stored(holder), holder))
        session = holder.partition("/")[2]
        if session and not await sessions.lives(self._db, self._settings, session):
            return False
        return bool(rights.of_stored(await self._db[rights.USERS].find_one({"_id": id}), holder))

    async def _stored(self, id: str) -> Doc | None:
        until, stored = self._known.get(id, (0.0, None))
        if stored is None or until < time.monotonic():
            until = time.monotonic() + self._seconds
            stored = await self._db[KEYS].find_one({"_id": id})
            if stored is None:  # unknown ids are not cached: anybody could send many
                return None
            self._known[id] = until, stored
        return stored

    def forget(self, id: str) -> None:
        self._known.pop(id, None)


async def _caller(
    request: Request,
    needed: SecurityScopes,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Caller:
    """Return the caller of a request. Raises Problem 401, 403 or 429."""
    settings: Settings = request.app.state.settings
    address = request.client.host if request.client else None
    if not settings.auth:
        if not settings.auth_off_anywhere:
            _only_this_machine(request)
        return Caller("anybody", None, address)
    given = bearer.credentials if bearer else header
    who = await _person(request, address) if not given else None
    who = who or await _key(request, given or _from_console(request), address)
    rate = await request.app.state.limiter.take(who.id, who.per_minute)
    if rate is not None:
        request.state.rate = rate
        if not rate.allowed:
            raise Problem(429, "rate", "Too many requests",
                          f"this key may send {rate.per_minute} a minute; try again after {rate.retry_seconds} s")  # fmt: skip
    every = [scope for scope in keys.SCOPES if any(scope in right.scopes for right in who.rights)]
    right = rights.decide(who.rights, needed.scopes)
    if right is None:
        raise lacking(next((scope for scope in needed.scopes if scope not in every), needed.scopes[0]), every)
    return Caller(who.name, who.id, address, right.collections, right.scopes, frozenset(every), who.session)


@dataclass(frozen=True)
class _Holder:
    """A key or a person that sent a request. ``id`` is the caller's ``key``."""

    id: str
    name: str
    rights: tuple[rights.Right, ...]
    per_minute: int
    session: str | None = None


async def _key(request: Request, given: str | None, address: str | None) -> _Holder:
    """Return the key that was sent. Raises Problem 401."""
    if not given:
        raise _unauthorized("Send an API key", 'send the header "Authorization: Bearer KEY"; an operator creates keys '
                            "with `copydesk keys create`, and the command line reads COPYDESK_API_KEY")  # fmt: skip
    key = await request.app.state.keys.find(given)
    if key is None or not key.valid(datetime.now(UTC)):
        log.warning("key_refused", key=keys.key_id(given), known=key is not None, address=address)
        raise _unauthorized("The API key is not valid", "it is unknown, expired or revoked; ask an operator for a new one",
                            error="invalid_token")  # fmt: skip
    return _Holder(key.id, key.name, rights.of_key(key), key.rate_per_minute)


async def _person(request: Request, address: str | None) -> _Holder | None:
    """Return the person whose session is in the browser's cookie; None without a cookie. Raises Problem 401 if the
    session has ended, 403 if a page of another site sent the request."""
    token = _cookie(request, SESSION)
    if not token:
        return None
    settings: Settings = request.app.state.settings
    found = await sessions.find(request.app.state.db, settings, token)
    if found is None:
        raise _unauthorized("The session has ended", "log in again", error="invalid_token")
    user, session = found
    if must_enrol(settings, user, session):
        raise Problem(
            403, ENROL, "Set up a second factor first", "administrators need one: open /account in the console"
        )
    return _Holder(f"{rights.PERSON}{user['_id']}", user["name"], rights.of_roles(user["roles"]),
                   PERSON_PER_MINUTE, session["_id"])  # fmt: skip


def must_enrol(settings: Settings, user: Doc, session: Doc) -> bool:
    """Return whether a person has to set up a second factor before they may do anything else. Where a provider
    checked who they are, the second factor is its affair."""
    admin = any(one["role"] == "admin" for one in user["roles"])
    return settings.admin_second_factor and admin and not user["second_factor"] and session["by"] == "password"


@dataclass(frozen=True)
class Visit:
    """A person on the pages of their own account. ``caller`` says what they may do, without regard to a second factor
    that they have to set up first."""

    user: Doc
    session: Doc
    caller: Caller


async def visitor(request: Request) -> Visit:
    """Return the person who asks for their own account. Raises Problem 401 without a session, 403 for a key or a page
    of another site."""
    token = _cookie(request, SESSION)
    if not token and request.cookies.get(COOKIE):
        raise Problem(403, "person", "Only people have an account", "log in with an e-mail address and a password")
    found = await sessions.find(request.app.state.db, request.app.state.settings, token) if token else None
    if found is None:
        raise _unauthorized("Log in", "log in with your e-mail address and password")
    user, session = found
    held = rights.of_roles(user["roles"])
    right = rights.decide(held, ["read"]) or rights.Right((), ())
    every = frozenset(scope for one in held for scope in one.scopes)
    address = request.client.host if request.client else None
    holder = f"{rights.PERSON}{user['_id']}"
    caller = Caller(user["name"], holder, address, right.collections, right.scopes, every, session["_id"])
    return Visit(user, session, caller)


def _from_console(request: Request) -> str | None:
    """Return the key in the browser's console cookie. Raises Problem 403 if a page of another site sent the request."""
    return _cookie(request, COOKIE)


def _cookie(request: Request, name: str) -> str | None:
    given = request.cookies.get(name)
    if given and request.method not in ("GET", "HEAD"):
        from_own_page(request)
    return given


def from_own_page(request: Request) -> None:
    """Check that the browser says that one of Copydesk's own pages sent the request. Raises Problem 403.

    Browsers send ``Sec-Fetch-Site`` with every request over HTTPS or to this machine, and ``Origin`` with every POST
    (Fetch Standard). Go's net/http CrossOriginProtection checks the same headers.
    """
    site, origin = request.headers.get("sec-fetch-site"), _address(request.headers.get("origin", ""))
    if site in ("same-origin", "none") or (site is None and origin and origin == request.headers.get("host")):
        return
    raise Problem(403, "cross-site", "The request comes from another site", "open the console and do it there")


def _address(origin: str) -> str:
    """Return the host and port of an ``Origin``, or an empty string if it is not one, such as ``null``."""
    address = origin.partition("://")[2]
    return address if _HOST.fullmatch(address) else ""


def lacking(scope: str, scopes: Sequence[str]) -> Problem:
    problem = Problem(403, "scope", "The key may not do this",
                      f"it lacks the scope {scope!r}, it has {', '.join(scopes) or 'none'}")  # fmt: skip
    problem.headers = {"WWW-Authenticate": f'Bearer realm="copydesk", error="insufficient_scope", scope="{scope}"'}
    return problem


def _unauthorized(title: str, detail: str, error: str = "") -> Problem:
    problem = Problem(401, "unauthorized", title, detail)
    problem.headers = {"WWW-Authenticate": 'Bearer realm="copydesk"' + (f', error="{error}"' if error else "")}
    return problem


def _only_this_machine(request: Request) -> None:
    """Check that the request comes from a program on this machine, because the API works without keys. Other machines
    are refused, and so are web pages in a browser on this machine. A foreign page can send to 127.0.0.1 (its Origin
    shows it), or point its own host name there (the Host header shows it).
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    named = urlsplit(f"//{host}").hostname if _HOST.fullmatch(host) else None
    server = (request.scope.get("server") or ("", 0))[0]
    allowed = request.app.state.settings.cors_origins
    if (
        is_loopback(server)
        and is_loopback(named or "")
        and (origin is None or origin in allowed or _address(origin) == host)
    ):
        return
    raise Problem(403, "this-machine-only", "The API answers this machine only",
                  "it runs without keys; set COPYDESK_AUTH=true to require keys and serve other machines")  # fmt: skip


async def _operator(caller: Annotated[Caller, Security(_caller, scopes=["admin"])]) -> Caller:
    """Return the caller, who must have access to all collections, because a key must not create one with more access.
    Raises Problem 403."""
    if not caller.everywhere:
        raise Problem(403, "collection", "The key has no access to some collections",
                      "managing keys needs a key with the scope 'admin' and access to all collections")  # fmt: skip
    return caller


Reader = Annotated[Caller, Security(_caller, scopes=["read"])]
Writer = Annotated[Caller, Security(_caller, scopes=["write"])]
Corrector = Annotated[Caller, Security(_caller, scopes=["read", "correct"])]
Admin = Annotated[Caller, Security(_caller, scopes=["admin"])]
Visitor = Annotated[Visit, Depends(visitor)]
Watcher = Annotated[Caller, Security(_caller, scopes=["metrics"])]
Operator = Annotated[Caller, Depends(_operator)]
