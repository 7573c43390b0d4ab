"""Names in results, tables, line-ups and score cards, written for these tests."""

import pytest

from services.records import Article
from workers.enrich import enrich


def named(text: str, kind: str) -> set[str]:
    article = enrich(Article(text=text, language="en")).article
    return {mention.text for entity in article.entities if entity.type == kind for mention in entity.mentions}


def test_clubs_in_results_and_tables_are_bodies_and_countries_stay_countries() -> None:
    text = (
        "Results of league soccer matches played on Saturday:\n\nSkelby 2 Portsmouth 0\nQueen of Tarn 1 Leeds 1 (halftime 0-0)\n\n"
        "Standings (played, won, drawn, lost):\n\nSkelby 4 2 1 1 5 4 7\nLeeds 4 1 1 2 3 5 4\n\nIsrael 2 Bulgaria 0"
    )
    assert named(text, "ORG") >= {"Skelby", "Portsmouth", "Queen of Tarn", "Leeds"}
    assert named(text, "GPE") == {"Israel", "Bulgaria"}


def test_players_in_ranks_scores_and_line_ups_are_people() -> None:
    text = (
        "Leading results at the athletics meeting in Oslo: 100 metres\n\n1. Ines Falkova (Chile) 11.26 seconds\n"
        "2. Vladimir Ruud (Norway) 11.31\n\nChile - Ines Toro (31st), Ana Lund (75th)\n"
        "Chile: Marta Soto, Ines Toro, Pia Vidal, Ana Lund"
    )
    people = named(text, "PERSON")
    assert people >= {"Ines Falkova", "Vladimir Ruud", "Ines Toro", "Ana Lund", "Marta Soto", "Pia Vidal"}
    assert named(text, "GPE") >= {"Chile", "Norway"}


def test_a_score_card_of_cricket() -> None:
    text = (
        "CRICKET - SKELBY TAKE FOUR WICKETS\n\nSkelby innings\n\nR. Tolland lbw b Okoro 1\nS. Lund c Penhall b Okoro 50\n\n"
        "Bowling: Okoro 7-0-29-2, Vaughan 4-0-25-0"
    )
    assert named(text, "PERSON") >= {"R. Tolland", "S. Lund", "Okoro", "Penhall", "Vaughan"}


def test_a_table_outside_of_sport_keeps_its_towns() -> None:
    text = "The weather at noon in degrees:\n\nLisbon 21 14 60\nOslo 9 4 80\n\nRain is expected in Oslo on Monday."
    assert named(text, "GPE") == {"Lisbon", "Oslo"}
    assert not named(text, "ORG")


@pytest.mark.parametrize(
    "text", ["Prices rose, traders said.\n\n-- Ana Lund +47 22 653 9700", "All quiet.\n\n-- Ana Lund"]
)
def test_who_signs_a_report(text: str) -> None:
    assert named(text, "PERSON") == {"Ana Lund"}


def test_the_desk_that_signs_a_report() -> None:
    assert named("All quiet.\n\n-- Ana Lund, Oslo Newsroom 22 65 39 70", "ORG") == {"Oslo Newsroom"}
