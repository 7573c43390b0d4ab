"""Clients that send each document until it is accepted, with the same Idempotency-Key each time if they have one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Queue
from urllib.parse import urlsplit

import httpx

from tests.drill.documents import Document

COLLECTION = "drill"
SENDERS = 6
PATIENCE_SECONDS = 300.0
_PIECE = 65536


@dataclass
class Senders:
    """The clients. ``accepted`` has the ids in the answers for each document, ``refused`` the documents that could not
    be sent in time."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    accepted: dict[Document, set[str]] = field(default_factory=dict)
    refused: dict[Document, str] = field(default_factory=dict)
    tries: int = 0
    sending: int = 0
    _waiting: Queue[Document | None] = field(default_factory=lambda: Queue(SENDERS))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def send(self, document: Document) -> None:
        """Give the document to a sender; returns when one is free."""
        self._waiting.put(document)

    def finish(self) -> None:
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20, headers=self.headers) as http:
            while document := self._waiting.get():
                with self._lock:
                    self.sending += 1
                if document.manner.startswith("cut"):
                    self._cut(document)
                ids = {self._until_accepted(http, document)}
                if document.manner == "sent twice":
                    ids.add(self._until_accepted(http, document))
                with self._lock:
                    self.sending -= 1
                    if None in ids:
                        self.refused[document] = "not accepted in time"
                    else:
                        self.accepted[document] = {id for id in ids if id}

    def _until_accepted(self, http: httpx.Client, document: Document) -> str | None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            with self._lock:
                self.tries += 1
            with contextlib.suppress(httpx.TransportError):
                answer = http.post(
                    "/v1/documents",
                    params={"collection": COLLECTION},
                    headers=_headers(document),
                    content=_pieces(document.data),
                )
                if answer.is_success:
                    return str(answer.json()["id"])
                if answer.status_code not in (429, 500, 503):
                    return None
            time.sleep(0.3)
        return None

    def _cut(self, document: Document) -> None:
        """Send half of it, or all of it, and hang up without reading the answer."""
        whole = document.manner == "cut before the answer"
        parts = urlsplit(self.url)
        headers = {**self.headers, **_headers(document), "Content-Length": str(len(document.data))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST /v1/documents?collection={COLLECTION} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n"
        with (
            contextlib.suppress(OSError),
            socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20) as connection,
        ):
            connection.sendall(head.encode() + (document.data if whole else document.data[: len(document.data) // 2]))
            time.sleep(0.05)


def _headers(document: Document) -> dict[str, str]:
    return {"Content-Type": document.media_type} | ({"Idempotency-Key": document.key} if document.key else {})


def _pieces(data: bytes) -> Iterator[bytes]:
    """Yield the body in pieces, so that a large one takes a while."""
    for start in range(0, len(data), _PIECE):
        if start:
            time.sleep(0.02)
        yield data[start : start + _PIECE]
