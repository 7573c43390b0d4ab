"""How a command ends after an error: one line on standard error, exit status 1."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

_err = Console(stderr=True)


def die(message: object) -> NoReturn:
    """Print the message and end the command."""
    _err.print(f"copydesk: {message}", markup=False, soft_wrap=True, highlight=False)
    raise typer.Exit(1)
