"""Watched folders: what is taken, what is left, and that a look changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.settings import Settings
from services.sources import folder
from services.sources.kinds import Failed, Haul, Trip, Wrong

OLD = time.time() - 3600


def trip(root: Path, *, limit: int = 100, **more: Any) -> Trip:
    settings = Settings(source_folder=root, source_rest_seconds=0, **more)
    return Trip({"address": "desk"}, settings, lambda *_: None, limit, time.monotonic() + 60)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def names(haul: Haul) -> list[str | None]:
    return [item.filename for item in haul.items]


def test_files_are_moved_only_when_they_are_stored(desk: Path) -> None:
    (desk / "a.txt").write_text("A")
    fetching: Iterator[Haul] = folder.fetch(trip(desk.parent))
    haul = next(fetching)
    assert names(haul) == ["a.txt"] and (desk / "a.txt").exists(), "a fetcher that dies here leaves it"
    assert next(fetching, None) is None
    assert not (desk / "a.txt").exists() and (desk / "done" / "a.txt").read_text() == "A"


def test_what_mongodb_refuses_and_what_is_too_large_goes_to_failed(desk: Path) -> None:
    (desk / "a.txt").write_text("A")
    (desk / "b.txt").write_text("B" * 100)
    fetching = folder.fetch(trip(desk.parent, max_body_bytes=50))
    haul = next(fetching)
    by_name = {item.filename: item for item in haul.items}
    assert "more than 50 bytes" in str(by_name["b.txt"].refused)
    by_name["a.txt"].refused = "MongoDB: no"
    next(fetching, None)
    assert sorted(path.name for path in (desk / "failed").iterdir()) == ["a.txt", "b.txt"]


def test_a_file_that_was_just_written_is_left_and_looked_at_again_soon(desk: Path) -> None:
    (desk / "a.txt").write_text("A")
    going = trip(desk.parent)
    going.settings = Settings(source_folder=desk.parent, source_rest_seconds=30)
    [haul] = folder.fetch(going)
    assert (haul.items, haul.again_seconds) == ([], 30)
    os.utime(desk / "a.txt", (OLD, OLD))  # like a copy that keeps the time: its change time here counts
    [haul] = folder.fetch(going)
    assert haul.items == []


def test_the_limit_holds_and_says_that_there_is_more(desk: Path) -> None:
    for name in "abc":
        (desk / f"{name}.txt").write_text(name)
    hauls = list(folder.fetch(trip(desk.parent, limit=2)))
    assert sum(len(haul.items) for haul in hauls) == 2
    assert hauls[-1].more
    [haul] = folder.fetch(trip(desk.parent, limit=2))
    assert (len(haul.items), haul.more) == (1, False)


def test_a_name_that_is_no_utf_8_is_stored_and_moved(desk: Path) -> None:
    (desk / os.fsdecode(b"caf\xe9.txt")).write_text("A")
    [haul] = folder.fetch(trip(desk.parent))
    assert names(haul) == ["caf\ufffd.txt"]
    assert [os.fsencode(path.name) for path in (desk / "done").iterdir()] == [b"caf\xe9.txt"]


def test_a_folder_that_is_missing_is_an_error_for_now(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="No such file"):
        list(folder.fetch(trip(tmp_path)))


@pytest.mark.parametrize("address", ["..", "/etc", "desk/../..", "out", "desk/done", "a\0b"])
def test_a_folder_outside_of_the_root_is_refused(desk: Path, address: str) -> None:
    (desk.parent / "out").symlink_to("/etc")
    with pytest.raises(Wrong):
        folder.check({"address": address}, Settings(source_folder=desk.parent))


def test_a_folder_may_be_named_from_the_root_or_whole(desk: Path) -> None:
    settings = Settings(source_folder=desk.parent)
    assert folder.check({"address": "desk/sport"}, settings) == "desk/sport"
    assert folder.check({"address": str(desk)}, settings) == "desk"
