"""Differences of sequences: correct, and at a bounded cost."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.versions import changes as changes_of_texts
from services.text.difference import changes

WORDS = st.lists(st.sampled_from(["ships", "sailed", "on", "Friday"]), max_size=12)


@given(WORDS, WORDS)
def test_both_sequences_can_be_read_out_of_it(before: list[str], after: list[str]) -> None:
    found = list(changes(before, after))
    assert [word for _, a, b, _, _ in found for word in before[a:b]] == before
    assert [word for _, _, _, c, d in found for word in after[c:d]] == after
    for tag, a, b, c, d in found:
        assert (before[a:b] == after[c:d]) == (tag == "equal")


@pytest.mark.timeout(60)
def test_a_history_of_a_thousand_repeated_paragraphs_is_compared() -> None:
    """With a matching that is cubic in repeated items it takes hours."""
    chance = random.Random(1)
    repeated = ["Nothing new.", "No change.", "As before."]
    before = "\n\n".join(chance.choice(repeated) for _ in range(3000))
    after = "\n\n".join(chance.choice(repeated) for _ in range(3000))
    found = changes_of_texts(before, after)
    assert {one["kind"] for one in found} == {"added", "removed"}
    for one in found:
        if one["kind"] == "added":
            assert after[one["start"] : one["end"]] == one["text"]


def test_beyond_the_bound_one_is_replaced_by_the_other() -> None:
    before, after = ["a", *map(str, range(6000)), "z"], ["a", *map(str, range(6000, 12000)), "z"]
    assert [tag for tag, *_ in changes(before, after)] == ["equal", "replace", "equal"]
