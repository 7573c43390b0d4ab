"""Fork the processes that read documents (`workers.parse.isolate`) from one that has imported the parsers.

A worker starts this process, the nursery, before its pool, and all processes of the pool inherit a socket to it. To get
a helper, a process sends the two pipes by which it will ask and be answered; the nursery forks, and the fork serves
them. A helper so costs milliseconds in place of two seconds of CPU, and all helpers of a worker share their memory.
The nursery exits when every process with the other end of its socket has.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from io import FileIO
from pathlib import Path
from typing import NoReturn

from workers.parse import dialects
from workers.parse.base import Parser

_PATH = 4096
ROOT = str(Path(__file__).resolve().parents[2])


class Forked:
    """As much of ``subprocess.Popen`` as a helper needs. ``pid`` is 0 until the helper has answered."""

    def __init__(self, requests: int, replies: int) -> None:
        self.stdin, self.stdout = FileIO(requests, "w"), FileIO(replies)
        self.pid = 0
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None while it runs: its end of the pipe closes with it."""
        if self.returncode is None:
            pipe = select.poll()
            pipe.register(self.stdout, 0)
            if pipe.poll(0):
                self.returncode = 1
        return self.returncode

    def kill(self) -> None:
        """Send SIGKILL, if it has answered; otherwise it exits when the pipes are closed."""
        if self.pid and self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Do nothing: the nursery waits for its children."""


class Nursery:
    """A worker's end of its nursery."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it without waiting for it, unless this process has one already."""
        if self._socket is not None:
            return
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "workers.parse.nursery", str(theirs.fileno())],
                stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True, env=environment(),
            )  # fmt: skip

    def fork(self) -> Forked | None:
        """Return a new helper, or None if there is no nursery. Raises OSError if there are no more pipes."""
        if self._socket is None:
            return None
        their_requests, requests = os.pipe()
        replies, their_replies = os.pipe()
        used = os.fsencode(dialects.folder() or "")
        try:
            socket.send_fds(self._socket, [b"+" + used], [their_requests, their_replies], socket.MSG_NOSIGNAL)
        except OSError:  # it is gone
            self.stop()
            os.close(requests)
            os.close(replies)
            return None
        finally:
            os.close(their_requests)
            os.close(their_replies)
        return Forked(requests, replies)

    def stop(self) -> None:
        """Close this process's end."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def environment() -> dict[str, str]:
    """Return the environment of a process that forks: it must have one thread, and numeric libraries start others on
    import."""
    path = os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": path}


def serve(channel: socket.socket) -> None:
    """Fork a helper for each pair of pipes that comes, until nobody can send any more."""
    from workers.parse import isolate

    parsers = isolate.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes care of helpers that have ended
    while True:
        message, pipes, _, _ = socket.recv_fds(channel, _PATH, 2)
        if not message:
            return
        if len(pipes) == 2 and os.fork() == 0:
            _become(channel, message[1:], pipes, parsers)
        for pipe in pipes:
            os.close(pipe)


def _become(channel: socket.socket, used: bytes, pipes: list[int], parsers: dict[str, Parser]) -> NoReturn:
    """Serve these pipes, as standard input and output, until the other end closes them."""
    from workers.parse import isolate

    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        channel.close()
        for standard, pipe in enumerate(pipes):
            os.dup2(pipe, standard)
            os.close(pipe)
        dialects.use(Path(os.fsdecode(used)) if used else None)
        isolate.serve(0, 1, parsers)
        os._exit(0)
    finally:
        os._exit(1)


ours = Nursery()
"""The nursery of this worker."""

if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
