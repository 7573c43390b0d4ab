"""Archives that no backup wrote: each is refused with one line before anything is restored, and none takes much
memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import bson
import pytest

from services.records import SCHEMA_VERSION
from services.store.backup import FORMAT
from services.store.restore import WrongArchive, _documents, verify

HEAD = {
    "format": FORMAT,
    "schema_version": SCHEMA_VERSION,
    "database": "copydesk",
    "started_at": "2026-01-02T03:04:05+00:00",
}
KEY = "api_keys/00000001.bson"
RECORD = bson.encode({"_id": 1, "status": "done", "processing": {}})


def archive(path: Path, members: list[tuple[str, bytes]], end: Any = None) -> Path:
    """Return an archive with these members, and with an ``end.json`` that names them, or contains ``end``."""
    sha256 = {name: hashlib.sha256(data).hexdigest() for name, data in members}
    closing = end if isinstance(end, bytes) else json.dumps(end or {"counts": {}, "sha256": sha256}).encode()
    with tarfile.open(path, "w:gz") as tar:
        for name, data in [*members, ("end.json", closing)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def head(**more: Any) -> tuple[str, bytes]:
    return "manifest.json", json.dumps(HEAD | more).encode()


def test_a_sound_archive_is_told_by_its_manifest_and_counts(tmp_path: Path) -> None:
    found = verify(archive(tmp_path / "a", [head(), ("documents/00000001.bson", RECORD)]))
    assert found["schema_version"] == SCHEMA_VERSION and set(found) >= {"counts", "sha256"}


SHA = {name: hashlib.sha256(data).hexdigest() for name, data in [head()]}


@pytest.mark.parametrize(
    ("members", "end", "told"),
    [
        ([head(), (KEY, RECORD)], {"counts": {}, "sha256": SHA}, f"{KEY} differs from its checksum"),
        ([head(), (KEY, RECORD), (KEY, RECORD)], None, "is in the wrong place"),
        ([head(), ("system.users/00000001.bson", RECORD)], None, "a backup never has such a member"),
        ([head(), ("../documents/00000001.bson", RECORD)], None, "a backup never has such a member"),
        ([head()], b"[]", "end.json cannot be read"),
        ([head()], b"\xff{", "end.json cannot be read"),
        ([head()], b"[" * 4000, "end.json cannot be read"),
        ([head()], {"counts": {}}, "end.json cannot be read"),
        ([("manifest.json", b"no JSON")], None, "manifest.json cannot be read"),
        ([("manifest.json", b'"text"')], None, "manifest.json cannot be read"),
        ([head(format=None)], None, "manifest.json cannot be read"),
        ([head(schema_version="9")], None, "manifest.json cannot be read"),
        ([head(format="other 1")], None, "is a other 1"),
        ([("documents/00000001.bson", RECORD)], None, "is not an archive of"),
        ([head(), ("end.json", b"{}")], None, "end.json cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_sound_is_refused_in_a_line(
    tmp_path: Path, members: list[tuple[str, bytes]], end: Any, told: str
) -> None:
    with pytest.raises(WrongArchive) as refused:
        verify(archive(tmp_path / "a", members, end))
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_every_stretch_of_a_damaged_file_is_refused_or_told_from_what_was_written(tmp_path: Path) -> None:
    whole = archive(tmp_path / "a", [head(), ("documents/00000001.bson", RECORD)]).read_bytes()
    for at in range(0, len(whole), 7):
        for bad in (
            whole[:at],
            whole[:at] + b"\xff\x00\xff" + whole[at + 3 :],
            gzip.compress(gzip.decompress(whole)[: at * 10]),
        ):
            (tmp_path / "b").write_bytes(bad)
            try:
                found = verify(tmp_path / "b")
            except WrongArchive:
                continue
            assert found["format"] == FORMAT  # the fault is in the gzip header


def test_a_member_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    class Zeros(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return bytes(size)

    with tarfile.open(tmp_path / "a", "w:gz", compresslevel=1) as tar:
        entry = tarfile.TarInfo("documents/00000001.bson")
        entry.size = 64 * 1024 * 1024
        tar.addfile(entry, Zeros())
    tracemalloc.start()
    with pytest.raises(WrongArchive, match="a backup never has such a member"):
        verify(tmp_path / "a")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [b"\x05", b"\xff" * 20, bson.encode({"_id": 1}), bson.encode({"status": "done", "processing": 1})],
    ids=["cut", "no BSON", "no record", "half a record"],
)
def test_documents_that_are_no_records_are_refused(data: bytes) -> None:
    with pytest.raises(WrongArchive, match="contains something other than documents of Copydesk"):
        _documents(Path("a"), "documents/00000001.bson", data)
    assert _documents(Path("a"), "documents/00000001.bson", RECORD)[0]["status"] == "done"
