"""The folder of tables, and the word lists of ``data/wordlists.toml``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"


@lru_cache
def _lists() -> dict[str, str]:
    return tomllib.loads((DATA / "wordlists.toml").read_text("utf-8"))


def wordlist(name: str) -> frozenset[str]:
    """Return the words of the list ``name``. Raises KeyError if there is none."""
    return frozenset(_lists()[name].split())
