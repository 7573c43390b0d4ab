"""The server that offers the tools, by the Python SDK of the Model Context Protocol."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from copydesk_client import AsyncCopydesk, CopydeskError
from services.assistants.answers import NOTICE, Doc
from services.assistants.tools import DESK, TOOLS

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.mcpserver.tools import Tool

Answering = Callable[..., Coroutine[Any, Any, Doc]]

LARGEST_REQUEST = 64 * 1024
INSTRUCTIONS = f"""Copydesk holds news documents and what they say: people, quotes, sums, events, stories.
Begin with `search`, `quotes`, `events`, `sums` or `entity`, and `read` a document before you rely on it.
Cite each statement by document and offsets, and name publisher and date; `text` of a document from `start` to `end` is
what you cite. Quotes, sums, events and joined names were found by a program and can be wrong: check them in the text.
{NOTICE}"""


class NoAssistants(RuntimeError):
    """The package `mcp` is not installed."""


def build() -> MCPServer[Any]:
    """Return a server with all tools. Raises NoAssistants."""
    try:
        from mcp.server import MCPServer
    except ImportError:
        raise NoAssistants("install the extra: pip install 'copydesk[assistants]'") from None
    return MCPServer(
        "copydesk",
        version=version("copydesk"),
        instructions=INSTRUCTIONS,
        tools=[_tool(name, tool) for name, tool in TOOLS.items()],
        log_level="WARNING",
        subscriptions=False,
    )


def _tool(name: str, tool: Answering) -> Tool:
    """Return a tool for the server. It refuses unknown arguments: if it ignored them, the answer would be wider than
    the assistant believes."""
    from mcp.server.mcpserver.tools import Tool
    from mcp.types import ToolAnnotations

    hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    made = Tool.from_function(_refusing(tool), name=name, annotations=hints)
    arguments = made.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    made.parameters = arguments.model_json_schema(by_alias=True)
    return made


def _refusing(tool: Answering) -> Answering:
    """Return the tool; if the API refuses its request, the assistant reads the reason as an error."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    async def call(**arguments: Any) -> Doc:
        try:
            return await tool(**arguments)
        except CopydeskError as error:
            raise ToolError(str(error)) from error

    return call


async def serve_stdio(desk: AsyncCopydesk) -> None:
    """Answer on standard input and output, with ``desk``, until the input ends. Raises NoAssistants."""
    async with desk:
        DESK.set(desk)
        await build().run_stdio_async()


@asynccontextmanager
async def over_http() -> AsyncIterator[ASGIApp]:
    """Yield an ASGI application that answers POSTs without sessions, so that any API process can answer each one. The
    caller sets `DESK`. Raises NoAssistants."""
    server = build()
    from mcp.server.transport_security import TransportSecuritySettings

    server.streamable_http_app(
        json_response=True,
        stateless_http=True,
        max_request_body_size=LARGEST_REQUEST,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=False
        ),  # services/api/auth.py does
    )
    async with server.session_manager.run():
        yield server.session_manager.handle_request
