"""Whom a surname means, and what is not a person's name, in short articles that were written for these tests."""

import pytest

from services.records import Article
from workers.enrich import enrich


def people(text: str) -> dict[str, list[str]]:
    article = enrich(Article(text=text, language="en")).article
    return {e.name: [m.text for m in e.mentions] for e in article.entities if e.type == "PERSON"}


def test_a_surname_means_who_was_named_in_full_last() -> None:
    found = people(
        "Luis Ortega Jr. was elected on Monday. Ortega said he was glad.\n\n"
        "The former mayor, Pablo Ortega, spoke for an hour. Ortega had run the town for ten years."
    )
    assert found == {"Luis Ortega Jr.": ["Luis Ortega Jr.", "Ortega"], "Pablo Ortega": ["Pablo Ortega", "Ortega"]}


def test_a_relative_named_in_passing_is_meant_in_that_paragraph_alone() -> None:
    found = people(
        "Luis Ortega was jailed on Monday. His wife, Ana Ortega, was cleared. Ortega, 51, wept.\n\n"
        "Ortega will appeal, his lawyer said."
    )
    assert found == {"Luis Ortega": ["Luis Ortega", "Ortega"], "Ana Ortega": ["Ana Ortega", "Ortega"]}


def test_a_title_makes_a_person_of_a_name_and_is_none_itself() -> None:
    assert people("Sgt Halvik left on Monday, and President Halvik stayed.") == {"Halvik": ["Halvik", "Halvik"]}


def test_a_saints_day_is_nobody() -> None:
    assert people("The town closed on St. Patrick's Day, and opened after that.") == {}


def test_a_name_used_alone_is_a_person_where_he_says_something() -> None:
    assert list(people("Trump said he would not go. Trump's lawyers agreed. Trump was tired.")) == ["Trump"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Shares fell, traders said.\n\nReuter", "Reuter"),
        ("Hurnex Oper shr was 12 cts on Monday.", "Hurnex Oper"),
        ("The seal is from 100 B.C. at the latest.", "British Columbia"),
        ("The doctor, A. Smith, M.D., agreed on Monday.", "M.D."),
    ],
)
def test_what_is_no_person_and_no_place(text: str, name: str) -> None:
    article = enrich(Article(text=text, language="en")).article
    assert not [e for e in article.entities if e.name == name]


def test_peoples_without_a_state() -> None:
    article = enrich(Article(text="Hutu rebels met Tutsi officers. Kurds were there.", language="en")).article
    assert {e.name: e.type for e in article.entities} == {"Hutu": "NORP", "Tutsi": "NORP", "Kurdish": "NORP"}


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("President Clinton met Tom Low. The gap with Clinton is small. Clinton won in May, and Clinton is glad.", "Clinton", 4),
        ("Jorani Lincoln and Marcelo Ruz lost. Lincoln, who led by two sets, wept. It was late, said Lincoln.", "Jorani Lincoln", 3),
        ("It is run by a son of President Halvik, which surprised nobody.", "Halvik", 1),
    ],
)  # fmt: skip
def test_a_person_may_be_called_like_a_town(text: str, name: str, count: int) -> None:
    assert len(people(text).get(name, ())) == count


def test_a_kings_name_is_nobodys_surname() -> None:
    found = people(
        "President Karim Halvar met King Halvar of Jordan on Monday. King Halvar said he was glad, and Tom Low left.\n\n"
        "King Felix Bourne flew home. King Felix was tired."
    )
    assert found["Karim Halvar"] == ["Karim Halvar"]
    assert found["Halvar"] == ["Halvar", "Halvar"]
    assert found["Felix Bourne"] == ["Felix Bourne", "Felix"]
