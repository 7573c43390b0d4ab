"""Requests to addresses that somebody else chose: which are refused, and that no answer blocks a worker or fills its
memory."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from services.outbound import Refused, Sender, of_webhooks, public, resolve
from services.settings import Settings


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
     "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:5db8:d822::", "2001:0:7f00:1::", "::7f00:1",
     "::5db8:d822", "::ffff:0:127.0.0.1", "::ffff:0:93.184.216.34", "fec0::1", "5f00::1", "4000::1", "2001:db8::1", "3fff::1"],
)  # fmt: skip
def test_no_address_of_our_own_networks_is_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://192.0.0.9/", "give an address as https://host/path"),
        ("https:///path", "give an address as https://host/path"),
        ("https://desk:secret@192.0.0.9/", "without a password"),
        ("https://192.0.0.9:99999/", "give an address as https://host/path: Port out of range"),
        ("http://[8.8.8.8]/", "give an address as https://host/path"),
        ("http://[::1", "give an address as https://host/path"),
        ("http://[::1]/", "COPYDESK_WEBHOOK_PRIVATE=true allows that"),
        ("http://2130706433/", "private network"),
        ("http://192.0.0.9:6379/", "port 6379 is not in COPYDESK_WEBHOOK_PORTS: 80, 443"),
    ],
    ids=["FTP", "no host", "password", "no such port", "IPv4 in brackets", "half a bracket", "loopback",
         "loopback as one number", "Redis"],
)  # fmt: skip
def test_a_refusal_says_what_to_do(url: str, told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        resolve(url, of_webhooks(Settings()))
    assert "secret" not in str(refused.value)


def test_private_addresses_are_told_where_the_settings_allow_it() -> None:
    assert resolve("http://127.0.0.1:9/hook", of_webhooks(Settings(webhook_private=True))) == "127.0.0.1"
    assert resolve("http://192.0.0.9:8443/hook", of_webhooks(Settings(webhook_ports=[8443]))) == "192.0.0.9"


@contextmanager
def _answering(parts: Iterable[bytes], pause_seconds: float = 0) -> Iterator[tuple[str, list[int]]]:
    """Run a server on loopback that answers one request with these parts; yields its address and, at the end, the bytes
    that it sent."""
    sent: list[int] = [0]
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            connection.recv(65_536)
            try:
                for part in parts:
                    sent[0] += connection.send(part)
                    time.sleep(pause_seconds)
            except OSError:  # the client has closed
                pass

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/hook", sent
    thread.join(10)
    assert not thread.is_alive()
    server.close()


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_of_an_endless_answer_the_status_is_read_and_no_more() -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with (
        Sender(of_webhooks(Settings(webhook_private=True))) as sender,
        _answering(itertools.chain([HEAD], itertools.repeat(chunk, 2000))) as (url, sent),
    ):
        assert sender.post(url, b"{}", {}) == 200
    assert sent[0] < 32_000_000  # what fits into the buffers of two sockets; 131 MB were on offer


def test_an_answer_that_drips_is_given_up_at_the_deadline() -> None:
    drip = (bytes([one]) for one in HEAD)
    with (
        Sender(of_webhooks(Settings(webhook_private=True)), timeout_seconds=0.5) as sender,
        _answering(drip, pause_seconds=0.05) as (url, _),
    ):
        started = time.monotonic()
        with pytest.raises(TimeoutError, match=r"no answer within 0\.5 s"):
            sender.post(url, b"{}", {})
        assert time.monotonic() - started < 2  # the head alone takes 2.4 s
