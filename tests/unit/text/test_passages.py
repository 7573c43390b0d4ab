"""Passages: they are the text, none is too long, and they end where a reader would pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.passages import LONGEST, passages


def divided(text: str, headings: tuple[int, ...] = (), longest: int = LONGEST) -> list[str]:
    return [text[start:end] for start, end in passages(text, headings, longest)]


@given(st.text(alphabet="ab. \n!?。”é\u0301A", max_size=400), st.integers(1, 40), st.sets(st.integers(0, 400)))
def test_passages_are_the_text(text: str, longest: int, headings: set[int]) -> None:
    found = divided(text, tuple(headings), longest)
    assert "".join(found) == text
    assert all(0 < len(one) <= longest for one in found)


def test_short_paragraphs_are_put_together() -> None:
    paragraphs = [f"The ferry number {at} left the harbour on time, the pilot said." for at in range(60)]
    found = divided("\n\n".join(paragraphs))
    assert len(found) < 6 and all(len(one) > LONGEST / 2 for one in found[:-1])
    assert [part for one in found for part in one.strip().split("\n\n")] == paragraphs


def test_a_long_paragraph_ends_at_sentences() -> None:
    text = "Mr. Cook met J. Smith of the U.S. Navy at 3.5 miles. “Why now?” he asked approx. ten men. " * 40
    found = divided(text)
    assert len(found) > 2
    for one in found:
        assert one.startswith(("Mr. Cook", "“Why now?” he")) and one.rstrip().endswith(("miles.", "men."))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("船が来た。彼は言った「そうだ！」船は出た。" * 3, "船が来た。彼は言った「そうだ！」船は出た。"),
        ("وصلت السفينة؟ ثم غادرت. " * 3, "وصلت السفينة؟ "),
        ("one | two\nthree | four\nfive | six", "one | two\n"),
        ("a very long sentence that has no end", "a very long sentence "),
        ("x" * 60, "x" * 22),
        ("e\u0301" * 30, "e\u0301" * 11),
        ("a" + "e\u0301" * 30, "a" + "e\u0301" * 10),
    ],
)
def test_other_ends(text: str, first: str) -> None:
    assert divided(text, longest=22)[0] == first


def test_a_heading_stays_with_what_follows() -> None:
    before, after = "The tug came in. " * 40, "The barge was late. " * 40
    text = f"{before.strip()}\n\nDelays\n\n{after.strip()}"
    heading = text.index("Delays")
    assert [start for start, _ in passages(text, {heading})] == [0, heading]
    assert [start for start, _ in passages(text)] == [0, heading + len("Delays\n\n")]
