"""Words that were searched for, in the list and in the opened document; what the lists say of odd documents."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Visit
from tests.integration.conftest import Deployment


def test_the_words_sought_are_marked_in_the_opened_document(page: Page, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex[:8]
    text = f"Quay reopens {mark}\n\nRIGA (Baltic Wire) - The old crane was sold. Old ships need no crane.\n\nA crane, old or new, costs much, Anna Ozola said.\n"
    deployment.final(deployment.post(text)["id"])
    page.goto(f'/search?q="old+crane"+{mark}')
    page.locator(".hits h3 a").click()
    expect(page.locator("#text mark.hit")).to_have_text(["old crane"])

    page.goto(f"/search?q=cranes+{mark}")
    page.locator(".hits h3 a").click()
    expect(page.locator("#text mark.hit")).to_have_text(["crane", "crane", "crane"])
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#hit-at")).to_have_text("2 of 3")
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(page.locator("#hit-at")).to_have_text("3 of 3")
    expect(page.locator("mark.here")).to_be_in_viewport()


def test_a_wrong_query_keeps_the_box_and_says_what_is_wrong(page: Page) -> None:
    page.goto("/search?q=bridge+colour:red")
    expect(page.get_by_role("alert")).to_contain_text("there is no field 'colour'")
    expect(page.get_by_label("Search for")).to_have_value("bridge colour:red")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(page.locator("input[type=search]")).to_have_count(1)
    page.get_by_text("What can be typed here").click()
    expect(page.get_by_text("these words in this order")).to_be_visible()


def test_long_file_names_fit_a_telephone(
    visit: Callable[..., Visit], logged_in: StorageState, deployment: Deployment
) -> None:
    name = "annual_report_" * 14
    for suffix, body in (("txt", f"{uuid.uuid4()}".encode()), ("pdf", b"%PDF-1.4 " + uuid.uuid4().bytes)):
        id = deployment.http.post("/v1/documents", files={"file": (f"{name}.{suffix}", body)}).json()["id"]
        deployment.final(id)
    page = visit(storage_state=logged_in, viewport={"width": 390, "height": 780}).page()
    for path in ("/", f"/documents/{id}", "/failed", "/search"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto("/")
    page.locator("#files").set_input_files(
        {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": uuid.uuid4().bytes.hex().encode()}
    )
    row = page.locator("#watch li[data-id]")
    expect(row).to_contain_text("done", timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    title, state = row.locator("a").first.bounding_box(), row.locator(".state").bounding_box()
    assert title is not None
    assert state is not None
    assert title["x"] + title["width"] <= state["x"]


def test_a_page_without_text_says_so(page: Page, deployment: Deployment) -> None:
    html = f"<html><head><title>{uuid.uuid4()}</title></head><body></body></html>"
    headers = {"Content-Type": "text/html"}
    id = deployment.http.post("/v1/documents", content=html.encode(), headers=headers).json()["id"]
    assert deployment.final(id)["status"] == "done"
    page.goto(f"/documents/{id}")
    expect(page.locator(".head .state")).to_have_text("done, no text")


def test_a_new_headline_over_the_same_text_is_a_change(page: Page, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex[:8]
    text = f"RIGA (Baltic Wire) - The harbour bridge of {mark} will stay shut for a week, Anna Ozola, the mayor of Riga, said on Monday. Repairs will cost 2 million euros, and nobody was hurt in the storm."
    for title in ("Bridge Shut", "Bridge Stays Shut for a Week"):
        id = deployment.http.post(
            "/v1/documents", json={"title": f"{title} {mark}", "text": text, "collection": mark}
        ).json()["id"]
        story = deployment.final(id)["story"]["id"]
    page.goto(f"/stories/{story}")
    later = page.locator(".story > li").last
    expect(later).to_contain_text(f"The headline was “Bridge Shut {mark}”.")
    expect(later).to_contain_text("Its text is the same")


def test_a_saved_search_is_reopened_from_the_menu_of_the_search_page(page: Page) -> None:
    name = f"Barges {uuid.uuid4().hex[:6]}"
    page.goto("/search?q=barge&language=en")
    page.get_by_text("Save this search").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/search")
    page.get_by_text("Saved searches").click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_label("Search for")).to_have_value("barge")
    expect(page.get_by_label("Filters")).to_contain_text("English")
