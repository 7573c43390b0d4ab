"""Addresses of servers: with their passwords, and whether others can reach them."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr


def with_password(urls: str, password: SecretStr | None) -> str:
    """Return the addresses, which are joined by ``;``, with the escaped password."""
    if password is None:
        return urls
    secret = quote(password.get_secret_value(), safe="")
    found = []
    for url in urls.split(";"):
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
        found.append(urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{secret}@{host}")))
    return ";".join(found)


def is_loopback(host: str) -> bool:
    """Return whether this host can be reached only from this machine. False for any name except localhost."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
