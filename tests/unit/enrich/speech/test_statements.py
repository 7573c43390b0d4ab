from __future__ import annotations

import pytest

from services.records import Article, Entity, Span
from workers.enrich.base import Reading
from workers.enrich.speech import statements


def test_what_somebody_said() -> None:
    text = "Ana Ruiz said that the bridge will open in May. It rained."
    entity = Entity(name="Ana Ruiz", type="PERSON", mentions=[Span(text="Ana Ruiz", start=0, end=8)], count=1)
    [found] = statements.STAGE.run(Reading(Article(text=text, language="en", entities=[entity])))
    assert (found.source, found.cue, found.text) == ("Ana Ruiz", "said", "the bridge will open in May")
    assert text[found.start : found.end] == found.text


def test_according_to_somebody() -> None:
    text = "According to Ana Ruiz, the bridge is safe. It snowed."
    entity = Entity(name="Ana Ruiz", type="PERSON", mentions=[Span(text="Ana Ruiz", start=13, end=21)], count=1)
    [found] = statements.STAGE.run(Reading(Article(text=text, language="en", entities=[entity])))
    assert (found.source, found.cue, found.text) == ("Ana Ruiz", "According to", "the bridge is safe")


@pytest.mark.parametrize(
    ("text", "words", "source"),
    [
        (
            "Israeli defense officials say the line will open soon.",
            "the line will open soon",
            "Israeli defense officials",
        ),
        ("The strike closed two mines, said one union official.", "The strike closed two mines", "one union official"),
        ("A guard said the mill is near Elkins, W.Va., and shut.", "the mill is near Elkins, W.Va., and shut", "guard"),
        ("A guard said the mill moved to Elkins, W.Va.", "the mill moved to Elkins, W.Va.", "guard"),
    ],
)
def test_a_source_without_a_name_keeps_its_words(text: str, words: str, source: str) -> None:
    [found] = statements.STAGE.run(Reading(Article(text=text, language="en")))
    assert (found.text, found.source, found.source_text) == (words, None, source)


def test_a_sentence_without_an_end_is_nobodys_statement() -> None:
    text = "Ana Ruiz said that the ferry was late and " * 100
    entity = Entity(name="Ana Ruiz", type="PERSON", mentions=[Span(text="Ana Ruiz", start=0, end=8)], count=1)
    found = statements.STAGE.run(Reading(Article(text=text, language="en", entities=[entity])))
    assert max(each.end - each.start for each in found) <= statements.LONGEST
