"""A request with its retries, as a generator: the caller sends the requests and sleeps, blocking or with asyncio."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx

from copydesk_client.shapes import Doc

LOCAL = "http://127.0.0.1:8000"
TRIES = 5
FINAL = ("done", "failed", "canceled", "deleted")
PAUSE_SECONDS = 0.5
AWAY = (502, 503, 504)
"""Statuses after which a request is repeated: the API limits requests, or a proxy cannot reach it."""


class CopydeskError(Exception):
    """The API refused the request or did not answer; the message is one line that says what to do. ``status`` is None
    if there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Call:
    """A request to send, and whether to try again if there is no answer."""

    def __init__(self, method: str, path: str, *, patient: bool = True, **more: Any) -> None:
        self.method, self.path, self.patient, self.more = method, path, patient, more


Step = Call | float
"""What a conversation needs next: the answer to a call, or a pause in seconds."""


def talk(url: str, call: Call) -> Generator[Step, httpx.Response | httpx.TransportError | None, Any]:
    """Make one request with its retries. Returns the JSON of the answer, None for an empty one. Raises
    CopydeskError."""
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
        pause = _pause(answer, 0.25 * 2**attempt)
        if answer.status_code == 429 and call.patient:  # not an error: there is room again after the pause
            attempt -= 1
            yield pause
        elif answer.status_code in AWAY and not last:
            yield pause
        elif answer.is_success:
            return _read(url, answer)
        else:
            raise refusal(url, answer)


def _pause(answer: httpx.Response, otherwise: float) -> float:
    """Return the seconds of ``Retry-After``, at most 30; a date, which a proxy may send, is ignored."""
    said = answer.headers.get("retry-after", "")
    return min(30.0, float(said) if said.isdecimal() else otherwise)


def _read(url: str, answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except ValueError:
        raise CopydeskError(f"{url} did not answer with JSON; is it a Copydesk API?", answer.status_code) from None


def refusal(url: str, answer: httpx.Response) -> CopydeskError:
    try:
        problem = answer.json()
        return CopydeskError(f"{problem['title']}: {problem['detail']}", answer.status_code)
    except (ValueError, KeyError, TypeError):
        return CopydeskError(f"{url} answered {answer.status_code}; is it a Copydesk API?", answer.status_code)


def headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _params(source: Doc) -> Doc:
    """Return the metadata of a document as query parameters: ``metadata`` as JSON, instants as ISO 8601, no nulls."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else value.isoformat() if isinstance(value, date) else value
        for name, value in source.items()
        if value is not None
    }


def add(data: str | bytes, media_type: str, filename: str | None, source: Doc) -> Call:
    content = data.encode() if isinstance(data, str) else data
    if filename is not None:
        return Call("POST", "/v1/documents", files={"file": (filename, content, media_type)}, params=_params(source))
    return Call("POST", "/v1/documents", content=content, headers={"Content-Type": media_type}, params=_params(source))


def add_batch(data: bytes, media_type: str, source: Doc) -> Call:
    return Call("POST", "/v1/batches", content=data, headers={"Content-Type": media_type}, params=_params(source))


def part(id: str) -> str:
    return quote(id, safe="")


class Settling:
    """Keeps track of which documents still wait; they are requested a hundred at a time."""

    def __init__(self, ids: list[str]) -> None:
        self.waiting = dict.fromkeys(ids)

    def chunk(self) -> list[str]:
        return list(self.waiting)[:100]

    def settle(self, chunk: list[str], found: list[Doc]) -> list[Doc]:
        """Return the documents of ``chunk`` that are final; the others go to the end of the queue."""
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
