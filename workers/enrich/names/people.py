"""Split names of people into parts, and find the person that a surname alone refers to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workers.enrich.names.settling import Mention

_SUFFIX = re.compile(r",? (?:Jr|Sr|II|III|IV)\b\.?$")
# his wife, Ana Ruiz; Ruiz's son Luis Ruiz; not the son of a miner, Ana Ruiz
_OF_KIN = re.compile(
    r"\b(?:[Hh]is|[Hh]er|[Tt]heir|\w+['’]s?) (?:[\w-]+ ){0,2}(?:mother|father|wife|husband|son|daughter|sister|brother|widow|"
    r"widower|uncle|aunt|cousin|partner|parents|children|nephew|niece|fiancee?|ex-wife|ex-husband),? $"
)


_REIGNS = re.compile(r"\b(?:King|Queen|Prince|Princess|Pope|Emperor|Empress|Emir|Sultan) $")
_ARTICLE = re.compile(r"^(?:al|el|ad|an|ar|as|at|az)-(?=[A-Z])", re.IGNORECASE)

LONGEST_NAME = 20
"""Maximum number of words in a name. Anything longer is a list that was mistaken for a name, and would take too much
time."""


class _Bearer(NamedTuple):
    start: int
    name: str
    until: int
    """Where the surname stops meaning a relative who is named in passing: at the end of the paragraph."""


def plain(name: str) -> str:
    """Return the name without what follows the surname: ``Luis Ortega Jr.`` is ``Luis Ortega``."""
    return _SUFFIX.sub("", name)


def surname(name: str) -> str:
    """Return the last word of the name, ignoring ``Jr.``"""
    return plain(name).split()[-1]


def surnames(name: str) -> set[str]:
    """Return the forms of the surname when it is used alone: for ``Bashar al-Assad`` with and without the Arabic
    article."""
    last = surname(name)
    return {last, _ARTICLE.sub("", last)}


def is_full(name: str) -> bool:
    """Return whether the name is a first name with a surname."""
    return " " in plain(name)


def whole_names(text: str, mentions: Sequence[Mention]) -> dict[int, str]:
    """Return the full name that each mention of a person stands for, by the mention's start.

    A part of a name means the last person of that name whose full name came before it. A king's name is his first:
    ``King Hussein`` does not have the surname Hussein. A relative named in passing (``his wife, Ana Ruiz``) is meant in
    that paragraph only. If nobody was named before, it means the first person named after it.
    """
    people = sorted((m for m in mentions if m.type == "PERSON"), key=lambda m: m.start)
    reigning = {m.start for m in people if _REIGNS.search(text, max(0, m.start - 12), m.start)}
    in_full = {part for m in people if m.start in reigning and is_full(m.text) for part in _parts(m.text)}
    bearers: dict[str, list[_Bearer]] = {}
    own = {m.start for m in people if m.start in reigning and not is_full(m.text) and m.text not in in_full}
    for m in people:
        if m.start in own:
            bearers.setdefault(m.text, []).append(_Bearer(m.start, m.text, len(text)))
        elif is_full(m.text) and len(m.text.split()) <= LONGEST_NAME:
            for part in _parts(m.text):
                bearers.setdefault(part, []).append(_Bearer(m.start, m.text, _until(text, m.start)))
    return {m.start: m.text if m.start in own else _bearer(m, bearers.get(m.text, ())) for m in people}


def _parts(name: str) -> set[str]:
    """Return the parts of a name: ``Jose``, ``Manuel Lopez``, ``Lopez`` of ``Jose Manuel Lopez Jr.``, and ``Jose Manuel
    Lopez``."""
    words = plain(name).split()
    found = {words[0], *surnames(name), *(" ".join(words[at:]) for at in range(1, len(words)))}
    return found | {plain(name)} - {name}


def _until(text: str, start: int) -> int:
    if not _OF_KIN.search(text, max(0, start - 60), start):
        return len(text)
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _bearer(m: Mention, bearers: Sequence[_Bearer]) -> str:
    if not bearers:
        return m.text
    before = [each for each in bearers if each.start < m.start]
    meant = [each for each in before if m.start < each.until] or before[:1] or bearers[:1]
    return meant[-1].name
