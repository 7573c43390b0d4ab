from __future__ import annotations

import pytest

from services.records import Article, Entity, Span
from workers.enrich import cites, quotes
from workers.enrich.base import Reading


def marked(text: str, *names: str, role: str | None = None) -> list[tuple[str, str | None, str | None]]:
    entities = [
        Entity(
            name=name,
            type="PERSON",
            role=role,
            mentions=[Span(text=name, start=text.index(name), end=text.index(name) + len(name))],
            count=1,
        )
        for name in names
    ]
    article = Article(text=text, language="en", entities=entities)
    found = quotes.STAGE.run(Reading(article))
    assert all(text[each.start : each.end] == each.text for each in found)
    return [(each.text, each.speaker, each.cue) for each in found]


@pytest.mark.parametrize(
    ("text", "words", "cue"),
    [
        ("“The dam will hold until the spring,” said Ana Ruiz.", "The dam will hold until the spring,", "said"),
        ('"The dam will hold until spring," Ana Ruiz said.', "The dam will hold until spring,", "said"),
        ("Ana Ruiz told reporters: “We never asked for this.”", "We never asked for this.", "told"),
        ("Ana Ruiz arrived. “We are very late today,” she added.", "We are very late today,", "added"),
        ("Ana Ruiz wrote that “regardless of the rain the road stays open,” but slowly.", None, "wrote"),
    ],
)
def test_one_quote(text: str, words: str | None, cue: str) -> None:
    assert marked(text, "Ana Ruiz") == [(words or text.split("“")[1].split("”")[0], "Ana Ruiz", cue)]


def test_a_quote_runs_over_paragraphs() -> None:
    text = "“We came at dawn,” said Ana Ruiz. “The road was shut.\n\n“Nobody knew why.”"
    assert [each[1] for each in marked(text, "Ana Ruiz")] == ["Ana Ruiz", "Ana Ruiz"]
    assert marked(text, "Ana Ruiz")[1][0] == "The road was shut.\n\n“Nobody knew why."


def test_the_office_stands_for_its_holder() -> None:
    text = "Ana Ruiz came late. “There is no more money to give,” the minister said."
    assert marked(text, "Ana Ruiz", role="Minister of Finance")[0][1] == "Ana Ruiz"


@pytest.mark.parametrize(
    "text", ["It is “occupying” the hill.", "the boys' and girls' 6'2\" team", "the film “Blue Sea” won"]
)
def test_scare_quotes_titles_and_measures_are_not_quotes(text: str) -> None:
    assert marked(text) == []


def test_agencies_credited() -> None:
    text = "The mill closed, reported the Associated Press. The AP said so. AP shares its office with Reuters."
    found = cites.STAGE.run(Reading(Article(text=text)))
    assert [(each.text, each.source) for each in found] == [
        ("Associated Press", "Associated Press"),
        ("AP", "Associated Press"),
    ]
