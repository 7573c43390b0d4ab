"""The lines of a manifest, and its parts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bulk.manifest import FileIn, Part, WrongLine, describe, fingerprint, read, read_line, seek_line
from services.inputs import DocumentIn

COPYDESK = str(Path(sys.executable).parent / "copydesk")


@given(
    st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").strip()), max_size=30),
    st.integers(1, 9),
    st.booleans(),
)
def test_parts_have_each_line_once_in_order(lines: list[bytes], of: int, ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends else b"")
    found = []
    for number in range(1, of + 1):
        file = io.BytesIO(data)
        start, end = Part(number, of).bounds(len(data))
        at = seek_line(file, start)
        while at < end:
            found.append(read_line(file, 100))
            at = file.tell()
    assert [line for line in found if line] == [line for line in lines if line]


def test_a_line_that_is_too_long_is_passed_over_whole() -> None:
    file = io.BytesIO(b"a" * 300_000 + b"\nb\n")
    assert [read_line(file, 100), read_line(file, 100), read_line(file, 100)] == [None, b"b", b""]
    assert read_line(io.BytesIO(b"a" * 100 + b"\n"), 100) == b"a" * 100
    assert read_line(io.BytesIO(b"a" * 101), 100) is None


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "-1/2", "1/2/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a part"):
        Part.parse(text)


def test_a_line_is_a_file_or_a_document_and_says_over_the_defaults() -> None:
    file = read(b'{"path": "a/b.html", "tags": ["mine"]}', {"collection": "archive", "tags": ["old"]})
    assert isinstance(file, FileIn)
    assert (file.collection, file.tags, file.name, file.declared_media_type) == (
        "archive",
        ["mine"],
        "b.html",
        "text/html",
    )
    member = read(b'{"path": "a.zip", "member": "x/y.unknown"}', {})
    assert isinstance(member, FileIn)
    assert (member.name, member.declared_media_type) == ("y.unknown", "application/octet-stream")
    assert isinstance(read(b'{"html": "<p>a</p>", "publisher": "P"}', {}), DocumentIn)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "path: "),
        (b'{"path": ""}', "path: "),
        (b'{"path": "a", "text": "b"}', "text: unknown field"),
        (b'{"path": "a", "offset": 1}', "together"),
        (b'{"path": "a", "offset": 1, "length": 2, "member": "x"}', "either"),
        (b'{"path": "a", "sha256": "x"}', "sha256: "),
        (b'{"path": "a", "collection": "../x"}', "collection: "),
        (b'{"path": "a", "metadata": {"a": NaN}}', "metadata: "),
        (b'{"text": "a", "filename": "x"}', "filename: unknown field"),
        (b'{"text": "\\ud800"}', "not JSON"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line: bytes, reason: str) -> None:
    with pytest.raises(WrongLine, match=reason):
        read(line, {})


def test_only_the_same_manifest_with_the_same_defaults_is_gone_on_with(tmp_path: Path) -> None:
    found = set()
    for name in ("1998", "1999"):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "m.ndjson"
        for data in (b"a\n", b"b\n", b"a\nb\n", b"x" * 200_000 + b"a\n", b"x" * 200_000 + b"b\n"):
            file.write_bytes(data)
            found.add(fingerprint(file, {}))
        found.add(fingerprint(file, {"collection": "other"}))
    assert len(found) == 12
    assert fingerprint(file, {"collection": "other"}) in found


def test_a_manifest_that_is_written_into_the_folder_is_not_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A.")
    with (tmp_path / "m.ndjson").open("wb") as out:
        subprocess.run([COPYDESK, "bulk", "manifest", str(tmp_path)], stdout=out, check=True)
    lines = (tmp_path / "m.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"path": str(tmp_path / "a.txt")}]


def test_links_that_lead_out_of_the_folder_are_left_out(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "archive", tmp_path / "private"
    (folder / "1998").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "secret.txt").write_text("secret")
    (folder / "1998" / "story.txt").write_text("story")
    (folder / "out.txt").symlink_to(elsewhere / "secret.txt")
    (folder / "gone.txt").symlink_to(elsewhere / "nothing.txt")
    (folder / "again.txt").symlink_to(folder / "1998" / "story.txt")
    (folder / "private").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe")  # whoever opens it waits
    within = [str(folder / "1998" / "story.txt"), str(folder / "again.txt")]
    assert sorted(line["path"] for line in describe([str(folder)])) == within
    assert sorted(line["path"] for line in describe([f"{folder}/**/*.txt"])) == within
    named = str(folder / "out.txt")
    assert [line["path"] for line in describe([named])] == [named]
