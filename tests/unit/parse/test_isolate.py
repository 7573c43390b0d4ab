"""A fault in a library costs one document: the next is read as if nothing had happened."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from workers.parse import Limits, Parsed, ParseError, Parser, Source, nursery
from workers.parse.isolate import Helper, read

MISBEHAVING = """
import ctypes, os, sys, time
from workers.parse import isolate, registry
from workers.parse.base import Member, Parsed, Parser

def fault(source):
    ctypes.string_at(0)

def loop(source):
    while True:
        pass

def sleep(source):
    time.sleep(60)

def hog(source):
    held = []
    while True:
        held.append(bytearray(50_000_000))

def chatter(source):
    print("garbage"); sys.stdout.flush(); os.write(1, b"garbage" * 1000); os.write(2, b"x")
    return Parsed("text/plain", members=[Member("a", b"\\x00\\xff", None), Member("b", b"", "text/plain")])

def garbage(source):
    for fd in range(3, 64):
        try:
            os.write(fd, b"garbage" * 10)
        except OSError:
            pass
    os._exit(0)

def write(source):
    open("/tmp/copydesk-must-not-exist", "wb").write(b"x" * 10)

def wrong(source):
    raise KeyError("x")

def quit(source):
    os._exit(3)

for function in (fault, loop, sleep, hog, chatter, garbage, write, wrong, quit):
    registry.PARSERS.append(Parser(function.__name__, (), lambda s: 0.0, function))
isolate.serve(0, 1, isolate.prepare())
"""


@pytest.fixture(scope="module")
def helper():
    made = Helper([sys.executable, "-c", MISBEHAVING])
    yield made
    made.stop()


def ask(helper: Helper, name: str, **limits) -> Parsed:
    return helper.ask(name, Source(b"x", limits=Limits(**limits)))


def reads_on(helper: Helper) -> bool:
    return ask(helper, "text").media_type == "text/plain"


@pytest.mark.parametrize(
    ("name", "code"),
    [("fault", "crashed"), ("loop", "timeout"), ("sleep", "timeout"), ("hog", "out_of_memory"), ("garbage", "crashed"),
     ("write", "crashed"), ("wrong", "crashed"), ("quit", "crashed")],
)  # fmt: skip
def test_a_fault_is_a_code_and_the_next_document_is_read(helper, name, code):
    assert reads_on(helper)
    start = time.monotonic()
    with pytest.raises(ParseError) as caught:
        ask(helper, name, seconds=2.0, memory_bytes=300_000_000)
    assert caught.value.code == code
    assert time.monotonic() - start < 6
    assert reads_on(helper)


def test_a_time_limit_while_it_starts_does_not_make_it_start_again():
    class Limit(Exception):
        pass

    def end(*_: object) -> None:
        raise Limit

    slow = Helper([sys.executable, "-c", "import time; time.sleep(1)\n" + MISBEHAVING])
    before = signal.signal(signal.SIGALRM, end)
    try:
        slow.start()
        started = slow._process
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Limit):
            reads_on(slow)
        assert reads_on(slow)
        assert slow._process is started
    finally:
        signal.signal(signal.SIGALRM, before)
        slow.stop()


def test_chatter_on_standard_output_does_no_harm(helper):
    found = ask(helper, "chatter")
    assert [(m.path, m.data, m.media_type) for m in found.members] == [
        ("a", b"\x00\xff", None),
        ("b", b"", "text/plain"),
    ]


def test_a_killed_helper_is_started_anew(helper):
    assert reads_on(helper)
    assert helper._process is not None
    os.kill(helper._process.pid, signal.SIGKILL)
    assert reads_on(helper)


def test_an_interrupted_question_does_not_spoil_the_next(helper):
    """A soft time limit raises in the middle of waiting."""

    class Interrupted(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Interrupted):
            ask(helper, "sleep", seconds=10)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert ask(helper, "chatter").members


@pytest.fixture
def kept():
    nursery.ours.start()
    yield nursery.ours
    nursery.ours.stop()


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_nursery_forks_helpers_that_die_alone_and_end_with_whoever_asks_them(kept):
    one, other = Helper(), Helper()
    assert reads_on(one) and reads_on(other)
    pids = one._process.pid, other._process.pid
    assert pids[0] != pids[1] and {parent(pid) for pid in pids} == {kept._process.pid}
    os.kill(pids[0], signal.SIGKILL)
    assert reads_on(one) and reads_on(other)
    assert one._process.pid != pids[0] and other._process.pid == pids[1]
    with pytest.raises(ParseError, match="longer than"):
        one.ask("html", Source(b"<p>x" * 100_000, limits=Limits(seconds=0.001)))
    os.kill(kept._process.pid, signal.SIGKILL)
    kept._process.wait()
    one.stop()
    assert reads_on(one) and reads_on(other), "without the nursery it starts a process of its own"
    assert parent(one._process.pid) == os.getpid()
    other._process.stdin.close()
    end = time.monotonic() + 30
    while Path(f"/proc/{pids[1]}/exe").exists():
        assert time.monotonic() < end, "a helper whose worker has gone stays"
        time.sleep(0.05)
    one.stop()


def _in_a_daemon(answers) -> None:
    from workers.parse import parse

    answers.put([parse(b"{\\rtf1 Ships sailed.\\par}").article.text for _ in range(2)])


def test_it_works_in_a_forked_daemonic_process():
    """Celery's prefork workers are such processes; this one is forked after the helper was started here."""
    from workers.parse import parse

    assert parse(b"{\\rtf1 Ships sailed.\\par}").article is not None
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=_in_a_daemon, args=(answers,), daemon=True)
    process.start()
    assert answers.get(timeout=60) == ["Ships sailed.", "Ships sailed."]
    process.join(10)
    assert parse(b"{\\rtf1 Ships sailed.\\par}").article is not None


def test_a_soft_time_limit_is_no_fault_of_the_reader():
    class SoftTimeLimit(Exception):
        """The exception that Celery raises in the middle of whatever runs."""

    def interrupted(source: Source) -> Parsed:
        raise SoftTimeLimit

    def faulty(source: Source) -> Parsed:
        return {}["x"]

    with pytest.raises(SoftTimeLimit):
        read(Parser("x", (), lambda source: 1.0, interrupted), Source(b"x"))
    with pytest.raises(ParseError, match="KeyError"):
        read(Parser("x", (), lambda source: 1.0, faulty), Source(b"x"))


def test_every_registered_parser_answers_its_own_name():
    from workers.parse.registry import PARSERS

    names = [parser.name for parser in PARSERS]
    assert len(names) == len(set(names))
    assert all(isinstance(parser, Parser) for parser in PARSERS)
