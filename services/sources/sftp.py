"""Fetch files by SFTP. The server's host key must be the one that the source names."""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any

from services.settings import Settings
from services.sources import files
from services.sources.files import MOST_DEPTH, MOST_FILES, Found
from services.sources.kinds import Failed, Haul, Trip
from services.sources.remote import TIMEOUT_SECONDS, Server, checked, server

if TYPE_CHECKING:
    import asyncssh

Doc = dict[str, Any]
PORTS = {"sftp": 22}
EXAMPLE = "sftp://files.example/outgoing"


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    checked(server(plan["address"], PORTS, EXAMPLE), settings)
    return str(plan["address"])


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the files that are new or changed. Raises Failed."""
    with _opened(trip) as place:
        yield from files.fetch(trip, place)


@contextmanager
def _opened(trip: Trip) -> Iterator[_Place]:
    """Yield the folder of the address. Raises Failed, also for errors while it is in use."""
    try:
        import asyncssh
    except ImportError:
        raise Failed("SFTP needs the extra `sftp`: pip install 'copydesk[sftp]' where the worker runs") from None
    to = server(trip.source["address"], PORTS, EXAMPLE)
    address = to.resolved(trip.settings)
    trip.reserve(f"{to.host}:{to.port}", trip.settings.source_pause_seconds)
    with asyncio.Runner() as runner:
        try:
            connection = runner.run(_connected(trip, to, address))
            try:
                yield runner.run(_placed(runner, connection, to.path))
            finally:
                connection.abort()
                runner.run(connection.wait_closed())
        except (asyncssh.Error, OSError, ValueError, TimeoutError) as error:
            raise Failed(f"{trip.source['address']}: {error or type(error).__name__}") from None


async def _connected(trip: Trip, to: Server, address: str) -> asyncssh.SSHClientConnection:
    """Connect to the IP address, and log in with the password, or with the private key stored in its place. Raises
    Failed."""
    import asyncssh

    wanted, shown = trip.source["host_key"], []

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            shown.append(key.get_fingerprint())
            return bool(shown[-1] == wanted)

    secret = trip.password or ""
    by_key = secret.lstrip().startswith("-----BEGIN")
    options: Doc = {
        "username": trip.source["user"] or "",
        "password": None if by_key else secret,
        "client_keys": [asyncssh.import_private_key(secret)] if by_key else None,
        "preferred_auth": "publickey" if by_key else "password,keyboard-interactive",
    }
    try:
        return await asyncssh.connect(
            address, to.port, client_factory=Client, known_hosts=([], [], []), config=None, agent_path=None,
            connect_timeout=TIMEOUT_SECONDS, login_timeout=TIMEOUT_SECONDS, **options,
        )  # fmt: skip
    except asyncssh.HostKeyNotVerifiable:
        said = f"the server's host key is {shown[0]}" if shown else "the server offers no host key that can be compared"
        raise Failed(
            f"{trip.source['address']}: {said}, and `host_key` is {wanted or 'not set'}; nothing was sent to it"
        ) from None


async def _placed(runner: asyncio.Runner, connection: asyncssh.SSHClientConnection, path: str) -> _Place:
    client = await asyncio.wait_for(connection.start_sftp_client(path_encoding=None), TIMEOUT_SECONDS)
    return _Place(runner, client, path.strip("/"), path.startswith("//"))


class _Place:
    """The folder of the address: relative to the user's folder, or ``//`` from the server's root."""

    rests = True

    def __init__(self, runner: asyncio.Runner, client: asyncssh.SFTPClient, path: str, rooted: bool) -> None:
        self._runner, self._client = runner, client
        self._base = f"/{path}" if rooted else path or "."

    def _at(self, path: str) -> bytes:
        return posixpath.join(self._base, path).encode("utf-8", "surrogateescape")

    def _run(self, asked: Coroutine[Any, Any, Any]) -> Any:
        async def bounded() -> Any:
            return await asyncio.wait_for(asked, TIMEOUT_SECONDS)

        return self._runner.run(bounded())

    def look(self) -> list[Found]:
        found: list[Found] = []
        folders = [("", 0)]
        while folders and len(found) <= MOST_FILES:
            folder, depth = folders.pop()
            for entry in self._run(self._client.readdir(self._at(folder))):
                name = os.fsdecode(entry.filename)
                path = f"{folder}/{name}" if folder else name
                mode, changed = entry.attrs.permissions or 0, entry.attrs.mtime or 0
                if name in (".", ".."):
                    continue
                if S_ISDIR(mode) and depth < MOST_DEPTH and not files.UNFINISHED.search(name):
                    folders.append((path, depth + 1))
                elif S_ISREG(mode):
                    found.append(Found(path, entry.attrs.size or 0, str(changed), float(changed)))
        return found

    def read(self, file: Found, most_bytes: int) -> bytes | None:
        import asyncssh

        async def read() -> bytes:
            async with self._client.open(self._at(file.path), "rb") as opened:
                found: Any = await opened.read(most_bytes)
                return bytes(found)

        try:
            found: bytes = self._run(read())
        except asyncssh.SFTPNoSuchFile:
            return None
        return found

    def move(self, path: str, to: str) -> None:
        self._run(self._client.makedirs(self._at(posixpath.dirname(to)), exist_ok=True))
        self._run(self._client.rename(self._at(path), self._at(to)))

    def exists(self, path: str) -> bool:
        return bool(self._run(self._client.exists(self._at(path))))

    def delete(self, path: str) -> None:
        self._run(self._client.remove(self._at(path)))
