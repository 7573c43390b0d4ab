"""`bulk load --check`: every line is read, none is loaded, and the reject file says what is wrong with which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.bulk.load import GIVEN_BYTES, Job, Progress, check
from services.bulk.manifest import Part
from services.settings import Settings

SETTINGS = Settings(max_body_bytes=1000)


def checked(folder: Path, manifest: bytes, part: str = "1/1", **job: Any) -> tuple[Progress, list[dict[str, Any]]]:
    (folder / "m.ndjson").write_bytes(manifest)
    rejects = folder / "rejects.ndjson"
    rejects.unlink(missing_ok=True)
    found = check(Job(folder / "m.ndjson", rejects, Part.parse(part), **job), SETTINGS, lambda _: None)
    lines = rejects.read_text().splitlines() if rejects.exists() else []
    return found, [json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")) for line in lines]


def test_good_lines_make_no_reject_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ships sailed.")
    found, rejected = checked(tmp_path, b'{"path": "a.txt"}\n\n  \n{"text": "Cranes stood."}')
    assert (found.stored, found.rejected, rejected) == (2, 0, [])
    assert found.bytes == len(b"Ships sailed.") + len(b'{"text": "Cranes stood."}')
    assert found.share == 1


def test_a_wrong_line_costs_itself_alone_and_is_given_back(tmp_path: Path) -> None:
    lines = [
        b'{"path": "none.txt", "tags": ["a"]}',
        b'{"text": "Ships sailed."}',
        b"no JSON \xff",
        b'{"text": "a", "metadata": {"a": NaN}}',
        b'{"text": ' + b"[" * 5000,
        b'{"text": "' + b"x" * 1000 + b'"}',
        b'{"path": "a\\u0000"}',
        b'{"text": "Cranes stood."}',
    ]
    found, rejected = checked(tmp_path, b"\r\n".join(lines))
    assert (found.stored, found.rejected) == (2, 6)
    assert [b"\r\n".join(lines)[one["offset"] :].splitlines()[0] for one in rejected] == [*lines[:1], *lines[2:7]]
    assert rejected[0]["given"] == {"path": "none.txt", "tags": ["a"]} and "no such file" in rejected[0]["reason"]
    assert rejected[1]["given"] == "no JSON \ufffd"
    assert rejected[2]["given"] == lines[3].decode()
    assert "COPYDESK_MAX_BODY_BYTES" in rejected[4]["reason"]


def test_a_line_without_end_is_not_repeated(tmp_path: Path) -> None:
    long = b'{"text": "' + b"x" * (GIVEN_BYTES + 1) + b'"}'
    endless = b"x" * (3 * 1024 * 1024)
    found, rejected = checked(tmp_path, long + b"\n" + endless + b"\n" + b'{"text": "Ships sailed."}\n')
    assert (found.stored, found.rejected) == (1, 2)
    assert [one["given"] for one in rejected] == [None, None]
    assert "put the document into a separate file" in rejected[1]["reason"]


@pytest.mark.parametrize("of", [1, 2, 3, 7, 50])
def test_parts_have_every_line_between_them_once(tmp_path: Path, of: int) -> None:
    lines = [json.dumps({"text": f"Ship {n} sailed." + "é" * n}).encode() for n in range(20)]
    manifest = b"\n".join([*lines, b"wrong"])
    found = [checked(tmp_path, manifest, f"{number}/{of}")[0] for number in range(1, of + 1)]
    assert sum(one.stored for one in found) == 20 and sum(one.rejected for one in found) == 1
    assert sum(one.bytes for one in found) == sum(map(len, lines))


def test_defaults_are_what_a_line_does_not_say(tmp_path: Path) -> None:
    found, rejected = checked(
        tmp_path, b'{"text": "a"}\n{"text": "a", "collection": "ok"}\n', defaults={"collection": "../x"}
    )
    assert (found.stored, found.rejected) == (1, 1)
    assert "collection" in rejected[0]["reason"]


def test_the_same_check_again_leaves_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "m.ndjson").write_bytes(b"wrong\n")
    job = Job(tmp_path / "m.ndjson", tmp_path / "rejects.ndjson")
    for _ in range(2):
        check(job, SETTINGS, lambda _: None)
    assert len((tmp_path / "rejects.ndjson").read_text().splitlines()) == 1


def test_an_empty_manifest_is_done(tmp_path: Path) -> None:
    found, _ = checked(tmp_path, b"")
    assert (found.lines, found.share) == (0, 0)
