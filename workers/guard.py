"""Time limits of stages in a worker: after its limit a stage fails, and the document continues without its field."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from billiard.exceptions import SoftTimeLimitExceeded

from workers.enrich.base import Interrupted

_WRITING = 0.1  # share of a document's time
_SHORTEST_SECONDS = 0.1


class StageTimeout(Exception):
    """The stage exceeded its time limit."""


def allotted(stage_seconds: float, document_seconds: float, spent_seconds: float) -> float:
    """Return the seconds that a stage may take: at most ``stage_seconds``, and at most so much of the document's time
    that a quarter is left for later stages, then half of the rest. So even if many stages are slow on a document, each
    costs only its own field, and the document is done in time. A tenth of the time is kept for writing it.
    """
    left = (1 - _WRITING) * document_seconds - spent_seconds
    return min(stage_seconds, max(left - document_seconds / 4, left / 2, _SHORTEST_SECONDS))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise StageTimeout in the body of the ``with`` after ``seconds``, or Interrupted at the end of the document's
    time. Uses SIGALRM, which Celery does not use. The exception is raised between two lines of Python, so only the
    task's hard limit ends a library call that does not return. Threads other than the main one have no such signal and
    no limit.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise StageTimeout(f"not done after {seconds:g} s")

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGALRM, ring) if main else None
    try:
        if main:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    except SoftTimeLimitExceeded as error:
        raise Interrupted(error) from error
    finally:
        if main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
