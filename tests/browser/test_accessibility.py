"""No violation that axe finds, on any page, in light and dark."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import StorageState

from services import identity
from tests.browser.conftest import Visit
from tests.conftest import ROOT
from tests.deep import of
from tests.integration.conftest import Deployment


@pytest.fixture(scope="module")
def seeded(deployment: Deployment) -> dict[str, Any]:
    """Two versions of one story, a document in Persian and one that cannot be read; the addresses of every kind of page."""
    collection = uuid.uuid4().hex[:8]
    text = (ROOT / "seeds" / "harbour-deal.txt").read_text()
    first = deployment.post(text, collection=collection)["id"]
    record = deployment.final(first)
    deployment.final(deployment.post(text.replace("spring", "autumn"), collection=collection)["id"])
    persian = deployment.post("کشتی‌های برقی به شمال نروژ می‌رسند\n\nاسلو - سفیر نروژ روز دوشنبه گفت سفارش کشتی‌ها رسید.")[
        "id"
    ]
    deployment.final(persian)
    broken = deployment.http.post(
        "/v1/documents", files={"file": (f"{collection}.pdf", b"%PDF-1.4 " + collection.encode())}
    )
    failed = broken.json()["id"]
    deployment.final(failed)
    return {
        "desk": "/",
        "document": f"/documents/{first}",
        "correcting": f"/documents/{first}?fix=entity-0",
        "correcting a quote": f"/documents/{first}?fix=quote-0",
        "persian": f"/documents/{persian}",
        "failed document": f"/documents/{failed}",
        "search": "/search?q=ferries&language=en",
        "nothing found": f"/search?q={uuid.uuid4().hex}",
        "wrong query": "/search?q=colour:red",
        "quotes": f"/quotes?collection={collection}",
        "sums": f"/sums?collection={collection}",
        "wrong sum": "/sums?amount_max=much",
        "events": f"/events?collection={collection}",
        "stories": f"/stories?collection={collection}&versions_min=2",
        "names": f"/entities?type=ORG&collection={collection}",
        "timeline": "/timeline",
        "map": "/map",
        "entity": "/entities/Ingrid%20Solheim",
        "register": "/register",
        "entry": f"/register/{identity.of_name('PERSON', 'Ingrid Solheim')}",
        "story": f"/stories/{record['story']['id']}",
        "collections": "/collections",
        "jobs": "/jobs",
        "sources": "/sources",
        "lists": "/lists",
        "saved searches": "/searches",
        "failed": "/failed",
        "status": "/status",
        "problem": "/documents/nonsense",
    }


LOOKS = [("light", 390), ("dark", 1280), ("light", 1280), ("dark", 390)]
"""The first two have each colour and each width once."""


@pytest.mark.parametrize(("colours", "width"), LOOKS[: of(2, 4)])
def test_axe_finds_no_violation(
    visit: Callable[..., Visit], logged_in: StorageState, seeded: dict[str, Any], colours: str, width: int
) -> None:
    options = {"color_scheme": colours, "viewport": {"width": width, "height": 900}}
    found = {}
    page = visit(storage_state=logged_in, **options).page()
    for name, path in seeded.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if name == "document":
            page.locator(".seg").first.click()
            page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        found[name] = Axe().run(page)
    stranger = visit(**options).page()
    stranger.goto("/login")
    found["login"] = Axe().run(stranger)
    wrong = {
        name: [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in result.response["violations"]]
        for name, result in found.items()
    }
    assert {name: violations for name, violations in wrong.items() if violations} == {}
    assert all(len(result.response["passes"]) > 10 for result in found.values())
