"""A state or the great city of the same name, by the words around it."""

from __future__ import annotations

import pytest

from services.records import Article, Dateline
from workers.enrich import enrich

CAPITAL, STATE = 4140963, 5815135  # Washington, D.C., and Washington state as GeoNames numbers them


def washingtons(text: str, dateline: str | None = None) -> list[tuple[int | None, list[str]]]:
    head = Dateline(text=dateline, start=0, end=len(dateline), places=["Washington"]) if dateline else None
    places = enrich(Article(text=text, language="en", dateline=head)).article.places
    return [(each.geonames_id, [m.text for m in each.mentions]) for each in places if "Washington" in each.name]


@pytest.mark.parametrize(
    ("text", "dateline", "mention"),
    [
        ("WASHINGTON (AP) — The Senate passed a bill on Monday.", "WASHINGTON (AP) —", "WASHINGTON"),
        ("WASHINGTON, D.C. (AP) — Senators met.", "WASHINGTON, D.C. (AP) —", "WASHINGTON, D.C."),
        ("Talks in Washington ended on Monday.", None, "Washington"),
        ("The envoy flew to Washington, D.C., on Monday.", None, "Washington, D.C."),
        ("She moved to Washington, DC. It rained.", None, "Washington, DC"),
        ("Police in London said the man flew to Washington. Britain and the UK want him back.", None, "Washington"),
    ],
)
def test_the_capital_is_one_place(text: str, dateline: str | None, mention: str) -> None:
    assert washingtons(text, dateline) == [(CAPITAL, [mention])]


@pytest.mark.parametrize(
    "text",
    [
        "He moved to Washington state in May.",
        "A fire in Seattle, Washington, killed two people.",
        "Voters in Washington and Oregon chose judges.",
        "Crops failed in Idaho, Oregon and Washington.",
        "Orchards in Yakima and Spokane lost their fruit. Farmers in Washington want help.",
    ],
)
def test_the_state_where_the_text_speaks_of_it(text: str) -> None:
    assert washingtons(text) == [(STATE, ["Washington"])]


def test_the_state_and_the_capital_in_one_text() -> None:
    text = "WASHINGTON (AP) — A fire in Seattle, Washington, worries Washington, a senator said."
    found = dict(washingtons(text, "WASHINGTON (AP) —"))
    assert found == {CAPITAL: ["WASHINGTON", "Washington"], STATE: ["Washington"]}


def test_a_town_of_the_name_elsewhere() -> None:
    assert washingtons("A barn near Washington, Pennsylvania, burned on Monday.") == [(5218069, ["Washington"])]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Shares fell in New York on Monday.", "New York City"),
        ("Troopers searched a lake in New York state on Monday.", "New York"),
        ("A storm hit Oklahoma on Monday.", "Oklahoma"),
    ],
)
def test_other_states(text: str, place: str) -> None:
    assert [each.name for each in enrich(Article(text=text, language="en")).article.places] == [place]


@pytest.mark.parametrize(
    "text", ["Mr. Washington beat Leeds 2-1.", "Mr. Washington beat Leeds 2-1. The striker left with a goal in May."]
)
def test_a_title_makes_a_person_of_it_in_sport_too(text: str) -> None:
    article = enrich(Article(text=text, language="en")).article
    assert ("Washington", "PERSON") in [(each.name, each.type) for each in article.entities]
    assert washingtons(text) == []
