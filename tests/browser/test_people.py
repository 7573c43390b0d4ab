"""People in a browser: an invitation, a login, the account."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.integration.conftest import Deployment
from tests.integration.people import PASSWORD, invite, token_of


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


def test_from_an_invitation_to_the_end_of_the_session(visit: Callable[..., Visit], deployment: Deployment) -> None:
    made, link = invite(deployment, {"role": "editor"}, name="Nora Vik")
    seen = visit()
    page = seen.page()
    page.goto(f"/invitation?token={token_of(link)}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Store the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is stored")
    page.goto("/search?q=ferry")
    enter(page, made["email"], "not the password")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    enter(page, made["email"])
    expect(page).to_have_url(re.compile(r"/search\?q=ferry$"))
    [cookie] = seen.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    other = visit().page()
    other.goto("/login")
    enter(other, made["email"])
    page.get_by_role("link", name="Nora Vik").click()
    expect(page.locator("main")).to_contain_text("editor in all collections")
    expect(page.locator("main")).to_contain_text("This browser")
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_role("button", name="End all others")).to_have_count(0)
    other.goto("/")
    expect(other.locator("h1")).to_have_text("Log in")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    assert seen.context.cookies() == []
    deployment.http.delete(f"/v1/users/{made['id']}").raise_for_status()
