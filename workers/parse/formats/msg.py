"""Outlook's MSG files (MS-OXMSG): a compound file whose streams are the message's properties (MS-OXPROPS)."""

from __future__ import annotations

import email.message
import email.utils
import io
import struct
from datetime import UTC, datetime, timedelta

import olefile

from workers.parse.base import Member, Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.formats.mail import Mail, keep, mail_article
from workers.parse.formats.ole import MAGIC, kind
from workers.parse.formats.rtf import decompress, rtf_text
from workers.parse.members import safe_path

MEDIA_TYPE = "application/vnd.ms-outlook"

_UNICODE, _ANSI, _BINARY = "001F", "001E", "0102"
_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = "0C1A", "5D01", "0C1F"
_HEADERS = "007D"
_ATTACHED, _LONG_NAME, _SHORT_NAME, _MIME = "3701", "3707", "3704", "370E"
_SENT, _DELIVERED, _CODEPAGE = 0x00390040, 0x0E060040, 0x3FFD0003
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of FILETIME, in units of 100 ns
_BROKEN = (OSError, ValueError, LookupError, struct.error, TypeError, AttributeError, OverflowError)  # olefile's
_NESTED = 8  # messages in messages that one file may hold


def sniff(source: Source) -> float:
    if not source.data.startswith(MAGIC):
        return 0.0
    return 0.95 if kind(source.data) == "message" else 0.5


def parse(source: Source) -> Parsed:
    try:
        ole = olefile.OleFileIO(io.BytesIO(source.data))
    except _BROKEN as error:
        raise ParseError("corrupt", f"The compound file is broken: {error}.") from None
    with ole:
        if not ole.exists("__properties_version1.0"):
            raise _refusal(source.data)
        mail = _Storage(ole, [], 32).mail(0)
    if not (mail.subject or mail.text or mail.html or mail.attachments):
        raise ParseError("empty", "The message has no subject, text or attachment.")
    return Parsed(MEDIA_TYPE, mail_article(mail, "msg"), keep(mail, source.limits, len(source.data)))


def _refusal(data: bytes) -> ParseError:
    """Return the error message for a compound file that is not a message."""
    found = kind(data)
    if found == "locked":
        return ParseError("encrypted", "The document is locked with a password.")
    if found == "slides":
        return ParseError("unsupported_format", "Slides of PowerPoint 97 to 2003; save them as PPTX or PDF.")
    return ParseError("unsupported_format", "An old Office file; save it as DOCX, XLSX, PPTX or PDF.")


class _Storage:
    """A message or attachment inside the file. ``header`` is the number of bytes before its fixed properties."""

    def __init__(self, ole: olefile.OleFileIO, path: list[str], header: int) -> None:
        self._ole, self._path = ole, path
        data = self._stream("__properties_version1.0")
        self._fixed = {
            struct.unpack_from("<I", data, start)[0]: data[start + 8 : start + 16]
            for start in range(header, len(data) - 15, 16)
        }
        codepage = self._fixed.get(_CODEPAGE)
        self._charset = f"cp{struct.unpack_from('<I', codepage)[0]}" if codepage else None

    def mail(self, depth: int) -> Mail:
        if depth > _NESTED:
            raise ParseError("too_deep", f"More than {_NESTED} messages in messages.")
        headers = email.message_from_string(self.text(_HEADERS))
        mail = Mail(subject=self.text(_SUBJECT), sender=self.text(_SENDER_NAME))
        address = self.text(_SENDER_SMTP) or self.text(_SENDER_ADDRESS)
        mail.address = address if "@" in address else email.utils.parseaddr(str(headers.get("From", "")))[1]
        mail.date = str(headers.get("Date") or "") or self._date(_SENT) or self._date(_DELIVERED)
        mail.text = self.text(_BODY)
        mail.html = self._html()
        if not mail.html and not mail.text and (packed := self.binary(_RTF)):
            mail.text = rtf_text(decompress(packed))
        for name in sorted({entry[len(self._path)] for entry in self._entries("__attach")}):
            attached = _Storage(self._ole, [*self._path, name], 8).member(depth)
            if attached is not None:
                mail.attachments.append(attached)
        return mail

    def member(self, depth: int) -> Member | None:
        """Return an attachment; a message in the message is written out as EML."""
        name = self.text(_LONG_NAME) or self.text(_SHORT_NAME)
        inner = [*self._path, f"__substg1.0_{_ATTACHED}000D"]
        if self._ole.exists([*inner, "__properties_version1.0"]):
            mail = _Storage(self._ole, inner, 24).mail(depth + 1)
            return Member(safe_path(name or mail.subject or "message") + ".eml", as_eml(mail), "message/rfc822")
        data = self.binary(_ATTACHED)
        return Member(safe_path(name or "attachment"), data, self.text(_MIME) or None) if data else None

    def text(self, tag: str) -> str:
        if data := self._stream(f"__substg1.0_{tag}{_UNICODE}"):
            return data.decode("utf-16-le", "replace").rstrip("\x00")
        return decode(self._stream(f"__substg1.0_{tag}{_ANSI}"), self._charset)[0].rstrip("\x00")

    def binary(self, tag: str) -> bytes:
        return self._stream(f"__substg1.0_{tag}{_BINARY}")

    def _html(self) -> str:
        data = self.binary(_HTML)
        return decode(data, None)[0] if data else self.text(_HTML)

    def _date(self, tag: int) -> str:
        value = self._fixed.get(tag)
        if value is None:
            return ""
        (ticks,) = struct.unpack("<Q", value)
        try:
            return email.utils.format_datetime(_EPOCH + timedelta(microseconds=ticks // 10))
        except OverflowError:
            return ""

    def _entries(self, prefix: str) -> list[list[str]]:
        depth = len(self._path)
        return [
            entry
            for entry in self._ole.listdir()
            if entry[:depth] == self._path and len(entry) > depth + 1 and entry[depth].startswith(prefix)
        ]

    def _stream(self, name: str) -> bytes:
        path = [*self._path, name]
        try:
            return bytes(self._ole.openstream(path).read()) if self._ole.exists(path) else b""
        except _BROKEN:
            return b""


def as_eml(mail: Mail) -> bytes:
    """Write ``mail`` out as RFC 5322, so that it can be a member."""
    message = email.message.EmailMessage()
    message["Subject"] = " ".join(mail.subject.split())
    message["From"] = email.utils.formataddr((" ".join(mail.sender.split()), mail.address or "unknown@invalid"))
    if mail.date:
        message["Date"] = mail.date
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for attached in mail.attachments:
        main, _, sub = (attached.media_type or "application/octet-stream").partition("/")
        if main == "message":
            inner = email.message_from_bytes(attached.data, policy=email.policy.default)
            message.add_attachment(inner, filename=attached.path)
        else:
            message.add_attachment(attached.data, maintype=main, subtype=sub or "octet-stream", filename=attached.path)
    return message.as_bytes()


PARSER = Parser("msg", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
