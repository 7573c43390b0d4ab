"""Lay out the network of one person or organization as a drawing: the others in a ring around it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

Doc = dict[str, Any]
MOST = 12
"""Maximum number of others in a drawing."""
WIDTH, HEIGHT = 640, 400
LONGEST = 22
"""Maximum characters of a name; longer ones end with ``…``."""


@dataclass(frozen=True, slots=True)
class Spoke:
    """One of the others: where its point and its name are, and how thick its line is for each relation."""

    name: str
    type: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    lines: dict[str, float]


def spokes(id: str, nodes: list[Doc], edges: list[Doc]) -> list[Spoke]:
    """Return the others with the highest counts, clockwise from the top. Lines are 1 to 6 units thick."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for edge in edges:
        other = edge["target"] if edge["source"] == id else edge["source"]
        counts[other][edge["relation"]] = counts[other].get(edge["relation"], 0) + edge["count"]
    ranked = sorted(counts, key=lambda one: (-sum(counts[one].values()), one))[:MOST]
    most = max((count for one in ranked for count in counts[one].values()), default=1)
    of = {one["id"]: one for one in nodes}
    found = []
    for at, other in enumerate(ranked):
        angle = 2 * pi * at / len(ranked) - pi / 2
        x, y = WIDTH / 2 + 170 * cos(angle), HEIGHT / 2 + 150 * sin(angle)
        side = 0 if abs(cos(angle)) < 0.3 else (1 if cos(angle) > 0 else -1)
        name = of[other]["name"]
        found.append(Spoke(
            name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…", of[other]["type"], round(x, 1), round(y, 1),
            round(x + 10 * side, 1), round(y + (5 if side else (20 if sin(angle) > 0 else -12)), 1),
            {0: "middle", 1: "start", -1: "end"}[side],
            {name: round(1 + 5 * count / most, 1) for name, count in sorted(counts[other].items())},
        ))  # fmt: skip
    return found
