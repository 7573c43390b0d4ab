"""The interface of a system that a drill runs on; `embedded.py` and `compose.py` have one each."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from pymongo.database import Database

from services.settings import Settings

Fault = Callable[[random.Random], None]
"""A fault. It returns when it is undone, and draws random numbers only from the generator that it is given."""

LIMITS = {
    "COPYDESK_MONGO_TIMEOUT_SECONDS": "5",
    "COPYDESK_TASK_SOFT_SECONDS": "20",
    "COPYDESK_TASK_HARD_SECONDS": "23",
    "COPYDESK_VISIBILITY_SECONDS": "40",
    "COPYDESK_SWEEP_BATCH": "200",
    "COPYDESK_SHUTDOWN_SECONDS": "3",
    "COPYDESK_ALERT_SECONDS": "1",
    "COPYDESK_SOURCE_REST_SECONDS": "0.2",
    "COPYDESK_RETRY_MOST_SECONDS": "8",
}
"""Shorter limits than in production, so that a drill ends sooner."""


class System(Protocol):
    """API, two workers, scheduler and servers."""

    @property
    def api_url(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]:
        """The headers that a sender adds to a request."""
        ...

    @property
    def about(self) -> str:
        """What the system runs on, for the page."""
        ...

    @property
    def logs(self) -> str:
        """Where the logs are."""
        ...

    @property
    def ended(self) -> Counter[str]:
        """The parts that ended by themselves, and how often."""
        ...

    watched: Path | None
    """The folder that watched folders are under; None if the drill cannot write there."""
    db: Database[dict[str, Any]]
    settings: Settings
    sending: Callable[[], int]
    """How many uploads are under way; set by the drill."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def faults(self) -> dict[str, Fault]: ...


def await_upload(system: System, rng: random.Random) -> None:
    """Wait until something is being sent, and a moment longer."""
    end = time.monotonic() + 5
    while not system.sending() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, 0.2))
