"""Tables of the command line, and words that fit the way it runs."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from services.cli import doctor, failed


def test_ids_stay_whole_on_a_narrow_terminal_and_empty_columns_are_left_out() -> None:
    id = "665f1f77bcf86cd799439011"
    row = {"code": "corrupt", "stage": "parse", "exception": None, "attempts": 1, "collection": "default", "key": None, "id": id,
           "document": "report.pdf", "message": "The PDF is broken: its cross-reference table leads nowhere."}  # fmt: skip
    out = Console(file=io.StringIO(), width=80)
    out.print(failed._table([row]))
    said = out.file.getvalue()  # type: ignore[attr-defined]
    assert id in said
    assert "exception" not in said
    assert "key" not in said


@pytest.mark.parametrize(
    ("prefix", "kubernetes", "typed"),
    [
        ("/home/ann/.venv", False, "copydesk init"),
        (doctor.IMAGE, False, "docker compose run --rm cli init"),
        (doctor.IMAGE, True, "copydesk init"),
    ],
)
def test_a_command_is_named_for_the_way_it_runs(
    monkeypatch: pytest.MonkeyPatch, prefix: str, kubernetes: bool, typed: str
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    if kubernetes:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert doctor.command("init") == typed
