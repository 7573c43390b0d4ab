"""A TCP proxy whose connections can be cut, stalled or slowed down, in place of a network to MongoDB."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

_CHUNK = 65536


class Proxy:
    """Listens on ``port`` of loopback and passes everything on to ``target`` of ``host``, in threads, until closed."""

    def __init__(self, target: int, host: str = "127.0.0.1") -> None:
        self._target = (host, target)
        self._delay = 0.0
        self._flows = threading.Event()
        self._flows.set()
        self._accepts = True
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Reset every open and every new connection."""
        self._accepts = False
        for connection in list(self._open):
            self._drop(connection)

    def stall(self) -> None:
        """Keep connections open, but pass nothing on."""
        self._flows.clear()

    def slow(self, seconds: float) -> None:
        """Pass on each command this many seconds late."""
        self._delay = seconds

    def mend(self) -> None:
        self._delay = 0.0
        self._accepts = True
        self._flows.set()

    def close(self) -> None:
        self._server.close()
        self.cut()
        self._flows.set()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                if not self._accepts:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(self._target, timeout=5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                self._open |= {near, far}
                for source, sink, there in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pass, args=(source, sink, there), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, there: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if there:
                    time.sleep(self._delay)
                self._flows.wait()
                sink.sendall(chunk)
        self._drop(source)
        self._drop(sink)

    def _drop(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
