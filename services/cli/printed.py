"""Print text of documents on a terminal safely: markup and control characters have no effect."""

from __future__ import annotations

from rich.markup import escape

_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}


def printable(text: str) -> str:
    """Return ``text`` escaped for Rich. Control characters, which could move the cursor or change colours, become
    U+FFFD."""
    return escape(text.translate(_CONTROLS))
