"""Read gzip, bzip2 and xz: one compressed document, or a compressed tar or WARC whose members are read directly."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Any

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.tar import is_tar, read_tar
from workers.parse.containers.warc import is_warc, read_warc
from workers.parse.members import Collector

_KINDS: list[tuple[bytes, str, Callable[[], Any]]] = [
    (b"\x1f\x8b\x08", "application/gzip", lambda: zlib.decompressobj(wbits=31)),
    (b"BZh", "application/x-bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "application/x-xz", lambda: lzma.LZMADecompressor(memlimit=256 * 1024 * 1024)),
]
_SUFFIX = re.compile(r"\.(gz|bz2|xz)$", re.IGNORECASE)
_SHORT_SUFFIX = re.compile(r"\.(tgz|tbz2?|txz)$", re.IGNORECASE)
_CHUNK = 1 << 20


def sniff(source: Source) -> float:
    return 0.95 if any(source.data.startswith(magic) for magic, _, _ in _KINDS) else 0.0


def parse(source: Source) -> Parsed:
    media_type, decompressor = next((kind, make) for magic, kind, make in _KINDS if source.data.startswith(magic))
    data = _unpack(source.data, decompressor, Collector(source.limits, len(source.data)))
    found = Collector(source.limits, len(source.data))
    if is_tar(data):
        return read_tar(media_type, data, found)
    if is_warc(data):
        return read_warc(media_type, data, found)
    found.add(_SHORT_SUFFIX.sub(".tar", _SUFFIX.sub("", source.filename or "content")), data)
    return Parsed(media_type, members=found.result())


def _unpack(data: bytes, make: Callable[[], Any], found: Collector) -> bytes:
    """Return all streams of ``data``, which gzip allows one after another. Trailing garbage is ignored, as gzip
    does."""
    out = io.BytesIO()
    try:
        while data:
            stream = make()
            while not stream.eof:
                chunk, data = _step(stream, data)
                found.expand(len(chunk))
                out.write(chunk)
                if not chunk and not data and not stream.eof:
                    raise EOFError("it ends in the middle")
            data = (stream.unused_data or data).lstrip(b"\x00")
            if out.tell() and not any(data.startswith(magic) for magic, _, _ in _KINDS):
                break
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise ParseError("corrupt", f"The packed data is broken: {error}.") from None
    return out.getvalue()


def _step(stream: Any, data: bytes) -> tuple[bytes, bytes]:
    """Return the next chunk and the rest of ``data``: zlib returns it, the others keep it."""
    chunk = stream.decompress(data, _CHUNK)
    rest = getattr(stream, "unconsumed_tail", b"")
    return chunk, rest


PARSER = Parser(
    "packed",
    ("application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz"),
    sniff,
    parse,
    isolated=True,
    version=3,
)
