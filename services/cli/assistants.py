"""``copydesk mcp``: tools for an assistant, as a program that it starts."""

from __future__ import annotations

import asyncio

from copydesk_client import AsyncCopydesk
from services.assistants.server import serve_stdio
from services.cli.client import LOCAL, ApiUrl
from services.settings import settings


def mcp(api: ApiUrl = LOCAL) -> None:
    """Offer search, reading, quotes, events and more to an assistant, on standard input and output. The assistant starts
    the command, with the API's address in COPYDESK_API_URL and a key in COPYDESK_API_KEY.

    Example: COPYDESK_API_URL=https://copydesk.example copydesk mcp
    """
    key = settings().api_key
    asyncio.run(_serve(api, key.get_secret_value() if key else None))


async def _serve(url: str, key: str | None) -> None:
    await serve_stdio(AsyncCopydesk(url, key))
