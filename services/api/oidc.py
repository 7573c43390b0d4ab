"""Log in with an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0).

A login that is under way is in the database of secrets, ``oidc_flows``, under the hash of its state. The browser keeps
the state in a cookie, so that nobody can finish a login in somebody else's browser. A flow is used once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from fastapi import Request
from pymongo.asynchronous.database import AsyncDatabase

from services.addresses import is_loopback
from services.api.problems import Problem
from services.settings import Settings
from services.store import audit, users
from services.store.audit import AUDIT, Action
from services.store.rights import USERS
from services.store.users import FLOWS, Doc, secret

log = structlog.get_logger()

CALLBACK = "/login/oidc/callback"
FLOW_SECONDS = 600
KNOWN_SECONDS = 3600.0
TIMEOUT_SECONDS = 10.0
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures with a provider's own key; never `none`, nor one with the client's secret."""
UNAVAILABLE = 502


def enabled(settings: Settings) -> bool:
    """Return whether the settings name a provider."""
    return bool(settings.oidc_issuer and settings.oidc_client_id and settings.public_url)


@dataclass(frozen=True)
class Flow:
    """A login that has begun: where the browser goes, and the state that its cookie keeps."""

    address: str
    state: str


class Provider:
    """The provider of the settings. What it says of itself is asked for once in an hour."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer or ""
        self._known: tuple[float, Doc, Doc] | None = None

    async def begin(self, db: AsyncDatabase[Doc], next: str) -> Flow:
        """Begin a login that leads to ``next``. Raises Problem 502."""
        found, _ = await self._configuration()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        expires = datetime.now(UTC) + timedelta(seconds=FLOW_SECONDS)
        flow = {"_id": users.hash_of(state), "nonce": nonce, "verifier": verifier, "next": next, "expires_at": expires}
        await secret(db)[FLOWS].insert_one(flow)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._redirect,
            "scope": self._settings.oidc_scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = found["authorization_endpoint"]
        return Flow(f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}", state)

    async def finish(self, db: AsyncDatabase[Doc], state: str, kept: str, code: str) -> tuple[Doc, str]:
        """Return what the provider says of the person, and the page that they wanted. ``kept`` is the state in the
        browser's cookie. Raises Problem 400 if the login was not begun in this browser, or was finished before; 401 if
        the provider's token is not valid; 502 if the provider does not answer."""
        same = hmac.compare_digest(state.encode(), kept.encode())
        flow = await secret(db)[FLOWS].find_one_and_delete({"_id": users.hash_of(state)}) if state and same else None
        if flow is None or flow["expires_at"] <= datetime.now(UTC):
            raise Problem(
                400, "login", "This login has ended", "begin again: it was not begun here, is old, or was used"
            )
        found, keys = await self._configuration()
        tokens = await self._tokens(found, code, flow["verifier"])
        claims = self._verified(str(tokens.get("id_token", "")), keys, flow["nonce"])
        if claims is None:  # the provider may have changed its keys since they were read
            self._known = None
            found, keys = await self._configuration()
            claims = self._verified(str(tokens.get("id_token", "")), keys, flow["nonce"])
        if claims is None:
            raise Problem(401, "login", "The login is not valid", "the provider's token cannot be verified; the API's log says why")  # fmt: skip
        if self._settings.oidc_claim not in claims or "email" not in claims:
            claims = {**await self._told(found, str(tokens.get("access_token", "")), claims["sub"]), **claims}
        return claims, flow["next"]

    @property
    def _redirect(self) -> str:
        return f"{(self._settings.public_url or '').rstrip('/')}{CALLBACK}"

    async def _configuration(self) -> tuple[Doc, Doc]:
        """Return the provider's metadata (OpenID Connect Discovery 1.0) and keys. Raises Problem 502."""
        if self._known and self._known[0] > time.monotonic():
            return self._known[1:]
        found = await self._ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise _failed(f"it calls itself {found.get('issuer')!r}, and COPYDESK_OIDC_ISSUER is {self._issuer!r}")
        keys = await self._ask("GET", found.get("jwks_uri", ""))
        self._known = time.monotonic() + KNOWN_SECONDS, found, keys
        return found, keys

    async def _tokens(self, found: Doc, code: str, verifier: str) -> Doc:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
            "client_id": self._settings.oidc_client_id or "",
        }
        own = self._settings.oidc_client_secret_file
        password = own.read_text().strip() if own else ""
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if password and "client_secret_basic" in methods:
            login = httpx.BasicAuth(*(_encoded(one) for one in (self._settings.oidc_client_id or "", password)))
            return await self._ask("POST", found["token_endpoint"], data=form, auth=login)
        if password:
            form["client_secret"] = password
        return await self._ask("POST", found["token_endpoint"], data=form)

    async def _told(self, found: Doc, token: str, subject: str) -> Doc:
        """Return what the provider's userinfo endpoint says of this subject, and nothing of another one."""
        if not found.get("userinfo_endpoint") or not token:
            return {}
        told = await self._ask("GET", found["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"})
        return told if told.get("sub") == subject else {}

    async def _ask(self, method: str, address: str, **sent: Any) -> Doc:
        """Return an answer as JSON. Raises Problem 502."""
        parts = urlsplit(address)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise _failed(f"its address {address!r} is not https")
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
                answer = await client.request(method, address, **sent)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _failed(f"{type(error).__name__}: {error}") from None
        return found if isinstance(found, dict) else {}

    def _verified(self, token: str, keys: Any, nonce: str) -> Doc | None:
        """Return the claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7); None if it is not valid."""
        from joserfc import jwk, jwt
        from joserfc.errors import JoseError

        client = self._settings.oidc_client_id or ""
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": client},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("oidc_token_refused", error=f"{type(error).__name__}: {error}"[:300])
            return None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        return None if claims.get("azp", None if several else client) != client else claims


async def person(db: AsyncDatabase[Doc], settings: Settings, claims: Doc, address: str | None) -> Doc:
    """Return the person of a login, who is stored at the first one. Roles follow the provider at each login, except
    those of somebody who was invited here. Raises Problem 403 if they have no role, or are disabled."""
    identity = {"issuer": settings.oidc_issuer, "subject": claims["sub"]}
    roles = roles_of(settings, claims)
    user = await db[USERS].find_one({"oidc.issuer": identity["issuer"], "oidc.subject": identity["subject"]})
    if user is None:
        user = await _first_login(db, settings, identity, roles, claims, address)
    if not user["active"]:
        raise _refused("the account is disabled")
    if not user["oidc"]["roles"]:
        return user
    if not roles:
        raise _refused("none of your groups has a role here")
    if roles != user["roles"]:
        await _record(db, settings, Action.USER_CHANGE, user, address, roles=roles)
        await db[USERS].update_one({"_id": user["_id"]}, {"$set": {"roles": roles}})
    return {**user, "roles": roles}


async def _first_login(
    db: AsyncDatabase[Doc], settings: Settings, identity: Doc, roles: list[Doc], claims: Doc, address: str | None
) -> Doc:
    """Store a person at their first login, or connect somebody who was invited under the same verified address."""
    try:
        name = str(claims.get("name") or claims.get("preferred_username") or claims.get("email"))[:100]
        asked = users.UserIn.model_validate({"email": claims.get("email"), "name": name, "roles": roles or [{"role": "reader"}]})  # fmt: skip
    except ValueError:
        raise _refused(
            "the provider does not tell your e-mail address; COPYDESK_OIDC_SCOPE must include email"
        ) from None
    known = await db[USERS].find_one({"email": asked.email})
    if known is not None:
        if claims.get("email_verified") is not True or known.get("oidc"):
            raise _refused("somebody here has your e-mail address, and the provider does not say that it verified it")
        await _record(db, settings, Action.USER_CHANGE, known, address, oidc=identity)
        oidc = {**identity, "roles": False}
        await db[USERS].update_one({"_id": known["_id"], "oidc": None}, {"$set": {"oidc": oidc}})
        return {**known, "oidc": oidc}
    if not roles:
        raise _refused("none of your groups has a role here")
    entry = {**users.new_entry(asked), "oidc": {**identity, "roles": True}}
    await _record(db, settings, Action.USER_CREATE, entry, address, roles=entry["roles"], oidc=identity)
    await db[USERS].insert_one(entry)
    return entry


async def _record(
    db: AsyncDatabase[Doc], settings: Settings, action: Action, user: Doc, address: str | None, **details: Any
) -> None:
    entry = audit.entry(action, user["_id"], settings, name="oidc", address=address, email=user["email"], **details)
    await db[AUDIT].insert_one(entry)


def roles_of(settings: Settings, claims: Doc) -> list[Doc]:
    """Return the roles that the settings give to the values of the claim, in the order of the settings."""
    told = claims.get(settings.oidc_claim)
    values = {told} if isinstance(told, str) else {one for one in told or [] if isinstance(one, str)} if isinstance(told, list) else set()  # fmt: skip
    return [one.model_dump() for group, roles in settings.oidc_roles.items() if group in values or group == "*" for one in roles]  # fmt: skip


def _refused(why: str) -> Problem:
    return Problem(403, "login", "You cannot log in", f"{why}; ask an administrator")


def _failed(why: str) -> Problem:
    log.warning("oidc_failed", error=why[:500])
    return Problem(
        UNAVAILABLE, "provider", "The login provider does not answer", "try again later; the API's log says why"
    )


def _encoded(text: str) -> str:
    """Return a part of HTTP Basic credentials as RFC 6749, 2.3.1, wants it."""
    return urlencode({"": text})[1:]


def installed() -> bool:
    return find_spec("joserfc") is not None


def provider(request: Request) -> Provider:
    """Return the process's provider. Raises Problem 404 if the settings name none, 501 if the extra is missing."""
    settings: Settings = request.app.state.settings
    if not enabled(settings):
        raise Problem(404, "oidc", "There is no login provider", "set COPYDESK_OIDC_ISSUER, COPYDESK_OIDC_CLIENT_ID and COPYDESK_PUBLIC_URL")  # fmt: skip
    if not installed():
        raise Problem(501, "oidc", "Logins with a provider are not installed", "install the extra: pip install 'copydesk[oidc]'")  # fmt: skip
    found: Provider | None = getattr(request.app.state, "oidc", None)
    if found is None:
        found = request.app.state.oidc = Provider(settings)
    return found
