"""The ids of people and organizations: which names are the same, and which identify nobody."""

from __future__ import annotations

import pytest

from services import corrections, identity
from services.records import Entity, Span
from workers.identity import born


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("PERSON", "José Muñoz", "JOSE MUNOZ"),
        ("PERSON", "Dr. Ana Ruiz", "Ana Ruiz"),
        ("PERSON", "Bashar al-Assad", "Bashar Al Assad"),
        ("PERSON", "J.R. O’Neill Jones", "JR O'Neill Jones"),
        ("PERSON", "Søren Łuczak", "Soren Luczak"),
        ("ORG", "The Corvane Systems Inc.", "Corvane Systems"),
    ],
)
def test_spellings_of_one_name_have_one_id(type_: str, one: str, other: str) -> None:
    assert identity.of_name(type_, one) == identity.of_name(type_, other)
    assert identity.is_id(identity.of_name(type_, one) or "")


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("PERSON", "George H.W. Bush", "George W. Bush"),
        ("PERSON", "Luis Ortega", "Luis Ortega Jr."),
        ("PERSON", "Marks Spencer", "Spencer Marks"),
        ("ORG", "Bank of Aland", "Bank of Alund"),
    ],
)
def test_different_names_have_different_ids(type_: str, one: str, other: str) -> None:
    assert identity.of_name(type_, one) != identity.of_name(type_, other)
    assert identity.of_name("PERSON", "Marks Spencer") != identity.of_name("ORG", "Marks Spencer")


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("PERSON", "Ruiz"),
        ("PERSON", "A. Ruiz"),
        ("PERSON", "al-Assad"),
        ("PERSON", "van Dyck"),
        ("PERSON", "Ruiz Jr."),
        ("PERSON", "King Hussein"),
        ("PERSON", ""),
        ("PERSON", "One Two Three " * 9),
        ("ORG", "AP"),
        ("ORG", "PA"),
        ("ORG", "--"),
        ("GPE", "New Bergen"),
    ],
)
def test_what_identifies_nobody_has_no_id(type_: str, name: str) -> None:
    assert identity.of_name(type_, name) is None


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Ana Ruiz, 43, won.", 1969),
        ("Ana Ruiz, aged 43, won.", 1969),
        ("Ana Ruiz (43) won.", 1969),
        ("43-year-old teacher Ana Ruiz won.", 1969),
        ("Ana Ruiz (1912-1987) won.", 1912),
        ("Ana Ruiz (born 1950) won.", 1950),
        ("Ana Ruiz, 43 years later, won.", None),
        ("Ana Ruiz, 2012, won.", None),
        ("Ana Ruiz, 300, won.", None),
    ],
)
def test_the_year_of_birth_is_read_beside_a_name(text: str, year: int | None) -> None:
    start = text.index("Ana")
    person = Entity(
        name="Ana Ruiz", type="PERSON", mentions=[Span(text="Ana Ruiz", start=start, end=start + 8)], count=1
    )
    assert born(text, person, 2012) == year


def test_an_entity_that_an_editor_renames_gets_the_id_of_its_new_name() -> None:
    entity = {"id": identity.of_name("PERSON", "Jon Smyth"), "name": "Jon Smyth", "type": "PERSON", "role": None,
              "aliases": [], "mentions": [{"text": "Jon Smyth", "start": 0, "end": 9}], "count": 1}  # fmt: skip
    change = {"kind": "rename", "target": {"field": "entities", "name": "Jon Smyth"}, "now": {"name": "John Smith"}}
    fields = corrections.corrected({"entities": [entity]}, [change])
    assert fields["entities"][0]["id"] == identity.of_name("PERSON", "John Smith")
    assert fields["uncorrected"]["entities"][0]["id"] == identity.of_name("PERSON", "Jon Smyth")
