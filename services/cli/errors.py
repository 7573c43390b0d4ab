"""How a command ends where something is wrong: one line on standard error, exit status 1."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

_err = Console(stderr=True)


def die(message: object) -> NoReturn:
    """Say what is wrong and end."""
    _err.print(f"copydesk: {message}", markup=False, soft_wrap=True, highlight=False)
    raise typer.Exit(1)
