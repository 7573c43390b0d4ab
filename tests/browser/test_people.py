"""People in a browser: an invitation, a login, the account."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Visit
from tests.integration.conftest import Deployment
from tests.integration.people import PASSWORD, invite, token_of


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


def test_an_administrator_invites_and_disables(
    visit: Callable[..., Visit], logged_in: StorageState, deployment: Deployment
) -> None:
    email = f"{uuid.uuid4().hex[:10]}@desk.example"
    page = visit(storage_state=logged_in).page()
    page.goto("/people")
    if not page.get_by_label("E-mail address").is_visible():
        page.get_by_text("Invite a person").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name", exact=True).fill("Liv Sand")
    page.get_by_label("Role").select_option("editor")
    page.get_by_label("Collections").fill("sport-*, wire")
    page.get_by_role("button", name="Invite").click()
    link = page.locator("#link").inner_text()
    expect(page.locator("main")).to_contain_text("editor in sport-*, wire")
    guest = visit().page()
    guest.goto(f"/invitation?token={token_of(link)}")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Store the password").click()
    enter(guest, email)
    expect(guest.get_by_role("link", name="Liv Sand")).to_be_visible()
    expect(guest.get_by_role("link", name="People")).to_have_count(0)
    page.get_by_role("button", name=re.compile(f"^Disable.*{email}")).click()
    expect(page.get_by_role("button", name=re.compile(f"^Enable.*{email}"))).to_be_visible()
    guest.goto("/")
    expect(guest.locator("h1")).to_have_text("Log in")
    [made] = [one for one in deployment.http.get("/v1/users").json()["users"] if one["email"] == email]
    deployment.http.delete(f"/v1/users/{made['id']}").raise_for_status()


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
