"""Which ID tokens of a provider are taken."""

from __future__ import annotations

import base64
import hmac
import time
from typing import Any

import pytest
from joserfc import jwk, jwt

from services.api.oidc import Provider, roles_of
from services.settings import Settings

ISSUER, CLIENT, NONCE = "https://login.example", "copydesk", "n-1"
KEY = jwk.RSAKey.generate_key(2048, {"kid": "a"}, auto_kid=False)
OTHER = jwk.RSAKey.generate_key(2048, {"kid": "a"}, auto_kid=False)
KEYS = jwk.KeySet([KEY]).as_dict(private=False)
PROVIDER = Provider(Settings(oidc_issuer=ISSUER, oidc_client_id=CLIENT, public_url="https://news.example"))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key: Any = KEY, alg: str = "RS256", **claims: Any) -> str:
    """Return a token; ``exp`` and ``iat`` are in seconds from now."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "nonce": NONCE, "exp": 300}
    told = {name: value for name, value in {**good, **claims}.items() if value is not None}
    told |= {name: now + told[name] for name in ("exp", "iat") if name in told}
    return jwt.encode({"alg": alg, "kid": "a"}, told, key, algorithms=[alg])


@pytest.mark.parametrize("claims", [{}, {"aud": [CLIENT]}, {"aud": [CLIENT, "mail"], "azp": CLIENT}, {"exp": -5}])
def test_a_good_token(claims: dict[str, Any]) -> None:
    found = PROVIDER._verified(token(**claims), KEYS, NONCE)
    assert found is not None
    assert found["sub"] == "7"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example/other"},
        {"aud": "mail"},
        {"aud": [CLIENT, "mail"]},
        {"azp": "mail"},
        {"nonce": "n-2"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
        {"exp": -3600},
        {"iat": 3600},
    ],
)
def test_a_token_for_somebody_else_or_another_time(claims: dict[str, Any]) -> None:
    assert PROVIDER._verified(token(**claims), KEYS, NONCE) is None


def test_a_token_that_the_provider_did_not_sign() -> None:
    assert PROVIDER._verified(token(OTHER), KEYS, NONCE) is None
    head, _, rest = token().partition(".")
    assert PROVIDER._verified(f"eyJhbGciOiJub25lIn0.{rest.partition('.')[0]}.", KEYS, NONCE) is None
    assert PROVIDER._verified(f"{head}.{rest[:-4]}AAAA", KEYS, NONCE) is None
    # a public key, taken for a password that the provider and the client share
    payload = f"{encoded(b'{"alg":"HS256","kid":"a"}')}.{rest.partition('.')[0]}"
    sealed = hmac.new(KEY.as_pem(private=False), payload.encode(), "sha256").digest()
    assert PROVIDER._verified(f"{payload}.{encoded(sealed)}", KEYS, NONCE) is None
    for nonsense in ("", "x", "a.b.c", "é.é.é"):
        assert PROVIDER._verified(nonsense, KEYS, NONCE) is None


@pytest.mark.parametrize(
    ("told", "roles"),
    [
        (["sport", "x"], ["editor"]),
        ("desk", ["reader"]),
        ([], []),
        (None, []),
        (7, []),
        ([["sport"]], []),
        ({"sport": 1}, []),
    ],
)
def test_roles_come_from_the_groups(told: Any, roles: list[str]) -> None:
    mapping = {"desk": [{"role": "reader"}], "sport": [{"role": "editor", "collections": ["sport-*"]}]}
    settings = Settings.model_validate({"oidc_roles": mapping})
    assert [one["role"] for one in roles_of(settings, {"groups": told})] == roles
