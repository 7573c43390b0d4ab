"""A short fault drill (`make drill` is the long one), always on the embedded servers: it kills them."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import record_server
from tests.drill.embedded import Embedded
from tests.drill.report import rows
from tests.drill.run import drill

FAULTS = (
    "API gets SIGKILL during uploads",
    "alerter gets SIGKILL",
    "fetcher gets SIGKILL",
    "MongoDB gets SIGKILL",
    "Redis gets SIGKILL",
    "worker gets SIGKILL",
)
"""A server that is paused or flushed, and a network that stalls, is in test_recovery.py and test_faults.py."""


def test_every_accepted_document_ends_as_one_record_with_one_alert(tmp_path: Path) -> None:
    system = Embedded(tmp_path / "drill")
    try:
        system.start()
        record_server(f"{system.server} (embedded, for the drill)")
        result = drill(system, seed=7, count=60, only=FAULTS, tell=print)
    finally:
        system.stop()
    assert result.kept, dict(rows(result))
    assert result.left_over == 0
    assert not result.not_injected and result.fetched == 10
    assert result.reckoning.done + result.reckoning.failed.total() == result.accepted == 60
