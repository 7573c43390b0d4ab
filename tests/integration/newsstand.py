"""Run a web server on loopback with a feed and pages, like a publisher's."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Newsstand:
    """The server. ``pages`` has the answer for each path: a body, or only a status. ``asked`` lists the requests with
    path and status."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | int] = {}
        self.types: dict[str, str] = {}
        self.asked: list[tuple[str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.held: set[str] = set()
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                if self.path in outer.held:
                    outer.asked.append((self.path, 0))
                    outer.released.wait(120)
                status, body, more = outer.answer(self.path, self.headers.get("If-None-Match"))
                outer.asked.append((self.path, status))
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, etag: str | None) -> tuple[int, bytes, dict[str, str]]:
        found = self.pages.get(path, 404)
        if isinstance(found, int):
            return found, b"", {}
        own = f'"{hashlib.sha256(found).hexdigest()[:16]}"'
        if etag == own:
            return 304, b"", {"ETag": own}
        return 200, found, {"ETag": own, "Content-Type": self.types.get(path, "text/html; charset=utf-8")}

    def count(self, path: str, status: int) -> int:
        """Return how many requests for the path had this status."""
        return self.asked.count((path, status))

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def newsstand() -> Iterator[Newsstand]:
    found = Newsstand()
    try:
        yield found
    finally:
        found.close()


def rss(base: str, titles: list[str], *, built: str = "Mon, 02 Mar 2026 08:00:00 GMT") -> bytes:
    """Return a feed with these titles as entries; the text of each is made from its title."""
    items = "".join(
        f"<item><title>{title}</title><link>{base}/{number}.html</link><guid>{base}/{number}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 0{number}:00:00 GMT</pubDate>"
        f"<description>The harbour office said on Monday that {title.lower()} would go on until spring.</description></item>"
        for number, title in enumerate(titles, 1)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour Gazette</title>'
        f"<link>{base}/</link><lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
    ).encode()


def page(title: str) -> bytes:
    """Return a web page with this headline."""
    text = "".join(
        f"<p>{title} was paragraph {n} of what the harbour office said on Monday, and there is more of it in the next.</p>"
        for n in range(4)
    )
    return f"<!doctype html><title>{title}</title><article><h1>{title}</h1>{text}</article>".encode()
