"""Start a worker as a fork of a process that has loaded the models: it takes half a second of CPU instead of fifteen.

Everything after loading is as in ``python -m celery``: it reads the settings, connects, and forks the processes of the
pool.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.integration.loaded"])


def load() -> None:
    """Start loading; a worker that is started waits until it has finished."""
    forkserver.ensure_running()


def _run(started: Connection, command: list[str], environment: dict[str, str], log: Path) -> None:
    """Run in the new process: set its session, environment and output, then run the command."""
    os.setsid()
    started.send_bytes(b"in a session")
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(out)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.argv = command
    from celery.__main__ import main

    main()


class Forked:
    """The part of ``subprocess.Popen`` that a Deployment needs."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        heard, started = _context.Pipe(duplex=False)
        self._process = _context.Process(target=_run, args=(started, command, environment, log))
        self._process.start()
        started.close()
        heard.recv_bytes()
        heard.close()
        assert self._process.pid
        self.pid = self._process.pid

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked worker", timeout or 0)
        return self._process.exitcode
