"""The pages of jobs and of collections: what runs, how far, what failed, and the way to the documents."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from services.store.setup import BULK
from tests.browser.conftest import Visit, log_in
from tests.integration.conftest import Deployment, eventually

NOTE = "Lighthouse Note {} {mark}\n\nSTAVANGER (AP) - Keeper number {} of {mark} went home on Monday.\n"


@pytest.fixture(scope="module")
def batch(deployment: Deployment) -> str:
    """A collection with one batch: three notes in an archive, and a file that cannot be read."""
    mark = f"lamps-{uuid.uuid4().hex[:8]}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", NOTE.format(number, number, mark=mark))
        archive.writestr("torn.pdf", f"%PDF-1.4 {mark}")
    headers = {"Content-Type": "application/zip"}
    answer = deployment.http.post(f"/v1/batches?collection={mark}", content=packed.getvalue(), headers=headers)
    id = answer.json()["id"]

    def read() -> bool:
        state = deployment.http.get(f"/v1/batches/{id}").json()
        return bool(state["total"] == 5 and not state["by_status"]["queued"] and not state["by_status"]["processing"])

    eventually(read, "the batch is read")
    return mark


@pytest.fixture
def load(deployment: Deployment, batch: str) -> Iterator[str]:
    """A bulk load that is half done and that died."""
    name = f"{batch}.ndjson"
    long_ago = deployment.db.batches.find_one({"collection": batch})["created_at"].replace(year=2024)  # type: ignore[index]
    state = {"start": 0, "position": 50, "end": 100, "stored": 40, "already_there": 0, "rejected": 2, "bytes": 9}
    times = {"started_at": long_ago, "updated_at": long_ago, "finished_at": None}
    deployment.db[BULK].insert_one(
        {"_id": name, "manifest": f"/in/{name}", "part": "1/1", "collection": batch, **state, **times}
    )
    yield name
    deployment.db[BULK].delete_one({"_id": name})


def test_a_batch_says_what_failed_and_leads_to_its_documents(page: Page, batch: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Jobs", exact=True).click()
    row = page.locator(".jobs li").filter(has_text=batch)
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("4 done")
    expect(row).to_contain_text("1 corrupt")
    row.get_by_role("link", name="Documents").click()
    expect(page.locator("#count")).to_have_text("5 documents")
    page.go_back()
    row.get_by_role("link", name="corrupt").click()
    expect(page.locator(".hits h3")).to_have_text(["torn.pdf"])


def test_a_load_that_died_is_shown_as_stopped(page: Page, load: str) -> None:
    page.goto("/jobs")
    page.get_by_label("Which").select_option("bulk loads")
    page.get_by_label("State").select_option("with failures")
    page.get_by_role("button", name="Show").click()
    row = page.locator(".jobs li").filter(has_text=load)
    for words in ("stopped", "50 %", "40 stored", "2 lines that could not be loaded"):
        expect(row).to_contain_text(words)


def test_an_export_is_a_job(page: Page, batch: str, deployment: Deployment) -> None:
    deployment.http.get("/v1/export", params={"format": "csv", "collection": batch}).raise_for_status()
    page.goto("/jobs?kind=export")
    row = page.locator(".jobs li").first
    expect(row).to_contain_text("CSV of documents")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("5 documents")
    row.get_by_role("link", name="Documents").click()
    expect(page.locator("#count")).to_have_text("5 documents")


def test_a_collection_with_its_states_and_its_reader(page: Page, batch: str, deployment: Deployment) -> None:
    def counted() -> bool:
        page.goto(f"/collections?name={batch[:9].upper()}")
        row = page.locator(".holdings li").filter(has_text=batch)
        return row.count() == 1 and "5 documents" in row.inner_text()

    eventually(counted, "the collection is counted")
    row = page.locator(".holdings li").filter(has_text=batch)
    expect(row).to_contain_text("may be read with the key", ignore_case=True)
    row.get_by_role("link", name="failed 1").click()
    expect(page.locator(".hits h3")).to_have_text(["torn.pdf"])
    page.go_back()
    with page.expect_download() as downloading:
        row.get_by_role("link", name="Export CSV").click()
    assert downloading.value.path().read_text("utf-8-sig").count("Lighthouse Note") >= 3


def test_a_key_sees_its_own_collections_and_jobs_alone(
    visit: Callable[..., Visit], batch: str, load: str, deployment: Deployment
) -> None:
    grant = {"name": "other desk", "scopes": ["read"], "collections": [f"other-{batch}"]}
    key = deployment.http.post("/v1/keys", json=grant).json()["key"]
    page = visit().page()
    log_in(page, key)
    for path in ("/jobs", "/collections"):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        assert batch not in page.content()
