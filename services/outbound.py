"""Requests to addresses that somebody else chose: only to the public internet, and bounded in time and in bytes.

Whoever chooses the address also chooses the server: it may be in our own network, send one byte a minute, send an
endless body, or send a few bytes that unpack to gigabytes.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from services.settings import Settings

TIMEOUT_SECONDS = 10.0
"""Seconds for a whole request, from connecting to the head of the answer."""
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
_GLOBAL_UNICAST = IPv6Network(
    "2000::/3"
)  # everything that IANA has allocated; the rest is local, reserved or translated
_EXCEPT = tuple(map(IPv6Network, ("2002::/16", "2001::/32", "3fff::/20")))
# 6to4 and Teredo, which contain an IPv4 address; RFC 9637's addresses for documentation, which Python 3.13 counts as
# global


class Refused(ValueError):
    """Nothing may be sent to this address; the message is one line."""


def public(address: str) -> bool:
    """Return whether an IP address is on the public internet: global unicast, after unpacking ``::ffff:`` and
    ``64:ff9b::``."""
    found = ip_address(address.partition("%")[0])
    if not isinstance(found, IPv4Address):
        inner = IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found.ipv4_mapped
        if inner is None:
            return found in _GLOBAL_UNICAST and found.is_global and not any(found in one for one in _EXCEPT)
        found = inner
    return found.is_global and not found.is_multicast


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses are allowed. ``setting`` is the prefix of the settings that say so, for messages."""

    private: bool
    ports: Sequence[int]
    setting: str


def of_webhooks(settings: Settings) -> Reach:
    """Return which addresses webhooks may use."""
    return Reach(settings.webhook_private, settings.webhook_ports, "COPYDESK_WEBHOOK")


def of_sources(settings: Settings, *ports: int) -> Reach:
    """Return what sources may fetch; ``ports`` are allowed as well as those of the setting."""
    return Reach(settings.source_private, (*settings.source_ports, *ports), "COPYDESK_SOURCE")


def resolve(url: str, reach: Reach) -> str:
    """Return the IP address to connect to. Raises Refused if it is not public or the port is not allowed. If the reach
    is private, any address and port is allowed. Connect to exactly this address, because a second look-up of the name
    may give another one.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(f"give an address as https://host/path: {error}") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise Refused("give an address as https://host/path, without a password")
    return resolve_host(parts.hostname, port, reach)


def resolve_host(host: str, port: int, reach: Reach) -> str:
    """Return the IP address of a host to connect to. Raises Refused as `resolve` does."""
    if not reach.private and port not in reach.ports:
        raise Refused(f"port {port} is not in {reach.setting}_PORTS: {', '.join(map(str, reach.ports))}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Refused(f"{host} cannot be resolved: {error}") from None
    addresses = [str(one[4][0]) for one in found]
    if not reach.private and not all(map(public, addresses)):
        raise Refused(f"{host} is an address of a private network; {reach.setting}_PRIVATE=true allows that")
    return addresses[0]


class _Client:
    """Sends requests one after another, each over a connection of its own."""

    def __init__(self, reach: Reach, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._reach, self._timeout = reach, timeout_seconds
        self._loop = asyncio.Runner()
        # connections are not reused: one to a shared address was opened with the certificate of another name
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._http.aclose())
        self._loop.close()

    @asynccontextmanager
    async def _asked(
        self, method: str, url: httpx.URL, address: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Yield the answer of ``address``, which is that of the host of ``url``, with its body unread.

        Raises httpx.HTTPError, or TimeoutError if the caller has not finished with it by the deadline.
        """
        sent = self._http.stream(
            method,
            url.copy_with(host=address),
            content=body,
            headers={"Host": url.netloc.decode(), **headers},
            extensions={"sni_hostname": url.host},
        )
        async with asyncio.timeout(self._timeout), sent as answer:
            yield answer


class Sender(_Client):
    """Sends POSTs, and reads only the head of an answer."""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Return the status of the answer. Raises Refused, httpx.HTTPError, or TimeoutError past the deadline."""
        return self._loop.run(self._post(httpx.URL(url), resolve(url, self._reach), body, headers))

    async def _post(self, url: httpx.URL, address: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            async with self._asked("POST", url, address, headers, body) as answer:
                return answer.status_code
        except TimeoutError:
            raise TimeoutError(f"no answer within {self._timeout:g} s") from None


REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 64 * 1024


class TooLarge(ValueError):
    """The answer is larger than asked for; the message is one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: ``url`` is where it came from after redirects, ``body`` is unpacked."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str


class Getter(_Client):
    """Sends GETs, and follows at most ``REDIRECTS`` redirects.

    Each address on the way is resolved and checked by itself. ``agent`` is the ``User-Agent``.
    """

    def __init__(self, reach: Reach, agent: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__(reach, timeout_seconds=timeout_seconds)
        self._headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}

    def get(
        self,
        url: str,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        before: Callable[[str], None] = lambda _: None,
    ) -> Answer:
        """Return the answer; ``before`` is called with each address before the request, and may raise.

        Raises Refused, TooLarge past ``most_bytes`` as sent or unpacked, httpx.HTTPError, httpx.InvalidURL, or
        TimeoutError past the deadline.
        """
        sent = {**self._headers, **(headers or {})}
        for _ in range(REDIRECTS + 1):
            before(url)
            asked = self._get(httpx.URL(url), resolve(url, self._reach), most_bytes, sent)
            answer = self._loop.run(asked)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            there = urljoin(url, answer.headers["location"]).partition("#")[0]
            if urlsplit(there)[:2] != urlsplit(url)[:2]:  # a password is for the server that was asked
                sent.pop("Authorization", None)
            url = there
        raise Refused(f"it redirects more than {REDIRECTS} times")

    async def _get(self, url: httpx.URL, address: str, most_bytes: int, headers: Mapping[str, str]) -> Answer:
        try:
            async with self._asked("GET", url, address, headers) as answer:
                body = b"" if answer.status_code in _REDIRECTS else await _read(answer, most_bytes)
        except TimeoutError:
            raise TimeoutError(f"no whole answer within {self._timeout:g} s") from None
        return Answer(answer.status_code, answer.headers, body, str(url))


async def _read(answer: httpx.Response, most_bytes: int) -> bytes:
    """Return the unpacked body. A piece is unpacked only as far as there is room, so that a few bytes cannot fill the
    memory."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise Refused(f"it answers in the coding {coding!r}, which was not asked for")
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding.endswith("gzip") else None
    body, sent = bytearray(), 0
    async for piece in answer.aiter_raw(_PIECE):
        sent += len(piece)
        try:
            body += unpacked.decompress(piece, most_bytes + 1 - len(body)) if unpacked else piece
        except zlib.error as error:
            raise Refused(f"its gzip is broken: {error}") from None
        if max(sent, len(body)) > most_bytes:
            raise TooLarge(f"it has more than {most_bytes} bytes")
    if unpacked and sent and not unpacked.eof:
        raise Refused("its gzip ends too early")
    return bytes(body)
