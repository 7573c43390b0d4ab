"""An editor corrects a document on its page, without any script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Visit, article, log_in
from tests.integration.conftest import Deployment


@pytest.fixture
def plain(visit: Callable[..., Visit], logged_in: StorageState) -> Page:
    """A page of somebody who may do everything, and whose browser runs no scripts."""
    return visit(storage_state=logged_in, java_script_enabled=False, viewport={"width": 390, "height": 900}).page()


def row(page: Page, text: str) -> str:
    """Follow the link beside what begins so; returns the id of its row."""
    found = page.locator("aside li", has_text=text).first
    id = found.get_attribute("id") or ""
    found.get_by_role("link", name="correct").click()
    return id


def test_an_editor_sets_right_what_was_read_and_takes_it_back(plain: Page, deployment: Deployment) -> None:
    mark, text = article()
    id = deployment.post(text, collection=f"desk-{mark}")["id"]
    before = deployment.final(id)
    plain.goto(f"/documents/{id}")
    said = plain.locator(f"#{row(plain, 'We waited')}")
    said.get_by_label("Speaker").fill("Kari Solheim")
    said.get_by_role("button", name="Set speaker").click()
    expect(plain.locator("#editors")).to_contain_text("Kari Solheim")
    named = plain.locator(f"#{row(plain, 'Ingrid Solheim')}")
    named.get_by_label("Type").select_option("ORG")
    named.get_by_role("button", name="Set type").click()
    sum_ = plain.locator(f"#{row(plain, '$12 million')}")
    sum_.get_by_label("Currency").fill("cad")
    sum_.get_by_role("button", name="Set sum").click()
    place = plain.locator(f"#{row(plain, 'Busan')}")
    place.get_by_role("button", name="Hide it").click()
    now = deployment.http.get(f"/v1/documents/{id}").json()
    assert [one["speaker"] for one in now["quotes"]] == ["Kari Solheim"]
    assert {one["name"]: one["type"] for one in now["entities"]}["Ingrid Solheim"] == "ORG"
    assert [one["currency"] for one in now["money"]] == ["CAD"]
    assert "Busan" not in [one["name"] for one in now["places"]]
    undo = plain.locator("#editors").get_by_role("button", name="Undo")
    while undo.count():
        undo.first.click()
    after = deployment.http.get(f"/v1/documents/{id}").json()
    assert all(after[name] == before[name] for name in ("quotes", "entities", "money", "places", "events"))


def test_tags_a_comment_and_a_star(plain: Page, deployment: Deployment) -> None:
    mark, text = article()
    id = deployment.post(text, collection=f"desk-{mark}")["id"]
    deployment.final(id)
    plain.goto(f"/documents/{id}")
    plain.get_by_label("Tag").fill(f"checked {mark}")
    plain.get_by_role("button", name="Add tag").click()
    plain.get_by_label("Comment").fill("Called <b>Oslo</b>.")
    plain.get_by_role("button", name="Add comment").click()
    plain.get_by_role("button", name="Star").click()
    expect(plain.locator("#editors")).to_contain_text("Called <b>Oslo</b>.")
    expect(plain.locator("#editors")).to_contain_text("Starred by bootstrap")
    plain.locator(".head").get_by_role("link", name=f"checked {mark}").click()
    expect(plain.locator("main")).to_contain_text(mark)
    plain.goto(f"/documents/{id}")
    plain.get_by_role("button", name="Remove the star").click()
    kinds = [one["kind"] for one in deployment.http.get(f"/v1/documents/{id}/corrections").json()["corrections"]]
    assert kinds == ["tag", "comment"]


def test_a_reader_sees_corrections_and_no_forms(visit: Callable[..., Visit], deployment: Deployment) -> None:
    mark, text = article()
    id = deployment.post(text, collection=f"desk-{mark}")["id"]
    deployment.final(id)
    url = f"/v1/documents/{id}/corrections"
    assert deployment.http.post(url, json={"kind": "comment", "now": {"text": "Seen."}}).status_code == 201
    key = deployment.http.post("/v1/keys", json={"name": "reading room", "scopes": ["read"]}).json()
    page = visit().page()
    log_in(page, key["key"])
    page.goto(f"/documents/{id}?fix=entity-0")
    expect(page.locator("#editors")).to_contain_text("Seen.")
    expect(page.locator("#editors button, .fix, .fixes")).to_have_count(0)
    deployment.http.delete(f"/v1/keys/{key['id']}")
