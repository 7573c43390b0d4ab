"""Fetch the objects under a prefix of a bucket that speaks S3's protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from services import outbound
from services.settings import Settings
from services.sources import files, gate
from services.sources.files import MOST_FILES, Found
from services.sources.kinds import Failed, Haul, Trip, Wrong
from services.sources.remote import TIMEOUT_SECONDS, server

if TYPE_CHECKING:
    from obstore.store import S3Store

Doc = dict[str, Any]
EXAMPLE = "s3://bucket/prefix"
REGION = "us-east-1"


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    server(plan["address"], {"s3": 443}, EXAMPLE)
    try:
        _endpoint(plan, settings)
    except Failed as error:
        raise Wrong(str(error)) from None
    return str(plan["address"])


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the objects that are new or changed. Raises Failed."""
    to = server(trip.source["address"], {"s3": 443}, EXAMPLE)
    endpoint = _endpoint(trip.source, trip.settings)
    trip.reserve(urlsplit(endpoint).netloc, trip.settings.source_pause_seconds)
    prefix, address = to.path.strip("/"), trip.source["address"]
    if trip.settings.source_private:
        yield from files.fetch(trip, _Place(_store(trip, endpoint, to.host), prefix, address))
        return
    with gate.opened(outbound.of_sources(trip.settings)) as only:
        yield from files.fetch(trip, _Place(_store(trip, endpoint, to.host, only), prefix, address, only))


def _endpoint(plan: Doc, settings: Settings) -> str:
    """Return the address of the store; without TLS, with the IP address that was checked. Raises Failed.

    Where private addresses are refused, the client connects through a `gate`, because it looks the name up again and
    follows redirects.
    """
    given = plan["endpoint"] or f"https://s3.{plan['region'] or REGION}.amazonaws.com"
    try:
        address = outbound.resolve(given, outbound.of_sources(settings))
    except outbound.Refused as error:
        raise Failed(f"`endpoint`: {error}") from None
    parts = urlsplit(given)
    if parts.scheme == "https":
        return given
    if not settings.source_private:
        raise Failed("`endpoint`: give an address with https://; COPYDESK_SOURCE_PRIVATE=true allows http://")
    host = f"[{address}]" if ":" in address else address
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port or 80}"))


def _store(trip: Trip, endpoint: str, name: str, through: gate.Gate | None = None) -> S3Store:
    """Return a client that has only the source's own keys; without any, its requests are anonymous."""
    from obstore.store import S3Store

    user, secret = trip.source["user"], trip.password
    # a provider, since a session token in the environment would be added to keys that are given
    keys: Doc = {"access_key_id": user, "secret_access_key": secret, "expires_at": None}
    patience = timedelta(seconds=TIMEOUT_SECONDS)
    return S3Store(
        name,
        config={
            "endpoint": endpoint,
            "region": trip.source["region"] or REGION,
            "skip_signature": not (user and secret),
        },
        credential_provider=(lambda: keys) if user and secret else None,  # type: ignore[arg-type]
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": patience,
            "connect_timeout": patience / 2,
            "user_agent": trip.settings.source_agent,
            **({"proxy_url": through.url} if through else {}),
        },
        retry_config={"max_retries": 2, "retry_timeout": patience},
    )


class _Place:
    """The prefix of the address; an object is visible only once it is complete."""

    rests = False

    def __init__(self, store: S3Store, prefix: str, address: str, through: gate.Gate | None = None) -> None:
        self._store, self._prefix, self._address = store, f"{prefix}/" if prefix else "", address
        self._gate = through

    @contextmanager
    def _answering(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, BaseError) as error:
            if self._gate and self._gate.refused:
                raise Failed(f"{self._address}: {self._gate.refused}") from None
            said = str(error)
            code, message = (re.search(f"<{tag}>([^<]*)</{tag}>", said) for tag in ("Code", "Message"))
            why = f"{code[1]}: {message[1] if message else ''}" if code else said.partition("\n")[0][:300]
            raise Failed(f"{self._address}: {why or 'no answer in time'}") from None

    def look(self) -> list[Found]:
        import obstore

        found: list[Found] = []
        with self._answering():
            for page in obstore.list(self._store, self._prefix or None, chunk_size=1000):
                for one in page:
                    path = one["path"].removeprefix(self._prefix)
                    changed = one["last_modified"].timestamp()
                    if not path.endswith("/"):
                        found.append(Found(path, one["size"], one["e_tag"] or str(changed), changed))
                if len(found) > MOST_FILES:
                    break
        return found

    def read(self, file: Found, most_bytes: int) -> bytes | None:
        import obstore

        try:
            with self._answering():
                return obstore.get_range(self._store, self._prefix + file.path, start=0, length=most_bytes).to_bytes()
        except FileNotFoundError:
            return None

    def move(self, path: str, to: str) -> None:
        import obstore

        with self._answering():
            obstore.rename(self._store, self._prefix + path, self._prefix + to)

    def exists(self, path: str) -> bool:
        import obstore

        try:
            with self._answering():
                obstore.head(self._store, self._prefix + path)
        except FileNotFoundError:
            return False
        return True

    def delete(self, path: str) -> None:
        import obstore

        with self._answering():
            obstore.delete(self._store, self._prefix + path)
