"""uvicorn's HTTP protocol with two more limits: how long the head of a request may take, and how large it may be."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from services.settings import settings

HEAD_BYTES = 64 * 1024
_WELL_FORMED = "send HTTP/1.1 with either one correct Content-Length or chunked encoding, not both"


class Protocol(HttpToolsProtocol):
    """A connection. It may wait ``head_seconds`` between requests, and while the rest of a refused body arrives."""

    _limit: asyncio.TimerHandle | None = None
    _heard = False  # whether the parser reported anything for the last bytes
    _partial = 0  # bytes received since then, which the parser may be holding
    _head = 0  # bytes of header names, header values and target so far

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._heard = False
        super().data_received(data)
        self._partial = 0 if self._heard else self._partial + len(data)
        if self._partial > HEAD_BYTES and not self.transport.is_closing():
            self._head = self._partial
            self.send_400_response("")

    def on_message_begin(self) -> None:
        self._heard, self._head = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._heard = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._heard = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._heard = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def send_400_response(self, msg: str) -> None:
        """Answer invalid HTTP or a head that is too large with a problem document, and close the connection."""
        status, code, title, detail = 400, "http", "The request is not valid HTTP", _WELL_FORMED
        if self._head > HEAD_BYTES:
            status, code, title = 431, "head-too-large", "The request's head is too large"
            detail = f"the limit is {HEAD_BYTES} bytes for target and headers"
        body = json.dumps(
            {"type": f"urn:copydesk:problem:{code}", "title": title, "status": status, "detail": detail}
        ).encode()
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/problem+json\r\nx-content-type-options: nosniff\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.transport.close()

    def _count(self, size: int) -> None:
        self._heard = True
        self._head += size
        if self._head > HEAD_BYTES:
            raise ValueError("head too large")  # the parser stops, and send_400_response answers

    def _wait(self) -> None:
        self._stop_waiting()
        self._limit = self.loop.call_later(settings().head_seconds, self._waited)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _waited(self) -> None:
        cycle: Any = self.cycle
        if (cycle is None or cycle.response_complete) and not self.transport.is_closing():
            self.transport.close()
