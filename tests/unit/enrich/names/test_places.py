"""Which of several places a name means, and place names inside other names."""

from __future__ import annotations

import pytest

from services.records import Article, Place
from workers.enrich import enrich


def read(text: str) -> dict[str, Place]:
    """Return the places by each span that names or contains them."""
    places = enrich(Article(text=text, language="en")).article.places
    return {span.text: place for place in places for span in (*place.mentions, *place.mentioned_in)}


def named(text: str, name: str, **head: str) -> tuple[int, int]:
    """Return the point of the place that ``name`` means in a document with that head."""
    places = enrich(Article(text=text, language="en", **head)).article.places
    return point(next(place for place in places if any(span.text == name for span in place.mentions)))


def point(place: Place) -> tuple[float, float]:
    assert place.location is not None
    longitude, latitude = place.location.coordinates
    return round(latitude), round(longitude)


@pytest.mark.parametrize(
    ("text", "name", "where"),
    [
        ("A barn burned in Paris, Texas, on Tuesday.", "Paris", (34, -96)),
        ("Two men were held in Athens, Ga., on Monday.", "Athens", (34, -83)),
        ("They came from Beckley, W. Va. The hearing is in May.", "Beckley", (38, -81)),
        ("The mill at Vidor, Orange County, Texas, closed.", "Vidor", (30, -94)),
        # counties, towns and the state support each other
        ("The Rapides Parish sheriff held a man in Alexandria.", "Alexandria", (31, -92)),
        ("Police in Kent and Litchfield, towns of Connecticut, met.", "Kent", (42, -73)),
        # its own name before one in another language, and before size
        ("Voters in Victoria, British Columbia, chose a mayor.", "Victoria", (48, -123)),
        # the middle, not the largest town
        ("Farmers in Texas want rain.", "Texas", (31, -99)),
        ("Officials in Lombardy closed the schools.", "Lombardy", (46, 10)),
        # a country in a list is not a place in the next one
        ("Ministers of China, Japan and South Korea met.", "China", (35, 103)),
        # a common noun makes it a division
        ("Troops left the Martuni region of Nagorno-Karabakh for Azerbaijan.", "Martuni", (40, 47)),
    ],
)
def test_which_one_it_is(text: str, name: str, where: tuple[int, int]) -> None:
    found = point(read(text)[name])
    assert max(abs(found[0] - where[0]), abs(found[1] - where[1])) <= 1


def test_a_town_that_the_tables_lack_is_no_namesake_elsewhere() -> None:
    assert "Gladstone" not in read("Three elevators in Gladstone, Manitoba, will be kept.")


@pytest.mark.parametrize("text", ["Snow fell on the Central Coast.", "The body lay near Hampton Park."])
def test_a_name_that_describes_is_no_town_abroad(text: str) -> None:
    assert read(text) == {}


def test_a_place_inside_a_bodys_name_is_kept_apart() -> None:
    places = read("The Richmond Police Department held two men. Virginia pays for the search.")
    assert point(places["Richmond"]) == (38, -77)
    assert places["Richmond"].mentions == []
    assert [span.start for span in places["Richmond"].mentioned_in] == [4]
    assert places["Virginia"].mentioned_in == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("It rose on the New York Stock Exchange on Monday.", (41, -74)),
        ("The New York State Senate met on Monday.", (43, -76)),
    ],
)
def test_a_body_called_after_a_great_city_lies_there(text: str, where: tuple[int, int]) -> None:
    [place] = read(text).values()
    assert point(place) == where


def test_a_people_gives_its_country_apart() -> None:
    place = read("Israeli officials flew home. Israel is at peace.")["Israel"]
    assert [span.text for span in place.mentions] == ["Israel"]
    assert [span.text for span in place.mentioned_in] == ["Israeli"]


@pytest.mark.parametrize(
    "text",
    [
        "Santa Fe Pacific Gold Corp. raised its offer.",
        "The Justice Department said it would appeal.",
        "Shares on Wall Street fell.",
        "The server has 4 GB of memory.",
        "The van stood between King Street and Church Road.",
    ],
)
def test_no_town_is_read_into_other_names(text: str) -> None:
    assert read(text) == {}


FIRE = "Fire drove two families from a house in {}. Nobody was hurt, firefighters said."


@pytest.mark.parametrize(
    ("name", "head", "where"),
    [
        ("Dublin", {"url": "https://columbuslocalpost.example.com/articles/dublin_news/fire.html"}, (40, -83)),
        ("Dublin", {"url": "https://example.com/articles/fire.html"}, (53, -6)),
        ("Portland", {"publisher": "The Middletown Courier"}, (42, -73)),
        ("Portland", {"publisher": "The Courier"}, (46, -123)),
    ],
)
def test_a_local_paper_means_the_town_nearby(name: str, head: dict[str, str], where: tuple[int, int]) -> None:
    assert named(FIRE.format(name), name, **head) == where


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("The selectmen of Berlin met at the high school off Route 9, near Middletown and Hartford.", (42, -72)),
        ("The senators of Berlin met at the town hall near the river.", (53, 13)),
        # mentions of foreign countries outweigh the idiom
        ("German and French sheriffs met in Berlin. Germany pays for the high school.", (53, 13)),
    ],
)
def test_american_idiom_speaks_for_the_american_town(text: str, where: tuple[int, int]) -> None:
    assert named(text, "Berlin") == where


@pytest.mark.parametrize(
    ("text", "name", "where"),
    [
        ("Rain fell on St. Cloud, Minnesota, all night.", "St. Cloud", (46, -94)),
        ("The ferry from Hurghada to Sharm El-Sheikh in Egypt was late.", "Sharm El-Sheikh", (28, 34)),
    ],
)
def test_short_and_capital_parts_of_names_are_known(text: str, name: str, where: tuple[int, int]) -> None:
    assert named(text, name) == where


def test_the_place_of_a_part_is_told_by_the_whole_name() -> None:
    places = read("Hail broke windows in North Dallas.")
    assert point(places["North Dallas"]) == (33, -97)
    assert places["North Dallas"].mentions == []


def test_a_party_before_a_town_is_cut_off() -> None:
    assert "Minneapolis" in read("Sen. Ana Ruiz (DFL-Minneapolis) wrote the bill in Minnesota.")


def test_a_town_in_capitals_whose_first_word_is_cut_short() -> None:
    place = read("ST. JOHN'S (CP) - The government said on Tuesday that it would help Newfoundland.")["ST. JOHN'S"]
    assert (place.name, place.country) == ("St. John's", "CA")


def test_a_seat_of_government_is_on_the_map() -> None:
    assert point(read("The White House said on Monday that it would veto the bill.")["White House"]) == (39, -77)


def test_counties_in_a_list() -> None:
    found = read("Fires burned in Navarro, Henderson and Ellis counties, officials in Corsicana, Texas, said.")
    assert [found[name].name for name in ("Navarro", "Henderson", "Ellis")] == [
        "Navarro County",
        "Henderson County",
        "Ellis County",
    ]


def test_a_common_noun_with_a_capital_is_no_town() -> None:
    places = enrich(
        Article(text="Oil still floats in the Gulf of Mexico. Ships crossed the Gulf on Friday.", language="en")
    ).article.places
    assert [place.name for place in places] == ["Gulf of Mexico"]


def test_a_table_of_the_world_has_the_great_cities_and_not_their_small_namesakes() -> None:
    towns = [
        "Athens",
        "Atlanta",
        "Auckland",
        "Bangkok",
        "Beirut",
        "Berlin",
        "Boston",
        "Brisbane",
        "Cairo",
        "Chicago",
        "Colombo",
        "Dublin",
        "Havana",
        "Lima",
        "Lisbon",
        "Madrid",
        "Manila",
        "Melbourne",
        "Miami",
        "Moscow",
        "Nairobi",
        "Oslo",
        "Perth",
        "Santiago",
        "Seoul",
        "Sydney",
        "Tunis",
        "Vancouver",
        "Warsaw",
        "Toronto",
    ]
    rows = "\n\n".join(f"{town};{10 + number};cloudy" for number, town in enumerate(towns))
    article = Article(text=f"Temperatures at noon, and the weather:\n\n{rows}", language="en")
    found = {place.name: place.country for place in enrich(article).article.places}
    wanted = {"Colombo": "LK", "Lima": "PE", "Melbourne": "AU", "Perth": "AU", "Santiago": "CL", "Tunis": "TN"}
    assert {name: found.get(name) for name in wanted} == wanted
