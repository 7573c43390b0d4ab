"""Write small compound files ([MS-CFB] version 3): enough for an Outlook message of a case."""

from __future__ import annotations

import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5


def compound_file(streams: dict[str, bytes], storages: dict[str, dict[str, bytes]]) -> bytes:
    """Return a file with these streams at the root, and one level of storages with their own streams."""
    table: list[int] = []
    body = bytearray()

    def chain(data: bytes) -> int:
        if not data:
            return END
        start, count = len(table), -(-len(data) // SECTOR)
        table.extend([*range(start + 1, start + count), END])
        body.extend(data.ljust(count * SECTOR, b"\0"))
        return start

    mini_table: list[int] = []
    mini = bytearray()

    def place(data: bytes) -> int:
        if len(data) >= CUTOFF:
            return chain(data)
        if not data:
            return END
        start, count = len(mini_table), -(-len(data) // MINI)
        mini_table.extend([*range(start + 1, start + count), END])
        mini.extend(data.ljust(count * MINI, b"\0"))
        return start

    entries: list[list[int | str]] = [["Root Entry", ROOT, NONE, NONE, END, 0]]  # name, type, right, child, start, size

    def siblings(items: list[tuple[str, int, int, int, int]]) -> int:
        """Order the entries of one storage as a degenerate tree, by length and then by name."""
        first = previous = NONE
        for name, kind, child, start, size in sorted(items, key=lambda item: (len(item[0]), item[0].upper())):
            entries.append([name, kind, NONE, child, start, size])
            index = len(entries) - 1
            if previous == NONE:
                first = index
            else:
                entries[previous][2] = index
            previous = index
        return first

    children: list[tuple[str, int, int, int, int]] = []
    for name, inner in storages.items():
        child = siblings([(key, STREAM, NONE, place(data), len(data)) for key, data in inner.items()])
        children.append((name, STORAGE, child, 0, 0))
    children += [(key, STREAM, NONE, place(data), len(data)) for key, data in streams.items()]
    entries[0][3] = siblings(children)
    entries[0][4], entries[0][5] = chain(bytes(mini)), len(mini)

    directory = b""
    for name, kind, right, child, start, size in entries:
        encoded = str(name).encode("utf-16-le") + b"\0\0"
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, NONE, right, child)
        directory += bytes(16) + bytes(4) + bytes(16) + struct.pack("<IQ", start, size)
    directory = directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0")
    directory_start = chain(directory)
    mini_fat = b"".join(struct.pack("<I", entry) for entry in mini_table)
    padded = mini_fat.ljust(-(-len(mini_fat) // SECTOR) * SECTOR, b"\xff")
    mini_fat_start = chain(padded)

    fat_sectors = 1
    while len(table) + fat_sectors > fat_sectors * (SECTOR // 4):
        fat_sectors += 1
    fat_start = len(table)
    table.extend([FAT] * fat_sectors)
    fat = b"".join(struct.pack("<I", entry) for entry in table).ljust(fat_sectors * SECTOR, b"\xff")
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6), 0, fat_sectors,
        directory_start, 0, CUTOFF, mini_fat_start, len(padded) // SECTOR, END, 0, fat_start,
    )  # fmt: skip
    difat = [fat_start + n for n in range(fat_sectors)][1:]
    header += b"".join(struct.pack("<I", n) for n in difat)
    return header.ljust(SECTOR, b"\xff") + bytes(body) + fat
