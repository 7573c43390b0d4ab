"""Ships, firms of partners, and words of other languages that are spelt like a place."""

from __future__ import annotations

import pytest

from services.records import Article
from workers.enrich import enrich


def types(text: str, language: str = "en") -> dict[str, str]:
    return {each.name: each.type for each in enrich(Article(text=text, language=language)).article.entities}


@pytest.mark.parametrize(
    ("text", "ship"),
    [
        ("The ferry Estonia sank with 852 people aboard.", "Estonia"),
        ("The tanker “Stena Orion”, which flies a British flag, was hit by a mine.", "Stena Orion"),
        ("The container ship Halvard Moen blocked the canal for six days.", "Halvard Moen"),
        ("Crew of the M/V Alta Vela, a bulk carrier, were safe, the owner said.", "M/V Alta Vela"),
        ("HMS Wren sailed from Plymouth on Monday.", "HMS Wren"),
    ],
)
def test_a_name_after_the_word_for_a_ship_is_a_ship(text: str, ship: str) -> None:
    found = types(text)
    assert found[ship] == "PRODUCT"
    assert ship not in {place.name for place in enrich(Article(text=text, language="en")).article.places}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("The tanker Iran seized last week has left Bandar Abbas.", "Iran", "GPE"),
        ("He called the hard-liner Ali Larijani to the table.", "Ali Larijani", "PERSON"),
    ],
)
def test_who_seizes_a_ship_is_not_the_ship(text: str, name: str, kind: str) -> None:
    assert types(text)[name] == kind


def test_no_ship_is_called_tuesday() -> None:
    assert "Tuesday" not in types("A cruise ship Tuesday docked at Hamburg for repairs.")


def test_a_firm_of_partners_is_one_firm() -> None:
    found = types("Holm, Barsk, Ferrin & Oake advised the buyer, and Jane Moss of the bank advised the seller.")
    assert found["Holm, Barsk, Ferrin & Oake"] == "ORG"
    assert not found.keys() & {"Holm", "Barsk", "Ferrin & Oake"}


def test_a_german_word_is_not_the_river_or_the_town_spelt_like_it() -> None:
    text = "Seine Partei verlor die Wahl. Das Essen im Saal wurde kalt. Seine Gegner freuten sich in Bremen."
    assert types(text, "de").keys() == {"Bremen"}
    assert types("Das Haus an der Seine brannte. In Essen blieb es ruhig.", "de").keys() == {"Seine", "Essen"}


def test_a_french_body_is_not_named_for_the_day_on_which_it_spoke() -> None:
    text = "L’OFAG jeudi a publié ses chiffres. Selon l’OFAG, la production de lait a reculé."
    assert {name for name, kind in types(text, "fr").items() if kind == "ORG"} == {"OFAG"}


def test_a_calling_at_the_head_of_a_sentence_is_no_part_of_a_firm() -> None:
    found = types("Filmmaker Rungano Nyoni won the prize in Lusaka on Friday.")
    assert found["Rungano Nyoni"] == "PERSON"


def test_and_co_is_part_of_the_firm() -> None:
    found = types("Holm Barsk and Co Inc bought the mill from Ferrin & Sons, a spokesman said in New York.")
    assert {name for name, kind in found.items() if kind == "ORG"} == {"Holm Barsk and Co Inc", "Ferrin & Sons"}
