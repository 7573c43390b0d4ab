"""Completion in the search field, by keyboard and by screen readers' means."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, article, log_in
from tests.integration.conftest import Deployment


def test_a_name_is_completed_by_keyboard(page: Page, deployment: Deployment) -> None:
    mark, text = article()
    deployment.final(deployment.post(text, collection=f"desk-{mark}")["id"])
    page.goto("/search")
    field = page.get_by_role("combobox", name="Search for")
    field.press_sequentially("ferry spea")
    expect(page.get_by_role("option", name="speaker:")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text("speaker:")
    assert Axe().run(page).response["violations"] == []
    field.press("Enter")
    field.press_sequentially("Ingrid S")
    expect(page.get_by_role("option", name="Ingrid Solheim")).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value('ferry speaker:"Ingrid Solheim" ')
    field.press_sequentially(f"collection:desk-{mark}")
    expect(page.get_by_role("option", name=f"desk-{mark}")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press("Enter")
    expect(page.locator("main")).to_contain_text(mark)


def test_nothing_of_other_collections_is_completed(visit: Callable[..., Visit], deployment: Deployment) -> None:
    mark, text = article()
    deployment.final(deployment.post(text.replace("Solheim", f"Sol{mark}"), collection=f"desk-{mark}")["id"])
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": ["elsewhere"]}
    key = deployment.http.post("/v1/keys", json=grant).json()
    page = visit().page()
    log_in(page, key["key"])
    page.goto("/search")
    with page.expect_response("**/v1/entities*") as answered:
        page.get_by_role("combobox", name="Search for").press_sequentially('speaker:"Ingrid')
    assert answered.value.json()["entities"] == []
    deployment.http.delete(f"/v1/keys/{key['id']}")
