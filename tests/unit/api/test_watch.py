"""Event streams: a key may open a number of them, and they end when it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.responses import StreamingResponse

from services.api import watch
from services.api.problems import Problem
from services.api.watch import Watcher
from services.settings import Settings


class Desk:
    """A watcher of one document, whose state and whose listeners' keys change as the test says."""

    def __init__(self, **given: Any) -> None:
        self.state: dict[str, Any] = {"status": "queued"}
        self.ended: set[str | None] = set()
        self.watcher = Watcher(Settings(events_seconds=0.01, **given), self._lives)
        self.watcher.register("document", self._look)

    async def _lives(self, key: str | None) -> bool:
        return key not in self.ended

    async def _look(self, keys: list[Any]) -> dict[Any, dict[str, Any]]:
        return dict.fromkeys(keys, self.state)

    def listen(self, key: str | None) -> AsyncIterator[Any]:
        answer: StreamingResponse = self.watcher.stream("document", 1, key)
        return aiter(answer.body_iterator)


def test_a_key_has_its_share_of_the_streams_and_others_theirs() -> None:
    async def run() -> None:
        desk = Desk(max_listeners_of_key=2)
        streams = [desk.listen(key) for key in ("a", "a", "b", None, None, None)]
        for stream in streams:
            assert b"queued" in await anext(stream)
        with pytest.raises(Problem) as refused:
            desk.listen("a")
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "5")
        await streams[0].aclose()  # type: ignore[attr-defined]
        again = desk.listen("a")
        assert b"queued" in await anext(again)
        desk.watcher.close()

    asyncio.run(run())


def test_a_process_has_no_more_streams_than_it_may() -> None:
    async def run() -> None:
        desk = Desk(max_listeners=1)
        first = desk.listen(None)
        await anext(first)
        with pytest.raises(Problem) as refused:
            desk.listen(None)
        assert refused.value.status == 503
        desk.watcher.close()

    asyncio.run(run())


@pytest.mark.parametrize("changes", [True, False], ids=["something happens", "nothing happens"])
def test_a_stream_ends_with_its_key_and_tells_nothing_more(changes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "HEARTBEAT_SECONDS", 0.05)

    async def run() -> None:
        desk = Desk()
        stream, other = desk.listen("a"), desk.listen("b")
        assert b"queued" in await anext(stream)
        assert b"queued" in await anext(other)
        desk.ended.add("a")
        desk.state = {"status": "done", "final": True} if changes else desk.state
        assert [event async for event in stream] == []
        assert (b"done" if changes else b": ping") in await anext(other)
        desk.watcher.close()

    asyncio.run(run())
