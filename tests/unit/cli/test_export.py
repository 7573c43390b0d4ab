"""``copydesk export --resume``: it continues an export, and damages no other file."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from services.cli.export import _last_id

LINE = b'{"id":"665f1f77bcf86cd799439011","title":"Ships sail"}\n'


def test_half_a_line_of_an_export_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "ships.ndjson"
    file.write_bytes(LINE + LINE[:20])
    assert _last_id(file) == "665f1f77bcf86cd799439011"
    assert file.read_bytes() == LINE


@pytest.mark.parametrize(
    "content", [b"no line end", b"a\nb\n", b'{"id": 1}\n{"id', b"[1]\nx", b"\n" + LINE[:20], b"\xff\x00" * 50]
)
def test_a_file_that_is_no_export_stays_as_it_is(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "novel.txt"
    file.write_bytes(content)
    with pytest.raises(typer.Exit):
        _last_id(file)
    assert file.read_bytes() == content
    assert "was not changed" in " ".join(capsys.readouterr().err.split())


def row(document: int, at: int) -> bytes:
    return b'{"text":"Yes","cue":"said","document":"%024x","start":%d}\n' % (document, at)


def test_the_rows_of_the_last_document_are_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "quotes.ndjson"
    file.write_bytes(row(1, 0) + row(1, 5) + row(2, 0) + row(3, 0) + row(3, 7) + row(3, 9)[:20])
    assert _last_id(file, "quotes") == f"{2:024x}"
    assert file.read_bytes() == row(1, 0) + row(1, 5) + row(2, 0)
    assert _last_id(file, "quotes") == f"{1:024x}"
    assert _last_id(file, "quotes") is None and not file.read_bytes()


@pytest.mark.parametrize(("kind", "line"), [("quotes", LINE), ("sums", row(1, 0)), ("documents", row(1, 0))])
def test_an_export_of_other_rows_stays_as_it_is(tmp_path: Path, kind: str, line: bytes) -> None:
    file = tmp_path / "other.ndjson"
    file.write_bytes(line)
    with pytest.raises(typer.Exit):
        _last_id(file, kind)
    assert file.read_bytes() == line


def test_nothing_is_the_beginning_of_an_export(tmp_path: Path) -> None:
    file = tmp_path / "new.ndjson"
    assert _last_id(file) is None
    file.touch()
    assert _last_id(file) is None
