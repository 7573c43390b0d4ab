"""The blocking client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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


class Copydesk:
    """A client of the API at ``url``, using ``key``."""

    def __init__(self, url: str = LOCAL, key: str | None = None, *, timeout_seconds: float = 60) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=timeout_seconds, headers=headers(key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _ask(self, call: Call) -> Any:
        conversation = talk(self.url, call)
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
                    raise refusal(self.url, answer)
                yield answer
        except httpx.TransportError as error:
            raise CopydeskError(
                f"the answer from {self.url} broke off ({error}); send the request again for the rest"
            ) from None

    def add(
        self,
        data: str | bytes,
        media_type: str = "text/plain; charset=utf-8",
        *,
        filename: str | None = None,
        **source: Any,
    ) -> Accepted:
        """Send one document; ``source`` is ``collection``, ``publisher``, ``tags`` and the other parameters of `POST
        /v1/documents`."""
        accepted: Accepted = self._ask(conversation.add(data, media_type, filename, source))
        return accepted

    def add_batch(self, data: bytes, media_type: str, **source: Any) -> Taken:
        """Send an archive or NDJSON. ``batch`` returns its progress by the id in the answer."""
        taken: Taken = self._ask(conversation.add_batch(data, media_type, source))
        return taken

    def batch(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/batches/{part(id)}")))

    def cancel_batch(self, id: str) -> Doc:
        """Cancel the waiting documents of a batch. Returns its state afterwards."""
        return dict(self._ask(Call("POST", f"/v1/batches/{part(id)}/cancel")))

    def page(self, **search: Any) -> Page:
        """Return one page of the documents that a search finds."""
        page: Page = self._ask(Call("GET", "/v1/documents", params=search))
        return page

    def search(self, **search: Any) -> Iterator[Doc]:
        """Yield all documents that a search finds, page by page."""
        search = {"limit": 200, **search}
        while True:
            page = self.page(**search)
            yield from page["documents"]
            if page["next"] is None:
                return
            search["cursor"] = page["next"]

    def rows(self, kind: Listed, **search: Any) -> Iterator[Doc]:
        """Yield all rows of a list, page by page: documents, quotes, sums, events, stories or entities."""
        search = {"limit": 200, **search}
        while True:
            page = self._ask(Call("GET", f"/v1/{kind}", params=search))
            yield from page[kind]
            if page["next"] is None:
                return
            search["cursor"] = page["next"]

    def row_page(self, kind: Listed, **search: Any) -> Doc:
        """Return one page of a list: its rows under the name of the list, and the cursor of the following page under
        ``next``."""
        return dict(self._ask(Call("GET", f"/v1/{kind}", params=search)))

    def count(self, **search: Any) -> Counts:
        """Return how many documents a search finds, and its ``facets``."""
        counts: Counts = self._ask(Call("GET", "/v1/documents/facets", params=search))
        return counts

    def get(self, id: str) -> Doc:
        """Return the record as JSON."""
        return dict(self._ask(Call("GET", f"/v1/documents/{part(id)}")))

    def record(self, id: str) -> Record:
        """Return the record as a typed model."""
        return Record.model_validate(self.get(id))

    def records(self, **search: Any) -> Iterator[Record]:
        """Yield whole records of all documents that a search finds, in the order in which they were received."""
        with self._stream("/v1/export", format="ndjson", **search) as answer:
            for line in answer.iter_lines():
                yield Record.model_validate_json(line)

    def raw(self, id: str) -> bytes:
        """Return the original bytes."""
        with self._stream(f"/v1/documents/{part(id)}/raw") as answer:
            return answer.read()

    def formatted(self, id: str, format: Written) -> bytes:
        """Return the document in a news format."""
        with self._stream(f"/v1/documents/{part(id)}", format=format) as answer:
            return answer.read()

    def erase(self, id: str, *, members: bool = False) -> None:
        """Erase a document and references to it; with ``members`` also the documents inside it."""
        self._ask(Call("DELETE", f"/v1/documents/{part(id)}", params={"members": members}))

    def count_erasure(self, where: Doc) -> int:
        """Return how many documents the filter matches."""
        return int(self._ask(Call("POST", "/v1/documents/erase", json={"where": where, "dry_run": True}))["found"])

    def erase_where(self, where: Doc, *, members: bool = False) -> int:
        """Erase all documents that the filter matches, page by page. Returns how many."""
        erased = 0
        while True:
            answer = self._ask(Call("POST", "/v1/documents/erase", json={"where": where, "members": members}))
            erased += int(answer["erased"])
            if not answer["more"]:
                return erased

    def reprocess(self, id: str, *, force: bool = False) -> Accepted:
        accepted: Accepted = self._ask(Call("POST", f"/v1/documents/{part(id)}/reprocess", params={"force": force}))
        return accepted

    def reprocess_where(self, **selection: Any) -> int:
        """Queue all documents that the selection matches, page by page. Returns how many."""
        queued, after = 0, None
        while True:
            answer = self._ask(Call("POST", "/v1/documents/reprocess", json={**selection, "after": after}))
            queued += int(answer["queued"])
            after = answer["next"]
            if after is None:
                return queued

    def corrections(self, id: str) -> list[Doc]:
        """Return the corrections of a document, with tags, comments and stars."""
        return list((self._ask(Call("GET", f"/v1/documents/{part(id)}/corrections")))["corrections"])

    def correct(self, id: str, correction: Doc) -> Doc:
        """Correct a document: ``kind``, ``target`` and ``now`` as for `POST /v1/documents/{id}/corrections`. Return the
        correction."""
        return dict(self._ask(Call("POST", f"/v1/documents/{part(id)}/corrections", json=correction)))

    def undo_correction(self, id: str, correction: str) -> None:
        self._ask(Call("DELETE", f"/v1/documents/{part(id)}/corrections/{part(correction)}"))

    def entity(self, name: str, **more: Any) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/entities/{part(name)}", params=more)))

    def network(self, id: str, **more: Any) -> Doc:
        """Return who is connected with a person or organization: ``nodes``, and ``edges`` of what was said and done."""
        return dict(self._ask(Call("GET", f"/v1/entities/{part(id)}/network", params=more)))

    def entities(self, prefix: str, **more: Any) -> list[Doc]:
        return list(self._ask(Call("GET", "/v1/entities", params={"prefix": prefix, **more}))["entities"])

    def story(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/stories/{part(id)}")))

    def stats(self, days: int = 14) -> Doc:
        return dict(self._ask(Call("GET", "/v1/stats", params={"days": days})))

    def events(self, id: str, kind: Literal["documents", "batches"] = "documents") -> Iterator[Doc]:
        """Yield the states of a document or batch as they change; the last one is final."""
        with self._stream(f"/v1/{kind}/{part(id)}/events") as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def export(self, format: Exported = "ndjson", **search: Any) -> Iterator[bytes]:
        """Yield the export of a search in pieces; to continue after an interruption, give the last received id as
        ``after``."""
        with self._stream("/v1/export", format=format, **search) as answer:
            yield from answer.iter_bytes()

    def passages(self, **search: Any) -> Iterator[Doc]:
        """Yield the passages of all documents that a search finds, for retrieval; documents are in the order in which
        they were received."""
        with self._stream("/v1/export", rows="passages", **search) as answer:
            for line in answer.iter_lines():
                yield json.loads(line)

    def wait(
        self, ids: list[str], on_final: Callable[[Doc], None] = lambda _: None, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        """Wait until each of ``ids`` is done, failed or deleted; ``on_final`` is called with the summary of each."""
        settling = Settling(ids)
        while chunk := settling.chunk():
            final = settling.settle(chunk, self.page(id=chunk, limit=200)["documents"])
            for document in final:
                on_final(document)
            if not final:
                time.sleep(pause_seconds)

    def pause(self, queue: str | None = None) -> Doc:
        """Pause one queue or both. Returns who paused which queue."""
        return dict(self._ask(Call("POST", "/v1/queues/pause", params={"queue": queue} if queue else {})))

    def resume(self, queue: str | None = None) -> Doc:
        """Resume one queue or both. Returns which queues are still paused, and by whom."""
        return dict(self._ask(Call("POST", "/v1/queues/resume", params={"queue": queue} if queue else {})))

    def sources(self) -> list[Doc]:
        """Return every source that the key may manage, with its state."""
        return list(self._ask(Call("GET", "/v1/sources"))["sources"])

    def create_source(self, plan: Doc) -> Doc:
        """Create a source from ``name``, ``kind``, ``address`` and the other fields of `POST /v1/sources`."""
        return dict(self._ask(Call("POST", "/v1/sources", json=plan, patient=False)))

    def source(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/sources/{part(id)}")))

    def change_source(self, id: str, change: Doc) -> Doc:
        return dict(self._ask(Call("PATCH", f"/v1/sources/{part(id)}", json=change)))

    def delete_source(self, id: str) -> None:
        """Remove a source; its documents are kept."""
        self._ask(Call("DELETE", f"/v1/sources/{part(id)}"))

    def run_source(self, id: str) -> Doc:
        """Request a fetch now; ``counts.runs`` rises by one when the fetch has ended."""
        return dict(self._ask(Call("POST", f"/v1/sources/{part(id)}/run")))

    def pause_source(self, id: str) -> Doc:
        return dict(self._ask(Call("POST", f"/v1/sources/{part(id)}/pause")))

    def resume_source(self, id: str) -> Doc:
        return dict(self._ask(Call("POST", f"/v1/sources/{part(id)}/resume")))

    def test_source(self, id: str) -> Doc:
        """Return the documents that the next run would store; nothing is stored."""
        return dict(self._ask(Call("POST", f"/v1/sources/{part(id)}/test")))

    def saved_searches(self) -> list[Doc]:
        """Return every search that this key saved, with the number of documents that it reported."""
        return list(self._ask(Call("GET", "/v1/searches"))["searches"])

    def save_search(self, plan: Doc) -> Doc:
        """Save a search: ``name``, ``query`` and the other fields of `POST /v1/searches`."""
        return dict(self._ask(Call("POST", "/v1/searches", json=plan, patient=False)))

    def saved_search(self, id: str) -> Doc:
        return dict(self._ask(Call("GET", f"/v1/searches/{part(id)}")))

    def change_saved_search(self, id: str, change: Doc) -> Doc:
        return dict(self._ask(Call("PATCH", f"/v1/searches/{part(id)}", json=change)))

    def delete_saved_search(self, id: str) -> None:
        """Remove a saved search with its list of matches."""
        self._ask(Call("DELETE", f"/v1/searches/{part(id)}"))

    def test_saved_search(self, id: str) -> Doc:
        """Return the newest documents that a saved search finds now; nothing is sent."""
        return dict(self._ask(Call("POST", f"/v1/searches/{part(id)}/test")))

    def matches(self, id: str, limit: int = 50, cursor: str | None = None) -> Doc:
        """Return a page of the documents that a saved search reported, latest first; ``next`` is the cursor of the next
        one."""
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return dict(self._ask(Call("GET", f"/v1/searches/{part(id)}/matches", params=params)))

    def lists(self) -> list[Doc]:
        """Return every watch list that concerns the collections of this key."""
        return list((self._ask(Call("GET", "/v1/lists")))["lists"])

    def load_list(self, name: str, data: bytes, media_type: str = "text/csv", collections: Sequence[str] = ()) -> Doc:
        """Load a watch list from CSV or NDJSON (``application/x-ndjson``); an existing list with this name gets the new
        entries."""
        params = {"name": name, "collection": [*collections]}
        headers = {"Content-Type": media_type}
        return dict(self._ask(Call("POST", "/v1/lists", params=params, content=data, headers=headers, patient=False)))

    def list_matches(self, id: str, limit: int = 50, cursor: str | None = None) -> Doc:
        """Return a page of the documents that name an entry of a list, latest received first."""
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return dict(self._ask(Call("GET", f"/v1/lists/{part(id)}/matches", params=params)))

    def delete_list(self, id: str) -> None:
        """Remove a watch list and its matches."""
        self._ask(Call("DELETE", f"/v1/lists/{part(id)}"))

    def ask_names(self, names: Sequence[str]) -> Doc:
        """Return which of these names are in the newest documents."""
        return dict(self._ask(Call("POST", "/v1/lists/ask", json={"names": [*names]}, patient=False)))

    def create_key(self, grant: Doc) -> Doc:
        return dict(self._ask(Call("POST", "/v1/keys", json=grant)))

    def keys(self) -> list[Doc]:
        return list(self._ask(Call("GET", "/v1/keys"))["keys"])

    def revoke_key(self, id: str) -> None:
        self._ask(Call("DELETE", f"/v1/keys/{part(id)}"))

    def users(self) -> list[Doc]:
        """Return everybody who may log in, including people who are disabled."""
        return list(self._ask(Call("GET", "/v1/users"))["users"])

    def invite_user(self, email: str, name: str, roles: list[Doc]) -> Doc:
        """Invite a person, with roles ``[{role, collections}]``. Returns the person with ``invitation``."""
        asked = {"email": email, "name": name, "roles": roles}
        return dict(self._ask(Call("POST", "/v1/users", json=asked)))

    def change_user(self, id: str, **changes: Any) -> Doc:
        """Change a person's ``name``, ``roles`` or ``active``."""
        return dict(self._ask(Call("PATCH", f"/v1/users/{part(id)}", json=changes)))

    def new_invitation(self, id: str) -> Doc:
        """Return a new link with which the person chooses a password."""
        return dict(self._ask(Call("POST", f"/v1/users/{part(id)}/invitation")))

    def end_sessions(self, id: str) -> None:
        """Log the person out everywhere."""
        self._ask(Call("DELETE", f"/v1/users/{part(id)}/sessions"))

    def remove_second_factor(self, id: str) -> None:
        """Remove the second factor of a person who has lost it, and log them out everywhere."""
        self._ask(Call("DELETE", f"/v1/users/{part(id)}/second-factor"))

    def delete_user(self, id: str) -> None:
        self._ask(Call("DELETE", f"/v1/users/{part(id)}"))

    def ready(self) -> Doc:
        """Return the parts and their state, even if one is down."""
        try:
            return dict(self._http.get("/readyz").json())
        except (httpx.HTTPError, ValueError) as error:
            raise CopydeskError(f"no answer from {self.url} ({error}); start it with `copydesk up`") from None
