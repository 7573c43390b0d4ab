"""A login with an OpenID Connect provider, and a second factor, in a browser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import oidc_provider_mock
import pyotp
import pytest
from playwright.sync_api import Browser, expect

from services.embedded import free_port
from tests.browser.test_people import enter
from tests.integration.conftest import Api, Deployment
from tests.integration.people import join


@pytest.fixture
def provider() -> Iterator[str]:
    """A provider, by the name that it goes by: for the browser another site than Copydesk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def api(deployment: Deployment, provider: str, tmp_path: Path) -> Iterator[Api]:
    port = free_port()
    settings = {
        "COPYDESK_OIDC_ISSUER": provider,
        "COPYDESK_OIDC_CLIENT_ID": "copydesk",
        "COPYDESK_OIDC_NAME": "Desk Pass",
        "COPYDESK_OIDC_ROLES": '{"newsroom": [{"role": "editor"}]}',
        "COPYDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    found = Api({**deployment.environment, **settings}, tmp_path / "log", port=port)
    found.wait(200)
    yield found
    found.stop()


def test_a_person_comes_in_by_the_provider(browser: Browser, api: Api, provider: str) -> None:
    sub = uuid.uuid4().hex[:10]
    claims = {"email": f"{sub}@desk.example", "email_verified": True, "name": "Runa Falk", "groups": ["newsroom"]}
    httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()
    context = browser.new_context(base_url=str(api.http.base_url))
    page = context.new_page()
    page.goto("/search?q=ferry")
    page.get_by_role("link", name="Log in with Desk Pass").click()
    page.get_by_label("Subject").fill(sub)
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page).to_have_url(re.compile(r"127\.0\.0\.1:\d+/search\?q=ferry$"))
    page.get_by_role("link", name="Runa Falk").click()
    expect(page.locator("main")).to_contain_text("editor in all collections")
    [cookie] = context.cookies(str(api.http.base_url))
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("copydesk_session", True, "Strict")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    context.close()


def test_a_second_factor(browser: Browser, deployment: Deployment) -> None:
    person = join(deployment, {"role": "reader"}, name="Signe Ask", log_in=False)
    context = browser.new_context(base_url=str(deployment.http.base_url))
    page = context.new_page()
    page.goto("/login?next=/account")
    enter(page, person.email)
    page.get_by_role("button", name="Set up a second factor").click()
    expect(page.locator("svg.code")).to_be_visible()
    app = pyotp.TOTP(page.locator("main code").first.inner_text().replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Set it up").click()
    codes = page.locator("ul.codes li")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="Log out").click()
    enter(page, person.email)
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Code of your second factor").fill(recovery)
    enter(page, person.email)
    expect(page.get_by_role("link", name="Signe Ask")).to_be_visible()
    context.close()
    deployment.http.delete(f"/v1/users/{person.id}").raise_for_status()
