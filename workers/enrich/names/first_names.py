"""Tell whether a person's first name is a man's or a woman's."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from workers.enrich.languages.wordlists import DATA

Sex = Literal["male", "female"]


@lru_cache(maxsize=1)
def _names() -> dict[str, Sex]:
    """Return the sex of each name in ``data/first_names.txt``: the US Census of 1990 and the lists by country of Faker;
    see the head of the file."""
    found: dict[str, Sex] = {}
    sex: Sex = "male"
    for line in (DATA / "first_names.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            sex = "female" if line == "[female]" else "male"
        elif not line.startswith("#"):
            found.update((name, sex) for name in line.split())
    return found


def sex_of(name: str) -> Sex | None:
    """Return the sex that a name shows: ``sex_of("Mary Stone")`` is ``female``. None for a name of one word and for a
    first name of both sexes."""
    first, _, rest = name.partition(" ")
    return _names().get(first.partition("-")[0]) if rest else None
