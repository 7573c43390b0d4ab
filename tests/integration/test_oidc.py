"""Log in with an OpenID Connect provider: a real one, in this process."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest

from tests.integration.conftest import Api, Deployment
from tests.integration.people import Person, join

ROLES = '{"newsroom": [{"role": "reader"}], "sport": [{"role": "editor", "collections": ["sport-*"]}]}'


class Provider:
    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def tell(self, sub: str, **claims: Any) -> str:
        """Make somebody known to the provider, and return their address."""
        email = claims.pop("email", f"{sub}@desk.example")
        told = {"email": email, "email_verified": True, "name": f"Person {sub}", **claims}
        httpx.put(f"{self.issuer}/users/{sub}", json=told).raise_for_status()
        return str(email)

    def consent(self, address: str, sub: str) -> str:
        """Log in at the provider, and return the address that it sends the browser back to."""
        answer = httpx.post(address, data={"sub": sub})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
            yield Provider(server.server_port)


@pytest.fixture(scope="module")
def api(deployment: Deployment, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API process on the deployment's MongoDB that knows the provider."""
    folder = tmp_path_factory.mktemp("oidc")
    (folder / "secret").write_text("hunter2 / and more\n")
    found = Api(
        {**deployment.environment, "COPYDESK_OIDC_ISSUER": provider.issuer, "COPYDESK_OIDC_CLIENT_ID": "copydesk",
         "COPYDESK_OIDC_CLIENT_SECRET_FILE": str(Path(folder / "secret")), "COPYDESK_OIDC_NAME": "Desk Pass",
         "COPYDESK_OIDC_ROLES": ROLES, "COPYDESK_PUBLIC_URL": "https://news.example"},
        folder / "log",
    )  # fmt: skip
    found.wait(200)
    yield found
    found.stop()


class Guest(Person):
    """Somebody whose browser follows the provider back to the API under test, not to its public address."""

    def begin(self, next: str = "/") -> str:
        answer = self.get("/login/oidc", params={"next": next}, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303, answer.text
        self.cookies.set("copydesk-login", answer.cookies["copydesk-login"])
        return answer.headers["location"]

    def finish(self, back: str) -> httpx.Response:
        parts = urlsplit(back)
        return self.get(f"{parts.path}?{parts.query}", headers={"Sec-Fetch-Site": "cross-site"})

    def log_in_with(self, provider: Provider, sub: str, next: str = "/") -> httpx.Response:
        return self.finish(provider.consent(self.begin(next), sub))


@pytest.fixture
def guest(api: Api) -> Iterator[Guest]:
    with Guest(str(api.http.base_url), "guest@desk.example") as found:
        yield found


def test_a_first_login_makes_the_person_with_the_roles_of_their_groups(
    deployment: Deployment, provider: Provider, guest: Guest
) -> None:
    sub = uuid.uuid4().hex
    email = provider.tell(sub, groups=["newsroom", "sport", "canteen"])
    assert "Log in with Desk Pass" in guest.get("/login").text
    answer = guest.log_in_with(provider, sub, "/search?q=ferry")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=ferry")
    [made] = [one for one in deployment.http.get("/v1/users").json()["users"] if one["email"] == email]
    assert made["roles"] == [{"role": "reader", "collections": ["*"]}, {"role": "editor", "collections": ["sport-*"]}]
    text = {"Content-Type": "text/plain"}
    assert guest.post("/v1/documents", params={"collection": "sport-a"}, content=b"Ferry Late\n\nBy hours.", headers=text).status_code == 202  # fmt: skip
    assert guest.post("/v1/documents", params={"collection": "mole"}, content=b"x", headers=text).status_code == 403
    [login] = deployment.db.audit.find({"action": "user.login", "actor.key": f"user:{made['id']}"})
    assert login["details"] == {"by": "oidc"}
    # roles follow the groups at the next login
    provider.tell(sub, groups="newsroom")
    assert guest.log_in_with(provider, sub).status_code == 303
    assert guest.post("/v1/documents", params={"collection": "sport-a"}, content=b"x", headers=text).status_code == 403
    provider.tell(sub, groups=[])
    assert guest.log_in_with(provider, sub).status_code == 403
    deployment.http.patch(f"/v1/users/{made['id']}", json={"active": False})
    provider.tell(sub, groups=["newsroom"])
    assert guest.log_in_with(provider, sub).status_code == 403
    assert guest.get("/v1/documents").status_code == 401


def test_the_request_has_pkce_state_and_nonce(provider: Provider, guest: Guest) -> None:
    address = urlsplit(guest.begin("https://elsewhere.example/"))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[\w-]{43}", asked["code_challenge"])
    assert len(asked["state"]) >= 40
    assert len(asked["nonce"]) >= 40
    assert asked["redirect_uri"] == "https://news.example/login/oidc/callback"


def test_only_the_browser_that_began_a_login_finishes_it_once(provider: Provider, guest: Guest, api: Api) -> None:
    sub = uuid.uuid4().hex
    provider.tell(sub, groups=["newsroom"])
    back = provider.consent(guest.begin(), sub)
    with Guest(str(api.http.base_url), "other@desk.example") as victim:
        assert victim.finish(back).status_code == 400  # a link that somebody else prepared
        victim.begin()
        assert victim.finish(back).status_code == 400
    assert guest.finish(back).status_code == 303
    assert guest.finish(back).status_code == 400
    sent = guest.begin("//elsewhere.example/")
    assert guest.finish(provider.consent(sent, sub)).headers["location"] == "/"


def test_what_the_provider_refuses_is_told(provider: Provider, guest: Guest) -> None:
    answer = httpx.post(guest.begin(), data={"action": "deny"})
    refused = guest.finish(answer.headers["location"])
    assert refused.status_code == 403
    assert "access_denied" in refused.text
    state = parse_qs(urlsplit(guest.begin()).query)["state"][0]
    made_up = guest.finish(f"https://news.example/login/oidc/callback?state={state}&code=made-up")
    assert made_up.status_code == 502
    assert "copydesk_session" not in guest.cookies


def test_an_address_is_taken_over_only_if_the_provider_verified_it(
    deployment: Deployment, provider: Provider, guest: Guest
) -> None:
    person = join(deployment, {"role": "editor"}, log_in=False)
    thief, owner = uuid.uuid4().hex, uuid.uuid4().hex
    provider.tell(thief, email=person.email, email_verified=False, groups=["newsroom"])
    assert guest.log_in_with(provider, thief).status_code == 403
    provider.tell(owner, email=person.email.upper(), groups=[])
    assert guest.log_in_with(provider, owner).status_code == 303
    [made] = [one for one in deployment.http.get("/v1/users").json()["users"] if one["email"] == person.email]
    assert made["id"] == person.id
    assert made["roles"] == [{"role": "editor", "collections": ["*"]}]  # whoever was invited keeps their roles
    provider.tell(thief, email=person.email, groups=["newsroom"])
    assert guest.log_in_with(provider, thief).status_code == 403


def test_without_a_provider_there_is_no_login_with_one(deployment: Deployment) -> None:
    with Guest(str(deployment.http.base_url), "guest@desk.example") as visitor:
        assert visitor.get("/login/oidc").status_code == 404
        assert "single sign-on" not in visitor.get("/login").text
