"""The words of a text, and its runs of words, in every script."""

from __future__ import annotations

import pytest

from workers.parse.web.words import shingles, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Harbour's 3 cranes, re-opened_today", ("the", "harbour", "s", "3", "cranes", "re", "opened", "today")),
        ("Straßen über Ærø", ("strassen", "über", "ærø")),
        ("港の船 No 7", ("港", "の", "船", "no", "7")),
        ("— … —", ()),
        ("", ()),
    ],
)
def test_words_are_folded_in_every_script(text: str, words: tuple[str, ...]) -> None:
    assert tokens(text) == words


def test_a_long_text_has_the_same_words_as_its_parts() -> None:
    part = "Gulls follow the Üskar ferry. "
    assert tokens(part * 200) == tokens(part) * 200


def test_runs_of_four_words() -> None:
    assert shingles("one two three four five") == {("one", "two", "three", "four"), ("two", "three", "four", "five")}
    assert shingles("one two") == {("one", "two")}
    assert shingles("…") == set()
