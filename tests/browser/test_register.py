"""An editor's questions about who is who, answered on the console's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import StorageState, expect

from services import identity
from tests.browser.conftest import Visit
from tests.integration.conftest import Deployment, eventually

FIRST = """Museum Gets A Lighthouse

GRIPVIK (North Wire) - Danish Senator Solveig Tangen opened the lighthouse on Monday. “Hakon Melby built it,” Solveig Tangen said.
"""
SECOND = """Lighthouse Tickets Sell Out

GRIPVIK (North Wire) - Danish Senator Solveig R. Tangen bought the last ticket on Tuesday, her office said.
"""
TANGEN, LONGER = (identity.of_name("PERSON", name) or "" for name in ("Solveig Tangen", "Solveig R. Tangen"))


@pytest.fixture(scope="module")
def doubted(deployment: Deployment) -> list[str]:
    """Documents about two forms of one name, once the register asks whether they are one."""
    ids = [deployment.post(text, collection="lighthouse")["id"] for text in (FIRST, SECOND)]
    for id in ids:
        assert deployment.final(id)["status"] == "done"

    def asked() -> Any:
        listed = deployment.http.get("/v1/entities/suggestions").json()["suggestions"]
        return [one for one in listed if one["kind"] == "join" and "Tangen" in one["name"]]

    eventually(asked, "a question")
    return ids


def _ids(deployment: Deployment, document: str) -> set[str]:
    record = deployment.http.get(f"/v1/documents/{document}").json()
    return {one["id"] for one in record["entities"] if one["id"]}


def test_an_editor_reads_answers_renames_and_splits(
    visit: Callable[..., Visit], logged_in: StorageState, deployment: Deployment, doubted: list[str]
) -> None:
    page = visit(storage_state=logged_in, viewport={"width": 390, "height": 900}).page()
    page.goto("/entities")
    page.get_by_role("link", name="Who is who").click()
    page.get_by_role("searchbox", name="Name").fill("Solveig")
    page.get_by_role("searchbox", name="Name").press("Enter")
    page.get_by_role("region", name="Names that start with").get_by_role("link", name="Solveig Tangen").click()
    expect(page.get_by_role("heading", name="Solveig Tangen")).to_be_visible()
    expect(page.get_by_role("img", name="Solveig Tangen and 1 other")).to_be_visible()
    expect(page.get_by_role("region", name="Network").get_by_role("emphasis").first).to_have_text("said something of")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than a phone"
    page.get_by_role("button", name="Keep apart").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep apart")).to_have_count(0)
    page.get_by_label("Show it under this name").fill("Solveig Tangen (senator)")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Solveig Tangen (senator)")).to_be_visible()
    page.get_by_label("It is the same as").fill(LONGER)
    page.get_by_role("button", name="Join", exact=True).click()
    page.get_by_role("button", name="Part again").click()
    expect(page.get_by_role("button", name="Part again")).to_have_count(0)
    eventually(lambda: LONGER in _ids(deployment, doubted[1]), "the record has its own id")
    page.goto(f"/register/{LONGER}")
    page.get_by_role("checkbox", name="Lighthouse Tickets Sell Out").check()
    page.get_by_role("button", name="The chosen documents mean somebody else").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    record = deployment.http.get(f"/v1/documents/{doubted[1]}").json()
    assert [one["kind"] for one in record["corrections"]] == ["pin"]
    actions = {one["action"] for one in deployment.db.audit.find({"target": {"$in": [TANGEN, LONGER]}})}
    assert actions == {"entity.apart", "entity.rename", "entity.join", "entity.part", "entity.split"}
