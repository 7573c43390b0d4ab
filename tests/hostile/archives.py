"""Archives that grow, repeat themselves or name files elsewhere."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Callable

from tests.hostile.base import WORDS, zipped


def nested_zip(levels: int, mark: str) -> bytes:
    data = zipped({"a.txt": f"{WORDS} {mark}"})
    for level in range(levels):
        data = zipped({f"level-{level}.zip": data})
    return data


def overlapping_zip(entries: int = 1000) -> bytes:
    """Many entries of the directory share one deflated file, as in Fifield's "A better zip bomb" (2019)."""
    plain = bytes(1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(plain) + packer.flush()
    sizes = struct.pack("<III", zlib.crc32(plain), len(packed), len(plain))
    local = struct.pack("<4sHHHHH", b"PK\3\4", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", 1, 0) + b"a" + packed
    directory = b"".join(
        struct.pack("<4sHHHHHH", b"PK\1\2", 20, 20, 0, 8, 0, 0) + sizes
        + struct.pack("<HHHHHII", 4, 0, 0, 0, 0, 0, 0) + b"%04d" % number
        for number in range(entries)
    )  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, entries, entries, len(directory), len(local), 0)
    return local + directory + end


def zeros_gzip(mebibytes: int = 2000) -> bytes:
    """One stream of that many MiB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    return b"".join([*(packer.compress(zeros) for _ in range(mebibytes)), packer.flush()])


def million_members_tar() -> bytes:
    """A packed tar of a million empty files: a thousand gzip streams, each of a thousand heads."""
    return gzip.compress(tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT) * 1000) * 1000


def many_members_tar(members: int = 5500) -> bytes:
    return b"".join(tarfile.TarInfo(f"{n}.txt").tobuf(tarfile.USTAR_FORMAT) for n in range(members)) + bytes(1024)


def quine_zip() -> bytes:
    """A ZIP archive whose only member is the archive itself.

    Cox, "Zip Files All The Way Down" (2010): a deflate stream of literals and repeats, each head of five bytes, that prints
    itself between a given prefix and suffix.
    """
    name = b"a-zip-archive-whose-only-member-is-itself.zip"  # its length makes the repeats fill five bytes

    def literal(data: bytes) -> bytes:
        return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data

    def repeat(size: int, parts: list[int], last: int | None = None, final: bool = False) -> bytes:
        """The last ``size`` bytes again, in matches of those lengths and perhaps one byte as it is, in a fixed-code block."""
        bits = [int(final), 1, 0]
        for length in parts:
            bits += _match(length, size)
        if last is not None:
            bits += _bits(0x30 + last, 8) if last < 144 else _bits(0x190 + last - 144, 9)
        bits += [0] * 7
        assert len(bits) == 40
        return bytes(sum(bit << at for at, bit in enumerate(bits[start : start + 8])) for start in range(0, 40, 8))

    def archive(crc: int) -> bytes:
        packed, size = 0, 0
        while True:
            sizes = struct.pack("<III", crc, packed, size)
            prefix = (
                struct.pack("<4sHHHHH", b"PK\3\4", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
            )
            entry = struct.pack("<4sHHHHHH", b"PK\1\2", 20, 20, 0, 8, 0, 33) + sizes
            entry += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
            end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(prefix) + packed, 0)
            suffix = entry + end
            head, tail = len(prefix) + 5, len(suffix) + 5
            l0, l1, l4 = (literal(bytes(5 * units))[:5] for units in (0, 1, 4))
            lp, ls = literal(bytes(head))[:5], literal(bytes(tail))[:5]
            rp, r4 = repeat(head, [head - 1], last=0xFF), repeat(20, [10, 10])
            rs = repeat(tail, [tail - 1], last=0, final=True)
            stream = (
                literal(prefix + lp) + rp + literal(rp) + literal(l1) + literal(rp + l1 + l1 + l4) + r4
                + literal(r4 + l4 + r4 + l4) + r4 + literal(r4 + l0 + l0 + ls) + r4 + l0 + l0 + literal(rs + suffix) + rs
            )  # fmt: skip
            whole = prefix + stream + suffix
            if (packed, size) == (len(stream), len(whole)):
                return whole
            packed, size = len(stream), len(whole)

    return archive(_fixed_point(lambda crc: zlib.crc32(archive(crc))))


def _bits(value: int, count: int) -> list[int]:
    """Most significant first, as Huffman codes are packed."""
    return [value >> at & 1 for at in reversed(range(count))]


def _match(length: int, distance: int) -> list[int]:
    """A match in deflate's fixed code (RFC 1951, 3.2.5 and 3.2.6)."""
    bits: list[int] = []
    code, base, extra = 257, 3, 0
    while length >= base + (1 << extra):
        base += 1 << extra
        code += 1
        extra = 0 if code < 265 else (code - 261) // 4
    bits += _bits(code - 256, 7) if code < 280 else _bits(0xC0 + code - 280, 8)
    bits += reversed(_bits(length - base, extra))
    code, base, extra = 0, 1, 0
    while distance >= base + (1 << extra):
        base += 1 << extra
        code += 1
        extra = 0 if code < 2 else code // 2 - 1
    return bits + _bits(code, 5) + list(reversed(_bits(distance - base, extra)))


def _fixed_point(affine: Callable[[int], int]) -> int:
    """The x of 32 bits with affine(x) == x, by elimination over GF(2)."""
    constant = affine(0)
    columns = [affine(1 << bit) ^ constant ^ (1 << bit) for bit in range(32)]
    rows = [
        sum((columns[bit] >> row & 1) << bit for bit in range(32)) | (constant >> row & 1) << 32 for row in range(32)
    ]
    pivots: list[int] = []
    for bit in range(32):
        pivot = next(row for row in range(32) if row not in pivots and rows[row] >> bit & 1)
        pivots.append(pivot)
        rows = [rows[row] ^ (rows[pivot] if row != pivot and rows[row] >> bit & 1 else 0) for row in range(32)]
    return sum((rows[pivot] >> 32) << bit for bit, pivot in enumerate(pivots))


NAMES = {
    "../../../etc/cron.d/x": "etc/cron.d/x",
    "/etc/passwd": "etc/passwd",
    "..\\..\\Windows\\x.txt": "Windows/x.txt",
    "C:\\Windows\\y.txt": "Windows/y.txt",
    "c:/z.txt": "z.txt",
    "a/./b/../c.txt": "a/b/c.txt",
    "\\\\server\\share\\u.txt": "server/share/u.txt",
    "nul\x01\x1f\x7f.txt": "nul.txt",
    "....//dots.txt": "..../dots.txt",
    "d/" * 2000 + "deep.txt": ("d/" * 500)[:-1],
    "long" * 5000: ("long" * 250),
}
"""Names of members, each with the path that it is to have in the record."""


def traversing_zip(mark: str) -> bytes:
    return zipped({name: f"{WORDS} {mark} {number}" for number, name in enumerate(NAMES)})


def traversing_tar(mark: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, name in enumerate(NAMES):
            data = f"{WORDS} tar {mark} {number}".encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo(f"link-{kind.decode()}")
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
        device = tarfile.TarInfo("device")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 5
        archive.addfile(device)
    return out.getvalue()
