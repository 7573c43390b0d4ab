"""A client of the API: ``Copydesk``, and ``AsyncCopydesk`` for asyncio.

    with Copydesk("https://desk.example", key) as desk:
        id = desk.add("Ministers meet\\n\\nLONDON (AP) - Ministers met.", publisher="AP")["id"]
        desk.wait([id])
        for document in desk.search(q="ministers", country="GB"):
            print(document["title"], document["score"])

Every method raises CopydeskError. A request is sent again while the API does not answer (503, or no connection), and
as long as it asks for patience (429); documents are taken once however often they are sent. Parameters of a search are
those of docs/search.md.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Literal, NotRequired, Self, TypedDict
from urllib.parse import quote

import httpx

LOCAL = "http://127.0.0.1:8000"
TRIES = 5
FINAL = ("done", "failed", "deleted")
PAUSE_SECONDS = 0.5

Doc = dict[str, Any]
"""A record, or what of it was asked for, as JSON: `GET /v1/schema` describes it."""


class Accepted(TypedDict):
    id: str
    status: str
    duplicate: bool
    filename: NotRequired[str]


class Page(TypedDict):
    """``next`` is the cursor of the page after it; ``total`` and ``facets`` where they were asked for."""

    documents: list[Doc]
    next: str | None
    total: NotRequired[int]
    complete: NotRequired[bool]
    facets: NotRequired[dict[str, list[Doc]]]


class Counts(TypedDict):
    total: int
    complete: bool
    facets: dict[str, list[Doc]]


class Taken(TypedDict):
    id: str
    documents: list[Accepted]


class CopydeskError(Exception):
    """The API refused or did not answer; the message is one line that says what to do. ``status`` is null for the latter."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Call:
    """A request to come, and whether to try again where there is no answer."""

    def __init__(self, method: str, path: str, *, patient: bool = True, **more: Any) -> None:
        self.method, self.path, self.patient, self.more = method, path, patient, more


Step = Call | float
"""What a conversation needs next: an answer to a call, or a pause of so many seconds."""


def _talk(url: str, call: Call) -> Generator[Step, httpx.Response | httpx.TransportError | None, Any]:
    """One request with its repetitions; returns the JSON of the answer, None for an empty one. Raises CopydeskError."""
    attempt = 0
    while True:
        attempt += 1
        last = attempt == TRIES or not call.patient
        answer = yield call
        if not isinstance(answer, httpx.Response):
            if last:
                raise CopydeskError(f"no answer from {url} ({answer}); start it with `copydesk up`")
            yield 0.1 * 2**attempt
            continue
        pause = min(30.0, float(answer.headers.get("retry-after", 0.25 * 2**attempt)))
        if answer.status_code == 429 and call.patient:  # no fault: there is room again after the pause
            attempt -= 1
            yield pause
        elif answer.status_code == 503 and not last:
            yield pause
        elif answer.is_success:
            return answer.json() if answer.content else None
        else:
            raise _refusal(url, answer)


def _refusal(url: str, answer: httpx.Response) -> CopydeskError:
    try:
        problem = answer.json()
        return CopydeskError(f"{problem['title']}: {problem['detail']}", answer.status_code)
    except (ValueError, KeyError, TypeError):
        return CopydeskError(f"{url} answered {answer.status_code}; is it a Copydesk API?", answer.status_code)


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _add(data: str | bytes, media_type: str, filename: str | None, source: Doc) -> Call:
    content = data.encode() if isinstance(data, str) else data
    if filename is not None:
        return Call("POST", "/v1/documents", files={"file": (filename, content, media_type)}, params=source)
    return Call("POST", "/v1/documents", content=content, headers={"Content-Type": media_type}, params=source)


def _batch(data: bytes, media_type: str, source: Doc) -> Call:
    return Call("POST", "/v1/batches", content=data, headers={"Content-Type": media_type}, params=source)


def _part(id: str) -> str:
    return quote(id, safe="")


class _Settling:
    """Which of many documents still wait; asked of in turns of a hundred."""

    def __init__(self, ids: list[str]) -> None:
        self.waiting = dict.fromkeys(ids)

    def chunk(self) -> list[str]:
        return list(self.waiting)[:100]

    def settle(self, chunk: list[str], found: list[Doc]) -> list[Doc]:
        """Those of ``chunk`` that are final; the others go to the end of the line."""
        by_id = {document["id"]: document for document in found}
        final = []
        for id in chunk:
            document = by_id.get(id, {"id": id, "status": "deleted"})
            del self.waiting[id]
            if document["status"] in FINAL:
                final.append(document)
            else:
                self.waiting[id] = None
        return final


class Copydesk:
    """A running API at ``url``, asked with ``key``."""

    def __init__(self, url: str = LOCAL, key: str | None = None, *, timeout_seconds: float = 60) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=timeout_seconds, headers=_headers(key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _ask(self, call: Call) -> Any:
        conversation = _talk(self.url, call)
        step = next(conversation)
        while True:
            answer: httpx.Response | httpx.TransportError | None = None
            if isinstance(step, Call):
                try:
                    answer = self._http.request(step.method, step.path, **step.more)
                except httpx.TransportError as error:
                    answer = error
            else:
                time.sleep(step)
            try:
                step = conversation.send(answer)
            except StopIteration as end:
                return end.value

    @contextmanager
    def _stream(self, path: str, **params: Any) -> Iterator[httpx.Response]:
        try:
            with self._http.stream("GET", path, params=params) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _refusal(self.url, answer)
                yield answer
        except httpx.TransportError as error:
            raise CopydeskError(f"the answer from {self.url} broke off ({error}); ask for the rest again") from None

    def add(
        self,
        data: str | bytes,
        media_type: str = "text/plain; charset=utf-8",
        *,
        filename: str | None = None,
        **source: Any,
    ) -> Accepted:
        """Send one document; ``source`` is ``collection``, ``publisher``, ``tags`` and what else `POST /v1/documents` takes."""
        accepted: Accepted = self._ask(_add(data, media_type, filename, source))
        return accepted

    def add_batch(self, data: bytes, media_type: str, **source: Any) -> Taken:
        """Send an archive or NDJSON; ``batch`` of the answer's id tells how far it is."""
        taken: Taken = self._ask(_batch(data, media_type, source))
        return taken

    def batch(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/batches/{_part(id)}")))

    def page(self, **search: Any) -> Page:
        """One page of what a search finds."""
        page: Page = self._ask(Call("GET", "/v1/documents", params=search))
        return page

    def search(self, **search: Any) -> Iterator[Doc]:
        """All that a search finds, page by page."""
        search = {"limit": 200, **search}
        while True:
            page = self.page(**search)
            yield from page["documents"]
            if page["next"] is None:
                return
            search["cursor"] = page["next"]

    def count(self, **search: Any) -> Counts:
        """How many a search finds, and its ``facets``."""
        counts: Counts = self._ask(Call("GET", "/v1/documents/facets", params=search))
        return counts

    def get(self, id: str) -> Doc:
        """The record."""
        return dict(self._ask(Call("GET", f"/v1/documents/{_part(id)}")))

    def raw(self, id: str) -> bytes:
        """The bytes as they came."""
        with self._stream(f"/v1/documents/{_part(id)}/raw") as answer:
            return answer.read()

    def delete(self, id: str, *, members: bool = False) -> None:
        """Erase it, with ``members`` also the documents found inside it."""
        self._ask(Call("DELETE", f"/v1/documents/{_part(id)}", params={"members": members}))

    def count_erasure(self, where: Doc) -> int:
        """How many documents the filter finds."""
        return int(self._ask(Call("POST", "/v1/documents/erase", json={"where": where, "dry_run": True}))["found"])

    def erase_where(self, where: Doc, *, members: bool = False) -> int:
        """Erase all documents that the filter finds, page by page; says how many."""
        erased = 0
        while True:
            answer = self._ask(Call("POST", "/v1/documents/erase", json={"where": where, "members": members}))
            erased += int(answer["erased"])
            if not answer["more"]:
                return erased

    def reprocess(self, id: str, *, force: bool = False) -> Accepted:
        accepted: Accepted = self._ask(Call("POST", f"/v1/documents/{_part(id)}/reprocess", params={"force": force}))
        return accepted

    def reprocess_where(self, **selection: Any) -> int:
        """Queue all documents that the selection finds, page by page; says how many."""
        queued, after = 0, None
        while True:
            answer = self._ask(Call("POST", "/v1/documents/reprocess", json={**selection, "after": after}))
            queued += int(answer["queued"])
            after = answer["next"]
            if after is None:
                return queued

    def entity(self, name: str, **more: Any) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/entities/{_part(name)}", params=more)))

    def entities(self, prefix: str, **more: Any) -> list[Doc]:
        return list(self._ask(Call("GET", "/v1/entities", params={"prefix": prefix, **more}))["entities"])

    def story(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/stories/{_part(id)}")))

    def stats(self, days: int = 14) -> Doc:
        return dict(self._ask(Call("GET", "/v1/stats", params={"days": days})))

    def events(self, id: str, kind: Literal["documents", "batches"] = "documents") -> Iterator[Doc]:
        """The states of a document or batch as they change, the last one final."""
        with self._stream(f"/v1/{kind}/{_part(id)}/events") as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def export(self, format: Literal["ndjson", "csv", "parquet"] = "ndjson", **search: Any) -> Iterator[bytes]:
        """All that a search finds, in pieces; give ``after`` the last id that arrived to go on after a break."""
        with self._stream("/v1/export", format=format, **search) as answer:
            yield from answer.iter_bytes()

    def wait(
        self, ids: list[str], on_final: Callable[[Doc], None] = lambda _: None, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        """Until each of ``ids`` is done, failed or deleted, calling ``on_final`` with its summary as it is."""
        settling = _Settling(ids)
        while chunk := settling.chunk():
            final = settling.settle(chunk, self.page(id=chunk, limit=200)["documents"])
            for document in final:
                on_final(document)
            if not final:
                time.sleep(pause_seconds)

    def create_key(self, grant: Doc) -> Doc:
        return dict(self._ask(Call("POST", "/v1/keys", json=grant)))

    def keys(self) -> list[Doc]:
        return list(self._ask(Call("GET", "/v1/keys"))["keys"])

    def revoke_key(self, id: str) -> None:
        self._ask(Call("DELETE", f"/v1/keys/{_part(id)}"))

    def ready(self) -> Doc:
        """The parts and their state, also where one is down."""
        try:
            return dict(self._http.get("/readyz").json())
        except (httpx.HTTPError, ValueError) as error:
            raise CopydeskError(f"no answer from {self.url} ({error}); start it with `copydesk up`") from None


class AsyncCopydesk:
    """The same for asyncio; to be made in the running loop."""

    def __init__(self, url: str = LOCAL, key: str | None = None, *, timeout_seconds: float = 60) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(base_url=self.url, timeout=timeout_seconds, headers=_headers(key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, call: Call) -> Any:
        conversation = _talk(self.url, call)
        step = next(conversation)
        while True:
            answer: httpx.Response | httpx.TransportError | None = None
            if isinstance(step, Call):
                try:
                    answer = await self._http.request(step.method, step.path, **step.more)
                except httpx.TransportError as error:
                    answer = error
            else:
                await asyncio.sleep(step)
            try:
                step = conversation.send(answer)
            except StopIteration as end:
                return end.value

    @asynccontextmanager
    async def _stream(self, path: str, **params: Any) -> AsyncIterator[httpx.Response]:
        try:
            async with self._http.stream("GET", path, params=params) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise _refusal(self.url, answer)
                yield answer
        except httpx.TransportError as error:
            raise CopydeskError(f"the answer from {self.url} broke off ({error}); ask for the rest again") from None

    async def add(
        self,
        data: str | bytes,
        media_type: str = "text/plain; charset=utf-8",
        *,
        filename: str | None = None,
        **source: Any,
    ) -> Accepted:
        accepted: Accepted = await self._ask(_add(data, media_type, filename, source))
        return accepted

    async def add_batch(self, data: bytes, media_type: str, **source: Any) -> Taken:
        taken: Taken = await self._ask(_batch(data, media_type, source))
        return taken

    async def batch(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/batches/{_part(id)}")))

    async def page(self, **search: Any) -> Page:
        page: Page = await self._ask(Call("GET", "/v1/documents", params=search))
        return page

    async def search(self, **search: Any) -> AsyncIterator[Doc]:
        search = {"limit": 200, **search}
        while True:
            page = await self.page(**search)
            for document in page["documents"]:
                yield document
            if page["next"] is None:
                return
            search["cursor"] = page["next"]

    async def count(self, **search: Any) -> Counts:
        counts: Counts = await self._ask(Call("GET", "/v1/documents/facets", params=search))
        return counts

    async def get(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/documents/{_part(id)}")))

    async def entity(self, name: str, **more: Any) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/entities/{_part(name)}", params=more)))

    async def entities(self, prefix: str, **more: Any) -> list[Doc]:
        return list((await self._ask(Call("GET", "/v1/entities", params={"prefix": prefix, **more})))["entities"])

    async def story(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/stories/{_part(id)}")))

    async def stats(self, days: int = 14) -> Doc:
        return dict(await self._ask(Call("GET", "/v1/stats", params={"days": days})))

    async def events(self, id: str, kind: Literal["documents", "batches"] = "documents") -> AsyncIterator[Doc]:
        async with self._stream(f"/v1/{kind}/{_part(id)}/events") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async def export(
        self, format: Literal["ndjson", "csv", "parquet"] = "ndjson", **search: Any
    ) -> AsyncIterator[bytes]:
        async with self._stream("/v1/export", format=format, **search) as answer:
            async for piece in answer.aiter_bytes():
                yield piece

    async def wait(
        self,
        ids: list[str],
        on_final: Callable[[Doc], Awaitable[None]] | None = None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        settling = _Settling(ids)
        while chunk := settling.chunk():
            final = settling.settle(chunk, (await self.page(id=chunk, limit=200))["documents"])
            for document in final:
                if on_final:
                    await on_final(document)
            if not final:
                await asyncio.sleep(pause_seconds)
