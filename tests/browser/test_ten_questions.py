"""Ten questions of a newsroom, each answered in the console, on documents of our own that are sent once."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Visit
from tests.integration.conftest import Deployment, eventually

SEEDS = Path(__file__).parent / "seeds"
ATOM = "{http://www.w3.org/2005/Atom}"
WITHOUT = ("/", "/map", "/timeline", "/collections", "/jobs", "/searches", "/lists", "/sources", "/failed", "/status")
"""Pages that are not asked for one collection."""
SCRIPT = """performance.getEntriesByType("resource").filter((one) => one.name.split("?")[0].endsWith(".js"))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
SCRIPT_BYTES = 150_000
"""Most bytes of script that a page may load."""


@pytest.fixture(scope="module")
def desk(deployment: Deployment) -> str:
    """The collection that holds the documents, and one that cannot be read."""
    collection = f"ten-{uuid.uuid4().hex[:8]}"
    ids = [deployment.post(path.read_text(), collection=collection)["id"] for path in sorted(SEEDS.iterdir())]
    torn = {"file": ("torn.pdf", b"%PDF-1.4 " + collection.encode())}
    ids.append(deployment.http.post("/v1/documents", files=torn, params={"collection": collection}).json()["id"])
    for id in ids:
        deployment.final(id)
    return collection


def ask(page: Page, name: str, collection: str, **form: str) -> None:
    """Go to a page by the navigation, fill its form in, and send it."""
    page.goto("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    filters = page.locator("form.filters")
    choice = filters.get_by_label("Collection")

    def listed() -> bool:
        """Look again: with SecantusDB, the collections are looked up every few seconds only."""
        if choice.locator("option", has_text=collection).count():
            return True
        page.reload()
        return False

    eventually(listed, "the form lists the collection")
    choice.select_option(collection)
    for label, value in form.items():
        control = filters.get_by_label(label.replace("_", " "))
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    filters.get_by_role("button", name="Show").click()


def test_who_said_what_on_oil_prices(page: Page, desk: str) -> None:
    ask(page, "Quotes", desk, Words="oil prices")
    rows = page.locator(".list > li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Marta Quintela")).to_contain_text("will stay low until the winter")
    rows.filter(has_text="Marta Quintela").get_by_role("link", name="Oil Prices Fall After Tanker Talks").click()
    expect(page.locator("mark.hit").first).to_be_visible()


def test_deals_over_a_billion(page: Page, desk: str) -> None:
    ask(page, "Sums", desk, At_least="1 billion", Currency="USD")
    expect(page.locator(".list > li")).to_have_count(1)
    expect(page.locator(".list .said")).to_have_text("$2,400,000,000")
    ask(page, "Sums", desk, At_most="a lot")
    expect(page.get_by_role("alert")).to_contain_text("amount_max")
    expect(page.get_by_label("At most")).to_have_value("a lot")


def test_documents_with_japan_and_the_fed(page: Page, desk: str) -> None:
    page.goto("/search")
    page.get_by_label("Search for").fill(f"entity:japan entity:fed collection:{desk}")
    page.keyboard.press("Enter")
    expect(page.locator(".hits h3")).to_have_text(["Fed and Japan Part Ways on Interest Rates"])


def test_what_happened_in_brazil(page: Page, desk: str) -> None:
    ask(page, "Events", desk, Place="Brazil")
    expect(page.locator(".list .said").first).to_contain_text("Brazil")
    expect(page.locator(".list")).not_to_contain_text("Washington")


def test_all_quotes_of_one_person(page: Page, desk: str) -> None:
    ask(page, "Quotes", desk, Who_said_it="ingrid solheim")
    expect(page.locator(".list q")).to_have_count(2)
    expect(page.locator(".list")).to_contain_text("a fair price")
    expect(page.locator(".list")).to_contain_text("its own reasons")
    page.goto(f"/entities?type=PERSON&collection={desk}")
    person = page.locator(".list > li").filter(has_text="Ingrid Solheim")
    expect(person).to_contain_text("2 documents")
    person.get_by_role("link", name="quotes of Ingrid Solheim").click()
    expect(page).to_have_url(re.compile("speaker=Ingrid"))


def test_stories_with_several_versions(page: Page, desk: str) -> None:
    ask(page, "Stories", desk, Versions="2 or more")
    expect(page.locator(".list > li")).to_have_count(1)
    expect(page.locator(".list > li")).to_contain_text("2 versions")
    page.locator(".list h2 a").click()
    expect(page.locator(".story ins")).to_have_text(["four"])


def test_what_failed_and_why(page: Page, desk: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Failed", exact=True).first.click()
    page.get_by_role("navigation", name="Collections").get_by_role("link", name=desk).click()
    expect(page.locator(".failures li")).to_contain_text("torn.pdf")
    expect(page.locator(".failures strong")).to_have_text("corrupt")


def test_a_table_with_a_row_for_each_quote(page: Page, desk: str) -> None:
    ask(page, "Quotes", desk)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    data = Path(downloading.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {row["speaker"] for row in rows} == {"Marta Quintela", "Paulo Treviso", "Ingrid Solheim"}
    assert len(rows) == 4


def test_a_feed_of_what_one_person_says(page: Page, desk: str, deployment: Deployment) -> None:
    ask(page, "Quotes", desk, Who_said_it="Ingrid Solheim")
    address = page.get_by_role("link", name="Subscribe").get_attribute("href")
    answer = deployment.http.get(urljoin(str(deployment.http.base_url), address))
    entries = ET.fromstring(answer.content).findall(f"{ATOM}entry")
    assert len(entries) == 2
    assert all(entry.findtext(f"{ATOM}id") for entry in entries)


def test_a_phrase(page: Page, desk: str) -> None:
    page.goto(f'/search?collection={desk}&q="from an empty tanker"')
    expect(page.locator(".hits h3")).to_have_text(["Oil Prices Fall After Tanker Talks"])


def test_pages_fit_a_telephone_and_load_little_script(
    visit: Callable[..., Visit], logged_in: StorageState, desk: str
) -> None:
    page = visit(storage_state=logged_in, viewport={"width": 390, "height": 780}).page()
    page.goto(f"/search?collection={desk}")
    opened = str(page.locator(".hits h3 a").first.get_attribute("href"))
    for path in (opened, "/quotes", "/sums", "/events", "/stories", "/entities", "/search", *WITHOUT):
        page.goto(path if path in (opened, *WITHOUT) else f"{path}?collection={desk}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate(SCRIPT) <= SCRIPT_BYTES, path
