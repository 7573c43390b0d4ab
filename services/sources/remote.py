"""Addresses of mail and file servers, and connections to exactly the checked IP address.

An address is ``scheme://host:port/path``, without a user or a password: these are fields of their own, so that the
address can be shown and logged.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from services import outbound
from services.settings import Settings
from services.sources.kinds import Failed, Wrong

Doc = dict[str, Any]
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and the path there without escapes. ``ports`` are the usual ports of its protocol."""

    scheme: str
    host: str
    port: int
    path: str
    ports: tuple[int, ...]

    def resolved(self, settings: Settings) -> str:
        """Return the IP address to connect to. Raises Failed if it may not be fetched from."""
        try:
            return outbound.resolve_host(self.host, self.port, outbound.of_sources(settings, *self.ports))
        except outbound.Refused as error:
            raise Failed(f"{self.host} cannot be fetched from: {error}") from None


def server(address: str, ports: Mapping[str, int], example: str, *others: int) -> Server:
    """Return the server of an address; ``ports`` has the usual port of each scheme, and the protocol may use
    ``others``. Raises Wrong."""
    try:
        parts = urlsplit(address)
        port = parts.port or ports.get(parts.scheme, 0)
    except ValueError as error:
        raise Wrong(f"give an address such as {example}: {error}") from None
    if parts.scheme not in ports or not parts.hostname:
        raise Wrong(f"give an address such as {example}")
    if parts.username is not None or parts.password is not None:
        raise Wrong(f"give an address such as {example}, and the user and the password as `user` and `password`")
    if parts.query or parts.fragment:
        raise Wrong(f"give an address such as {example}; ? and # are written as %3F and %23")
    path = unquote(parts.path)
    if any(ord(one) < 32 or ord(one) == 127 for one in path):
        raise Wrong("the path of the address has a control character")
    return Server(parts.scheme, parts.hostname, port, path, (*ports.values(), *others))


def checked(found: Server, settings: Settings) -> None:
    """Check that the server may be fetched from. Raises Wrong."""
    try:
        found.resolved(settings)
    except Failed as error:
        raise Wrong(str(error)) from None


def tls(settings: Settings) -> ssl.SSLContext:
    """Return a context that verifies certificates. Raises Failed if the setting's file cannot be used."""
    context = ssl.create_default_context()
    if settings.source_ca_file:
        try:
            context.load_verify_locations(settings.source_ca_file)
        except OSError as error:
            raise Failed(f"COPYDESK_SOURCE_CA_FILE cannot be used: {error}") from None
    return context
