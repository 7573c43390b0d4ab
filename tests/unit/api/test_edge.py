"""The answer when the code behind it fails."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import Receive, Scope, Send

from services.api.edge import Edge
from services.settings import Settings


async def _fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("a secret of the code")


def test_a_failure_is_a_problem_document_that_tells_nothing_of_the_code() -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(Edge(_fails, Settings())), base_url="http://test"
        ) as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
