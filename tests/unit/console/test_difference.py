"""A comparison contains both versions: with the removed parts it is the old one, with the added parts the new one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.console.difference import between, count, paragraphs

WORDS = st.sampled_from(["ferry", "ferries", "Oslo", "paid", "said", "on Monday,", "“never”", "1.4", "кран"])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=6).map("\n\n".join)


@given(TEXTS, TEXTS)
def test_both_versions_can_be_read_out_of_it(old: str, new: str) -> None:
    found = between({"text": old}, {"text": new})
    for leaving, text in (("added", old), ("removed", new)):
        read = ["".join(run for change, run in runs if change != leaving) for kind, runs in found if kind != leaving]
        assert read == paragraphs({"text": text})


def test_a_word_changed_is_a_change_and_a_new_paragraph_an_addition() -> None:
    old = {"text": "The ferry leaves Oslo in the spring.\n\nNobody commented."}
    new = {"text": "The ferry leaves Oslo in the autumn.\n\nNobody commented.\n\nThe order is worth $12 million."}
    assert count(old, new) == {"added": 1, "removed": 0, "changed": 1}
    [changed, same, added] = between(old, new)
    assert [run for run in changed[1] if run[0] != "same"] == [("removed", "spring"), ("added", "autumn")]
    assert same == ("same", [("same", "Nobody commented.")])
    assert added[0] == "added"
