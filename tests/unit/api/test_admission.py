"""Admission of uploads: bodies that are too large or too slow, and memory for those that are read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.api.admission import OF_DOCUMENTS, OTHER_BODY_BYTES, Room, corrected, paced
from services.api.batches import router as batches
from services.api.documents import router as documents
from services.api.problems import Problem
from services.settings import Settings


def read(path: str, pieces: list[bytes], settings: Settings | None = None) -> bytes:
    """Return what the application receives of a body that arrives in pieces, after which the sender is silent."""
    left = iter(pieces)

    async def receive() -> dict[str, Any]:
        piece = next(left, None)
        if piece is None:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    async def run() -> bytes:
        next_message, body = paced(receive, {"path": path}, settings or Settings()), b""
        while (message := await next_message())["more_body"]:
            body += message["body"]
        return body

    return asyncio.run(run())


@pytest.mark.parametrize("path", OF_DOCUMENTS)
def test_documents_and_batches_may_be_large(path: str) -> None:
    large = [b"x" * OTHER_BODY_BYTES] * 3
    assert len(read(path, [*large, b""])) == 3 * OTHER_BODY_BYTES


def test_these_are_the_addresses_that_take_documents() -> None:
    taking = {
        route.path
        for router in (documents, batches)
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in route.methods and route.status_code == 202
    }
    assert set(OF_DOCUMENTS) == taking


def test_other_bodies_are_bounded() -> None:
    most = [b"x" * OTHER_BODY_BYTES]
    assert len(read("/v1/webhooks", [*most, b""])) == OTHER_BODY_BYTES
    with pytest.raises(Problem, match=f"the limit here is {OTHER_BODY_BYTES} bytes") as refused:
        read("/v1/webhooks", [*most, b"x", b""])
    assert refused.value.status == 413


def test_a_sender_who_says_nothing_more_is_told_how_fast_to_send() -> None:
    slow = Settings(upload_grace_seconds=0.05, upload_bytes_per_second=1000)
    with pytest.raises(Problem, match="at least 1000 bytes a second") as refused:
        read("/v1/documents", [b"x"], slow)
    assert (refused.value.status, refused.value.headers["Connection"]) == (408, "close")


def test_memory_is_set_aside_refused_where_there_is_none_and_given_back() -> None:
    async def run() -> None:
        room = Room(Settings(upload_memory_bytes=100 * 1024 * 1024, upload_wait_seconds=0.05))
        whole = 10**12  # more than exists: all of it
        async with room.hold(whole):
            with pytest.raises(Problem) as refused:
                async with room.hold(1):
                    pytest.fail("there was room")
            assert refused.value.status == 429 and refused.value.headers["Retry-After"]
        with pytest.raises(KeyError):
            async with room.hold(whole):
                raise KeyError("an upload that fails")
        async with room.hold(whole):
            pass

    asyncio.run(run())


@pytest.mark.parametrize(
    ("counted", "before", "now", "waiting"),
    [
        (0, 0, 9, 9),  # accepted while it was counted, and not seen
        (9, 0, 9, 9),  # seen
        (3, 10, 10, 3),  # workers caught up
        (3, 10, 12, 5),
        (50, 10, 12, 50),  # another API accepts, too
    ],
)
def test_a_count_loses_nothing_that_was_accepted_meanwhile(counted: int, before: int, now: int, waiting: int) -> None:
    assert corrected(counted, before, now) == waiting
