"""The bytes that a line of a manifest names: exactly those, or the reason why not. No line stops the load."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.bulk.manifest import FileIn, WrongLine, describe, read
from services.bulk.reading import Reader

MOST = 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"0123456789")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "large.txt").write_bytes(b"x" * (MOST + 1))
    (tmp_path / "most.txt").write_bytes(b"x" * MOST)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.txt", "One")
        archive.writestr("тwo.txt", "Two")
        archive.writestr("bomb.txt", b"0" * 1_000_000, zipfile.ZIP_DEFLATED)
    for name, mode in (("a.tar", "w"), ("a.tar.gz", "w:gz")):
        with tarfile.open(tmp_path / name, mode) as tar:  # type: ignore[call-overload]
            for member, data in (("one.txt", b"One"), ("two.txt", b"Two"), ("large.txt", b"x" * (MOST + 1))):
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            link = tarfile.TarInfo("link.txt")
            link.type, link.linkname = tarfile.SYMTYPE, "one.txt"
            tar.addfile(link)
    return tmp_path


def line(**said: Any) -> FileIn:
    found = read(json.dumps(said).encode(), {})
    assert isinstance(found, FileIn)
    return found


@pytest.mark.parametrize(
    ("said", "data"),
    [
        ({"path": "a.txt"}, b"0123456789"),
        ({"path": "a.txt", "offset": 3, "length": 4}, b"3456"),
        ({"path": "a.txt", "offset": 9, "length": 1}, b"9"),
        ({"path": "a.txt", "sha256": hashlib.sha256(b"0123456789").hexdigest()}, b"0123456789"),
        ({"path": "most.txt"}, b"x" * MOST),
        ({"path": "a.zip", "member": "тwo.txt"}, b"Two"),
        ({"path": "a.tar", "member": "two.txt"}, b"Two"),
        ({"path": "a.tar.gz", "member": "two.txt"}, b"Two"),
    ],
)
def test_what_a_line_names_is_read(folder: Path, said: dict[str, Any], data: bytes) -> None:
    assert Reader(folder, MOST).read(line(**said)) == data
    assert Reader(Path("/nowhere"), MOST).read(line(**{**said, "path": str(folder / said["path"])})) == data


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"path": "none.txt"}, "no such file: .*none.txt"),
        ({"path": "."}, "cannot be read"),
        ({"path": "a\0.txt"}, "cannot be read"),
        ({"path": "a" * 3000}, "cannot be read"),
        ({"path": "empty.txt"}, "the document is empty"),
        (
            {"path": "large.txt"},
            "larger than 100 bytes .COPYDESK_MAX_BODY_BYTES.; split the document or raise the limit",
        ),
        ({"path": "a.txt", "offset": 3, "length": 0}, "the document is empty"),
        ({"path": "a.txt", "offset": 3, "length": 8}, r"ends before byte 3 \+ 8"),
        ({"path": "a.txt", "offset": 2**63 - 1, "length": 1}, "cannot be read|ends before"),
        ({"path": "a.txt", "offset": 2**64, "length": 1}, "cannot be read"),
        ({"path": "a.txt", "offset": 0, "length": 2**64}, "ends before byte"),
        ({"path": "large.txt", "offset": 0, "length": MOST + 1}, "larger than 100 bytes"),
        ({"path": "a.txt", "sha256": "0" * 64}, "its SHA-256 is 84d89877"),
        ({"path": "a.txt", "member": "one.txt"}, "cannot be read"),
        ({"path": "a.zip", "member": "none.txt"}, "no member 'none.txt'"),
        ({"path": "a.zip", "member": "bomb.txt"}, "larger than 100 bytes"),
        ({"path": "a.tar.gz", "member": "none.txt"}, "no member 'none.txt'"),
        ({"path": "a.tar.gz", "member": "link.txt"}, "cannot be read"),
        ({"path": "a.tar", "member": "large.txt"}, "larger than 100 bytes"),
    ],
)
def test_what_it_cannot_have_it_is_told_and_the_next_line_is_read(
    folder: Path, said: dict[str, Any], told: str
) -> None:
    reader = Reader(folder, MOST)
    with pytest.raises(WrongLine, match=told):
        reader.read(line(**said))
    assert reader.read(line(path="a.tar.gz", member="one.txt")) == b"One"


def test_members_of_several_archives_are_read_in_any_order(folder: Path) -> None:
    reader = Reader(folder, MOST)
    wanted = [
        ("a.tar.gz", "two.txt"),
        ("a.tar.gz", "one.txt"),
        ("a.zip", "one.txt"),
        ("a.tar.gz", "two.txt"),
        ("a.tar", "one.txt"),
    ]
    found = [reader.read(line(path=path, member=member)) for path, member in wanted]
    assert found == [b"Two", b"One", b"One", b"Two", b"One"]
    reader.close()


def test_an_archive_that_is_cut_off_costs_the_lines_that_name_it(folder: Path) -> None:
    whole = (folder / "a.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "cut.zip").write_bytes((folder / "a.zip").read_bytes()[:200])
    reader = Reader(folder, MOST)
    for path in ("cut.tar.gz", "cut.zip"):
        with pytest.raises(WrongLine, match="cannot be read"):
            reader.read(line(path=path, member="two.txt"))
    assert reader.read(line(path="a.zip", member="one.txt")) == b"One"


def test_what_is_described_can_be_read(folder: Path) -> None:
    """Every line that `bulk manifest` writes for an archive names bytes that are there."""
    (folder / "lines.ndjson").write_bytes(b'{"text": "\xc3\xa9"}\r\n\r\n  {"text": "b"}')
    reader = Reader(Path(), 1_000_001)
    for name, count in (("a.zip", 3), ("a.tar", 3), ("a.tar.gz", 3), ("lines.ndjson", 2)):
        found = [reader.read(line(**said)) for said in describe([str(folder / name)])]
        assert len(found) == count
        if name == "lines.ndjson":
            assert [json.loads(data)["text"] for data in found] == ["é", "b"]
        else:
            assert found[0] == b"One"


def test_folders_and_patterns_name_their_files_in_order_and_hidden_ones_not(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", ".git/x.txt", "b/.hidden.txt", "c.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    paths = [Path(said["path"]).relative_to(tmp_path).as_posix() for said in describe([str(tmp_path)])]
    assert paths == ["a.txt", "c.zip", "b/1.txt", "b/2.txt"], "an archive in a folder is a document"
    assert {Path(said["path"]).name for said in describe([f"{tmp_path}/**/*.txt"])} == {"a.txt", "1.txt", "2.txt"}
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        list(describe([f"{tmp_path}/*.pdf"]))
    with pytest.raises(WrongLine, match=r"c\.zip cannot be read"):
        list(describe([str(tmp_path / "c.zip")]))
