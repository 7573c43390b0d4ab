"""The bench's texts are what its page says."""

from __future__ import annotations

from tests.bench.corpus import LONGEST, SHORTEST, texts


def test_the_texts_are_the_same_for_a_seed_and_of_the_lengths_that_were_asked_for() -> None:
    made = texts(60, seed=3)
    assert made == texts(60, seed=3) != texts(60, seed=4)
    assert len(set(made)) == 60
    lengths = sorted(len(text.split()) for text in made)
    assert SHORTEST * 0.8 <= lengths[0] < 300
    assert 2_000 < lengths[-1] <= LONGEST * 1.05
