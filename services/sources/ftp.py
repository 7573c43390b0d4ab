"""Fetch files by FTP (RFC 959), in passive mode, with or without TLS (RFC 4217)."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from services.settings import Settings
from services.sources import files
from services.sources.files import MOST_DEPTH, MOST_FILES, Found
from services.sources.kinds import Failed, Haul, Trip
from services.sources.remote import TIMEOUT_SECONDS, Server, checked, server, tls

Doc = dict[str, Any]
PORTS = {"ftp": 21, "ftps": 21}
IMPLICIT = 990
"""On this port TLS begins with the connection."""
_ERRORS = (ftplib.Error, OSError, EOFError, ValueError)  # the last for a name with a line break
EXAMPLE = "ftps://files.example/outgoing"


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    checked(_server(plan["address"]), settings)
    return str(plan["address"])


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the files that are new or changed. Raises Failed."""
    with _opened(trip) as place:
        yield from files.fetch(trip, place)


def _server(address: str) -> Server:
    return server(address, PORTS, EXAMPLE, IMPLICIT)


class _Tls(ftplib.FTP_TLS):
    """FTP with TLS, whose data connections continue the session of the control connection, as most servers demand."""

    def __init__(self, to: Server, context: ssl.SSLContext) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS, context=context, encoding="latin-1")
        self._to = to

    def begin(self, address: str) -> None:
        """Connect to this IP address, and encrypt the connection before anything else is sent."""
        if self._to.port != IMPLICIT:
            self.connect(address, self._to.port)
            self.host = self._to.host  # the name that the certificate must have
            self.auth()
            return
        self.host, self.port = self._to.host, self._to.port
        plain = socket.create_connection((address, self._to.port), TIMEOUT_SECONDS)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> Any:
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        control = self.sock
        assert isinstance(control, ssl.SSLSocket)
        return self.context.wrap_socket(conn, server_hostname=self.host, session=control.session), size


@contextmanager
def _opened(trip: Trip) -> Iterator[_Place]:
    """Yield the folder of the address. Raises Failed, also for errors while it is in use."""
    to = _server(trip.source["address"])
    address = to.resolved(trip.settings)
    trip.reserve(f"{to.host}:{to.port}", trip.settings.source_pause_seconds)
    # names are bytes to the server: latin-1 keeps each as it is
    plain = ftplib.FTP(timeout=TIMEOUT_SECONDS, encoding="latin-1")  # noqa: S321 - agencies deliver so
    ftp = plain if to.scheme == "ftp" else _Tls(to, tls(trip.settings))
    try:
        if isinstance(ftp, _Tls):
            ftp.begin(address)
        else:
            ftp.connect(address, to.port)
        ftp.login(_sent(trip.source["user"] or ""), _sent(trip.password or ""))
        if isinstance(ftp, _Tls):
            ftp.prot_p()
        if to.path.strip("/"):
            ftp.cwd(_sent(to.path if to.path.startswith("//") else to.path.lstrip("/")))
        yield _Place(ftp)
    except _ERRORS as error:
        raise Failed(f"{trip.source['address']}: {error or type(error).__name__}") from None
    finally:
        with suppress(*ftplib.all_errors):
            ftp.quit()
        ftp.close()


class _Place:
    """The folder of the address: relative to the user's folder, or ``//`` from the server's root."""

    rests = True

    def __init__(self, ftp: ftplib.FTP) -> None:
        self._ftp = ftp

    def look(self) -> list[Found]:
        """Return the files by MLSD (RFC 3659); where the server lacks it, those of the folder itself by NLST."""
        try:
            return self._listed()
        except ftplib.error_perm:
            return self._named()

    def _listed(self) -> list[Found]:
        found: list[Found] = []
        folders = [("", 0)]
        while folders and len(found) <= MOST_FILES:
            folder, depth = folders.pop()
            for name, facts in self._ftp.mlsd(_sent(folder), ["type", "size", "modify"]):
                name = _read(name)
                path = f"{folder}/{name}" if folder else name
                kind = facts.get("type", "").lower()
                if kind == "dir" and depth < MOST_DEPTH and not files.UNFINISHED.search(name):
                    folders.append((path, depth + 1))
                elif kind == "file" and facts.get("size", "").isdecimal():
                    stamp = facts.get("modify", "")
                    found.append(Found(path, int(facts["size"]), stamp, _time(stamp)))
        return found

    def _named(self) -> list[Found]:
        found = []
        names = self._ftp.nlst()[: MOST_FILES + 1]
        self._ftp.voidcmd("TYPE I")  # a size depends on it
        for name in names:
            name = name.rpartition("/")[2]
            with suppress(ftplib.error_perm):  # a folder has no size
                size = self._ftp.size(name)
                stamp = self._ftp.voidcmd(f"MDTM {name}").rpartition(" ")[2]
                found.append(Found(_read(name), size or 0, stamp, _time(stamp)))
        return found

    def read(self, file: Found, most_bytes: int) -> bytes | None:
        data = bytearray()
        self._ftp.voidcmd("TYPE I")  # lists are requested as text
        try:
            conn = self._ftp.transfercmd(f"RETR {_sent(file.path)}")
        except ftplib.error_perm:
            return None
        with conn:
            while len(data) < most_bytes and (piece := conn.recv(min(64 * 1024, most_bytes - len(data)))):
                data += piece
            if isinstance(conn, ssl.SSLSocket):
                with suppress(OSError):
                    conn.unwrap()
        with suppress(ftplib.error_temp, ftplib.error_perm):  # the transfer was cut off
            self._ftp.voidresp()
        return bytes(data)

    def move(self, path: str, to: str) -> None:
        folder = ""
        for part in to.split("/")[:-1]:
            folder = f"{folder}/{part}" if folder else part
            with suppress(ftplib.error_perm):  # it exists
                self._ftp.mkd(_sent(folder))
        self._ftp.rename(_sent(path), _sent(to))

    def exists(self, path: str) -> bool:
        try:
            return self._ftp.size(_sent(path)) is not None
        except ftplib.error_perm:
            return False

    def delete(self, path: str) -> None:
        self._ftp.delete(_sent(path))


def _sent(text: str) -> str:
    """Return a text as it is sent: each of its bytes in UTF-8 is a character."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _read(name: str) -> str:
    """Return a name from the form in which it was received."""
    return name.encode("latin-1").decode("utf-8", "surrogateescape")


def _time(stamp: str) -> float:
    """Return the time of ``20260302080000.123``, 0 if it is not a time."""
    try:
        return datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
