"""Read tar archives: each file is a document. Links, devices and directories are skipped."""

from __future__ import annotations

import io
import tarfile

from workers.parse import warnings as warn
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.members import Collector, is_litter


def is_tar(data: bytes) -> bool:
    """Return whether ``ustar``, the mark of POSIX and GNU tar, is at byte 257."""
    return data[257:262] == b"ustar"


def sniff(source: Source) -> float:
    """Return the highest confidence, because the uncompressed files inside might be taken for the document."""
    return 1.0 if is_tar(source.data) else 0.0


def parse(source: Source) -> Parsed:
    return read_tar("application/x-tar", source.data, Collector(source.limits, len(source.data)))


def read_tar(media_type: str, data: bytes, found: Collector) -> Parsed:
    """Read the files of an unpacked archive; if it breaks off, the files before the break are returned with the warning
    ``truncated``.

    Raises ParseError ``corrupt``, ``empty`` or the Collector's.
    """
    warnings = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for info in archive:
                if info.isreg() and not info.issparse() and not is_litter(info.name):
                    stream = archive.extractfile(info)
                    found.add(info.name, stream.read(max(0, found.room) + 1) if stream else b"")
    except (tarfile.TarError, ValueError, EOFError, OSError, OverflowError) as error:
        if not found.members:
            raise ParseError("corrupt", f"The tar archive is broken: {error}.") from None
        warnings = [warn.TRUNCATED]
    return Parsed(media_type, members=found.result(), warnings=warnings)


PARSER = Parser("tar", ("application/x-tar",), sniff, parse, isolated=True, version=2)
