"""An office that refers to its holder."""

from __future__ import annotations

import pytest

from services.records import Article
from workers.enrich import enrich


@pytest.mark.parametrize(
    ("text", "referred"),
    [
        ("Ana Ruiz, the mayor of Leeds, opened the tram line. Crowds cheered. The mayor cut the ribbon.", ["mayor"]),
        ("Prime Minister Ana Ruiz met Tom Low in Leeds. On Friday the prime minister went home.", ["prime minister"]),
        ("Ana Ruiz, mayor of Leeds, met Tom Low, mayor of York. The mayor cut the ribbon.", []),
        ("The mayor cut the ribbon in Leeds. Ana Ruiz, a nurse, cheered.", []),
    ],
)
def test_the_office_is_a_mention_of_its_only_holder(text: str, referred: list[str]) -> None:
    entities = enrich(Article(title="A line opens", text=text, language="en")).article.entities
    ruiz = next(entity for entity in entities if entity.name == "Ana Ruiz")
    assert [mention.text for mention in ruiz.mentions if mention.text.islower()] == referred
    assert all(text[mention.start : mention.end] == mention.text for mention in ruiz.mentions)
