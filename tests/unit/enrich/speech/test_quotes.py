from __future__ import annotations

import re
import time

import pytest

from services.records import Article, Entity, Span
from workers.enrich.base import Reading
from workers.enrich.names.marks import quoted
from workers.enrich.speech import cites, quotes


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


def test_of_two_with_one_office_it_is_who_led_the_sentences_before() -> None:
    text = (
        "President Ana Ruiz flew home. Ana Ruiz met Lev Orlov. The president said he had warned Lev Orlov at a summit. "
        "“We keep our word,” the president said."
    )
    ruiz, orlov = (
        Entity(
            name=name, type="PERSON", role="President", count=2,
            mentions=[Span(text=name, start=at.start(), end=at.end()) for at in re.finditer(name, text)],
        )
        for name in ("Ana Ruiz", "Lev Orlov")
    )  # fmt: skip
    article = Article(text=text, language="en", entities=[ruiz, orlov])
    assert [each.speaker for each in quotes.STAGE.run(Reading(article))] == ["Ana Ruiz"]


@pytest.mark.parametrize("text", ["the boys' and girls' 6'2\" team", "the film “Blue Sea” won"])
def test_titles_and_measures_are_not_quotes(text: str) -> None:
    assert marked(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The “peace wall” divides the town.",
        "Ana Ruiz admitted that the pumps would serve the Free Canton, which Oslo contends is “squatting” on its soil.",
        "Ana Ruiz was called in to the ministry to hear a warning that Norway must not let smugglers stage “hostile acts”.",
        "Ana Ruiz denied that the ship, which Denmark considers “stolen”, had left Bergen.",
        "Many in Bergen believe the canal is “cursed”, although Ana Ruiz says it is safe.",
        "Ana Ruiz visited the “martyrs” cemetery and said nothing.",
    ],
)
def test_a_scare_quote_has_no_speaker(text: str) -> None:
    name = "Ana Ruiz"
    mentions = [Span(text=name, start=0, end=len(name))] if text.startswith(name) else []
    people = [Entity(name=name, type="PERSON", mentions=mentions, count=1)]
    (found,) = quotes.STAGE.run(Reading(Article(text=text, language="en", entities=people)))
    assert (found.kind, found.speaker, found.cue) == ("scare", None, None)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Ruiz called it “a farce” and left.",
        "Ana Ruiz described the plan as “unworkable”.",
        "Ana Ruiz said the “barbaric” raid would be punished.",
        "Ana Ruiz warned that anyone who “stole the harvest” would be tried.",
        "Ana Ruiz vowed “to drain the marsh”.",
        "Ana Ruiz vowed “to drain every marsh in the north by May”.",
        "Ana Ruiz demanded “a full inquiry” into the fire.",
    ],
)
def test_a_fragment_that_is_reported_speech_has_its_speaker(text: str) -> None:
    ((_, speaker, _),) = marked(text, "Ana Ruiz")
    assert speaker == "Ana Ruiz"


def test_an_office_may_speak_before_its_holder_is_named() -> None:
    text = "Norway’s Ambassador to Chile said it was built “to end the age of diesel.” The ambassador, Ana Ruiz, left."
    name, office = "Ana Ruiz", "Norway’s Ambassador to Chile"
    at = text.index(name)
    mentions = [Span(text=name, start=at, end=at + len(name))]
    envoy = Entity(name=name, type="PERSON", role=office, aliases=[office], mentions=mentions, count=1)
    (found,) = quotes.STAGE.run(Reading(Article(text=text, language="en", entities=[envoy])))
    assert (found.speaker, found.cue) == (name, "said")


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("``The mill is shut,'' said Ana Ruiz. '' It stays shut,'' Ruiz said.", ["The mill is shut,", "It stays shut,"]),
        ('"The mill is shut,” said Ana Ruiz. “It stays shut," she said.', ["The mill is shut,", "It stays shut,"]),
        ('"The mill is shut. "It stays shut," said Ana Ruiz. "Yes."', ['The mill is shut. "It stays shut,', "Yes."]),
        ('It read "The mill is shut. "A guard left. "It stays shut," said Ana Ruiz.', ["The mill is shut.", "It stays shut,"]),
        ('A wheel of 6\'2" broke. "It stays shut," said Ana Ruiz.', ["It stays shut,"]),
        ("„Bleibt sie zu?“, fragte Ana Ruiz. „Nein\", sagte sie.", ["Bleibt sie zu?", "Nein"]),
    ],
)  # fmt: skip
def test_marks_as_wires_and_typists_write_them(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in quoted(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "“The mill will stay shut for good,” fumed Ana Ruiz.",
        "“The mill will stay shut for good,” laughed Ana Ruiz.",
        "“The mill will stay shut for good.” said Ana Ruiz.",
        "“Will the mill ever open again?” Ana Ruiz asked.",
        "“The mill will stay shut for good.”\n— Ana Ruiz",
        "Ana Ruiz wrote to the town:\n“The mill will stay shut for good.”",
        "And from Ana Ruiz: “The mill will stay shut for good.”",
        "Ana Ruiz shook her head. “The mill will stay shut for good.”",
        "Ana Ruiz said the owners had left.\n\n“The mill will stay shut for good.”",
        "Ana Ruiz said orders would fall, adding: “The mill will stay shut for good.”",
        "“The mill will stay shut,” a plan announced in May, said Ana Ruiz.",
        "In reply to the club, Ana Ruiz told Mira Holm: “The mill will stay shut for good.”",
        "The cuts reflect “hard times,” mayor Ana Ruiz said.",
        "Ana Ruiz said she does not think the two are “anywhere close” to a deal.",
    ],
)
def test_who_speaks(text: str) -> None:
    names = [name for name in ("Ana Ruiz", "Mira Holm") if name in text]
    assert [each[1] for each in marked(text, *names)] == ["Ana Ruiz"]


@pytest.mark.parametrize(
    "text",
    [
        "Ana Ruiz left. “The mill will stay shut,” said a spokesman. “Nobody will work there,” he said.",
        "“The mill will stay shut for good,” the report said.",
        "In reply to Ana Ruiz a guard told the paper: “The mill will stay shut for good.”",
    ],
)
def test_whoever_has_no_name_is_not_given_that_of_another(text: str) -> None:
    names = [name for name in ("Ana Ruiz",) if name in text]
    assert {each[1] for each in marked(text, *names)} == {None}


def test_first_names_tell_he_from_she() -> None:
    text = "Maria Stone came with Peter Holm. “It was a very long day,” she said. “We are all tired,” he said."
    assert [each[1] for each in marked(text, "Maria Stone", "Peter Holm")] == ["Maria Stone", "Peter Holm"]


@pytest.mark.parametrize(
    "text", ["A toy known as a “love star” was sold.", "Visit “The Mills, Dams and Weirs of Bergen.”"]
)
def test_terms_and_titles_are_nobodys_words(text: str) -> None:
    assert all(speaker is None for _, speaker, _ in marked(text))
    assert not any(each.kind == "speech" for each in quotes.STAGE.run(Reading(Article(text=text, language="en"))))


def test_a_speaker_without_a_name_keeps_its_words() -> None:
    text = "“The mill will stay shut for good,” said a spokesman for the owners."
    (found,) = quotes.STAGE.run(Reading(Article(text=text, language="en")))
    assert (found.speaker, found.source_text) == (None, "spokesman for the owners")


def test_a_country_is_no_outlet() -> None:
    text = (
        "The mill closed, according to the influential US daily. The Evening Gazette newspaper reported that it burned."
    )
    assert "US" not in {each.text for each in cites.STAGE.run(Reading(Article(text=text, language="en")))}


def test_whoever_speaks_in_an_aside_goes_on_speaking() -> None:
    text = (
        "But this fear, Ana Ruiz says, is creating gaps in the trade. “It is harder to sell when the mills are shut.”"
    )
    assert [each[1] for each in marked(text, "Ana Ruiz")] == ["Ana Ruiz"]


def test_in_the_words_of_somebody() -> None:
    text = "In the words of Ana Ruiz, “A mill that stands still for a year will never turn again.”"
    assert [each[1] for each in marked(text, "Ana Ruiz")] == ["Ana Ruiz"]


def test_whoever_is_told_something_does_not_say_it() -> None:
    text = "Tom Berg met Ned Holm in Bern. “You have done a great job for us,” he told Holm."
    assert [each[1] for each in marked(text, "Tom Berg", "Ned Holm")] == ["Tom Berg"]


def test_a_second_verb_of_saying_has_the_subject_of_the_first() -> None:
    text = "Ana Ruiz said the budget was “a disgrace” and called the vote “rushed and unfair”."
    assert [each[1] for each in marked(text, "Ana Ruiz")] == ["Ana Ruiz", "Ana Ruiz"]
