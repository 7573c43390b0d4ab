from __future__ import annotations

import time

import pytest

from services.records import Article, Entity, Span
from workers.enrich import cites, quotes
from workers.enrich.base import Reading
from workers.enrich.marks import quoted


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


def test_a_part_of_a_sentence_is_of_whom_governs_it_not_of_the_nearest_verb() -> None:
    text = "Ana Ruiz said the deal with Mira Holm, which was announced on Sunday, was made “to free the border towns” again."
    assert marked(text, "Ana Ruiz", "Mira Holm") == [("to free the border towns", "Ana Ruiz", "said")]


def test_a_pronoun_is_of_the_person_spoken_of_and_of_the_sex_that_shows() -> None:
    text = "Mr. Tom Berg left early. His lawyer, Ms. Ana Ruiz, stayed. “It was a very long day,” he said."
    assert marked(text, "Tom Berg", "Ana Ruiz")[0][1] == "Tom Berg"


def test_names_inside_the_words_of_others_do_not_speak() -> None:
    text = "Ana Ruiz sat down. “Tom Berg was at work all day,” she told the court."
    assert marked(text, "Ana Ruiz", "Tom Berg")[0][1] == "Ana Ruiz"


def test_a_group_without_a_name_has_no_speaker() -> None:
    text = "Ana Ruiz was freed. “The road stays shut until dawn,” a spokesman said."
    assert marked(text, "Ana Ruiz")[0][1:] == (None, "said")


def test_the_last_words_of_a_paragraph_follow_its_speaker() -> None:
    text = "“It will not stand long,” says Ana Ruiz, who lives in Bern. “We have learned to wait.”"
    assert [each[1] for each in marked(text, "Ana Ruiz")] == ["Ana Ruiz", "Ana Ruiz"]


def test_guillemets_with_spaces() -> None:
    text = "« Le pont ne tiendra pas jusqu'au soir », a déclaré Ana Ruiz lundi."
    article = Article(text=text, language="fr")
    [found] = quotes.STAGE.run(Reading(article))
    assert (found.text, found.speaker) == ("Le pont ne tiendra pas jusqu'au soir", "Ana Ruiz")


@pytest.mark.parametrize("mark", ["“", '"', "« ", "‘", "„“"])
def test_marks_that_never_close_cost_little(mark: str) -> None:
    text = f" {mark}so" * 100_000
    began = time.perf_counter()
    assert len(list(quoted(text))) <= 50_000
    assert time.perf_counter() - began < 5


def test_outlets_that_no_list_knows() -> None:
    text = (
        "The mill closed, according to the Otter Creek Journal. Snow fell, the daily El Faro reported. It met Joy FM."
    )
    found = cites.STAGE.run(Reading(Article(text=text)))
    assert [each.source for each in found] == ["Otter Creek Journal", "El Faro"]
