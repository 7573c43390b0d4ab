"""Fetch the messages of a mailbox by IMAP (RFC 9051), each as it was sent; the workers read text and attachments.

The cursor is the mailbox's UIDVALIDITY and the last UID that was looked at. Nothing is changed at the server unless the
source says so (``then``), and then only after a message is stored; the cursor is written after that, so that a fetcher
which is killed in between does both again.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from fnmatch import translate
from typing import Any

from services.settings import Settings
from services.sources.kinds import HAUL_BYTES, Failed, Haul, Item, Trip
from services.sources.model import Coming
from services.sources.remote import TIMEOUT_SECONDS, Server, checked, server, tls

Doc = dict[str, Any]
PORTS = {"imaps": 993, "imap": 143}
EXAMPLE = "imaps://mail.example/INBOX"
HEADS_AT_ONCE = 200
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_HEAD = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)])"


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    checked(server(plan["address"], PORTS, EXAMPLE), settings)
    return str(plan["address"])


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the messages that arrived since the last run and that fit the rules. Raises Failed."""
    with _opened(trip) as box:
        known = trip.source["cursor"]
        last = known["uid"] if known.get("uidvalidity") == box.validity else 0
        waiting = box.since(last)
        left = trip.limit
        if not waiting:
            yield Haul([], {"uidvalidity": box.validity, "uid": last})
        while waiting and left > 0 and not trip.over:
            haul, stored, last = _gather(trip, box, waiting[:HEADS_AT_ONCE], left, last)
            waiting = [uid for uid in waiting if uid > last]
            left -= len(haul.items)
            cursor = {"uidvalidity": box.validity, "uid": last}
            haul.more, haul.again_seconds = bool(waiting), 1.0 if waiting else None
            if trip.source["then"] == "keep":
                haul.cursor = cursor
                yield haul
                continue
            yield haul
            box.settle([head.uid for head, item in stored if item.refused is None])
            yield Haul([], cursor, haul.more, haul.again_seconds)


@dataclass(frozen=True, slots=True)
class _Head:
    """What is known of a message before it is fetched."""

    uid: int
    size: int
    senders: tuple[str, ...]
    subject: str
    id: str | None


def _gather(
    trip: Trip, box: _Box, uids: Sequence[int], most: int, last: int
) -> tuple[Haul, list[tuple[_Head, Item]], int]:
    """Return which of these messages are stored together, with their heads, and the UID of the last one that was looked
    at, ``last`` if none was."""
    haul = Haul([])
    stored: list[tuple[_Head, Item]] = []
    size = 0
    for head in box.heads(uids):
        if not _fits(trip.source, head):
            last = head.uid
            continue
        if len(haul.items) >= most or size > HAUL_BYTES or trip.over:
            return haul, stored, last
        last = head.uid
        if head.size > trip.settings.max_body_bytes:
            most_bytes = trip.settings.max_body_bytes
            haul.problems.append(f"{_named(head)} has more than {most_bytes} bytes (COPYDESK_MAX_BODY_BYTES)")
            continue
        data = box.message(head.uid)
        if data is None:  # somebody deleted it
            continue
        shown = Coming(title=head.subject or None, media_type="message/rfc822", size_bytes=len(data))
        item = Item(data, "message/rfc822", f"{head.uid}.eml", external_id=head.id, coming=[shown])
        haul.items.append(item)
        stored.append((head, item))
        size += len(data)
    return haul, stored, uids[-1]


def _named(head: _Head) -> str:
    return f"message {head.uid} {head.subject[:100]!r}"


def _fits(source: Doc, head: _Head) -> bool:
    senders, subjects = source["senders"], source["subjects"]
    return (not senders or any(_like(one, sender) for one in senders for sender in head.senders)) and (
        not subjects or any(_like(one, head.subject) for one in subjects)
    )


def _like(pattern: str, text: str) -> bool:
    """Return whether a text matches a pattern with ``*`` and ``?``, in any case of letters."""
    return re.match(translate(pattern), text, re.IGNORECASE | re.DOTALL) is not None


def _read_head(uid: int, size: int, data: bytes) -> _Head:
    said = message_from_bytes(data)
    fields = {name: _decoded(str(said.get(name) or "")) for name in ("from", "subject", "message-id")}
    senders = tuple(address for _, address in getaddresses([str(said.get("from") or "")]) if address)
    return _Head(uid, size, senders, fields["subject"], fields["message-id"][:200] or None)


def _decoded(value: str) -> str:
    """Return a header with its encoded words (RFC 2047) as text on one line; unchanged if they are broken."""
    with suppress(ValueError, LookupError):
        value = str(make_header(decode_header(value)))
    return " ".join(value.encode("utf-8", "replace").decode().split())


class _Plain(imaplib.IMAP4):
    """A connection that STARTTLS encrypts before the password is sent."""

    def __init__(self, to: Server, address: str) -> None:
        self._address = address
        super().__init__(to.host, to.port, TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self._address, self.port), timeout)


class _Encrypted(imaplib.IMAP4_SSL):
    """A connection that is encrypted from its start."""

    def __init__(self, to: Server, address: str, context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(to.host, to.port, ssl_context=context, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._address, self.port), timeout)
        encrypted: socket.socket = self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        return encrypted


@contextmanager
def _opened(trip: Trip) -> Iterator[_Box]:
    """Yield the mailbox, selected. Raises Failed, also for errors while it is in use."""
    to = server(trip.source["address"], PORTS, EXAMPLE)
    address = to.resolved(trip.settings)
    trip.reserve(f"{to.host}:{to.port}", trip.settings.source_pause_seconds)
    context = tls(trip.settings)
    imap: imaplib.IMAP4 | None = None
    try:
        if to.scheme == "imaps":
            imap = _Encrypted(to, address, context)
        else:
            imap = _Plain(to, address)
            imap.starttls(context)
        _log_in(imap, trip.source["user"] or "", trip.password or "")
        yield _Box(imap, trip)
    except (imaplib.IMAP4.error, OSError) as error:
        said = error.args[0] if isinstance(error, imaplib.IMAP4.error) and error.args else error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise Failed(f"{trip.source['address']}: {text or type(error).__name__}") from None
    finally:
        if imap is not None:
            _close(imap)


def _close(imap: imaplib.IMAP4) -> None:
    with suppress(imaplib.IMAP4.error, OSError):  # the connection may be broken already
        imap.logout()


def _log_in(imap: imaplib.IMAP4, user: str, password: str) -> None:
    """Log in, by SASL PLAIN (RFC 4616) where the server has it, since LOGIN takes only ASCII."""
    if "AUTH=PLAIN" in imap.capabilities:
        imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        return
    if not (user + password).isascii():
        raise Failed("the server takes only users and passwords in ASCII: it does not offer AUTH=PLAIN")
    imap.login(_quoted(user), password)


class _Box:
    """A selected mailbox, which is opened read-only unless the source changes something there."""

    def __init__(self, imap: imaplib.IMAP4, trip: Trip) -> None:
        self._imap, self._source = imap, trip.source
        name = server(trip.source["address"], PORTS, EXAMPLE).path.strip("/") or "INBOX"
        self._asked(imap.select(_quoted(_utf7(name)), trip.peek or trip.source["then"] == "keep"), name)
        _, said = imap.response("UIDVALIDITY")
        if not said or not isinstance(said[0], bytes) or not said[0].isdigit():
            raise Failed(f"{trip.source['address']}: the server gives the mailbox no UIDVALIDITY")
        self.validity = int(said[0])
        said = self._asked(imap.capability(), "CAPABILITY")  # a server may have more of them after the log-in
        self._can = frozenset(word for one in said if one for word in one.decode("ascii", "replace").upper().split())

    def since(self, uid: int) -> list[int]:
        """Return the UIDs after this one, in order."""
        [found] = self._asked(self._imap.uid("SEARCH", "UID", f"{uid + 1}:*"), "SEARCH")[:1]
        # a range that ends in * always holds the last message
        return sorted(number for number in map(int, (found or b"").split()) if number > uid)

    def heads(self, uids: Sequence[int]) -> list[_Head]:
        """Return the heads of these messages, in order, without those that were deleted."""
        said = self._asked(self._imap.uid("FETCH", ",".join(map(str, uids)), _HEAD), "FETCH")
        found = []
        for about, data in _literals(said):
            uid, size = _UID.search(about), _SIZE.search(about)
            if uid and size:
                found.append(_read_head(int(uid[1]), int(size[1]), data))
        return sorted((head for head in found if head.uid in set(uids)), key=lambda head: head.uid)

    def message(self, uid: int) -> bytes | None:
        """Return a message as it was sent, None if it was deleted; it is not marked as read."""
        said = self._asked(self._imap.uid("FETCH", str(uid), "(UID BODY.PEEK[])"), "FETCH")
        for about, data in _literals(said):
            if (found := _UID.search(about)) and int(found[1]) == uid:
                return data
        return None

    def settle(self, uids: Sequence[int]) -> None:
        """Mark, move or delete stored messages, as the source says."""
        if not uids:
            return
        these, then = ",".join(map(str, uids)), self._source["then"]
        if then == "mark":
            self._asked(self._imap.uid("STORE", these, "+FLAGS.SILENT", r"(\Seen)"), "STORE")
            return
        to = _quoted(_utf7(self._source["move_to"] or ""))
        if then == "move" and "MOVE" in self._can:
            self._asked(self._imap.uid("MOVE", these, to), f"MOVE to {self._source['move_to']}")
            return
        if "UIDPLUS" not in self._can:  # EXPUNGE would delete what others marked as deleted, too
            raise Failed("the server has no UIDPLUS, so messages can only be kept or marked there")
        if then == "move":
            self._asked(self._imap.uid("COPY", these, to), f"COPY to {self._source['move_to']}")
        self._asked(self._imap.uid("STORE", these, "+FLAGS.SILENT", r"(\Deleted)"), "STORE")
        self._asked(self._imap.uid("EXPUNGE", these), "EXPUNGE")

    def _asked(self, answer: tuple[str, Sequence[Any]], what: str) -> list[Any]:
        """Return the data of an answer. Raises Failed unless it is OK."""
        status, data = answer
        if status != "OK":
            said = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else ""
            raise Failed(f"{self._source['address']}: {what}: {said or status}")
        return list(data)


def _literals(said: Sequence[Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what an answer to FETCH says about each message, and its literal."""
    for at, part in enumerate(said):
        if isinstance(part, tuple):
            after = said[at + 1] if at + 1 < len(said) and isinstance(said[at + 1], bytes) else b""
            yield part[0] + b" " + after, part[1]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """Return the name of a mailbox in IMAP's modified UTF-7 (RFC 3501, 5.1.3): ``Entwürfe`` is ``Entw&APw-rfe``."""

    def coded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        return "&" + found[0].encode("utf-7").decode()[1:].rstrip("-").replace("/", ",") + "-"

    return re.sub(r"&|[^\x20-\x7e]+", coded, name)
