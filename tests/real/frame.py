"""Find the sets of real documents, and score one of them."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from tests.real.scored import Scored

REPOSITORY = Path(__file__).parents[2]
SETS = (
    "web", "pages", "wire", "reuters", "cases", "dates", "places", "names", "speech", "events", "money", "stories", "gist", "topics", "crashes",
)  # fmt: skip
"""The modules of ``tests.real.sets``. ``crashes`` comes last: it reads only what the others have not read."""


def root() -> Path:
    """Return the folder of the real documents: ``COPYDESK_REAL``, or ``../shared/real`` beside the repository."""
    return Path(os.environ.get("COPYDESK_REAL") or REPOSITORY.parent / "shared" / "real")


def missing() -> str | None:
    """Return why nothing can be scored here; None if the documents exist."""
    if (root() / "README.md").exists():
        return None
    return f"{root()} does not exist. Set COPYDESK_REAL to the folder of the real documents."


def score(name: str, *, sample: bool = False) -> Scored:
    """Score one set, or its fixed sample."""
    scored: Scored = import_module(f"tests.real.sets.{name}").score(root(), sample=sample)
    return scored
