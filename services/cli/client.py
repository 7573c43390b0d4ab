"""The client that the commands use, for the address in ``--api`` and the key in the settings."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk_client import LOCAL, Copydesk
from services.settings import settings

__all__ = ["LOCAL", "ApiUrl", "connect"]

ApiUrl = Annotated[str, typer.Option("--api", envvar="COPYDESK_API_URL", help="Address of a running API.")]


def connect(url: str, key: str | None = None) -> Copydesk:
    """Return a client of the API, with ``key`` or the one of COPYDESK_API_KEY."""
    known = settings().api_key
    return Copydesk(url, key or (known.get_secret_value() if known else None))
