"""Read documents in a child process, so that a crash, an endless loop or a decompression bomb costs one document and
not the worker.

Each process of a worker keeps one helper: a process of its own, single-threaded, that has imported the parsers and
waits on its standard input. For each document it forks a child, which sets its resource limits, reads the document and
writes the result to a pipe. The helper is started on first use (forked by the worker's `workers.parse.nursery`, where
there is one), works inside Celery's daemonic processes (it is not a multiprocessing child), and is started again when
it dies. Results come back as JSON and bytes, never pickled, so a
child taken over by a hostile document cannot run code in the worker.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from services.records import Article
from workers.parse import dialects, nursery
from workers.parse.base import FAULTS, Limits, Member, Parsed, ParseError, Parser, Source

Process = subprocess.Popen[bytes] | nursery.Forked
_LENGTH = struct.Struct("!Q")
_GRACE_SECONDS = 5.0  # for the helper to answer after it has killed its child
_START_SECONDS = 60.0
_CHUNK = 1 << 20


# --- in the worker ------------------------------------------------------------------------------


def run(parser: Parser, source: Source) -> Parsed:
    """Run ``parser.parse(source)`` in a child process.

    Raises ParseError, also with ``timeout``, ``out_of_memory`` and ``crashed``.
    """
    return _helper.ask(parser.name, source)


def start() -> None:
    """Start this process's helper without waiting for it."""
    _helper.start()


def read(parser: Parser, source: Source) -> Parsed:
    """Run ``parser.parse(source)`` in this process; turn every error of the parser or its library into a ParseError."""
    try:
        with dialects.given(source.dialect):
            return parser.parse(source)
    except ParseError:
        raise
    except MemoryError:
        raise ParseError("out_of_memory", "Reading took more memory than the limits allow.") from None
    except RecursionError:
        raise ParseError("too_deep", "The document is nested deeper than can be followed.") from None
    except FAULTS as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        raise ParseError("crashed", f"Reading {parser.name} broke with {what}.") from error


class Helper:
    """The worker's end of its helper process. Threads take turns."""

    def __init__(self, command: list[str] | None = None) -> None:
        self._command = command
        self._process: Process | None = None
        self._ready = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start it, so that the first document need not wait for its imports."""
        with self._lock:
            self._started()

    def ask(self, parser: str, source: Source) -> Parsed:
        with self._lock:
            for attempt in (1, 2):
                process = self._started()
                try:
                    self._wait(process)
                    answer = self._exchange(process, _pack_request(parser, source), source.limits.seconds)
                    break
                except (BrokenPipeError, EOFError):  # the helper itself was killed; we cannot know by whom
                    self.stop()
                    if attempt == 2:
                        raise ParseError("crashed", "The process that reads documents died twice.") from None
                except BaseException:  # also a soft time limit
                    if self._ready:  # half a reply must not be taken for the next one's
                        self.stop()
                    raise
        return _unpack_reply(answer)

    def stop(self) -> None:
        """End the helper; the next document starts another."""
        process, self._process, self._ready = self._process, None, False
        if process is not None:
            process.kill()
            process.wait()
            _close(process)

    def forget(self) -> None:
        """Close a forked child's copies of the pipes to the helper, which belongs to the parent, so that the helper's
        end is noticed."""
        process, self._process, self._ready, self._lock = self._process, None, False, threading.Lock()
        if process is not None:
            _close(process)
            process.returncode = 0  # the parent waits for it

    def _started(self) -> Process:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = (None if self._command else nursery.ours.fork()) or self._spawned()
        return self._process

    def _spawned(self) -> Process:
        command = self._command or [sys.executable, "-m", "workers.parse.isolate"]
        used = [str(folder)] if (folder := dialects.folder()) else []
        return subprocess.Popen(  # noqa: S603
            [*command, *used], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
            env=nursery.environment(),
        )  # fmt: skip

    def _wait(self, process: Process) -> None:
        """Wait until it has imported the parsers. If this is interrupted, the helper continues to start for the next
        document."""
        if not self._ready:
            assert process.stdout is not None
            ready = _read_exactly(process.stdout.fileno(), _LENGTH.size, time.monotonic() + _START_SECONDS)
            (process.pid,) = _LENGTH.unpack(ready)
            self._ready = True

    def _exchange(self, process: Process, request: bytes, seconds: float) -> bytes:
        assert process.stdin is not None and process.stdout is not None
        _write(process.stdin.fileno(), _LENGTH.pack(len(request)))
        _write(process.stdin.fileno(), request)
        out = process.stdout.fileno()
        deadline = time.monotonic() + seconds + _GRACE_SECONDS
        (length,) = _LENGTH.unpack(_read_exactly(out, _LENGTH.size, deadline))
        return _read_exactly(out, length, deadline)


def _close(process: Process) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


_helper = Helper()
os.register_at_fork(after_in_child=_helper.forget)


def _pack_request(parser: str, source: Source) -> bytes:
    head = {
        "parser": parser,
        "declared_media_type": source.declared_media_type,
        "filename": source.filename,
        "limits": dataclasses.asdict(source.limits),
        "depth": source.depth,
        "dialect": source.dialect,
    }
    return _frame(head, [source.data])


def _unpack_reply(answer: bytes) -> Parsed:
    try:
        head, rest = _unframe(answer)
        if "code" in head:
            error = ParseError(str(head["code"]), str(head["message"]))
        else:
            article = None if head["article"] is None else Article.model_validate(head["article"])
            members, start = [], 0
            for path, media_type, url, size in head["members"]:
                members.append(Member(path, rest[start : start + size], media_type, url))
                start += size
            return Parsed(head["media_type"], article, members, warnings=[str(said) for said in head["warnings"]])
    except (ValueError, KeyError, TypeError, struct.error):
        raise ParseError("crashed", "The process that read the document gave no valid reply.") from None
    raise error


# --- in the helper ------------------------------------------------------------------------------


def prepare() -> dict[str, Parser]:
    """Return the parsers by name, ready for children to share."""
    from workers.parse.registry import PARSERS

    _warm()
    gc.collect()
    gc.freeze()  # so that children share our pages
    return {parser.name: parser for parser in PARSERS}


def serve(requests: int, replies: int, parsers: dict[str, Parser]) -> None:
    """Answer requests until the worker closes its end."""
    _write(replies, _LENGTH.pack(os.getpid()))  # ready
    while True:
        try:
            (length,) = _LENGTH.unpack(_read_exactly(requests, _LENGTH.size))
            head, data = _unframe(_read_exactly(requests, length))
        except EOFError:
            return
        limits = Limits(**head["limits"])
        source = Source(data, head["declared_media_type"], head["filename"], limits, head["depth"], head["dialect"])
        reply = _in_child(parsers[head["parser"]], source)
        _write(replies, _LENGTH.pack(len(reply)))
        _write(replies, reply)


def _warm() -> None:
    """Build what parsers need on first use (gazetteers, calendars, word lists) once for all children."""
    from workers.parse.formats import text
    from workers.parse.web import page

    for place in ("LONDON, March 3 (AP) -", "PORT VALE —"):
        text.parse(Source(f"Ships sail\nBy Ann Lee\n3 mars 2012, 10:15 GMT\n\n{place} Ships sailed.\n".encode()))
    page.parse(Source(b"<html><title>Ships sail</title><article><p>Ships sailed on Friday.</p></article></html>"))


def _in_child(parser: Parser, source: Source) -> bytes:
    """Return the reply of a forked child, or the failure that its end means."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _child(parser, source, theirs)
    with contextlib.suppress(OSError):  # whichever of the two comes first
        os.setpgid(child, child)
    os.close(theirs)
    deadline = time.monotonic() + source.limits.seconds
    reply, late = bytearray(), False
    while True:
        ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            late = True
            break
        chunk = os.read(ours, _CHUNK)
        if not chunk:
            break
        reply += chunk
    os.close(ours)
    if late:
        os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # including processes that the child may have started
    code = os.waitstatus_to_exitcode(status)
    if late or code == -signal.SIGXCPU:
        return _failure("timeout", f"Reading took longer than {source.limits.seconds:g} seconds.")
    if code == 0:
        return bytes(reply)
    # The kernel itself sends SIGKILL when memory runs out; a native library that cannot allocate memory usually aborts.
    if code == -signal.SIGKILL or usage.ru_maxrss * 1024 > 0.8 * source.limits.memory_bytes:
        return _failure("out_of_memory", f"Reading took more than {source.limits.memory_bytes} bytes of memory.")
    return _failure("crashed", f"The library that reads {parser.name} crashed on this document.")


def _child(parser: Parser, source: Source, out: int) -> None:
    """Read the document and exit; no code of the helper may run after this."""
    try:
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # a library's output must not reach the worker
            os.dup2(null, stream)
        _limit(source.limits)
        try:
            reply = _reply(read(parser, source))
        except ParseError as error:
            reply = _failure(error.code, error.message)
        _write(out, reply)
        os._exit(0)
    finally:  # any other error
        os._exit(1)


def _limit(limits: Limits) -> None:
    cpu = max(1, int(limits.seconds) + 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    with contextlib.suppress(ValueError, OSError):  # some systems have no such limit
        space = _address_space() + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (space, space))


def _address_space() -> int:
    """Return the bytes of address space that this process already has; the limit applies to what is added."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _reply(parsed: Parsed) -> bytes:
    head = {
        "media_type": parsed.media_type,
        "article": None if parsed.article is None else parsed.article.model_dump(mode="json"),
        "members": [[m.path, m.media_type, m.url, len(m.data)] for m in parsed.members],
        "warnings": parsed.warnings,
    }
    return _frame(head, [member.data for member in parsed.members])


def _failure(code: str, message: str) -> bytes:
    return _frame({"code": code, "message": message}, [])


# --- on the wire --------------------------------------------------------------------------------


def _frame(head: dict[str, Any], parts: list[bytes]) -> bytes:
    encoded = json.dumps(head).encode()
    return b"".join([_LENGTH.pack(len(encoded)), encoded, *parts])


def _unframe(message: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = _LENGTH.unpack_from(message)
    head = json.loads(message[_LENGTH.size : _LENGTH.size + length])
    if not isinstance(head, dict):
        raise ValueError("not a reply")
    return head, message[_LENGTH.size + length :]


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd: int, size: int, deadline: float | None = None) -> bytes:
    """Read ``size`` bytes. Raises EOFError at the end, ParseError ``timeout`` after ``deadline`` (monotonic
    seconds)."""
    got = bytearray()
    while len(got) < size:
        if deadline is not None:
            ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise ParseError("timeout", "The process that reads documents did not answer in time.")
        chunk = os.read(fd, min(_CHUNK, size - len(got)))
        if not chunk:
            raise EOFError
        got += chunk
    return bytes(got)


if __name__ == "__main__":
    dialects.use(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    serve(sys.stdin.fileno(), sys.stdout.fileno(), prepare())
