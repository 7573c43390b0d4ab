"""Text of documents on a terminal: what a sender wrote is shown and never obeyed."""

from __future__ import annotations

from rich.markup import escape

_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}


def printable(text: str) -> str:
    """Return ``text`` for Rich to print: markup is text, and control characters, which move cursors and colours, are U+FFFD."""
    return escape(text.translate(_CONTROLS))
