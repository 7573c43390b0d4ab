"""Tell people of one name apart, by what documents say about them: callings, countries and years of birth.

Two descriptions clash if one person can hardly fit both. Documents are grouped so that no two descriptions in a group
clash; a document that says nothing goes to the group that was named in the same company. All of it is plain
comparison, in an order that does not depend on which document came first to a worker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from services.callings import FIELD_OF
from workers.enrich.names.gazetteer import country_of

Doc = dict[str, Any]
YEARS_APART = 3
"""Years of birth that differ by this much are of different people."""
COMPANY = 30
"""How many names are kept that are often named together with a person."""
MARGIN = 0.25
"""How much more a description must have in common with one person than with the next, to be sure."""
MOST_GROUPS = 20
"""Maximum number of people of one name; somebody who fits none of them goes to the first."""

_TOGETHER = [
    {"politics", "law", "business", "arms", "media", "science"},
    {"science", "business", "media"},
    {"arts", "media", "business"},
    {"sport", "media", "business"},
    {"arms", "police"},
    {"police", "law", "politics"},
    {"religion", "science"},
    {"trade", "politics"},
]
"""Fields of callings that one person may work in, one after the other: a lawyer becomes a senator, a striker does not
become a judge."""
_WORDS = re.compile(r"[^\W\d_]+(?:[-.][^\W\d_]+)*\.?")


_COMPANY = ("PERSON", "ORG", "FAC", "EVENT", "WORK", "LAW", "PRODUCT")
"""Types of entities that are company; places and peoples are named together with too many people."""


@dataclass(slots=True)
class Described:
    """What documents say of a person. ``born`` are the first and last year that were given."""

    callings: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    born: tuple[int, int] | None = None
    company: Counter[str] = field(default_factory=Counter)
    documents: int = 1

    @property
    def silent(self) -> bool:
        """Whether there is nothing to compare but company."""
        return not (self.callings or self.countries or self.born)

    def add(self, other: Described) -> None:
        self.callings |= other.callings
        self.countries |= other.countries
        years = [*(self.born or ()), *(other.born or ())]
        self.born = (min(years), max(years)) if years else None
        self.company.update(other.company)
        self.documents += other.documents


def described(role: str | None, born: int | None, company: Iterable[str] = ()) -> Described:
    """Return what one document says of a person: ``role`` and ``born`` of the entity, the names of others there."""
    callings, countries = _of_role(role) if role else (frozenset(), frozenset())
    return Described(set(callings), set(countries), (born, born) if born else None, Counter(company))


def company_of(name: str, entities: Iterable[tuple[str, str]]) -> list[str]:
    """Return the company of a name in a document, in lower case; ``entities`` are the types and names there."""
    return sorted({other.casefold() for type_, other in entities if type_ in _COMPANY and other != name})


def of_entry(entry: Doc) -> Described:
    """Return what an entry of the register says."""
    born = entry.get("born")
    return Described(
        set(entry.get("callings") or ()),
        set(entry.get("countries") or ()),
        (born[0], born[1]) if born else None,
        Counter({one["name"]: one["count"] for one in entry.get("company") or ()}),
        entry.get("documents") or 1,
    )


@lru_cache(maxsize=10_000)
def _of_role(role: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the callings and the country in a role: ``Norwegian Foreign Minister`` is politics, NO. An ambassador is of
    the country before the office, and not of the one after it."""
    callings, countries = set(), set()
    for word in _WORDS.findall(role):
        if calling := FIELD_OF.get(word.lower()):
            callings.add(calling)
        elif not callings and (found := country_of(re.sub(r"['’]s$", "", word))):
            countries.add(found.iso)
    return frozenset(callings), frozenset(countries)


def clash(one: Described, other: Described) -> str | None:
    """Return why two descriptions are not of one person: ``born``, ``countries`` or ``callings``; None if they may be."""
    if one.born and other.born and (
        one.born[0] - other.born[1] >= YEARS_APART or other.born[0] - one.born[1] >= YEARS_APART
    ):  # fmt: skip
        return "born"
    if one.countries and other.countries and one.countries.isdisjoint(other.countries):
        return "countries"
    if one.callings and other.callings and not any(_go_together(a, b) for a in one.callings for b in other.callings):
        return "callings"
    return None


def _go_together(one: str, other: str) -> bool:
    return one == other or any(one in each and other in each for each in _TOGETHER)


def alike(one: Described, other: Described) -> float:
    """Return how much two descriptions that do not clash have in common. A name that is often beside a person says more
    than a calling, and one that was beside them once says little."""
    near = 2.0 if one.born and other.born else 0.0
    company = sum(other.company[name] for name in one.company if name in other.company) / max(1, other.documents)
    return near + len(one.callings & other.callings) + len(one.countries & other.countries) + 3 * min(1.0, company)


def choose(who: Described, known: Sequence[Described]) -> tuple[int | None, bool]:
    """Return which of the known people ``who`` is, by position, and whether that is sure. None: none of them."""
    fits = [at for at, one in enumerate(known) if clash(who, one) is None]
    if not fits:
        return None, True
    if len(known) == 1:
        return 0, True
    ranked = sorted(fits, key=lambda at: (-alike(who, known[at]), at))
    best, second = (alike(who, known[at]) if at is not None else 0.0 for at in (ranked[0], (*ranked[1:], None)[0]))
    return ranked[0], best - second >= MARGIN


def group(mentions: Sequence[Described]) -> tuple[list[int], set[int]]:
    """Return the group of each document's description, numbered from 0, and which documents are unsure.

    Years of birth make groups first, then callings and countries; silent descriptions make none. What is unsure is tried
    again as long as groups grow, because each document brings its company with it.
    """
    groups: list[Described] = []
    of: dict[int, int] = {}
    left = sorted(range(len(mentions)), key=lambda at: (_weakness(mentions[at]), at))
    while left:
        undecided = []
        for at in left:
            chosen, sure = choose(mentions[at], groups) if groups else (None, True)
            if chosen is None and len(groups) < MOST_GROUPS:
                groups.append(Described(documents=0))
                chosen = len(groups) - 1
            elif not sure or chosen is None:
                undecided.append(at)
                continue
            of[at] = chosen
            groups[chosen].add(mentions[at])
        if len(undecided) == len(left):
            break
        left = undecided
    return [of.get(at, 0) for at in range(len(mentions))], set(range(len(mentions))) - set(of)


def _weakness(who: Described) -> int:
    return 0 if who.born else 2 if who.silent else 1
