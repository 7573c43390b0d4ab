"""Build the bytes of a case. Markup is written by hand in the case; binary formats are built here from its marked
lines."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import ftfy.bad_codecs  # noqa: F401  (registers the codec that browsers mean by windows-1252)

from tests.quality.parse.office import docx, epub, odt, rtf, zip_of
from tests.quality.parse.printed import pdf

from .case import Case, load
from .cfb import compound_file

BOMS = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\0\0",
    "utf-32-be": b"\0\0\xfe\xff",
}
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def build(case: Case) -> bytes:
    """Return the document's bytes."""
    return BUILDERS.get(case.kind, _encoded)(case)


def _encoded(case: Case) -> bytes:
    text, encoding = case.text, case.options.get("encoding", "utf-8")
    if via := case.options.get("mojibake"):  # UTF-8 read in a wrong encoding and saved again
        text = text.encode("utf-8").decode(via)
    if case.options.get("newline") == "crlf":
        text = text.replace("\n", "\r\n")
    data = text.encode(encoding)
    if case.options.get("bom"):
        data = BOMS[encoding] + data
    if cut := case.options.get("cut"):
        data = data[:cut]
    return data


def _anpa(case: Case) -> bytes:
    controls = {0x2400 + code: code for code in range(32)}
    return case.text.replace("\n", "\r\n").translate(controls).encode(case.options.get("encoding", "ascii"))


def _headers_and_body(case: Case) -> tuple[dict[str, str], str]:
    head, _, body = case.text.partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), body


def _eml(case: Case) -> bytes:
    headers, body = _headers_and_body(case)
    charset, transfer = case.options.get("encoding", "utf-8"), case.options.get("transfer")
    message = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        message[name] = value
    subtype = case.options.get("subtype", "plain")
    message.set_content(body, subtype=subtype, charset=charset, cte=transfer)
    if alternative := case.options.get("alternative"):
        message.add_alternative(alternative, subtype="html", charset="utf-8")
    for path, name in case.options.get("attach", {}).items():
        message.add_attachment(build(load()[name]), maintype="application", subtype="octet-stream", filename=path)
    return message.as_bytes()


def _mhtml(case: Case) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = case.options["url"]
    message["Subject"] = case.options.get("subject", "")
    message["MIME-Version"] = "1.0"
    message.set_content(case.text, subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Location"] = case.options["url"]
    message.add_related(PIXEL, maintype="image", subtype="gif", cid="<pixel@mhtml.blink>")
    return message.as_bytes()


def _msg(case: Case) -> bytes:
    """Build an Outlook message: the property streams of [MS-OXMSG] in a compound file."""
    headers, body = _headers_and_body(case)
    strings = {
        0x001A: "IPM.Note",
        0x0037: headers["Subject"],
        0x0C1A: headers["From"].split(" <")[0],
        0x0C1F: headers["From"].split("<")[-1].rstrip(">"),
        0x0E04: headers.get("To", ""),
        0x1000: body.replace("\n", "\r\n"),
        0x007D: f"Date: {headers['Date']}\r\nSubject: {headers['Subject']}\r\nFrom: {headers['From']}\r\n",
    }
    streams = {f"__substg1.0_{tag:04X}001F": value.encode("utf-16-le") for tag, value in strings.items()}
    entries = b"".join(
        (tag << 16 | 0x1F).to_bytes(4, "little")
        + (6).to_bytes(4, "little")
        + (len(value.encode("utf-16-le")) + 2).to_bytes(8, "little")
        for tag, value in strings.items()
    )
    streams["__properties_version1.0"] = bytes(32) + entries
    return compound_file(
        streams,
        storages={
            "__nameid_version1.0": {
                "__substg1.0_00020102": b"",
                "__substg1.0_00030102": b"",
                "__substg1.0_00040102": b"",
            }
        },
    )


def _files(case: Case) -> dict[str, bytes]:
    return {path: build(load()[name]) for path, name in case.options["files"].items()}


def _zipped(case: Case) -> bytes:
    return zip_of({**_files(case), **case.options.get("extra", {})})


def _tar(case: Case) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, data in _files(case).items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _gzip(case: Case) -> bytes:
    if case.options.get("tar"):
        return gzip.compress(_tar(case), mtime=0)
    ((path, data),) = _files(case).items()
    out = io.BytesIO()
    with gzip.GzipFile(path, "wb", fileobj=out, mtime=0) as stream:
        stream.write(data)
    return out.getvalue()


def _warc(case: Case) -> bytes:
    def record(kind: str, uri: str, media_type: str, block: bytes) -> bytes:
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{len(block):012d}>\r\n"
            f"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: {uri}\r\nContent-Type: {media_type}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        data = head.encode() + block + b"\r\n\r\n"
        return gzip.compress(data, mtime=0) if case.options.get("compressed") else data

    out = record("warcinfo", "urn:x:info", "application/warc-fields", b"software: crawler/1.0\r\n")
    for uri, data in _files(case).items():
        request = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
        out += record("request", uri, "application/http; msgtype=request", request)
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(data)
        out += record("response", uri, "application/http; msgtype=response", http + data)
    return out


BUILDERS: dict[str, Callable[[Case], bytes]] = {
    "anpa": _anpa,
    "eml": _eml,
    "mhtml": _mhtml,
    "msg": _msg,
    "docx": docx,
    "odt": odt,
    "rtf": rtf,
    "epub": epub,
    "pdf": pdf,
    "zip": _zipped,
    "tar": _tar,
    "gzip": _gzip,
    "warc": _warc,
}
