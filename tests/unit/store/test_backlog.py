"""Waiting documents are counted only up to the limit, so that the cost of counting does not depend on their number."""

from __future__ import annotations

from services.settings import Settings
from services.store.backlog import stages


def test_counting_stops_where_the_queue_is_full() -> None:
    found = stages(Settings(max_queued_documents=7))
    assert [next(iter(stage)) for stage in found] == ["$match", "$limit", "$group"]
    assert found[1]["$limit"] == 7
