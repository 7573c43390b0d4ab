"""Requests for sources: robots.txt, redirects and compressed answers stay within their limits."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.outbound import Getter, Refused, TooLarge, of_sources
from services.settings import Settings
from services.sources import web
from services.sources.kinds import Failed
from services.sources.web import Forbidden, Web, retry_after

Answers = dict[str, tuple[int, dict[str, str], bytes]]


@pytest.fixture
def served() -> Iterator[tuple[str, Answers, list[str]]]:
    """Yield the address of a server, its answers by path, and the paths that were requested."""
    answers: Answers = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers, asked
    server.shutdown()
    server.server_close()


OPEN = Settings(source_private=True, source_agent="Pierbot")


def test_a_packed_answer_is_unpacked_no_further_than_asked_for(served: tuple[str, Answers, list[str]]) -> None:
    url, answers, _ = served
    packed = {"Content-Encoding": "gzip"}
    answers["/small"] = (200, packed, gzip.compress(b"news " * 100))
    answers["/bomb"] = (200, packed, gzip.compress(b"\0" * 50_000_000))
    answers["/cut"] = (200, packed, gzip.compress(b"news " * 1000)[:-20])
    answers["/br"] = (200, {"Content-Encoding": "br"}, b"\x0b\x02\x80news\x03")
    with Getter(of_sources(OPEN), "Pierbot") as getter:
        assert getter.get(f"{url}/small", 500).body == b"news " * 100
        for path, error in (("bomb", TooLarge), ("small", TooLarge), ("cut", Refused), ("br", Refused)):
            with pytest.raises(error):
                getter.get(f"{url}/{path}", 499 if path == "small" else 1_000_000)


def test_each_address_of_a_redirect_is_checked_and_counted(served: tuple[str, Answers, list[str]]) -> None:
    url, answers, asked = served
    answers["/moved"] = (301, {"Location": "/here"}, b"")
    answers["/here"] = (200, {}, b"news")
    answers["/round"] = (302, {"Location": "/round"}, b"")
    answers["/inside"] = (302, {"Location": "http://192.168.7.9/"}, b"")
    with Getter(of_sources(OPEN), "Pierbot") as getter:
        found = getter.get(f"{url}/moved", 100)
        assert (found.body, found.url) == (b"news", f"{url}/here")
        with pytest.raises(Refused, match="more than 5 times"):
            getter.get(f"{url}/round", 100)
    assert asked.count("/round") == 6
    with Getter(of_sources(Settings()), "Pierbot") as getter, pytest.raises(Refused, match="COPYDESK_SOURCE_P"):
        getter.get(f"{url}/here", 100)


def test_robots_txt_is_heeded_by_name_and_sets_the_pause(served: tuple[str, Answers, list[str]]) -> None:
    url, answers, asked = served
    rules = b"User-agent: Pierbot\nDisallow: /desk/\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /\n"
    answers |= {
        "/robots.txt": (200, {}, rules),
        "/open": (200, {}, b"news"),
        "/moved": (302, {"Location": "/desk/1"}, b""),
    }
    pauses: list[float] = []
    with Web(OPEN, lambda _, seconds: pauses.append(seconds)) as here:
        assert here.get(f"{url}/open").body == b"news"
        with pytest.raises(Forbidden, match="asks Pierbot not to fetch"):
            here.get(f"{url}/desk/1")
        with pytest.raises(Forbidden):
            here.get(f"{url}/moved")
    assert asked == ["/robots.txt", "/open", "/moved"]
    assert pauses == [1.0, 7.0, 7.0]


@pytest.mark.parametrize(("status", "fetched"), [(404, True), (403, True), (500, False), (429, False)])
def test_without_a_robots_txt_all_is_open_and_where_it_cannot_be_had_nothing_is(
    served: tuple[str, Answers, list[str]], status: int, fetched: bool
) -> None:
    url, answers, asked = served
    web._rules.clear()
    answers |= {"/robots.txt": (status, {}, b""), "/open": (200, {}, b"news")}
    with Web(OPEN, lambda *_: None) as here:
        if fetched:
            assert here.get(f"{url}/open").status == 200
        else:
            with pytest.raises(Failed, match=f"robots.txt answered {status}"):
                here.get(f"{url}/open")
    assert ("/open" in asked) == fetched


def test_a_server_says_when_it_wants_to_be_asked_again(served: tuple[str, Answers, list[str]]) -> None:
    url, answers, _ = served
    answers |= {"/busy": (429, {"Retry-After": "120"}, b""), "/gone": (410, {}, b""), "/down": (503, {}, b"")}
    with Web(OPEN, lambda *_: None) as here:
        told = {}
        for path in ("busy", "gone", "down"):
            with pytest.raises(Failed) as failed:
                here.get(f"{url}/{path}")
            told[path] = (failed.value.retry_seconds, failed.value.gone)
    assert told == {"busy": (120, False), "gone": (0, True), "down": (60, False)}
    assert 80 < retry_after(formatdate(usegmt=True, timeval=time.time() + 100)) <= 100
    assert [retry_after(said) for said in ("", "soon", "999999999")] == [0, 0, 86_400]
