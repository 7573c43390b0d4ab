"""The names of the marked mentions are matched at least as well as the floors say."""

from __future__ import annotations

from tests.quality.lists.measure import measure, mentions

PRECISION, RECALL = 0.94, 0.90


def test_names_are_matched_as_well_as_the_floors_say() -> None:
    assert len(list(mentions())) >= 200
    found = measure()
    assert found.precision >= PRECISION and found.recall >= RECALL, "\n".join(found.mistakes)
    surnames = [one for one in found.mistakes if "wrong" in one and len(one.split(" is not ")[0].split()) == 2]
    assert not surnames, "a surname alone never matches"
