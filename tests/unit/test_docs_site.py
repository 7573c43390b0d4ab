"""The site of the docs: `make docs` builds it and checks every link and anchor."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.docs_site import relinked

ROOT = Path(__file__).parents[2]
UV = Path(sys.prefix).parent / ".tools/bin/uv"


@pytest.mark.parametrize(
    ("at", "text", "expected"),
    [
        ("docs/search.md", "[a](events.md#who)", "[a](events.md#who)"),
        ("docs/tour.md", "[a](../README.md#run-it)", "[a](readme.md#run-it)"),
        ("docs/readers/operator.md", "[a](../../README.md)", "[a](../readme.md)"),
        ("docs/readers/operator.md", "[a](../stages.md)", "[a](../stages.md)"),
        ("README.md", "![a](docs/img/console.png) [b](docs/tour.md)", "![a](img/console.png) [b](tour.md)"),
        ("README.md", "[services/api](services/api)", "services/api"),
        ("docs/security.md", "[guard](../workers/guard.py#L1)", "guard"),
        ("docs/search.md", "[a](https://example.com/x) [b](#here)", "[a](https://example.com/x) [b](#here)"),
    ],
)
def test_links_lead_to_where_the_site_has_the_files(at: str, text: str, expected: str) -> None:
    assert relinked(text, at) == expected


def test_the_site_is_built_without_a_broken_link(tmp_path: Path) -> None:
    """The build also checks that each page is in the navigation. Pages opened from disk request nothing from
    elsewhere."""
    if not UV.exists():
        pytest.skip("uv is not in .tools; `make install` puts it there")
    done = subprocess.run(
        ["make", "docs", f"UV={UV}", f"SITE={tmp_path}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if re.search(r"[Ff]ailed to fetch|client error|dns error", done.stderr):
        pytest.skip("no package index answers here")
    assert done.returncode == 0, done.stderr
    for page in tmp_path.rglob("*.html"):
        asked = re.findall(r'(?:src|<link[^>]+href)="(https?:[^"]+)"', page.read_text("utf-8"))
        assert not asked, page
    assert "glossary.html" in (tmp_path / "index.html").read_text("utf-8")


def test_no_page_for_readers_has_commands_of_its_own() -> None:
    """Commands belong on the pages whose commands a test runs."""
    for page in [ROOT / "docs/index.md", ROOT / "docs/glossary.md", *(ROOT / "docs/readers").glob("*.md")]:
        assert "```" not in page.read_text("utf-8"), page
