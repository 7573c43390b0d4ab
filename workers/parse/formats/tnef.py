"""TNEF (MS-OXTNEF), the ``winmail.dat`` that Outlook sends: a message's text and attachments packed into one file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from workers.parse import warnings as warn
from workers.parse.base import Member, Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.formats.mail import Mail, keep, mail_article
from workers.parse.formats.msg import as_eml
from workers.parse.formats.rtf import decompress, rtf_text
from workers.parse.members import safe_path

MEDIA_TYPE = "application/vnd.ms-tnef"
MAGIC = b"\x78\x9f\x3e\x22"

_ATTRIBUTE = struct.Struct("<BII")  # level; type and id; length
_SUBJECT, _BODY, _MESSAGE, _CODEPAGE = 0x8004, 0x800C, 0x9003, 0x9007
_ATTACHMENT_STARTS, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_P_SUBJECT, _P_BODY, _P_HTML, _P_RTF = 0x0037, 0x1000, 0x1013, 0x1009
_P_LONG_NAME, _P_SHORT_NAME, _P_MIME, _P_DATA = 0x3707, 0x3704, 0x370E, 0x3701
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}  # bytes of a value, by type
_MANY = 0x1000  # set in the type of a property that has several values
_NESTED = 8  # messages in messages that one file may hold
_INTERFACE = 16  # bytes of an identifier before a message in the message


@dataclass(slots=True)
class _Attached:
    title: str = ""
    data: bytes = b""
    properties: dict[int, bytes | str] = field(default_factory=dict)


def sniff(source: Source) -> float:
    return 0.95 if source.data.startswith(MAGIC) else 0.0


def parse(source: Source) -> Parsed:
    mail = read_tnef(source.data)
    if not (mail.subject or mail.text or mail.html or mail.attachments):
        raise ParseError("empty", "The message has no subject, text or attachment.")
    return Parsed(MEDIA_TYPE, mail_article(mail, "tnef"), keep(mail, source.limits, len(source.data)))


def read_tnef(data: bytes, depth: int = 0) -> Mail:
    """Return the message in ``data``; if it breaks off, what comes before is returned with the warning ``truncated``.

    Raises ParseError ``corrupt`` if it is not TNEF, or ``too_deep``.
    """
    if not data.startswith(MAGIC):
        raise ParseError("corrupt", "The file winmail.dat is not what Outlook writes.")
    if depth > _NESTED:
        raise ParseError("too_deep", f"More than {_NESTED} messages in messages.")
    mail, attached, charset = Mail(), list[_Attached](), "cp1252"
    properties: dict[int, bytes | str] = {}
    try:
        for id, value in _attributes(data):
            if id == _CODEPAGE:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            elif id == _SUBJECT:
                mail.subject = _text(value, charset)
            elif id == _BODY:
                mail.text = _text(value, charset)
            elif id == _MESSAGE:
                properties = _properties(value, charset)
            elif id == _ATTACHMENT_STARTS or (id in (_TITLE, _DATA, _ATTACHMENT) and not attached):
                attached.append(_Attached())
            if id == _TITLE:
                attached[-1].title = _text(value, charset)
            elif id == _DATA:
                attached[-1].data = value
            elif id == _ATTACHMENT:
                attached[-1].properties = _properties(value, charset)
    except struct.error:
        mail.warnings.append(warn.TRUNCATED)
    _take(mail, properties)
    for each in attached:
        if member := _member(each, depth, mail.warnings):
            mail.attachments.append(member)
    return mail


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the id and the bytes of each attribute. Raises struct.error if the file breaks off in one."""
    position = len(MAGIC) + 2  # and the key
    while position < len(data):
        _, kind, length = _ATTRIBUTE.unpack_from(data, position)
        position += _ATTRIBUTE.size
        if position + length > len(data):
            raise struct.error("the attribute breaks off")
        yield kind & 0xFFFF, data[position : position + length]
        position += length + 2  # and the checksum


def _properties(data: bytes, charset: str) -> dict[int, bytes | str]:
    """Return the texts and bytes among the MAPI properties, by id. Raises struct.error if they break off."""
    found: dict[int, bytes | str] = {}
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(count):
        kind, id = struct.unpack_from("<HH", data, position)
        position = _after_name(data, position + 4) if id >= 0x8000 else position + 4
        single = kind & ~_MANY
        values = 1
        if kind & _MANY or single not in _SIZES:
            (values,) = struct.unpack_from("<I", data, position)
            position += 4
        for _ in range(values):
            if single in _SIZES:
                size = _SIZES[single]
            else:
                (size,) = struct.unpack_from("<I", data, position)
                position += 4
            value = data[position : position + size]
            if len(value) < size:
                raise struct.error("the property breaks off")
            position += size + -size % 4
            if single == _UNICODE:
                found.setdefault(id, value.decode("utf-16-le", "replace").rstrip("\0"))
            elif single == _STRING:
                found.setdefault(id, _text(value, charset))
            elif single in (_BINARY, _OBJECT):
                found.setdefault(id, value)
    return found


def _after_name(data: bytes, position: int) -> int:
    """Return where a property's value starts; its name, a number or a text, is at ``position``."""
    is_text, size = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (size + -size % 4 if is_text else 0)


def _text(value: bytes, charset: str) -> str:
    return decode(value.rstrip(b"\0"), charset)[0]


def _take(mail: Mail, properties: dict[int, bytes | str]) -> None:
    """Fill fields that the attributes of ``mail`` left empty from its properties."""
    mail.subject = mail.subject or _as_text(properties.get(_P_SUBJECT))
    mail.html = _as_text(properties.get(_P_HTML))
    mail.text = mail.text or _as_text(properties.get(_P_BODY))
    packed = properties.get(_P_RTF)
    if not mail.text and not mail.html and isinstance(packed, bytes):
        try:
            mail.text = rtf_text(decompress(packed))
        except ParseError:
            mail.warnings.append(f"{warn.FIELD_FAILED}:text")


def _as_text(value: bytes | str | None) -> str:
    return decode(value)[0].rstrip("\0") if isinstance(value, bytes) else value or ""


def _member(attached: _Attached, depth: int, warnings: list[str]) -> Member | None:
    """Return an attachment; a message in the message is written out as EML."""
    properties = attached.properties
    name = _as_text(properties.get(_P_LONG_NAME)) or attached.title or _as_text(properties.get(_P_SHORT_NAME))
    inner = properties.get(_P_DATA)
    data = attached.data or (inner if isinstance(inner, bytes) else b"")
    if data[_INTERFACE:].startswith(MAGIC):
        try:
            mail = read_tnef(data[_INTERFACE:], depth + 1)
        except ParseError:
            warnings.append(f"{warn.MEMBER_CORRUPT}:{safe_path(name or 'message')}")
            return None
        return Member(safe_path(name or mail.subject or "message") + ".eml", as_eml(mail), "message/rfc822")
    return Member(safe_path(name or "attachment"), data, _as_text(properties.get(_P_MIME)) or None) if data else None


PARSER = Parser("tnef", (MEDIA_TYPE, "application/ms-tnef"), sniff, parse, isolated=True, version=2)
