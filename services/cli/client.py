"""The client that the commands use: at ``--api``, with the key of the settings."""

from __future__ import annotations

from typing import Annotated

import typer

from services.client import LOCAL, Copydesk
from services.settings import settings

__all__ = ["LOCAL", "ApiUrl", "connect"]

ApiUrl = Annotated[str, typer.Option("--api", envvar="COPYDESK_API_URL", help="A running API.")]


def connect(url: str) -> Copydesk:
    key = settings().api_key
    return Copydesk(url, key.get_secret_value() if key else None)
