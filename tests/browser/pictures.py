"""Take the pictures of docs/img again: ``python -m tests.browser.pictures``. They show the embedded servers with
``seeds/``."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from copydesk_client import Copydesk
from services import embedded
from services.cli.ingest import find_items, ingest
from tests.browser.conftest import ARGUMENTS, chromium
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "img"
COLOURS = 128
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 780}
EARLIER = ("in the spring.", "in the autumn."), ("31 ferries", "thirty ferries")  # an earlier version of a story


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = embedded.Stack(Path(folder), api_port=0, concurrency=1)
        try:
            stack.start()
            documents = _load(stack.api_url)
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            for name, path, colours, size in (
                ("console", f"/documents/{documents['harbour-deal.txt']}", "light", WIDE),
                ("document-dark", f"/documents/{documents['harbour-deal.txt']}", "dark", WIDE),
                ("document-narrow", f"/documents/{documents['flood-report.html']}", "light", NARROW),
                ("desk", "/", "light", WIDE),
                ("desk-narrow", "/", "dark", NARROW),
                ("search", "/search?q=ferries", "light", WIDE),
                ("saved", "/search", "light", WIDE),
                ("quotes", "/quotes?q=ferries", "light", WIDE),
                ("sums", "/sums?amount_min=1000000000", "light", WIDE),
                ("story", f"/stories/{documents['story']}", "light", WIDE),
                ("timeline", "/timeline", "light", WIDE),
                ("map", "/map", "dark", WIDE),
                ("map-zoomed", "/map", "light", WIDE),
                ("collections", "/collections", "light", WIDE),
                ("jobs", "/jobs", "light", WIDE),
            ):
                _take(browser, f"{stack.api_url}{path}", colours, size, FOLDER / f"{name}.png")
        finally:
            stack.stop()


def _load(url: str) -> dict[str, str]:
    """Load the sample documents and an earlier version of one. Returns ids by file name, and that of the story."""
    api, quiet = Copydesk(url), Console(quiet=True)
    earlier = (ROOT / "seeds" / "harbour-deal.txt").read_text()
    for new, old in EARLIER:
        earlier = earlier.replace(new, old)
    api.wait([api.add(earlier.encode(), "text/plain", published_at="2015-05-13T18:05:00")["id"]])
    api.add_batch(_archive(), "application/zip", collection="archive")
    ingest(api, find_items([str(ROOT / "seeds")]), {}, concurrency=2, follow=True, console=quiet)
    api.save_search({"name": "Ferries", "query": {"q": "ferries"}})
    api.save_search({"name": "Sums of a billion and more", "query": {"amount_min": "1000000000"}})
    found = {one["raw"]["filename"]: one["id"] for one in api.page()["documents"]}
    return {**found, "story": api.get(found["harbour-deal.txt"])["story"]["id"]}


def _archive() -> bytes:
    """Return a ZIP archive: two notes, and a file that cannot be read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for at, place in enumerate(("Bergen", "Haugesund")):
            archive.writestr(
                f"{at}.txt", f"{place} Quay Opens\n\n{place.upper()} - The quay of {place} opened on Monday.\n"
            )
        archive.writestr("torn.pdf", "%PDF-1.4 torn")
    return packed.getvalue()


def _take(browser: Browser, url: str, colours: str, size: dict[str, int], to: Path) -> None:
    context = browser.new_context(viewport=size, color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    if to.stem == "map-zoomed":
        page.locator(".map .several").first.dispatch_event("click")
    if to.stem == "saved":
        page.get_by_text("Saved searches").click()
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)
    context.close()


if __name__ == "__main__":
    main()
