"""What the command line asks of a running API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from services.settings import settings

Doc = dict[str, Any]
RETRIES = 5
LOCAL = "http://127.0.0.1:8000"
ApiUrl = Annotated[str, typer.Option("--api", envvar="COPYDESK_API_URL", help="A running API.")]


class ApiError(Exception):
    """The API refused or could not be reached; the message is one line that says what to do."""


class Api:
    """A running Copydesk API, asked with the key of the settings. Every method raises ApiError."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        key = settings().api_key
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._http = httpx.Client(base_url=self.url, timeout=60, headers=headers)

    def _send(self, method: str, path: str, *, patient: bool = True, **more: Any) -> Doc:
        attempt = 0
        while True:
            attempt += 1
            last = attempt == RETRIES
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                if last or not patient:
                    raise ApiError(f"no answer from {self.url} ({error}); start it with `copydesk up`") from None
                time.sleep(0.1 * 2**attempt)
                continue
            pause = min(30.0, float(answer.headers.get("retry-after", 0.25 * 2**attempt)))
            if answer.status_code == 429 and patient:  # no fault: there is room again after the pause
                attempt -= 1
                time.sleep(pause)
                continue
            if answer.status_code == 503 and not last and patient:
                time.sleep(pause)
                continue
            if answer.is_success:
                return answer.json() if answer.content else {}
            try:
                problem = answer.json()
                raise ApiError(f"{problem['title']}: {problem['detail']}")
            except (ValueError, KeyError):
                raise ApiError(f"{self.url} answered {answer.status_code}; is it a Copydesk API?") from None

    def post(self, data: bytes, media_type: str, params: Doc) -> Doc:
        return self._send("POST", "/v1/documents", content=data, headers={"Content-Type": media_type}, params=params)

    def post_file(self, name: str, data: bytes, media_type: str, params: Doc) -> Doc:
        return self._send("POST", "/v1/documents", files={"file": (name, data, media_type)}, params=params)

    def find(self, **params: Any) -> list[Doc]:
        return list(self._send("GET", "/v1/documents", params=params)["documents"])

    def pages(self, **params: Any) -> Iterator[Doc]:
        """All documents that ``find`` would give a page of."""
        cursor: str | None = None
        while True:
            page = self._send(
                "GET", "/v1/documents", params={**params, **({"cursor": cursor} if cursor else {}), "limit": 200}
            )
            yield from page["documents"]
            cursor = page["next"]
            if cursor is None:
                return

    def get(self, id: str) -> Doc:
        return self._send("GET", f"/v1/documents/{id}")

    def reprocess(self, id: str, *, force: bool = False) -> Doc:
        return self._send("POST", f"/v1/documents/{id}/reprocess", params={"force": force})

    def reprocess_where(self, **selection: Any) -> int:
        """Queue all documents that the selection finds, page by page; says how many."""
        queued, after = 0, None
        while True:
            answer = self._send("POST", "/v1/documents/reprocess", json={**selection, "after": after})
            queued += int(answer["queued"])
            after = answer["next"]
            if after is None:
                return queued

    def erase(self, id: str, *, members: bool = False) -> None:
        self._send("DELETE", f"/v1/documents/{quote(id, safe='')}", params={"members": members})

    def count_erasure(self, where: Doc) -> int:
        """How many documents the filter finds."""
        return int(self._send("POST", "/v1/documents/erase", json={"where": where, "dry_run": True})["found"])

    def erase_where(self, where: Doc, *, members: bool = False) -> int:
        """Erase all documents that the filter finds, page by page; says how many."""
        erased = 0
        while True:
            answer = self._send("POST", "/v1/documents/erase", json={"where": where, "members": members})
            erased += int(answer["erased"])
            if not answer["more"]:
                return erased

    def create_key(self, grant: Doc) -> Doc:
        return self._send("POST", "/v1/keys", json=grant)

    def keys(self) -> list[Doc]:
        return list(self._send("GET", "/v1/keys")["keys"])

    def revoke_key(self, id: str) -> None:
        self._send("DELETE", f"/v1/keys/{quote(id, safe='')}")

    def ready(self) -> Doc:
        """The parts and their state, also where one is down."""
        try:
            return dict(self._http.get("/readyz").json())
        except (httpx.HTTPError, ValueError) as error:
            raise ApiError(f"no answer from {self.url} ({error}); start it with `copydesk up`") from None

    def follow(self, ids: list[str], on_final: Callable[[Doc], None], pause_seconds: float = 0.5) -> None:
        """Wait until each of ``ids`` is done or failed, calling ``on_final`` with its summary as it is."""
        waiting = dict.fromkeys(ids)
        while waiting:
            chunk = list(waiting)[:100]
            found = {document["id"]: document for document in self.find(id=chunk, limit=200)}
            final = 0
            for id in chunk:
                document = found.get(id, {"id": id, "status": "deleted"})
                del waiting[id]
                if document["status"] in ("queued", "processing"):
                    waiting[id] = None  # to the end of the line
                else:
                    final += 1
                    on_final(document)
            if not final:
                time.sleep(pause_seconds)
