"""The word lists of ``data/wordlists.toml``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path


@lru_cache
def _lists() -> dict[str, str]:
    return tomllib.loads((Path(__file__).with_name("data") / "wordlists.toml").read_text("utf-8"))


def wordlist(name: str) -> frozenset[str]:
    """The words of the list ``name``. Raises KeyError where there is none."""
    return frozenset(_lists()[name].split())
