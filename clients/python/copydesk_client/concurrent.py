"""The client for asyncio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from copydesk_client import conversation
from copydesk_client.conversation import (
    LOCAL,
    PAUSE_SECONDS,
    Call,
    CopydeskError,
    Settling,
    headers,
    part,
    refusal,
    talk,
)
from copydesk_client.record import Record
from copydesk_client.shapes import Accepted, Counts, Doc, Exported, Listed, Page, Taken, Written


class AsyncCopydesk:
    """The client for asyncio; create it in the running loop. ``transport`` sends the requests in place of a connection,
    for example to an API in the same process."""

    def __init__(
        self,
        url: str = LOCAL,
        key: str | None = None,
        *,
        timeout_seconds: float = 60,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            base_url=self.url, timeout=timeout_seconds, headers=headers(key), transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, call: Call) -> Any:
        conversation = talk(self.url, call)
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
                    raise refusal(self.url, answer)
                yield answer
        except httpx.TransportError as error:
            raise CopydeskError(
                f"the answer from {self.url} broke off ({error}); send the request again for the rest"
            ) from None

    async def add(
        self,
        data: str | bytes,
        media_type: str = "text/plain; charset=utf-8",
        *,
        filename: str | None = None,
        **source: Any,
    ) -> Accepted:
        accepted: Accepted = await self._ask(conversation.add(data, media_type, filename, source))
        return accepted

    async def add_batch(self, data: bytes, media_type: str, **source: Any) -> Taken:
        taken: Taken = await self._ask(conversation.add_batch(data, media_type, source))
        return taken

    async def batch(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/batches/{part(id)}")))

    async def cancel_batch(self, id: str) -> Doc:
        """Cancel the waiting documents of a batch. Returns its state afterwards."""
        return dict(await self._ask(Call("POST", f"/v1/batches/{part(id)}/cancel")))

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

    async def rows(self, kind: Listed, **search: Any) -> AsyncIterator[Doc]:
        search = {"limit": 200, **search}
        while True:
            page = await self._ask(Call("GET", f"/v1/{kind}", params=search))
            for row in page[kind]:
                yield row
            if page["next"] is None:
                return
            search["cursor"] = page["next"]

    async def row_page(self, kind: Listed, **search: Any) -> Doc:
        """Return one page of a list: its rows under the name of the list, and the cursor of the following page under
        ``next``."""
        return dict(await self._ask(Call("GET", f"/v1/{kind}", params=search)))

    async def count(self, **search: Any) -> Counts:
        counts: Counts = await self._ask(Call("GET", "/v1/documents/facets", params=search))
        return counts

    async def get(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/documents/{part(id)}")))

    async def record(self, id: str) -> Record:
        return Record.model_validate(await self.get(id))

    async def records(self, **search: Any) -> AsyncIterator[Record]:
        async with self._stream("/v1/export", format="ndjson", **search) as answer:
            async for line in answer.aiter_lines():
                yield Record.model_validate_json(line)

    async def formatted(self, id: str, format: Written) -> bytes:
        async with self._stream(f"/v1/documents/{part(id)}", format=format) as answer:
            return await answer.aread()

    async def corrections(self, id: str) -> list[Doc]:
        """Return the corrections of a document, with tags, comments and stars."""
        return list((await self._ask(Call("GET", f"/v1/documents/{part(id)}/corrections")))["corrections"])

    async def correct(self, id: str, correction: Doc) -> Doc:
        """Correct a document: ``kind``, ``target`` and ``now`` as for `POST /v1/documents/{id}/corrections`. Return the
        correction."""
        return dict(await self._ask(Call("POST", f"/v1/documents/{part(id)}/corrections", json=correction)))

    async def undo_correction(self, id: str, correction: str) -> None:
        await self._ask(Call("DELETE", f"/v1/documents/{part(id)}/corrections/{part(correction)}"))

    async def entity(self, name: str, **more: Any) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/entities/{part(name)}", params=more)))

    async def network(self, id: str, **more: Any) -> Doc:
        """Return who is connected with a person or organization: ``nodes``, and ``edges`` of what was said and done."""
        return dict(await self._ask(Call("GET", f"/v1/entities/{part(id)}/network", params=more)))

    async def entities(self, prefix: str, **more: Any) -> list[Doc]:
        return list((await self._ask(Call("GET", "/v1/entities", params={"prefix": prefix, **more})))["entities"])

    async def story(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/stories/{part(id)}")))

    async def stats(self, days: int = 14) -> Doc:
        return dict(await self._ask(Call("GET", "/v1/stats", params={"days": days})))

    async def events(self, id: str, kind: Literal["documents", "batches"] = "documents") -> AsyncIterator[Doc]:
        async with self._stream(f"/v1/{kind}/{part(id)}/events") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async def export(self, format: Exported = "ndjson", **search: Any) -> AsyncIterator[bytes]:
        async with self._stream("/v1/export", format=format, **search) as answer:
            async for piece in answer.aiter_bytes():
                yield piece

    async def passages(self, **search: Any) -> AsyncIterator[Doc]:
        """Yield the passages of all documents that a search finds, for retrieval; documents are in the order in which
        they were received."""
        async with self._stream("/v1/export", rows="passages", **search) as answer:
            async for line in answer.aiter_lines():
                yield json.loads(line)

    async def wait(
        self,
        ids: list[str],
        on_final: Callable[[Doc], Awaitable[None]] | None = None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        settling = Settling(ids)
        while chunk := settling.chunk():
            final = settling.settle(chunk, (await self.page(id=chunk, limit=200))["documents"])
            for document in final:
                if on_final:
                    await on_final(document)
            if not final:
                await asyncio.sleep(pause_seconds)

    async def sources(self) -> list[Doc]:
        return list((await self._ask(Call("GET", "/v1/sources")))["sources"])

    async def create_source(self, plan: Doc) -> Doc:
        return dict(await self._ask(Call("POST", "/v1/sources", json=plan, patient=False)))

    async def source(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/sources/{part(id)}")))

    async def change_source(self, id: str, change: Doc) -> Doc:
        return dict(await self._ask(Call("PATCH", f"/v1/sources/{part(id)}", json=change)))

    async def delete_source(self, id: str) -> None:
        await self._ask(Call("DELETE", f"/v1/sources/{part(id)}"))

    async def run_source(self, id: str) -> Doc:
        return dict(await self._ask(Call("POST", f"/v1/sources/{part(id)}/run")))

    async def pause_source(self, id: str) -> Doc:
        return dict(await self._ask(Call("POST", f"/v1/sources/{part(id)}/pause")))

    async def resume_source(self, id: str) -> Doc:
        return dict(await self._ask(Call("POST", f"/v1/sources/{part(id)}/resume")))

    async def test_source(self, id: str) -> Doc:
        return dict(await self._ask(Call("POST", f"/v1/sources/{part(id)}/test")))

    async def saved_searches(self) -> list[Doc]:
        return list((await self._ask(Call("GET", "/v1/searches")))["searches"])

    async def save_search(self, plan: Doc) -> Doc:
        return dict(await self._ask(Call("POST", "/v1/searches", json=plan, patient=False)))

    async def saved_search(self, id: str) -> Doc:
        return dict(await self._ask(Call("GET", f"/v1/searches/{part(id)}")))

    async def change_saved_search(self, id: str, change: Doc) -> Doc:
        return dict(await self._ask(Call("PATCH", f"/v1/searches/{part(id)}", json=change)))

    async def delete_saved_search(self, id: str) -> None:
        await self._ask(Call("DELETE", f"/v1/searches/{part(id)}"))

    async def test_saved_search(self, id: str) -> Doc:
        return dict(await self._ask(Call("POST", f"/v1/searches/{part(id)}/test")))

    async def matches(self, id: str, limit: int = 50, cursor: str | None = None) -> Doc:
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return dict(await self._ask(Call("GET", f"/v1/searches/{part(id)}/matches", params=params)))

    async def lists(self) -> list[Doc]:
        return list((await self._ask(Call("GET", "/v1/lists")))["lists"])

    async def load_list(
        self, name: str, data: bytes, media_type: str = "text/csv", collections: Sequence[str] = ()
    ) -> Doc:
        params, headers = {"name": name, "collection": [*collections]}, {"Content-Type": media_type}
        call = Call("POST", "/v1/lists", params=params, content=data, headers=headers, patient=False)
        return dict(await self._ask(call))

    async def list_matches(self, id: str, limit: int = 50, cursor: str | None = None) -> Doc:
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return dict(await self._ask(Call("GET", f"/v1/lists/{part(id)}/matches", params=params)))

    async def delete_list(self, id: str) -> None:
        await self._ask(Call("DELETE", f"/v1/lists/{part(id)}"))

    async def ask_names(self, names: Sequence[str]) -> Doc:
        return dict(await self._ask(Call("POST", "/v1/lists/ask", json={"names": [*names]}, patient=False)))
