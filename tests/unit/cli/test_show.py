"""A record on a terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from services.cli.show import SHOWN, print_record


def shown(**record: Any) -> str:
    out = io.StringIO()
    print_record(record, Console(file=out, width=200))
    return out.getvalue()


def test_what_a_sender_wrote_moves_no_cursor_and_is_no_markup() -> None:
    said = shown(title="\x1b[2J\x9b31m[red]Ferries[/red]\x07", warnings=["stage_failed:dates\x1b]0;gone\x07"])
    assert "[red]Ferries[/red]" in said and "stage_failed:dates" in said
    assert not set(said) & {"\x1b", "\x9b", "\x07"}


def test_long_lists_say_how_much_more_there_is() -> None:
    entities = [{"name": f"Ship {number}", "type": "PRODUCT", "count": 1} for number in range(SHOWN + 3)]
    said = shown(title="Ships", entities=entities)
    assert f"Ship {SHOWN - 1}" in said and f"Ship {SHOWN} " not in said
    assert "… and 3 more" in said


def test_a_quote_that_nobody_said_and_a_field_without_a_value_are_left_out() -> None:
    quotes = [
        {"text": "peace wall", "kind": "scare", "speaker": None},
        {"text": "Yes", "kind": "speech", "speaker": None},
    ]
    said = shown(title="Talks", quotes=quotes)
    assert "?: “Yes”" in said and "peace wall" not in said
    assert "money" not in said and "error" not in said


def test_a_failure_says_why() -> None:
    assert "poison: The worker died." in shown(error={"code": "poison", "message": "The worker died."})
