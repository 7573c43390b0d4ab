"""People of one name are told apart only by callings, countries and years of birth."""

from __future__ import annotations

import pytest

from workers.namesakes import choose, clash, described, group


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("Supreme Court Justice", None), ("striker", None), "callings"),
        (("Norwegian foreign minister", None), ("Danish foreign minister", None), "countries"),
        (("teacher", 1950), ("teacher", 1978), "born"),
        (("lawyer", None), ("senator", None), None),
        (("general", None), ("president", None), None),
        (("Norwegian foreign minister", None), ("foreign minister", 1950), None),
        (("teacher", 1950), ("teacher", 1951), None),
        ((None, None), ("striker", 1980), None),
        (("Israeli ambassador to France", None), ("French president", None), "countries"),
    ],
)  # fmt: skip
def test_what_clashes(one: tuple[str, int], other: tuple[str, int], why: str | None) -> None:
    assert clash(described(*one), described(*other)) == why
    assert clash(described(*other), described(*one)) == why


def test_documents_are_grouped_by_what_they_say_and_silent_ones_by_company() -> None:
    judge, striker = described("judge", None, ["court", "bar"]), described("striker", None, ["club", "cup"])
    silent_striker, nobody = described(None, None, ["club"]), described(None, None, ["zoo"])
    groups, unsure = group([judge, striker, silent_striker, nobody, described("Justice", 1960)])
    assert groups == [0, 1, 1, 0, 0]
    assert unsure == {3}


def test_one_person_who_fits_is_that_person_without_more_evidence() -> None:
    assert choose(described(None, None), [described("judge", None)]) == (0, True)
    assert choose(described("striker", None), [described("judge", None)]) == (None, True)
    assert group([described(None, None)] * 3) == ([0, 0, 0], set())
