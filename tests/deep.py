"""Tests that have a long form, which ``make deep`` runs; ``make test`` runs the short one."""

from __future__ import annotations

import os

DEEP = os.environ.get("DEEP") == "1"


def of(short: int, long: int) -> int:
    """Return how many there are of something in this run."""
    return long if DEEP else short
