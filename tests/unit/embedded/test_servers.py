"""If `copydesk up` cannot start, it says why and leaves nothing running."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from pathlib import Path

import pytest

from services.embedded import NotStarted, Servers, Stack


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        servers = Servers(tmp_path)
        with pytest.raises(NotStarted, match="in use by another copydesk; stop it or name another folder with --data"):
            servers.start()
        servers.stop()
        assert servers.children == {}


def test_data_and_logs_are_for_who_runs_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Servers, "run_redis", lambda _: None)
    monkeypatch.setattr(Servers, "run_mongo", lambda _: None)
    before = os.umask(0o022)
    (tmp_path / "data" / "mongo").mkdir(parents=True)  # of a version that left it open
    servers = Servers(tmp_path / "data")
    servers.start()
    os.umask(before)
    modes = {part: (tmp_path / "data" / part).stat().st_mode & 0o777 for part in ("redis", "mongo", "logs")}
    assert modes == dict.fromkeys(modes, 0o700)
    servers.stop()


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        stack = Stack(tmp_path / "data", api_port=taken.getsockname()[1])
        with pytest.raises(NotStarted, match=f"port {stack.api_port} is in use; name another one with --port"):
            stack.start()
    assert stack.children == {} and not (tmp_path / "data").exists()


def test_a_part_that_ends_at_once_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    servers = Servers(tmp_path)
    servers.spawn("mongo", [sys.executable, "-c", "print('one'); print('no space left'); raise SystemExit(3)"])
    with pytest.raises(NotStarted, match=r"mongo did not start \(exit status 3\): no space left; see .*mongo.log"):
        servers.wait("mongo", lambda: False)
    servers.stop()


def test_children_end_with_the_stack_the_last_first(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    servers = Servers(tmp_path)
    sleeping = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
    for name in ("redis", "mongo"):
        servers.spawn(name, sleeping, {"DESK": name})
        servers.wait(name, lambda name=name: "up" in (tmp_path / "logs" / f"{name}.log").read_text())
    pids = [child.pid for child in servers.children.values()]
    servers.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_servers_are_reached_on_this_machine_alone(tmp_path: Path) -> None:
    found = Servers(tmp_path).environment
    assert all("//127.0.0.1:" in address for address in found.values())
    assert "directConnection=true" in found["COPYDESK_MONGO_URL"], "else the driver looks for other members"
