"""E-mail messages (RFC 5322, MIME) and MHTML, web pages saved as messages."""

from __future__ import annotations

import email.errors
import email.header
import email.message
import email.policy
import email.utils
import re
from dataclasses import replace

from workers.parse import warnings as warn
from workers.parse.base import Member, Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.formats.mail import Mail, keep, mail_article
from workers.parse.formats.tnef import read_tnef
from workers.parse.members import safe_path

Message = email.message.Message

_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]", re.MULTILINE)
_KNOWN = {
    b"from", b"to", b"subject", b"date", b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to",
    b"content-type", b"reply-to", b"sender", b"x-mailer", b"content-transfer-encoding", b"dkim-signature",
}  # fmt: skip
_SAVED = re.compile(rb"^(Snapshot-Content-Location:|From: <Saved by )", re.MULTILINE | re.IGNORECASE)
_RELATED = re.compile(rb"^Content-Type:[ \t]*multipart/related", re.MULTILINE | re.IGNORECASE)
_UNREAD = ("application/pgp-", "application/pkcs7-", "application/x-pkcs7-", "text/calendar")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_FLOWED = re.compile(r" \n(?!-- \n)>?(?= ?\S)")
_SIGNATURE = re.compile(r"\n-- ?\n(?:.*\n?){0,12}\Z")


def _fields(data: bytes) -> set[bytes]:
    """Return the names of header fields before the first empty line, lower case."""
    head = re.split(rb"\r?\n\r?\n", data[:16384].lstrip(), maxsplit=1)[0]
    return {found.lower() for found in _HEADER.findall(head)}


def _starts_as_message(data: bytes) -> bool:
    start = data[:512].lstrip()
    return bool(_HEADER.match(start) or start.startswith(b"From ")) and b"\x00" not in start


def sniff(source: Source) -> float:
    """Return how sure it is: the header has three fields that mails have, including the sender or the date."""
    if not _starts_as_message(source.data):
        return 0.0
    fields = _fields(source.data)
    if len(fields & _KNOWN) >= 3 and fields & {b"from", b"date", b"received", b"message-id"}:
        return 0.9
    return 0.0


def sniff_mhtml(source: Source) -> float:
    if not _starts_as_message(source.data):
        return 0.0
    head = re.split(rb"\r?\n\r?\n", source.data[:16384].lstrip(), maxsplit=1)[0]
    if _SAVED.search(head):
        return 0.95
    named = (source.filename or "").lower().endswith((".mht", ".mhtml"))
    sent = _fields(source.data) & {b"received", b"to", b"message-id"}
    return 0.95 if _RELATED.search(head) and (named or not sent) else 0.0


def parse(source: Source) -> Parsed:
    message = _read(source.data)
    mail = Mail(
        subject=_header(message, "Subject"),
        date=str(message.get("Date", "")),
        id=_header(message, "Message-ID").strip(),
    )
    mail.sender, mail.address = email.utils.parseaddr(_header(message, "From"))
    _walk(message, mail, 0)
    if not mail.text.strip() and not mail.html.strip() and not mail.attachments and not mail.subject:
        raise ParseError("empty", "The message has no subject, text or attachment.")
    members = keep(mail, source.limits, len(source.data))
    return Parsed("message/rfc822", mail_article(mail, "eml"), members)


def parse_mhtml(source: Source) -> Parsed:
    """Return the saved page, read as a web page; its pictures and styles are ignored."""
    from workers.parse.web.page import parse

    message = _read(source.data)
    url = _location(message.get("Snapshot-Content-Location"))
    saved = _page(message, url)
    if saved is None:
        raise ParseError("empty", "There is no page in the MHTML file.")
    charset = saved.get_content_charset()
    declared = f"text/html; charset={charset}" if charset else "text/html"
    found = parse(replace(source, data=_payload(saved), declared_media_type=declared))
    url = url or _location(saved.get("Content-Location"))
    if found.article is not None:
        found.article.format = "mhtml"
        if not found.article.url and url.startswith(("http://", "https://")):
            found.article.url = url
    return Parsed("multipart/related", found.article)


def _page(message: Message, url: str) -> Message | None:
    """Return the part at the address that was saved, else the one that the message names as its start, else the first
    page; frames and advertisements are pages, too."""
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", _XHTML)]
    start = str(message.get_param("start") or "")
    for header, wanted in (("Content-Location", url), ("Content-ID", start)):
        for page in pages:
            if wanted and _location(page.get(header)) == wanted:
                return page
    return next(iter(pages), None)


def _location(said: object) -> str:
    """Return an address without the white space of folded lines."""
    return "".join(str(said or "").split())


_XHTML = "application/xhtml+xml"


class _Policy(email.policy.Compat32):
    """The policy that reads header fields as text even if a sender wrote raw bytes into them, as RFC 6532 allows."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value if value.isascii() else decode(value.encode("utf-8", "surrogateescape"))[0]


_POLICY = _Policy()


def _read(data: bytes) -> Message:
    """Parse a message. Blank lines before the first header, and mbox's ``From `` line, are skipped."""
    data = re.sub(rb"\AFrom [^\r\n]*\r?\n", b"", data.lstrip())
    return email.message_from_bytes(data, policy=_POLICY)


def _walk(part: Message, mail: Mail, depth: int) -> None:
    """Put body parts into the mail's text, and the other parts into its attachments."""
    kind = part.get_content_type()
    disposition = str(part.get("Content-Disposition", "")).lower()
    if kind == "message/rfc822" and depth:
        inner = part.get_payload()
        data = inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""
        mail.attachments.append(Member(_name(part) or f"message-{len(mail.attachments) + 1}.eml", data, kind))
    elif part.is_multipart():
        for child in part.get_payload():
            if isinstance(child, Message):
                _walk(child, mail, depth + 1)
    elif kind.startswith("multipart/"):
        _take_unbounded(part, mail, depth)
    elif kind in ("text/plain", "text/html") and not disposition.startswith("attachment"):
        _take_text(part, mail, kind)
    elif kind in _TNEF or _name(part).lower() == "winmail.dat":
        _take_tnef(part, mail)
    elif not kind.startswith(_UNREAD) and not (kind.startswith("image/") and _is_inline(part, disposition)):
        data = _payload(part)
        if data:
            path = _name(part) or f"part-{len(mail.attachments) + 1}"
            mail.attachments.append(Member(path, data, kind))
    _warn(mail, _defects(part))


_BROKEN = (
    email.errors.NoBoundaryInMultipartDefect,
    email.errors.StartBoundaryNotFoundDefect,
    email.errors.MultipartInvariantViolationDefect,
    email.errors.InvalidBase64CharactersDefect,
    email.errors.InvalidBase64LengthDefect,
    email.errors.InvalidBase64PaddingDefect,
    email.errors.MissingHeaderBodySeparatorDefect,
)
"""Violations of MIME that lose text or attachments, or join them."""


def _defects(part: Message) -> list[str]:
    """Return the warnings for what is wrong with ``part``, once its payload has been decoded."""
    broken = [warn.MIME_BROKEN for defect in part.defects if isinstance(defect, _BROKEN)]
    cut = [warn.TRUNCATED for defect in part.defects if isinstance(defect, email.errors.CloseBoundaryNotFoundDefect)]
    return broken + cut


def _warn(mail: Mail, warnings: list[str]) -> None:
    mail.warnings.extend(warning for warning in dict.fromkeys(warnings) if warning not in mail.warnings)


_BOUNDARY = re.compile(rb"^--(\S{1,70})[ \t]*\r?\n(?=Content-)", re.MULTILINE | re.IGNORECASE)


def _take_unbounded(part: Message, mail: Mail, depth: int) -> None:
    """Take parts whose boundary differs from the header's, or their text if there is no boundary."""
    data = _payload(part)
    seen = _BOUNDARY.search(data)
    if seen is None or b'"' in seen[1] or depth > _UNBOUNDED:
        _take_text(part, mail, "text/plain")
        return
    head = b'Content-Type: multipart/mixed; boundary="' + seen[1] + b'"\n\n'
    _walk(email.message_from_bytes(head + data, policy=_POLICY), mail, depth + 1)


_UNBOUNDED = 8  # parts with a wrong boundary inside each other


def _take_tnef(part: Message, mail: Mail) -> None:
    """Take the contents of Outlook's TNEF part: its attachments, and its text if the mail has none."""
    try:
        packed = read_tnef(_payload(part))
    except ParseError:
        _warn(mail, [f"{warn.MEMBER_CORRUPT}:{_name(part) or 'winmail.dat'}"])
        return
    mail.attachments.extend(packed.attachments)
    _warn(mail, packed.warnings)
    if not mail.text.strip() and not mail.html.strip():
        mail.text, mail.html = packed.text, packed.html


def _take_text(part: Message, mail: Mail, kind: str) -> None:
    text, warnings = decode(_payload(part), part.get_content_charset())
    _warn(mail, warnings)
    if kind == "text/html":
        mail.html = f"{mail.html}\n{text}" if mail.html else text
        return
    text = _SIGNATURE.sub("", text.replace("\r\n", "\n"))
    if str(part.get_param("format", "")).lower() == "flowed":  # RFC 3676: a space before the line end joins lines
        joined = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
        text = _FLOWED.sub(joined, text)
    mail.text = f"{mail.text}\n\n{text}" if mail.text else text


def _is_inline(part: Message, disposition: str) -> bool:
    return part.get("Content-ID") is not None or disposition.startswith("inline")


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return ""
    return safe_path(_decoded(name)) if name else ""


def _header(message: Message, name: str) -> str:
    return " ".join(_decoded(str(message.get(name, ""))).split())


LONGEST_HEADER = 8192
"""Maximum number of characters of a header field that are read, because decoding time grows with their square."""

_ENCODED_WORDS = re.compile(r"=\?[!-~]{1,200}\?=(?:[ \t\r\n]+=\?[!-~]{1,200}\?=)*", re.ASCII)


def _decoded(value: str) -> str:
    """Decode RFC 2047 words, also among raw words; a word that cannot be decoded is left unchanged."""
    parts: list[str] = []
    value = value[:LONGEST_HEADER]
    if not value.isascii():  # the library would escape raw characters
        return _ENCODED_WORDS.sub(lambda words: _decoded(words[0]), value)
    try:
        for chunk, charset in email.header.decode_header(value):
            if isinstance(chunk, str):
                chunk = chunk.encode("utf-8", "surrogateescape")
            parts.append(decode(chunk, charset)[0] if chunk else "")
    except (email.errors.HeaderParseError, ValueError, LookupError):
        return decode(value.encode("utf-8", "surrogateescape"))[0]
    return "".join(parts)


PARSER = Parser("eml", ("message/rfc822",), sniff, parse, isolated=True, version=2)
MHTML = Parser(
    "mhtml", ("multipart/related", "application/x-mimearchive"), sniff_mhtml, parse_mhtml, isolated=True, version=4
)
