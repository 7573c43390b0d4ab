"""Compare the figures with those of ``floors.toml``, which are raised with ``--raise`` and lowered only with a reason.

Each set has a table there with its ``size``, its ``digest`` and the ``floors`` of its figures; the samples have tables
of their own under ``sample``. A figure below its floor fails. For the figures in `CEILINGS`, which count faults, the
value there is a ceiling: a figure above it fails. The figures of the baselines have no floors.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from tests.real.scored import Scored

FILE = Path(__file__).with_name("floors.toml")
CEILINGS = frozenset({"web.empty", "web.article.without", "wire.silent", "money.wrong", "crashes"})
SLACK = {"web.speed": 0.8}
"""A figure that depends on the machine has its floor at this share of the measured value. A sample is too small for
such a figure."""

Floors = dict[str, Any]

HEAD = """\
# Floors of `make real`, for each set and for its sample: the size and digest of the set, and the least that each figure
# may be. For {ceilings}
# the value is a ceiling: the most that the figure may be. `web.speed` has its floor at {slack:.0%} of what was measured.
# Written by `python -m tests.real`: `--raise` sets the floors to figures that got better, `--lower FIGURE REASON` lowers
# one, and the reason stays below, under `lowered`.
"""


def read(path: Path = FILE) -> Floors:
    """Read the floors; return an empty dict if there is no file yet."""
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def write(floors: Floors, path: Path = FILE) -> None:
    """Write the floors, in the order of their names."""
    lines = [HEAD.format(ceilings=", ".join(f"`{name}`" for name in sorted(CEILINGS)), slack=SLACK["web.speed"])]
    sets = {name: table for name, table in floors.items() if name not in ("sample", "lowered")}
    sets |= {f"sample.{name}": table for name, table in floors.get("sample", {}).items()}
    for name, table in sets.items():
        lines += [f"[{name}]", f"size = {table['size']}", f"digest = {json.dumps(table['digest'])}", ""]
        lines += [
            f"[{name}.floors]",
            *(f'"{figure}" = {value}' for figure, value in sorted(table["floors"].items())),
            "",
        ]
    for entry in floors.get("lowered", []):
        lines += [
            "[[lowered]]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()),
            "",
        ]
    path.write_text("\n".join(lines), "utf-8")


def held(scored: Scored, *, sample: bool) -> dict[str, float]:
    """Return the figures that have floors, each with the floor that it would have today."""
    own = {name: value for name, value in scored.figures.items() if not name.startswith("baseline.")}
    if sample:
        own = {name: value for name, value in own.items() if name not in SLACK}
    return {name: round(value * SLACK[name], 3) if name in SLACK else value for name, value in own.items()}


def worse(figure: str, value: float, floor: float) -> bool:
    """Return whether ``value`` is on the wrong side of ``floor``."""
    return value > floor if figure in CEILINGS else value < floor


def table_of(floors: Floors, name: str, *, sample: bool) -> Floors | None:
    """Return the table of one set, or of its sample; None if it has none."""
    found: Floors | None = (floors.get("sample", {}) if sample else floors).get(name)
    return found


def complaints(name: str, scored: Scored, floors: Floors, *, sample: bool) -> list[str]:
    """Return what is wrong with the figures of a set, one sentence for each; empty if all are good enough."""
    table = table_of(floors, name, sample=sample)
    if table is None:
        return [f"{name}: it has no floors yet; set them with --raise."]
    found = []
    if (scored.size, scored.digest) != (table["size"], table["digest"]):
        found.append(
            f"{name}: its floors are for {table['size']} documents with the digest {table['digest']}, these are "
            f"{scored.size} with {scored.digest}; measure again with --raise."
        )
    for figure, floor in table["floors"].items():
        value = scored.figures.get(figure)
        if value is None:
            found.append(f"{figure} was not measured; its floor is {floor}.")
        elif worse(figure, value, floor):
            side = "over its ceiling" if figure in CEILINGS else "under its floor"
            found.append(f"{figure} is {value}, {side} {floor}.")
    return found


def lift(name: str, scored: Scored, floors: Floors, *, sample: bool) -> None:
    """Set the floors of a set to its figures wherever those are no worse, and note its size and digest."""
    tables = floors.setdefault("sample", {}) if sample else floors
    table = tables.setdefault(name, {"floors": {}})
    table |= {"size": scored.size, "digest": scored.digest}
    for figure, value in held(scored, sample=sample).items():
        if not worse(figure, value, table["floors"].get(figure, value)):
            table["floors"][figure] = value


def lower(figure: str, reason: str, name: str, scored: Scored, floors: Floors, *, sample: bool) -> None:
    """Set one floor to today's figure, though it is worse, and keep the reason. Raises ValueError if the reason is
    empty or nothing has to be lowered.
    """
    table = table_of(floors, name, sample=sample)
    value = held(scored, sample=sample).get(figure)
    if not reason.strip():
        raise ValueError(f"Say why the floor of {figure} is lowered.")
    if table is None or value is None or not worse(figure, value, table["floors"].get(figure, value)):
        raise ValueError(f"{figure} is not below its floor, so there is nothing to lower.")
    entry = {"figure": figure, "sample": sample, "from": table["floors"][figure], "to": value, "reason": reason.strip()}
    floors.setdefault("lowered", []).append(entry)
    table["floors"][figure] = value
