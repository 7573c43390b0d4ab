"""Keep a client that connects by itself to the addresses that sources may fetch.

The client of buckets looks names up again and follows redirects. It is given a proxy on the loopback interface, which looks
up each name, refuses what is not allowed, and connects to the address that was checked. It sees only encrypted bytes.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import socket
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread

from services import outbound
from services.outbound import Reach, Refused

TIMEOUT_SECONDS = 60.0
"""Seconds without a byte, after which a connection ends."""
_LINE_BYTES, _MOST_LINES = 8192, 100
_PIECE_BYTES = 65_536
_ANSWERS = {
    200: b"Connection established",
    403: b"Forbidden",
    407: b"Proxy Authentication Required",
    502: b"Bad Gateway",
}
Resolve = Callable[[str, int], str]
"""Return the IP address of a host and port to connect to; raise Refused."""


@dataclass(slots=True)
class Gate:
    """A running proxy: ``url`` has its password, ``refused`` says why it refused a connection."""

    url: str = ""
    refused: str | None = None


@contextmanager
def opened(reach: Reach, resolve: Resolve | None = None) -> Iterator[Gate]:
    """Run a proxy that connects only to what ``reach`` allows, as ``resolve`` finds it."""
    found = resolve or (lambda host, port: outbound.resolve_host(host, port, reach))
    gate, password = Gate(), secrets.token_hex(16)

    class Handler(_Handler):
        def setup(self) -> None:
            super().setup()
            self.gate, self.resolve = gate, found
            self.expected = b"Basic " + base64.b64encode(f"gate:{password}".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    gate.url = f"http://gate:{password}@127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        server.shutdown()
        server.server_close()


class _Handler(socketserver.StreamRequestHandler):
    timeout = TIMEOUT_SECONDS
    gate: Gate
    resolve: Resolve
    expected: bytes

    def handle(self) -> None:
        with suppress(OSError):
            self._handle()

    def _handle(self) -> None:
        method, _, rest = self.rfile.readline(_LINE_BYTES).partition(b" ")
        given = b""
        for _ in range(_MOST_LINES):
            name, _, value = self.rfile.readline(_LINE_BYTES).partition(b":")
            if not name.strip():
                break
            if name.strip().lower() == b"proxy-authorization":
                given = value.strip()
        if not hmac.compare_digest(given, self.expected):
            return self._answer(407)
        host, _, port = rest.partition(b" ")[0].decode("latin-1").rpartition(":")
        try:
            if method != b"CONNECT":
                raise Refused("only encrypted connections are allowed")
            address = self.resolve(host.strip("[]"), int(port))
        except ValueError as error:  # also Refused
            self.gate.refused = str(error)
            return self._answer(403)
        try:
            other = socket.create_connection((address, int(port)), timeout=TIMEOUT_SECONDS)
        except OSError:
            return self._answer(502)
        with other:
            self._answer(200)
            back = Thread(target=_copy, args=(other, self.connection), daemon=True)
            back.start()
            _copy(self.connection, other)
            back.join()

    def _answer(self, status: int) -> None:
        self.connection.sendall(b"HTTP/1.1 %d %s\r\n\r\n" % (status, _ANSWERS[status]))


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Send everything from one connection to the other until the first ends."""
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
