"""A bucket's client follows redirects, but not to addresses that are refused."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from services import outbound
from services.outbound import Reach
from services.sources import gate
from tests import certificate

BODY = b"the harbour is open"
REACH = Reach(private=False, ports=(443,), setting="COPYDESK_SOURCE")


class Bucket(BaseHTTPRequestHandler):
    """Answers with an object; what is under ``away`` is at a private address."""

    def do_GET(self) -> None:
        away = self.path.endswith("away")
        self.send_response(307 if away else 200)
        if away:
            self.send_header("Location", "https://127.0.0.1/latest/meta-data")
        for name, value in (("Content-Length", str(0 if away else len(BODY))), ("ETag", '"1"'),
                            ("Last-Modified", "Mon, 06 May 2024 07:08:09 GMT")):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if away else BODY)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate.make(tmp_path_factory.mktemp("bucket")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def refused(only: gate.Gate) -> str:
    return only.refused or ""


def test_a_redirect_to_a_private_address_is_refused(port: int) -> None:
    asked = []

    def resolve(host: str, at: int) -> str:
        asked.append(host)
        return "127.0.0.1" if host == "store.example" else outbound.resolve_host(host, at, REACH)

    with gate.opened(REACH, resolve) as only:
        store = S3Store(
            "wires",
            config={"endpoint": f"https://store.example:{port}", "region": "us-east-1", "skip_signature": True},
            client_options={"proxy_url": only.url, "allow_invalid_certificates": True},
            retry_config={"max_retries": 0},
        )
        assert obstore.get(store, "here").bytes() == BODY
        assert refused(only) == ""
        with pytest.raises(BaseError):
            obstore.get(store, "away")
        assert "127.0.0.1 is an address of a private network" in refused(only)
    assert set(asked) == {"store.example", "127.0.0.1"}


def answer(url: str, request: str, *, known: bool = True) -> str:
    """The proxy's answer to a request, with or without its password."""
    password, _, at = url.removeprefix("http://").partition("@")
    host, _, port = at.partition(":")
    head = f"Proxy-Authorization: Basic {base64.b64encode(password.encode()).decode()}\r\n" if known else ""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"{request}\r\n{head}\r\n".encode())
        return connection.recv(1000).decode()


def test_only_encrypted_connections_to_allowed_ports_by_whom_it_was_opened_for() -> None:
    with gate.opened(REACH) as only:
        assert " 407 " in answer(only.url, "CONNECT 198.51.100.1:443 HTTP/1.1", known=False)
        assert refused(only) == ""
        for request, why in (("GET http://198.51.100.1/ HTTP/1.1", "encrypted"),
                             ("CONNECT 1.1.1.1:22 HTTP/1.1", "port 22"), ("CONNECT [::1]:443 HTTP/1.1", "private"),
                             ("CONNECT nonsense HTTP/1.1", "invalid")):  # fmt: skip
            assert " 403 " in answer(only.url, request)
            assert why in refused(only)
