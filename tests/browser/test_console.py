"""What people do on the console, done in a browser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Visit, article
from tests.conftest import ROOT
from tests.integration.conftest import Deployment
from tests.unit.parse import samples

SEEDS = ROOT / "seeds"


def background(page: Page, selector: str) -> str:
    return page.locator(selector).first.evaluate("element => getComputedStyle(element).backgroundImage")


def test_a_file_is_handed_in_watched_and_read_with_its_annotations(
    page: Page, deployment: Deployment, tmp_path: Path
) -> None:
    mark, text = article()
    file = tmp_path / "ferry.txt"
    file.write_text(text)
    page.goto("/")
    page.locator("#files").set_input_files(file)
    row = page.locator(".watch > li").first
    expect(row.locator(".state")).to_have_text("done", timeout=90_000)
    expect(row).to_contain_text("Electric Ferry")
    stages = row.locator(".steps li")
    assert stages.count() >= 10
    expect(row.locator(".steps .over")).to_have_count(stages.count())
    expect(page.locator(".line").filter(has_text=mark)).to_be_visible()

    row.get_by_role("link", name=re.compile("Electric Ferry")).click()
    expect(page.locator("h1")).to_contain_text(mark)
    record = deployment.http.get(page.url.replace("/documents/", "/v1/documents/")).json()
    shown = page.locator("#text .block > :last-child").all_text_contents()
    assert "\n\n".join(shown) == "\n\n".join(record["text"][b["start"] : b["end"]] for b in record["blocks"])
    solheim = next(n for n, e in enumerate(record["entities"]) if e["name"] == "Ingrid Solheim")
    for number, entity in enumerate(record["entities"]):
        for mention in entity["mentions"]:
            found = page.locator(f'#text [data-marks~="entity-{number}"]').all_text_contents()
            assert mention["text"] in found or mention["text"] in "".join(found)
    assert "gradient" in background(page, ".seg.k-person")
    expect(page.locator(".speakers")).to_contain_text("Ingrid Solheim")
    expect(page.locator(".rows.values")).to_contain_text("$12,000,000")
    expect(page.locator(".map circle")).not_to_have_count(0)

    count = len(record["entities"][solheim]["mentions"])
    assert count >= 2
    first = page.locator(f'#text [data-marks~="entity-{solheim}"]').first
    first.hover()
    expect(page.locator("#card")).to_contain_text("ambassador")
    first.click()
    expect(page.locator("#card")).to_contain_text(f"1 of {count} in this text")
    chosen = page.locator(".seg.chosen").all_text_contents()
    assert "".join(chosen) == "".join(mention["text"] for mention in record["entities"][solheim]["mentions"])
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#card")).to_contain_text(f"2 of {count} in this text")
    page.get_by_role("link", name="In all documents").click()
    expect(page.locator("h1")).to_have_text("Ingrid Solheim")
    expect(page.get_by_role("link", name=re.compile(mark)).first).to_be_visible()
    expect(page.locator("mark").filter(has_text="Solheim").first).to_be_visible()


def test_a_text_is_pasted_and_the_same_again_is_known(page: Page) -> None:
    mark, text = article()
    page.goto("/")
    for said in ("", "is stored already"):
        page.get_by_label("or paste a text").fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".watch > li")).to_have_count(1)
        expect(page.locator("#said")).to_contain_text(said)
    expect(page.locator("#watch .state")).to_have_text("done", timeout=90_000)
    expect(page.locator("#told")).to_contain_text(mark)


def test_what_the_api_refuses_is_said(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.touch()
    page.goto("/")
    page.locator("#files").set_input_files(file)
    expect(page.locator("#said")).to_contain_text("empty.txt was refused: empty.txt has no bytes")


def test_marks_are_switched_off_by_kind_and_stay_so(page: Page, document: dict[str, Any]) -> None:
    page.goto(f"/documents/{document['id']}")
    people = page.get_by_role("button", name=re.compile("^People"))
    expect(people).to_have_attribute("aria-pressed", "true")
    people.click()
    expect(people).to_have_attribute("aria-pressed", "false")
    selector = ".block:last-child .seg.k-person"
    assert "gradient" not in background(page, selector)
    page.reload()
    assert "gradient" not in background(page, selector)
    people.click()
    assert "gradient" in background(page, selector)


def test_search_finds_shows_the_words_and_narrows(page: Page, deployment: Deployment) -> None:
    mark, text = article()
    collection = f"desk-{mark}"
    id = deployment.post(text, collection=collection)["id"]
    deployment.final(id)
    deployment.final(deployment.post(text.replace("eleven", "twelve"))["id"])
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(f"{mark} ships")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("2 documents")
    expect(page.locator(".hits mark").first).to_have_text("ship")
    page.locator(".facets").get_by_role("link", name=re.compile(collection)).click()
    expect(page.locator("#count")).to_have_text("1 document")
    page.locator(".hits h3 a").click()
    expect(page).to_have_url(re.compile(id))
    page.go_back()
    page.locator(".chips").get_by_role("link").click()
    expect(page.locator("#count")).to_have_text("2 documents")
    page.goto("/search?published_from=nonsense")
    expect(page.get_by_role("alert")).to_contain_text("published_from: give a day")


def test_a_failed_document_is_shown_with_its_reason_and_tried_again(page: Page, deployment: Deployment) -> None:
    mark, text = article()
    id = deployment.post(text)["id"]
    record = deployment.final(id)
    error = {"code": f"test-{mark}", "message": "it was too windy", "stage": "parse", "attempts": 4, "exception": None}
    deployment.db.documents.update_one(
        {"raw.sha256": record["raw"]["sha256"]}, {"$set": {"status": "failed", "error": error}}
    )
    page.goto("/failed")
    page.get_by_role("link", name=re.compile(f"test-{mark}")).click()
    row = page.locator(".failures li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("it was too windy")
    row.get_by_role("button", name="Try again").click()
    expect(page.locator("#text")).to_contain_text("eleven years", timeout=90_000)
    expect(page.locator(".head .state")).to_have_text("done")
    page.goto(f"/failed?code=test-{mark}")
    expect(page.locator(".failures li")).to_have_count(0)


def test_versions_of_a_story_are_compared(page: Page, deployment: Deployment) -> None:
    text = (SEEDS / "harbour-deal.txt").read_text()
    mark = uuid.uuid4().hex[:8]
    first = deployment.final(deployment.post(text, collection=mark)["id"])
    later = (
        text.replace("in the spring", "in the late autumn") + "\n\nNobody in Oslo would comment on Thursday night.\n"
    )
    second = deployment.final(deployment.post(later, collection=mark)["id"])
    assert first["story"]["id"] == second["story"]["id"]
    page.goto(f"/documents/{second['id']}")
    page.get_by_role("link", name="The story, version by version").click()
    changed = page.locator("li").filter(has=page.locator(f'a[href="/documents/{second["id"]}"]'))
    expect(changed.locator("ins").filter(has_text="late autumn")).to_have_count(1)
    expect(changed.locator("del").filter(has_text="spring")).to_have_count(1)
    expect(changed.locator(".added")).to_contain_text("Nobody in Oslo")


def test_what_a_document_says_is_never_run(page: Page, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex[:8]
    evil = f"<script>window.ran=1</script><img src=x onerror=window.ran=1>\"'{mark}"
    body = {
        "text": f"{evil} Met\n\nGHENT (AP) — {evil} said Marleen {evil} Claes on Monday. “{evil} we met here today,” said Jan {evil} Bos. "
        "It cost $12 million.",
        "title": f"Title {evil}",
        "publisher": evil,
        "url": "javascript:window.ran=1",
        "tags": [evil],
        "metadata": {evil: evil},
        "external_id": evil,
    }
    id = deployment.http.post("/v1/documents", json=body).json()["id"]
    deployment.final(id)
    files = {"file": (f"{evil}.pdf", b"%PDF-1.4 " + mark.encode())}
    broken = deployment.http.post("/v1/documents", files=files).json()["id"]
    deployment.final(broken)
    deployment.db.documents.update_one(
        {"title": body["title"]}, {"$set": {"entities.0.name": evil, "entities.0.role": evil}}
    )
    for path in (
        f"/documents/{id}",
        "/",
        f"/search?q={mark}",
        f"/documents/{broken}",
        "/failed",
        "/map",
        "/timeline",
        f"/entities/{evil}",
    ):
        answer = page.goto(path)
        assert answer
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.ran") is None
    page.goto(f"/documents/{id}")
    for segment in page.locator(".seg").all()[:8]:
        segment.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    assert page.locator("img, a[href^='javascript:' i]").count() == 0
    assert page.evaluate("window.ran") is None
    raw = deployment.http.get(f"/v1/documents/{id}/raw")
    assert raw.headers["content-disposition"].startswith("attachment")


def test_all_of_it_can_be_done_from_the_keyboard(page: Page, document: dict[str, Any]) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search all documents")).to_be_focused()
    page.keyboard.type(f'"{document["title"]}"')
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("1 document")
    link = page.locator(".hits h3 a")
    press_until(page, link)
    page.keyboard.press("Enter")
    person = page.locator(".seg.k-person").first
    press_until(page, person)
    expect(page.locator("#card")).to_contain_text("Ingrid Solheim")
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_contain_text("in this text")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    expect(person).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, page.get_by_role("link", name="In all documents"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Ingrid Solheim")


def press_until(page: Page, wanted: Any, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"not reached with {most} presses of Tab: {wanted}")


def test_colours_follow_the_system_and_the_button(visit: Callable[..., Visit], logged_in: StorageState) -> None:
    page = visit(storage_state=logged_in, color_scheme="dark").page()
    page.goto("/")
    luminance = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b)"
    assert page.evaluate(luminance) < 150
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(luminance) > 600
    page.reload()
    assert page.evaluate(luminance) > 600
    expect(page.get_by_role("button", name="Dark colours")).to_have_attribute("aria-pressed", "false")


def test_right_to_left_text_stands_right(page: Page, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex[:6]
    text = f"کشتی‌های برقی به شمال نروژ می‌رسند {mark}\n\nاسلو - سفیر نروژ در کره جنوبی روز دوشنبه گفت سفارش کشتی‌های برقی برای پایان دادن به عصر گازوئیل است."
    record = deployment.final(deployment.post(text)["id"])
    page.goto(f"/documents/{record['id']}")
    paragraph = page.locator("#text p:not(.speakers)").last
    assert paragraph.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.locator("h1").evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.locator(".kinds").evaluate("element => getComputedStyle(element).direction") == "ltr"
    expect(page.locator("#text")).to_have_attribute("lang", "fa")


def test_the_pages_of_a_document_lead_to_those_of_its_source(page: Page, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex[:6]
    paragraphs = [f"Paragraph {n} of {mark} says that a crane of the quay was greased on day {n}." for n in range(120)]
    url = f"https://vale.example/{mark}.pdf"
    record = deployment.final(deployment.post(samples.pdf(columns=1, paragraphs=paragraphs), url=url)["id"])
    page.goto(f"/documents/{record['id']}")
    page.get_by_text("Pages", exact=True).click()
    row = page.locator("li").filter(has=page.get_by_role("link", name="page 2", exact=True))
    expect(row.get_by_role("link")).to_have_attribute("href", f"{url}#page=2")
    start = record["pages"][1]["start"]
    expect(row).to_contain_text(record["text"][start : start + 20])


def test_map_and_timeline_show_what_was_found(page: Page, deployment: Deployment) -> None:
    mark, text = article()
    deployment.final(deployment.post(text, published_at="2024-05-06T07:00:00Z")["id"])
    page.goto(f"/map?q={mark}")
    spot = page.locator(".map.big a").filter(has_text="Busan")
    expect(spot).to_have_count(1)
    expect(page.locator(".rows")).to_contain_text(["Busan"])
    group = page.locator(".map .several").filter(has_text="Busan")  # with South Korea, or whatever is close
    expect(group).to_have_count(1)
    page.get_by_role("button", name="Zoom in").focus()
    for _ in range(4):
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Zoom out")).to_be_enabled()
    page.get_by_role("button", name="Whole world").click()
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    group.locator("circle").click(force=True)
    expect(spot).to_have_count(1)
    expect(page.locator(".map .several").filter(has_text="Busan")).to_have_count(0)
    spot.locator("circle").click(force=True)
    expect(page).to_have_url(re.compile(r"/search\?.*place=Busan"))
    page.go_back()
    page.goto(f"/timeline?q={mark}")
    expect(page.locator("#chart canvas")).to_be_visible()
    page.get_by_text("The same in figures").click()
    expect(page.locator("#slots")).to_contain_text("2024-05-06")


def test_a_narrow_screen_scrolls_in_one_direction_only(
    visit: Callable[..., Visit], logged_in: StorageState, document: dict[str, Any]
) -> None:
    page = visit(storage_state=logged_in, viewport={"width": 360, "height": 740}).page()
    for path in (
        "/",
        f"/documents/{document['id']}",
        "/search",
        "/map",
        "/timeline",
        "/failed",
        "/status",
        "/entities/Ingrid%20Solheim",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_the_reference_of_the_api_is_drawn(page: Page) -> None:
    """Without the internet: nothing is asked of another host."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/docs")
    page.get_by_text("/v1/documents/{id}/raw").first.wait_for()
    origin = page.url.removesuffix("/docs")
    assert all(url.startswith((origin, "data:")) for url in asked), asked
