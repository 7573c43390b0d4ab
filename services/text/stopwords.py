"""Stopwords by language."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path


@lru_cache
def _table() -> dict[str, frozenset[str]]:
    lines = tomllib.loads(Path(__file__).with_name("stopwords.toml").read_text("utf-8"))
    return {language: frozenset(words.split()) for language, words in lines.items()}


def stopwords(language: str | None) -> frozenset[str]:
    """Return the stopwords of a language in lower case; empty if there is no list."""
    return _table().get((language or "").split("-")[0], frozenset())


def languages() -> list[str]:
    """Return the languages that have a list."""
    return list(_table())
