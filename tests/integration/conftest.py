"""Provide a running deployment: API, worker and scheduler as separate processes, on real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.database import Database

from services.embedded import free_port
from tests.integration.forked import Forked
from tests.integration.newsstand import Newsstand, newsstand

COPYDESK = str(Path(sys.executable).parent / "copydesk")


def eventually(check: Callable[[], Any], what: str, seconds: float = 90, state: Callable[[], Any] | None = None) -> Any:
    """Return the first true answer of ``check``; if there is none in time, fail the test and show ``state``."""
    end = time.monotonic() + seconds
    pause = 0.05
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(pause)
        pause = min(0.3, 1.2 * pause)
    pytest.fail(f"not within {seconds} s: {what}\n{state() if state else ''}")


def no_text(size: int) -> bytes:
    """Return bytes that differ each time and that no parser takes for text, because reading a text would keep a worker
    busy."""
    unit = b"\x01\x02\x03\x04" + uuid.uuid4().hex[:12].encode()
    return (unit * (size // len(unit) + 1))[:size]


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """Return a path: as long as a file is there, a document that names it keeps its worker busy."""
    (tmp_path / "flag").touch()
    return tmp_path / "flag"


class Api:
    """A process `copydesk api`, on a free loopback port."""

    def __init__(
        self, environment: dict[str, str], log: Path, headers: dict[str, str] | None = None, port: int = 0
    ) -> None:
        port = port or free_port()
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [COPYDESK, "api"], stdout=out, stderr=out,
                env={**os.environ, **environment, "COPYDESK_API_PORT": str(port)},
            )  # fmt: skip
        self._log = log
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, headers=headers)

    def wait(self, *ready: int) -> None:
        """Wait until ``/readyz`` answers with one of these."""

        def answers() -> bool:
            try:
                return self.http.get("/readyz").status_code in ready
            except httpx.TransportError:
                return False

        eventually(answers, f"API ready, its log is {self._log}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> int:
        """Wait for the exit status and return it."""
        return self._process.wait(timeout=60)

    def stop(self) -> None:
        self.http.close()
        self._process.terminate()
        self._process.wait(timeout=20)


@dataclass
class Deployment:
    """A deployment. ``http`` sends ``key``, which may do everything."""

    environment: dict[str, str]
    logs: Path
    http: httpx.Client
    db: Database[dict[str, Any]]
    key: str
    processes: dict[str, subprocess.Popen[bytes] | Forked] = field(default_factory=dict)

    def spawn(self, name: str, *command: str, settings: dict[str, str] | None = None) -> None:
        with (self.logs / f"{name}.log").open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command], stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **self.environment, **(settings or {})},
            )  # fmt: skip

    def start_worker(
        self, name: str = "worker", settings: dict[str, str] | None = None, *, concurrency: int = 2
    ) -> None:
        settings = {"COPYDESK_WORKER_CONCURRENCY": str(concurrency), **(settings or {})}
        command = [
            "celery",
            "-A",
            "workers.tasks",
            "worker",
            "-n",
            f"{name}@%h",
            "--without-gossip",
            "--without-mingle",
        ]
        environment = {**os.environ, **self.environment, **settings}
        self.processes[name] = Forked(command, environment, self.logs / f"{name}.log")

    def start_scheduler(self) -> None:
        self.spawn("scheduler", "celery", "-A", "services.queue", "beat",
                   "--schedule", str(self.logs / "beat"), "--pidfile=")  # fmt: skip

    def kill(self, name: str) -> None:
        """Send SIGKILL to the process and all its children."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def said(self, name: str, word: str) -> list[str]:
        """Return the lines in the log of ``name`` that contain ``word``."""
        return [line for line in (self.logs / f"{name}.log").read_text().splitlines() if word in line]

    def post(self, text: str | bytes, **params: Any) -> dict[str, Any]:
        data = text.encode() if isinstance(text, str) else text
        answer = self.http.post("/v1/documents", content=data, headers={"Content-Type": "text/plain"}, params=params)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def final(self, id: str) -> dict[str, Any]:
        """Wait until the record is done or failed, and return it."""

        def look() -> Any:
            record = self.http.get(f"/v1/documents/{id}").json()
            return record if record["status"] in ("done", "failed") else None

        return eventually(look, f"document {id} done or failed")


@pytest.fixture
def collection(deployment: Deployment) -> Iterator[str]:
    """Yield a collection for this test alone; its sources are removed at the end."""
    name = f"fetched-{uuid.uuid4().hex[:8]}"
    yield name
    for source in deployment.http.get("/v1/sources").json()["sources"]:
        if source["collection"] == name:
            deployment.http.delete(f"/v1/sources/{source['id']}")


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    with newsstand() as found:
        yield found


@pytest.fixture
def root(deployment: Deployment) -> Path:
    return Path(deployment.environment["COPYDESK_SOURCE_FOLDER"])
