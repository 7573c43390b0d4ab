"""Choose together what the place names of a document mean.

Each candidate has a score of its own: how large it is, of what kind, whether the name is its own. Other names in the
document raise the score if they are near the candidate, contain it or share its country. Each of them counts with its
best-fitting candidate, weighted by that candidate's probability so far. After a few rounds the choice is stable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log10

import numpy as np
import numpy.typing as npt

from workers.enrich.names.gazetteer import TOWNS, Spot, tables

MOST_NAMES, MOST_SPOTS, ROUNDS = 80, 25, 5
WEIGHT = {"country": 3.0, "region": 2.0, "capital": 0.8, "state": 0.5, "county": -1.0, "city": 0.0, "village": 0.0}
"""Added to the logarithm of the population, to base 10."""
HOW = {"own": 0.0, "other": -1.5, "short": -2.5}
SAID = 8.0
"""Added for a candidate in the area that the text names: ``Paris, Texas``."""
NEAR, SATURATED = 6.0, 0.5
"""The maximum that the other names add, and how much support gives half of it."""
WORLDWIDE, AROUND_THE_WORLD = 12, 0.15
"""A document that names towns in this many countries is about the whole world, such as a weather table; and the part of
their influence that other names keep in it, because each town has neighbours in such a list."""
IN_AMERICA = 0.1
"""Texts everywhere mention the United States, so this says little about whether a town is there."""
SHARP = 1.5
CLOSE_KM, FAR_KM = 120.0, 900.0
SAME_COUNTRY, IN_COUNTRY, NEIGHBOURS, IN_DIVISION = 0.05, 0.5, 0.5, 1.0

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(slots=True)
class Name:
    """A name to resolve and its candidates. ``said`` tells which of these the text names explicitly, ``weight`` is the
    influence of the name."""

    spots: list[Spot]
    said: list[bool]
    weight: float = 1.0
    prior: list[float] = field(default_factory=list)
    chosen: int = 0
    support: float = 0.0

    @property
    def best(self) -> Spot:
        return self.spots[self.chosen]


def prior(spot: Spot) -> float:
    """Return how likely a candidate is by itself."""
    most = 10**7 if spot.kind in ("state", "county") else 10**10
    people = min(max(spot.population, 1000), most)  # the population is 0 if unknown
    return log10(people) + WEIGHT[spot.kind] + HOW[spot.how]


def resolve(names: Sequence[Name], spoken: Counter[str], home: Mapping[str, float]) -> None:
    """Choose for each name, in place. ``spoken`` says how often each country is certainly mentioned, ``home`` what a
    place gains if it is in the readers' country."""
    names = sorted(names, key=lambda name: -name.weight)[:MOST_NAMES]
    for name in names:
        _trim(name, spoken)
    if not names:
        return
    owner = np.repeat(np.arange(len(names)), [len(name.spots) for name in names])
    every = [spot for name in names for spot in name.spots]
    base = np.array([value for name in names for value in name.prior])
    base += np.array([_spoken(spot, spoken, home) for spot in every])
    kernel = _kernel(every)
    kernel[owner[:, None] == owner[None, :]] = 0.0
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    weights = np.array([name.weight for name in names])
    score, support = base, np.zeros(len(every))
    near = NEAR * (AROUND_THE_WORLD if _is_worldwide(names) else 1.0)
    for _ in range(ROUNDS):
        likely = _likely(score, starts, owner)
        best = np.maximum.reduceat(kernel * likely[None, :], starts, axis=1)
        support = best @ weights
        score = base + near * support / (support + SATURATED)
    for at, name in enumerate(names):
        mine = score[starts[at] : starts[at] + len(name.spots)]
        name.chosen = int(mine.argmax())
        name.support = float(support[starts[at] + name.chosen])


def _is_worldwide(names: Sequence[Name]) -> bool:
    """Return whether the likeliest towns by themselves are in many countries, seldom two in one."""
    towns = [spot for name in names for spot in [name.spots[0]] if spot.kind in TOWNS]
    countries = {spot.country for spot in towns}
    return len(countries) >= WORLDWIDE and 2 * len(countries) >= len(towns)


def _trim(name: Name, spoken: Counter[str]) -> None:
    """Keep the likelier candidates, with their scores."""
    rated = sorted(
        (
            (prior(spot) + SAID * said + (1.0 if spoken[spot.country or ""] else 0.0), at)
            for at, (spot, said) in enumerate(zip(name.spots, name.said, strict=True))
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )[:MOST_SPOTS]
    spots, said = name.spots, name.said
    name.spots, name.said = [spots[at] for _, at in rated], [said[at] for _, at in rated]
    name.prior = [prior(spot) + SAID * said for spot, said in zip(name.spots, name.said, strict=True)]


def _spoken(spot: Spot, spoken: Counter[str], home: Mapping[str, float]) -> float:
    times = 0 if spot.kind in ("state", "country") else spoken[spot.country or ""]
    return (0.75 + min(0.75, 0.1 * times) if times else 0.0) + home.get(spot.country or "", 0.0)


def _likely(score: Numbers, starts: Places, owner: Places) -> Numbers:
    """Return the probability of each candidate of a name."""
    raised = np.exp(SHARP * (score - np.maximum.reduceat(score, starts)[owner]))
    shares: Numbers = raised / np.add.reduceat(raised, starts)[owner]
    return shares


def _kernel(spots: list[Spot]) -> Numbers:
    """Return how much one candidate supports another: by distance, by a shared country, or because one contains the
    other."""
    lat = np.radians([spot.latitude for spot in spots])
    lon = np.radians([spot.longitude for spot in spots])
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    far = 12742 * np.arcsin(np.sqrt(np.minimum(1.0, half)))
    wide = np.array([spot.kind in ("country", "region", "state") for spot in spots])
    near: Numbers = 0.8 * np.exp(-far / CLOSE_KM) + 0.2 * np.exp(-far / FAR_KM)
    near[wide[:, None] | wide[None, :]] *= 0.3
    codes: dict[str | None, int] = {}
    country = np.array([codes.setdefault(spot.country, len(codes)) for spot in spots])
    same = country[:, None] == country[None, :]
    near = np.maximum(near, SAME_COUNTRY * same)
    whole = np.array([spot.kind == "country" for spot in spots])
    told = np.array([IN_AMERICA if spot.country == "US" else IN_COUNTRY for spot in spots])
    near = np.maximum(near, told * (same & (whole[:, None] ^ whole[None, :])))
    borders = tables().neighbours
    countries = [at for at, spot in enumerate(spots) if spot.kind == "country"]
    for at in countries:
        beside = [to for to in countries if spots[to].country in borders.get(spots[at].country or "", ())]
        near[at, beside] = NEIGHBOURS
    inside = defaultdict(list)
    for at, spot in enumerate(spots):
        for number in spot.divisions:
            inside[number].append(at)
    for at, spot in enumerate(spots):
        if spot.kind in ("state", "county") and spot.divisions:
            near[at, inside[spot.divisions[0]]] = near[inside[spot.divisions[0]], at] = IN_DIVISION
    return near
