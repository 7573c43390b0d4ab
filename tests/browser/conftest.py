"""Open the console in a real browser, on a real deployment."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.integration.conftest import Deployment

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium()
    if found is None:
        if os.environ.get("COPYDESK_REQUIRE_DOCKER"):
            pytest.fail("the browser tests are required and there is no Chromium: apt-get install chromium")
        pytest.skip("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


class Visit:
    """A browser context whose pages may not break a policy, throw, or request anything from another server."""

    def __init__(self, browser: Browser, base: str, **options: object) -> None:
        self.context: BrowserContext = browser.new_context(base_url=base, **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(30_000)
        self.wrong: list[str] = []
        self.context.on(
            "console", lambda said: self.wrong.append(said.text) if self._wrong(said.type, said.text) else None
        )
        self.context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.context.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        host = urlsplit(base).netloc
        self.context.on(
            "request",
            lambda request: self.wrong.append(request.url) if urlsplit(request.url).netloc not in ("", host) else None,
        )

    @staticmethod
    def _wrong(kind: str, text: str) -> bool:
        return kind == "error" and "Failed to load resource" not in text  # an answer of 4xx that a test asks for

    def page(self) -> Page:
        return self.context.new_page()

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture(scope="session")
def logged_in(browser: Browser, deployment: Deployment) -> StorageState:
    """Return what a browser stores after logging in."""
    context = browser.new_context(base_url=str(deployment.http.base_url))
    page = context.new_page()
    log_in(page, deployment.key)
    state = context.storage_state()
    context.close()
    return state


def log_in(page: Page, key: str) -> None:
    if urlsplit(page.url).path != "/login":
        page.goto("/login")
    if (other := page.get_by_role("link", name="Log in with an API key")).count():  # once somebody was invited
        other.click()
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


@pytest.fixture
def visit(browser: Browser, deployment: Deployment) -> Iterator[Callable[..., Visit]]:
    made: list[Visit] = []

    def make(**options: object) -> Visit:
        made.append(Visit(browser, str(deployment.http.base_url), **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def page(visit: Callable[..., Visit], logged_in: StorageState) -> Page:
    """Return a page of somebody who may do everything."""
    return visit(storage_state=logged_in).page()


# letters outside the Basic Multilingual Plane stand before every annotation: two units in JavaScript, one code point here
ARTICLE = """🚢🚢 Electric Ferry Reaches Busan in Trial {mark}

BUSAN, South Korea (AP) — The first electric ferry for Norway left Busan on Monday, in an order for which Oslo pays $12 million. 🚢

“We waited eleven years for this ship,” said Ingrid Solheim, Norway’s ambassador to South Korea.

Solheim attended the ceremony.
"""


def article() -> tuple[str, str]:
    mark = uuid.uuid4().hex[:8]
    return mark, ARTICLE.format(mark=mark)


@pytest.fixture
def document(deployment: Deployment) -> dict[str, Any]:
    return deployment.final(deployment.post(article()[1])["id"])
