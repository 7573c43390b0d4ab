from __future__ import annotations

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
