"""docs/mongodb.md lists every place where the code depends on which server it talks to."""

from __future__ import annotations

import re

from tests.conftest import GIVEN, ROOT

PAGE = (ROOT / "docs/mongodb.md").read_text("utf-8")


def test_every_module_that_knows_a_server_is_on_the_page() -> None:
    knows = re.compile(r"secantus|geo_index|server\.ask\(db", re.IGNORECASE)
    found = {
        str(path.relative_to(ROOT))
        for folder in ("services", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if knows.search(path.read_text("utf-8"))
    }
    named = set(re.findall(r"`((?:services|workers)/[\w/]+\.py)`", PAGE))
    assert found - named == set(), "docs/mongodb.md does not name them"


def test_every_file_that_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:services|workers|tests)/[\w/]+\.\w+)`", PAGE):
        assert (ROOT / name).is_file(), name


def test_the_command_of_the_page_is_a_target_that_needs_the_variable() -> None:
    assert f"{GIVEN}='mongodb://127.0.0.1:27017/?directConnection=true' make test-mongodb" in PAGE
    target = (ROOT / "Makefile").read_text("utf-8").partition("\ntest-mongodb:")[2].partition("\n\n")[0]
    assert GIVEN in target
