"""Drift: what raises an alarm, since which day, and what is chance."""

from __future__ import annotations

import random
from datetime import date, timedelta

from services.sources.drift import Seen, compare

FIRST = date(2026, 3, 2)


def days(number: int, each: int, start: int = 0, *, author: float, words: int, parser: str = "html") -> list[Seen]:
    """Return documents of some days, of which this share has an author."""
    rng = random.Random(start)
    return [
        Seen(
            FIRST + timedelta(days=start + day),
            parser,
            {
                "author": float(rng.random() < author),
                "date": 1.0,
                "title": 1.0,
                "words": float(rng.randint(words // 2, words * 3 // 2)),
            },
        )
        for day in range(number)
        for _ in range(each)
    ]


def test_no_author_and_half_the_words_since_a_day() -> None:
    found = compare([*days(10, 5, author=0.95, words=600), *days(3, 5, 10, author=0, words=250)])
    assert [(one["parser"], one["field"], one["since"].date()) for one in found] == [
        ("html", "author", FIRST + timedelta(days=10)),
        ("html", "words", FIRST + timedelta(days=10)),
    ]
    author, words = found
    assert author["before"] > 0.8 and author["now"] == 0
    assert 450 < words["before"] < 750 and 200 < words["now"] < 300


def test_each_parser_is_compared_by_itself() -> None:
    pdf = days(13, 3, author=0.9, words=3000, parser="pdf")
    found = compare([*pdf, *days(10, 5, author=0.95, words=600), *days(3, 5, 10, author=0, words=600)])
    assert [(one["parser"], one["field"]) for one in found] == [("html", "author")]


def test_boilerplate_that_doubles_the_words_is_a_drift_too() -> None:
    found = compare([*days(10, 5, author=1, words=300), *days(3, 5, 10, author=1, words=900)])
    assert [one["field"] for one in found] == ["words"]


def test_chance_and_few_documents_are_no_drift() -> None:
    for start in range(40):
        assert compare(days(28, 5, start * 100, author=0.7, words=500)) == []
    few = [*days(10, 5, author=1, words=600), *days(1, 5, 10, author=0, words=200)]
    assert compare(few) == [], "five documents are too few"
    assert compare([*days(3, 5, author=1, words=600), *days(2, 5, 10, author=0, words=200)]) == []
    seldom = [*days(10, 5, author=0.2, words=600), *days(5, 5, 10, author=0, words=600)]
    assert compare(seldom) == [], "most never had an author"
    assert compare([]) == []
