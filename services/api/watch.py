"""Server-sent events: one poller of MongoDB for all open streams."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from types import FrameType
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pymongo.errors import PyMongoError

from services.api.problems import Problem
from services.settings import Settings

Doc = dict[str, Any]
Look = Callable[[list[Any]], Awaitable[dict[Any, Doc]]]
"""A function that returns the state of each given key; a key that is missing from the answer is gone. A final state has
``"final": True``."""

Lives = Callable[[str | None], Awaitable[bool]]
"""A function that says whether the API key with this id is neither revoked nor expired; the id is None if the API works
without keys."""

HEARTBEAT_SECONDS = 15.0


class Watcher:
    """Polls everything that is followed every ``events_seconds``, once for all listeners, and sends them the
    changes."""

    def __init__(self, settings: Settings, lives: Lives) -> None:
        self._settings, self._lives = settings, lives
        self._of_key: Counter[str | None] = Counter()
        self._listeners: dict[tuple[str, Hashable], set[asyncio.Queue[Doc | None]]] = {}
        self._looks: dict[str, Look] = {}
        self._known: dict[tuple[str, Hashable], Doc] = {}
        self._task: asyncio.Task[None] | None = None

    def register(self, kind: str, look: Look) -> None:
        """Register ``look``, which reads the states of things of this kind."""
        self._looks[kind] = look

    def end_on_signals(self) -> None:
        """End all streams when the process is asked to stop, because the server waits for open ones. Call it only in
        the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def stop(number: int, frame: FrameType | None, before: Any = before) -> None:
                loop.call_soon_threadsafe(self.close)
                if callable(before):
                    before(number, frame)

            signal.signal(number, stop)

    def close(self) -> None:
        """End all streams."""
        for queues in self._listeners.values():
            for queue in queues:
                queue.put_nowait(None)
        if self._task:
            self._task.cancel()

    def stream(self, kind: str, key: Hashable, caller: str | None) -> StreamingResponse:
        """Stream the states of one thing until it is final or the API key with the id ``caller`` is revoked or expires.
        Raises Problem 503 if too many streams are open, 429 if too many belong to this key.
        """
        if sum(map(len, self._listeners.values())) >= self._settings.max_listeners:
            raise _too_many(503, "try again later, or poll the record (COPYDESK_MAX_LISTENERS)")
        if caller is not None and self._of_key[caller] >= self._settings.max_listeners_of_key:
            raise _too_many(429, "first close a stream that was opened with this key (COPYDESK_MAX_LISTENERS_OF_KEY)")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(kind, key, caller), media_type="text/event-stream", headers=headers)

    async def _events(self, kind: str, key: Hashable, caller: str | None) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[Doc | None] = asyncio.Queue()
        sent = 0
        self._of_key[caller] += 1
        self._listeners.setdefault((kind, key), set()).add(queue)
        if (known := self._known.get((kind, key))) is not None:
            queue.put_nowait(known)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            while True:
                state: Doc | None = {}
                with suppress(TimeoutError):
                    state = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                if state is None or await self._ended(caller):
                    return
                if not state:
                    yield KEEPALIVE_COMMENT
                    continue
                final = state.get("final", False)
                shown = json.dumps(
                    {name: value for name, value in state.items() if name != "final"}, ensure_ascii=False
                )
                sent += 1
                yield format_sse_event(data_str=shown, event="end" if final else "progress", id=str(sent))
                if final:
                    return
        finally:
            self._of_key -= Counter([caller])
            listeners = self._listeners[kind, key]
            listeners.discard(queue)
            if not listeners:
                del self._listeners[kind, key]
                self._known.pop((kind, key), None)

    async def _ended(self, caller: str | None) -> bool:
        with suppress(PyMongoError):  # no changes are sent in the meantime
            return not await self._lives(caller)
        return False

    async def _poll(self) -> None:
        while self._listeners:
            for kind, look in self._looks.items():
                keys = [key for found, key in self._listeners if found == kind]
                if not keys:
                    continue
                with suppress(PyMongoError):  # it is polled again soon
                    states = await look(keys)
                    for key in keys:
                        self._tell(kind, key, states.get(key, {"status": "deleted", "final": True}))
            await asyncio.sleep(self._settings.events_seconds)

    def _tell(self, kind: str, key: Hashable, state: Doc) -> None:
        if self._known.get((kind, key)) == state:
            return
        self._known[kind, key] = state
        for queue in self._listeners.get((kind, key), ()):
            queue.put_nowait(state)


def _too_many(status: int, advice: str) -> Problem:
    problem = Problem(status, "listeners", "Too many open event streams", advice)
    problem.headers = {"Retry-After": "5"}
    return problem
