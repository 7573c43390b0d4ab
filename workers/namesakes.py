"""Tell people of one name apart, by what documents say of them: callings, countries and years of birth.

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

from workers.enrich.names.gazetteer import country_of

Doc = dict[str, Any]
YEARS_APART = 3
"""Years of birth that differ by this much are of different people."""
COMPANY = 30
"""How many names are kept that are often named together with a person."""
MOST_GROUPS = 20
"""Maximum number of people of one name; who does not fit any goes to the first."""

_CALLINGS = {
    "sport": "striker goalkeeper midfielder defender winger fullback halfback quarterback linebacker pitcher batsman bowler "
    "outfielder shortstop catcher golfer cyclist sprinter runner footballer player boxer wrestler swimmer skier skater "
    "jockey coach point-guard batter cricketer gymnast rower sailor champion racer driver",
    "law": "judge justice magistrate lawyer attorney prosecutor barrister solicitor counsel",
    "politics": "minister president senator congressman congresswoman lawmaker mayor governor ambassador envoy chancellor "
    "king queen mp legislator councillor councilman councilwoman premier secretary undersecretary candidate",
    "arts": "singer actor actress musician painter novelist poet guitarist drummer rapper composer filmmaker sculptor dancer "
    "pianist author writer artist playwright",
    "science": "professor scientist researcher doctor physicist biologist chemist economist historian surgeon physician "
    "astronomer geologist engineer",
    "business": "ceo cfo executive banker trader analyst founder broker entrepreneur owner",
    "arms": "general colonel commander sergeant lieutenant admiral soldier major marine",
    "police": "sheriff inspector detective constable superintendent trooper",
    "religion": "bishop archbishop pope cleric priest pastor rabbi imam cardinal vicar nun",
    "crime": "suspect gunman defendant robber murderer burglar thief killer inmate",
    "media": "journalist reporter correspondent editor columnist broadcaster anchor photographer",
    "trade": "plumber farmer teacher fisherman ferryman carpenter nurse electrician baker butcher janitor mechanic cook "
    "student pensioner waiter waitress",
}
_CALLING_OF = {word: calling for calling, words in _CALLINGS.items() for word in words.split()}
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
"""Callings that one life has held before: a lawyer becomes a senator, a striker does not become a judge."""
_WORDS = re.compile(r"[^\W\d_]+(?:[-.][^\W\d_]+)*\.?")


@dataclass(slots=True)
class Described:
    """What documents say of a person. ``born`` are the first and last year that were given."""

    callings: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    born: tuple[int, int] | None = None
    company: Counter[str] = field(default_factory=Counter)

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


def described(role: str | None, born: int | None, company: Iterable[str] = ()) -> Described:
    """Return what one document says of a person: ``role`` and ``born`` of the entity, the ids of others named there."""
    callings, countries = _of_role(role) if role else (frozenset(), frozenset())
    return Described(set(callings), set(countries), (born, born) if born else None, Counter(company))


def of_entry(entry: Doc) -> Described:
    """Return what an entry of the register says."""
    born = entry.get("born")
    return Described(
        set(entry.get("callings") or ()),
        set(entry.get("countries") or ()),
        (born[0], born[1]) if born else None,
        Counter(entry.get("company") or ()),
    )


@lru_cache(maxsize=10_000)
def _of_role(role: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the callings and the country in a role: ``Norwegian Foreign Minister`` is politics, NO. An ambassador is of
    the country before the office, and not of the one after it."""
    callings, countries = set(), set()
    for word in _WORDS.findall(role):
        if calling := _CALLING_OF.get(word.lower()):
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


def alike(one: Described, other: Described) -> int:
    """Return how much two descriptions that do not clash have in common."""
    company = sum((Counter(set(one.company)) & Counter(set(other.company))).values())
    near = 2 if one.born and other.born else 0
    return 2 * len(one.callings & other.callings) + len(one.countries & other.countries) + near + min(company, 4)


def choose(who: Described, known: Sequence[Described]) -> tuple[int | None, bool]:
    """Return which of the known people ``who`` is, by position, and whether that is sure. None: none of them."""
    fits = [at for at, one in enumerate(known) if clash(who, one) is None]
    if not fits:
        return None, True
    if len(known) == 1:
        return 0, True
    ranked = sorted(fits, key=lambda at: (-alike(who, known[at]), at))
    best = alike(who, known[ranked[0]])
    alone = len(ranked) == 1 or alike(who, known[ranked[1]]) < best
    return ranked[0], best > 0 and alone


def group(mentions: Sequence[Described]) -> tuple[list[int], set[int]]:
    """Return the group of each document's description, numbered from 0, and which documents are unsure.

    Documents that say something make the groups, in their order; then the silent ones are given to groups.
    """
    groups: list[Described] = []
    of: dict[int, int] = {}
    unsure: set[int] = set()
    for at in sorted(range(len(mentions)), key=lambda at: (mentions[at].silent, at)):
        who = mentions[at]
        chosen, sure = choose(who, groups) if groups else (None, True)
        if chosen is None and len(groups) < MOST_GROUPS:
            groups.append(Described())
            chosen = len(groups) - 1
        elif not sure:
            unsure.add(at)
        of[at] = chosen or 0
        groups[of[at]].add(who)
    return [of[at] for at in range(len(mentions))], unsure
