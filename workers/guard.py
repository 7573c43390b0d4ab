"""The time that a stage may take in a worker: past it the stage fails, and the document goes on without its field."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from billiard.exceptions import SoftTimeLimitExceeded

from workers.enrich.base import Interrupted

_WRITING = 0.1  # of a document's time
_SHORTEST_SECONDS = 0.1


class StageTimeout(Exception):
    """The stage took longer than it was allotted."""


def allotted(stage_seconds: float, document_seconds: float, spent_seconds: float) -> float:
    """Return the seconds that a stage may take: at most ``stage_seconds``, and of the document's own time what leaves a quarter
    to the stages after it, later half of what is left.

    So however many stages are slow on a document, each costs its own field, and the document is done in its time. A tenth
    of that is kept for writing it.
    """
    left = (1 - _WRITING) * document_seconds - spent_seconds
    return min(stage_seconds, max(left - document_seconds / 4, left / 2, _SHORTEST_SECONDS))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise StageTimeout in what runs ``within`` when ``seconds`` are over, Interrupted when the document's own time is.

    By SIGALRM, which Celery leaves alone; it is raised between two lines of Python, so a library that does not come back is
    ended by the task's hard limit alone. In a thread other than the main one there is no such signal, and no limit.
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
