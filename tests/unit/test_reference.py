"""The generated reference matches the code, and every metric is described."""

from __future__ import annotations

import re

import pytest

from deploy.reference import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_of_the_code(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "python -m deploy.reference"


def test_every_metric_is_in_the_table_of_operations() -> None:
    sources = (DOCS.parent / "services").rglob("*.py")
    names = {name for path in sources for name in re.findall(r'"(copydesk_[a-z_]+)"', path.read_text("utf-8"))}
    page = (DOCS / "operations.md").read_text("utf-8")
    metrics = {
        name
        for name in names
        if name not in {"copydesk_secrets", "copydesk_session", "copydesk_key", "copydesk_client"}
    }
    assert {"copydesk_documents", "copydesk_stalled"} <= metrics
    assert [name for name in sorted(metrics) if f"`{name}" not in page] == []
