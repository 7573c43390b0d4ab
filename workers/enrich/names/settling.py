"""Which of overlapping mentions stands: a longer proposal, or the known name inside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from services.records import EntityType
from workers.enrich.names import context
from workers.enrich.names.gazetteer import Known, known

LONGEST_NAME = 200
_PLACED = re.compile(r"\b(?:in|from|at|to|near|of) $", re.IGNORECASE)
TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Capt|Sen|Rep|Gov|Rev|St)\.?|Sir|Lord|Lady|Dame|President|Minister|"
    r"Chancellor|King|Queen|Prince|Princess|General|Colonel|Senator|Ambassador|Judge|Pope|Sheikh|Ayatollah|Governor|"
    r"Mayor|Professor|Captain|Sheriff|Secretary|Chairman|Inspector|Detective|Sergeant|Officer|Major|Bishop|Archbishop|"
    r"Advocate|CEO|CFO|Ven|(?:Rt )?Rev|(?:Rt )?Hon) $"
)
FIRM = re.compile(r" (?:Motors?|Corp|Corporation|Inc|Ltd|Co|Company|Group|Holdings|AG|PLC|Plc)\b")


@dataclass(slots=True)
class Mention:
    start: int
    end: int
    text: str
    type: EntityType
    known: Known | None = None
    sure: bool = False
    """The form of the name or the words around it tell its type; else it is the model's guess."""


def settle(text: str, proposed: list[Mention], found: list[Mention], plural: set[int]) -> list[Mention]:
    """A longer proposal swallows the known name inside it, else the known name stands.

    ``plural`` is where names begin that a verb in the plural follows: a country's team, not a person.
    """
    introduced: dict[str, int] = {}
    for m in sorted(proposed, key=lambda m: m.start):
        if m.type == "PERSON" and " " in m.text and not known(m.text):
            introduced.setdefault(m.text.split()[-1], m.start)
    kept: list[Mention] = []
    proposals = {m.start: m for m in proposed}
    swallowed: set[int] = set()
    proposed = sorted(proposed, key=lambda m: m.start)
    starts = [m.start for m in proposed]
    firms = {m.text.split()[0]: m.text for m in proposed if m.type == "ORG" and FIRM.search(m.text)}
    sports = context.is_sport(text)
    for name in found:
        titled = (
            bool(TITLE.search(text, max(0, name.start - 14), name.start))
            and name.known is not None
            and name.known.type != "NORP"
        )
        if sports and not titled and name.known and name.known.kind in ("city", "state") and name.type == "GPE":
            end = context.team(text, name.start, name.end)
            if end is not None:
                name.end, name.text = end, text[name.start : end]
                name.type, name.known, name.sure = "ORG", None, True
        near = proposed[bisect_left(starts, name.start - LONGEST_NAME) : bisect_left(starts, name.end)]
        wider = [m for m in near if m.start <= name.start and name.end <= m.end and m.end - m.start > len(name.text)]
        crossing = [m for m in near if m.start < name.end and name.start < m.end and m not in wider]
        person = (
            introduced.get(name.text, len(text)) < name.start
            and name.known is not None
            and name.known.kind in ("city", "state", "country")
            and name.start not in plural
        )
        if (
            name.known is not None
            and name.known.kind == "city"
            and (name.text in firms or (sports and any(m.text == name.text and m.type == "ORG" for m in near)))
        ):
            name.type, name.known, name.sure = "ORG", None, True
        if wider and not _loose(wider[0], name) and not (name.sure and wider[0].start == name.start):
            continue
        if person and not _PLACED.search(text, max(0, name.start - 6), name.start):
            name.type, name.known = "PERSON", None
        elif titled and any(m.start == name.start and m.type == "PERSON" for m in crossing):
            continue
        for m in [*wider, *crossing]:
            swallowed.add(m.start)
        kept.append(name)
    kept += [m for start, m in proposals.items() if start not in swallowed]
    kept.sort(key=lambda m: (m.start, -m.end))
    clear: list[Mention] = []
    for m in kept:
        if not clear or m.start >= clear[-1].end:
            clear.append(m)
    return clear


def _loose(wider: Mention, name: Mention) -> bool:
    """The proposal is the known name with words that are not part of a name: ``Israeli defense``, ``pro-Armenia``."""
    if wider.sure:
        return False
    rest = (wider.text[: name.start - wider.start] + " " + wider.text[name.end - wider.start :]).split()
    return not any(word[:1].isupper() and word.lower() not in ("the", "a", "an") for word in rest)
