"""Requests to addresses that somebody else chose: only to the public internet, in bounded time, and nothing is read back.

Whoever chooses the address also chooses what answers: a server may be one of our own network, may send a byte a minute,
or a body without end.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urlsplit

import httpx

from services.settings import Settings

TIMEOUT_SECONDS = 10.0
"""For the whole of a request, from connecting to the answer's head."""
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out; the rest is local, reserved or translated
_EXCEPT = tuple(map(IPv6Network, ("2002::/16", "2001::/32", "3fff::/20")))
# 6to4 and Teredo, which hold an IPv4 address; RFC 9637's addresses for documentation, which Python 3.13 takes for global


class Refused(ValueError):
    """The address may not be told anything; the message is one line."""


def public(address: str) -> bool:
    """Tell whether an IP address is on the internet: global unicast, after unpacking ``::ffff:`` and ``64:ff9b::``."""
    found = ip_address(address.partition("%")[0])
    if not isinstance(found, IPv4Address):
        inner = IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found.ipv4_mapped
        if inner is None:
            return found in _GLOBAL_UNICAST and found.is_global and not any(found in one for one in _EXCEPT)
        found = inner
    return found.is_global and not found.is_multicast


def resolve(url: str, settings: Settings) -> str:
    """Return the IP address to connect to. Raises Refused where it is not public or the port is none of ``webhook_ports``.

    ``webhook_private`` allows any address and port. The connection is to go to this very address: a name that is looked
    up twice can answer twice.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(f"give an address as https://host/path: {error}") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise Refused("give an address as https://host/path, without a password")
    if not settings.webhook_private and port not in settings.webhook_ports:
        raise Refused(f"port {port} is none of COPYDESK_WEBHOOK_PORTS: {', '.join(map(str, settings.webhook_ports))}")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Refused(f"{parts.hostname} cannot be looked up: {error}") from None
    addresses = [str(one[4][0]) for one in found]
    if not settings.webhook_private and not all(map(public, addresses)):
        raise Refused(f"{parts.hostname} is an address of a private network; COPYDESK_WEBHOOK_PRIVATE=true allows that")
    return addresses[0]


class Sender:
    """Sends POSTs one after another, each over a connection of its own, and reads no more than the head of an answer."""

    def __init__(self, settings: Settings, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._settings, self._timeout = settings, timeout_seconds
        self._loop = asyncio.Runner()
        # no connection is kept: one to a shared address was made under the certificate of another name
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._http.aclose())
        self._loop.close()

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Return the status of the answer. Raises Refused, httpx.HTTPError, or TimeoutError past the deadline."""
        return self._loop.run(self._post(httpx.URL(url), resolve(url, self._settings), body, headers))

    async def _post(self, url: httpx.URL, address: str, body: bytes, headers: dict[str, str]) -> int:
        sent = self._http.stream(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={"Host": url.netloc.decode(), **headers},
            extensions={"sni_hostname": url.host},
        )
        try:
            async with asyncio.timeout(self._timeout), sent as answer:
                return answer.status_code
        except TimeoutError:
            raise TimeoutError(f"no answer within {self._timeout:g} s") from None
