"""What the command line asks of a running API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

Doc = dict[str, Any]
RETRIES = 5


class ApiError(Exception):
    """The API refused or could not be reached; the message is one line that says what to do."""


class Api:
    """A running Copydesk API. Every method raises ApiError."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=60)

    def _send(self, method: str, path: str, *, patient: bool = True, **more: Any) -> Doc:
        for attempt in range(RETRIES):
            last = attempt == RETRIES - 1
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                if last or not patient:
                    raise ApiError(f"no answer from {self.url} ({error}); start it with `copydesk up`") from None
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.status_code in (429, 503) and not last and patient:
                time.sleep(min(30.0, float(answer.headers.get("retry-after", 0.5 * 2**attempt))))
                continue
            if answer.is_success:
                return answer.json() if answer.content else {}
            try:
                problem = answer.json()
                raise ApiError(f"{problem['title']}: {problem['detail']}")
            except (ValueError, KeyError):
                raise ApiError(f"{self.url} answered {answer.status_code}; is it a Copydesk API?") from None
        raise AssertionError("unreachable")

    def post(self, data: bytes, media_type: str, params: Doc) -> Doc:
        return self._send("POST", "/v1/documents", content=data, headers={"Content-Type": media_type}, params=params)

    def post_file(self, name: str, data: bytes, media_type: str, params: Doc) -> Doc:
        return self._send("POST", "/v1/documents", files={"file": (name, data, media_type)}, params=params)

    def find(self, **params: Any) -> list[Doc]:
        return list(self._send("GET", "/v1/documents", params=params)["documents"])

    def get(self, id: str) -> Doc:
        return self._send("GET", f"/v1/documents/{id}")

    def reprocess(self, id: str) -> Doc:
        return self._send("POST", f"/v1/documents/{id}/reprocess")

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
