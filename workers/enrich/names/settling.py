"""Choose among overlapping mentions: a longer proposal, or the known name inside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from services.records import EntityType
from workers.enrich.names import sport
from workers.enrich.names.gazetteer import Known, known

LONGEST_NAME = 200
_BESIDE = re.compile(r"\b(?:in|from|at|to|near|of|around|outside|for|with|against|and|,) $", re.IGNORECASE)
_TEAMS = ("city", "state", "region", "seat")
"""Kinds of known names that can also mean a team; a country's team counts as the country."""
_PLACED = re.compile(r"\b(?:in|from|at|to|near|of) $", re.IGNORECASE)
TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Brig|Adm|Lt|Maj|Col|Sgt|Cpl|Capt|Cmdr|Sen|Rep|Gov|Rev|St)\.?|Sir|Lord|Lady|Dame|President|Minister|"
    r"Chancellor|King|Queen|Prince|Princess|General|Colonel|Senator|Ambassador|Judge|Pope|Sheikh|Ayatollah|Governor|"
    r"Mayor|Professor|Captain|Sheriff|Secretary|Chairman|Inspector|Detective|Sergeant|Officer|Major|Bishop|Archbishop|"
    r"Controller|Comptroller|Councill?or|Council(?:man|woman)|Commissioner|Superintendent|Trooper|Lieutenant|Corporal|"
    r"Constable|Pastor|Magistrate|Prosecutor|Coroner|Treasurer|Trustee|Firefighter|Congress(?:man|woman)|"
    r"Advocate|CEO|CFO|Ven|(?:Rt )?Rev|(?:Rt )?Hon) $"
)
FIRM = re.compile(
    r" (?:(?:Motors?|Corp|Corporation|Inc|Ltd|Co|Company|Group|Holdings|AG|PLC|Plc|plc|GmbH|SpA|NV|SA|AB|ASA|Oyj?)\b|S\.A\.|N\.V\.|S\.p\.A\.)"
)
_PERSONAL = re.compile(
    r"(?:Mrs?|Ms|Dr|Sen|Rep|Gov)\.? $|(?:President|Prime Minister|Chancellor|Senator|Governor|Pope|King|Queen|Prince) $"
)
_WHO = re.compile(r", who\b")
_OF_STATE = re.compile(r",? D\.? ?C\b|, [A-Z]")


@dataclass(slots=True)
class Mention:
    start: int
    end: int
    text: str
    type: EntityType
    known: Known | None = None
    sure: bool = False
    """Whether the form of the name or the words around it show its type; otherwise the type is the model's guess."""


def is_titled(text: str, start: int) -> bool:
    """Return whether there is a title before the name: ``President Clinton``; ``St.`` begins names of places as
    well."""
    title = TITLE.search(text, max(0, start - 14), start)
    return title is not None and not title.group().startswith(("St", "Major"))


def settle(text: str, proposed: list[Mention], found: list[Mention], plural: set[int]) -> list[Mention]:
    """Choose between a proposal and a known name inside it: a longer proposal wins, otherwise the known name.

    ``plural`` has the offsets of names followed by a plural verb: these are a country's team, not a person.
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
    sports = sport.is_sport(text)
    teams = _teams(text, found, proposed) if sports and not sport.is_alone(text) else frozenset()
    borne = _borne(text, found)
    for name in found:
        titled = (
            bool(TITLE.search(text, max(0, name.start - 14), name.start))
            and name.known is not None
            and name.known.type != "NORP"
        )
        if sports and not titled and _may_play(name):
            _as_team(text, name, teams)
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
            and _may_play(name)
            and (
                (name.text in firms and name.known.kind == "city")
                or (sports and any(m.text == name.text and m.type == "ORG" for m in near))
            )
        ):
            name.type, name.known, name.sure = "ORG", None, True
        if any(m.sure and m.type in ("PERSON", "PRODUCT") and m.text == name.text for m in [*wider, *crossing]):
            continue
        person = person or (name.text in borne and not _OF_STATE.match(text, name.end))
        if wider and not _loose(wider[0], name) and not (name.sure and wider[0].start == name.start):
            continue
        if person and not _PLACED.search(text, max(0, name.start - 6), name.start):
            name.type, name.known = "PERSON", None
            swallowed |= _with_first_name(text, name, near)
        elif titled and any(m.start == name.start and m.type == "PERSON" for m in crossing):
            continue
        for m in [*wider, *crossing]:
            swallowed.add(m.start)
        kept.append(name)
    kept += [m for start, m in proposals.items() if start not in swallowed]
    return _clear(kept)


def _with_first_name(text: str, name: Mention, near: list[Mention]) -> set[int]:
    """Begin the name at the word before it if that was proposed by itself, as in ``MaliVai Washington``; also return
    where that word was."""
    before = [m for m in near if m.end == name.start - 1 and " " not in m.text and not m.sure and text[m.end] == " "]
    for m in before:
        name.start, name.text = m.start, text[m.start : name.end]
    return {m.start for m in before}


def _borne(text: str, found: list[Mention]) -> set[str]:
    """Return names of towns and states that are also the name of somebody in the text: ``President Clinton``,
    ``Washington, who lost``."""
    return {
        name.text
        for name in found
        if name.known is not None
        and name.known.kind in ("city", "state")
        and " " not in name.text
        and (
            _PERSONAL.search(text, max(0, name.start - 16), name.start)
            or (_WHO.match(text, name.end) and not _BESIDE.search(text, max(0, name.start - 12), name.start))
        )
    }


def _clear(mentions: list[Mention]) -> list[Mention]:
    """Return the mentions that do not overlap an earlier one; of those with the same start, the longest."""
    clear: list[Mention] = []
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not clear or m.start >= clear[-1].end:
            clear.append(m)
    return clear


def _as_team(text: str, name: Mention, teams: frozenset[str]) -> None:
    """Make the known name a team if the words around it, or the rest of the report, show that it is one."""
    end = sport.team(text, name.start, name.end)
    if end is None and name.text.casefold() in teams and not sport.is_placed(text, name.start, name.end):
        end = name.end
    if end is not None:
        name.end, name.text = end, text[name.start : end]
        name.type, name.known, name.sure = "ORG", None, True


def _may_play(name: Mention) -> bool:
    """Return whether a team that is not a country's may have this name."""
    what = name.known
    return what is not None and name.type == "GPE" and what.kind in _TEAMS and what.name not in sport.NATIONS


def _teams(text: str, found: list[Mention], proposed: list[Mention]) -> frozenset[str]:
    """Return the names that mean a team somewhere in the report, casefolded."""
    shown = {m.text for m in proposed if m.sure and m.type == "ORG"}
    shown |= {name.text for name in found if sport.team(text, name.start, name.end) == name.end}
    return frozenset(name.casefold() for name in shown)


def _loose(wider: Mention, name: Mention) -> bool:
    """Return whether the proposal is the known name with words that are not part of a name: ``Israeli defense``,
    ``pro-Armenia``."""
    if wider.sure:
        return False
    rest = (wider.text[: name.start - wider.start] + " " + wider.text[name.end - wider.start :]).split()
    return not any(word[:1].isupper() and word.lower() not in ("the", "a", "an") for word in rest)
