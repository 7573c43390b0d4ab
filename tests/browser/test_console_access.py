"""Who may do what on the console, and what a page or another site cannot do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Visit, article, log_in
from tests.integration.conftest import Deployment


def test_the_policy_stops_a_script_that_got_onto_the_page(visit: Callable[..., Visit], logged_in: StorageState) -> None:
    seen = visit(storage_state=logged_in)
    page = seen.page()
    page.goto("/")
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.ran") is None
    assert len(seen.wrong) == 1
    seen.wrong.clear()


def test_logging_in_and_out(visit: Callable[..., Visit], deployment: Deployment) -> None:
    seen = visit()
    page = seen.page()
    page.goto("/search?q=ferry")
    expect(page.locator("h1")).to_have_text("Log in")
    log_in(page, "nonsense")
    expect(page.get_by_role("alert")).to_contain_text("This is not an API key")
    log_in(page, f"cd_{'0' * 12}_{'0' * 64}")
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    log_in(page, deployment.key)
    expect(page).to_have_url(re.compile(r"/search\?q=ferry$"))
    [cookie] = seen.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    assert seen.context.cookies() == []
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto("/login?next=//elsewhere.example/")
    log_in(page, deployment.key)
    expect(page.locator("#recent-title")).to_be_visible()


def test_a_key_sees_and_does_what_it_may(visit: Callable[..., Visit], deployment: Deployment) -> None:
    mark, text = article()
    inside = deployment.post(text, collection=f"wire-{mark}")["id"]
    outside = deployment.post(text, collection=f"desk-{mark}")["id"]
    deployment.final(inside), deployment.final(outside)
    grant = {"name": "reading room", "scopes": ["read"], "collections": [f"wire-{mark}"]}
    key = deployment.http.post("/v1/keys", json=grant).json()
    page = visit().page()
    page.goto("/")
    log_in(page, key["key"])
    expect(page.locator("header")).to_contain_text("reading room")
    expect(page.locator(".line")).to_have_count(1)
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
    page.goto(f"/documents/{inside}")
    expect(page.get_by_role("button", name="Read it again")).to_have_count(0)
    page.goto(f"/documents/{outside}")
    expect(page.locator("h1")).to_have_text("No such document")
    for path in ("/search", "/map", "/timeline", "/entities/Ingrid%20Solheim", "/failed", "/status"):
        page.goto(path)
        assert f"desk-{mark}" not in page.content()
        assert outside not in page.content()
    deployment.http.delete(f"/v1/keys/{key['id']}")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Log in")

    writer = deployment.http.post("/v1/keys", json={"name": "press", "scopes": ["write"]}).json()["key"]
    log_in(page, writer)
    expect(page.get_by_role("alert")).to_contain_text("has no right to read")


def test_another_site_cannot_use_the_cookie(deployment: Deployment, document: dict[str, Any]) -> None:
    own = f"http://{deployment.http.base_url.netloc.decode()}"
    requests = [
        (f"/documents/{document['id']}/reprocess", {"data": {"force": "true"}}),
        ("/failed/retry", {"data": {"code": "corrupt"}}),
        ("/logout", {}),
        (f"/v1/documents/{document['id']}/reprocess", {}),
        ("/v1/documents", {"content": article()[1], "headers": {"Content-Type": "text/plain"}}),
        ("/login", {"data": {"key": deployment.key}}),
    ]  # fmt: skip
    with httpx.Client(base_url=own, cookies={"copydesk_key": deployment.key}) as client:
        for path, more in requests:
            headers = more.pop("headers", {})
            for sent in (
                {"Origin": "https://elsewhere.example"},
                {"Origin": "null"},
                {},
                {"Sec-Fetch-Site": "same-site", "Origin": own},
                {"Sec-Fetch-Site": "cross-site"},
            ):
                answer = client.post(path, **more, headers={**headers, **sent})
                assert answer.status_code == 403, (path, sent)
            answer = client.post(path, **more, headers={**headers, "Origin": own})
            assert answer.status_code in (200, 202, 303), (path, answer.text)
        # a link elsewhere leads to the page all the same, by way of a reload from here
        client.cookies.clear()
        answer = client.get(f"/documents/{document['id']}", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.headers["refresh"] == "0"
