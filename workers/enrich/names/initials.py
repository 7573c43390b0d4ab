"""Recognise initials that are not names: ``AI``, ``CEO`` and ``PDF``, unless the text introduces them as an
organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workers.enrich.languages.wordlists import wordlist

_ORDINARY = wordlist("initials")
_HEADS = wordlist("initials_stand_for")
_BRACKETED = re.compile(
    r"(?<![\w’'-])(?P<name>[A-Z][\w’'-]*(?: (?:of|for|and|the|in|on|[A-Z][\w’'-]*)){1,7}) \((?P<short>[A-Z]{2,5})\)"
)
"""``Amnesty International (AI)``, ``the Institute for Policy Research (IPR)``."""


def introduced(text: str) -> frozenset[str]:
    """Return the initials in brackets after the name of an organisation: not those of ``Artificial Intelligence
    (AI)``."""
    found = set()
    for match in _BRACKETED.finditer(text):
        words = [word for word in match["name"].split() if word[0].isupper()][-len(match["short"]) :]
        if "".join(word[0] for word in words) == match["short"] and words[-1].lower() not in _HEADS:
            found.add(match["short"])
    return frozenset(found)


def is_ordinary(said: str, introduced: Iterable[str]) -> bool:
    """Return whether the words are initials in common use, alone or before a common noun: ``GPS``, ``AI chatbot``."""
    capitals = [word for word in said.split() if not word[0].islower()]
    return bool(capitals) and all(_is_initials(word) and word not in introduced for word in capitals)


def _is_initials(word: str) -> bool:
    bare = re.sub(r"['’]s?$", "", word)
    return bare in _ORDINARY or (bare.endswith("s") and bare[:-1] in _ORDINARY)
