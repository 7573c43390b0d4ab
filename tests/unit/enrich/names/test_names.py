"""People and places in short articles that were written for these tests."""

import pytest

from services.records import Article, Dateline, Section
from workers.enrich import enrich
from workers.enrich.names.gazetteer import country_of, polity
from workers.enrich.names.truecase import truecase
from workers.enrich.whole.language import detect


def read(text: str, **fields: object) -> Article:
    article = enrich(Article(text=text, **fields)).article
    for entity in article.entities:
        assert entity.count == len(entity.mentions)
        for mention in entity.mentions:
            assert article.text[mention.start : mention.end] == mention.text
    return article


def types(article: Article) -> dict[str, str]:
    return {entity.name: entity.type for entity in article.entities}


def countries(article: Article) -> dict[str, str | None]:
    return {place.name: place.country for place in article.places}


def test_surname_and_description_join_the_full_name() -> None:
    text = (
        "Norway’s Ambassador to Chile said on Monday the talks would go on. The Norwegian ambassador, Ingrid Solberg, "
        "spoke in Santiago. Solberg left the same day."
    )
    person = next(entity for entity in read(text).entities if entity.type == "PERSON")
    assert person.name == "Ingrid Solberg"
    assert person.role == "Norway’s Ambassador to Chile"
    assert [mention.text for mention in person.mentions] == [person.role, "Ingrid Solberg", "Solberg"]
    assert "The Norwegian ambassador" in person.aliases


def test_a_surname_is_known_without_its_article() -> None:
    text = "President Karim al-Nasiri flew to Oslo on Monday. Nasiri, supported by Norway, said he would stay."
    assert {e.name: e.count for e in read(text).entities if "Nasiri" in e.name} == {"Karim al-Nasiri": 2}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Troops took the mining town of Halvandara on Friday. Halvandara is empty.", "Halvandara", "GPE"),
        ("Ann Low won the U.S. Open in Queens.", "U.S. Open", "EVENT"),
        ("The crash of an Ora Lin freighter is a riddle. Ora Lin said it would pay.", "Ora Lin", "ORG"),
        ("Six planes will be leased to Brazil's Varolin airline, banking sources said.", "Varolin", "ORG"),
        ("The OSCE, or Organisation for Security and Co-operation in Europe, met.", "OSCE", "ORG"),
    ],
)
def test_what_a_name_is_by_the_words_at_its_side(text: str, name: str, kind: str) -> None:
    assert types(read(text, language="en")).get(name) == kind


@pytest.mark.parametrize(
    "text",
    [
        "She has 121 RBI this year.",
        "The Olympic champion won.",
        "The Dow Jones industrial average fell.",
        "MPs met on Brexit.",
    ],
)
def test_units_indices_and_adjectives_are_no_names(text: str) -> None:
    assert read(text, language="en").entities == []


def test_a_committee_is_not_the_house_it_is_of() -> None:
    found = read("The House Judiciary Committee met on Monday. The House voted on Friday, and Ana Ruiz left the House.")
    committee = next(e for e in found.entities if e.name == "House Judiciary Committee")
    assert committee.count == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Emirates said it would order 30 aircraft from Airbus.", {"Emirates": "ORG", "Airbus": "ORG"}),
        ("Traders in the Emirates buy oil from Iran.", {"United Arab Emirates": "GPE", "Iran": "GPE"}),
        ("Munich Re said it would pay.", {"Munich Re": "ORG"}),
        ("Halvers-Bruck said it would buy the mill. Halvers has 12 mills.", {"Halvers-Bruck": "ORG"}),
    ],
)
def test_firms_that_are_called_like_something_else(text: str, found: dict[str, str]) -> None:
    assert types(read(text, language="en")) == found


def test_software_is_told_from_places_and_people_where_a_text_names_several() -> None:
    found = types(
        read(
            "Developers moved from Java to Python, then React and Angular, says Mark Reed. I used Notepad. People used Google,"
            " Outlook and Apple Mail; others chose Babel, Redux. They hosted it with Git, Docker and Kubernetes."
        )
    )
    assert found["Java"] == found["Git"] == found["Redux"] == "PRODUCT"
    assert found["Google"] == "ORG" and found["Mark Reed"] == "PERSON"
    assert not {"I", "Google, Outlook"} & set(found)
    assert types(read("The island of Java was hit by a storm, Mark Reed said.")).get("Java") != "PRODUCT"


def test_addresses_and_code_are_no_names() -> None:
    text = (
        "Ana Ruiz wrote the test in Oslo. Her page is http://pages.example/AnaRuiz for all. It calls\n\n"
        'GetItem(Server, "ReadFile") and Err_Timeout == Client[Runner].\n\nThe page is read in Norway.'
    )
    assert not [name for name in types(read(text)) if set(name) & set("(/_[=")]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        (
            "Foreign Minister Ana Lopes met traders in Lisbon on Monday. She asked them to wait until the spring.",
            "Ana Lopes",
            "Foreign Minister",
        ),
        (
            "The bridge is safe, said Peter Hall, a spokesman for Kent Police.",
            "Peter Hall",
            "spokesman for Kent Police",
        ),
    ],
)
def test_roles(text: str, name: str, role: str) -> None:
    assert {entity.name: entity.role for entity in read(text).entities}[name] == role


def test_dateline_places_are_places_and_join_their_later_mentions() -> None:
    head = "BAKU (Combined Sources)—"
    dateline = Dateline(text=head, start=0, end=len(head), places=["Baku"])
    article = read(f"{head}Officials in Baku said the road to Karabakh stayed shut.", dateline=dateline)
    baku = next(entity for entity in article.entities if entity.name == "Baku")
    assert (baku.type, baku.count) == ("GPE", 2)
    assert countries(article) == {"Baku": "AZ", "Nagorno-Karabakh": None}


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Georgia and Armenia opened a border post, officials in Tbilisi said.", "Georgia", "GE"),
        ("Storms hit Atlanta and Savannah, Georgia, and parts of Alabama on Friday.", "Georgia", "US"),
        ("Envoys from Israel, India, Russia and the US met in Georgia after talks in Armenia.", "Georgia", "GE"),
        ("A barn burned down in Paris, Texas, on Tuesday, firefighters said.", "Paris", "US"),
        ("The French minister returned to Paris on Tuesday after talks in Berlin.", "Paris", "FR"),
        ("Gaza was calm on Sunday after a week of strikes by the Israeli army.", "Gaza Strip", "PS"),
        ("Police in Birmingham said two men were held after a raid in England.", "Birmingham", "GB"),
        ("Police in Birmingham, Alabama, said two men were held after a raid.", "Birmingham", "US"),
    ],
)
def test_namesakes_are_told_apart(text: str, name: str, country: str) -> None:
    assert countries(read(text))[name] == country


def test_a_person_named_like_a_place_is_no_place() -> None:
    article = read("Denzel Washington opened the school on Monday. Washington smiled at the crowd.")
    assert types(article) == {"Denzel Washington": "PERSON"}
    assert article.places == []


def test_a_seat_of_government_is_not_put_in_a_town_of_its_name() -> None:
    article = read("Talks at the White House lasted two hours, an official said.")
    assert types(article) == {"White House": "FAC"}
    assert [(place.name, place.country, place.geonames_id) for place in article.places] == [("White House", "US", None)]


def test_acronym_in_brackets_joins_its_name() -> None:
    article = read("Northern Harbour Authority (NHA) closed the pier on Friday. The NHA said it would reopen soon.")
    authority = next(entity for entity in article.entities if entity.type == "ORG")
    assert authority.name == "Northern Harbour Authority"
    assert authority.count == 3


def test_a_firm_is_not_the_city_of_its_name() -> None:
    article = read("Toyota Motor Corp. shares fell 3% in Tokyo on Friday. The head of Toyota said sales would recover.")
    assert types(article) == {"Toyota Motor Corp.": "ORG", "Tokyo": "GPE"}
    assert countries(article) == {"Tokyo": "JP"}


def test_heading_is_read_as_running_text() -> None:
    heading = "Israel Signs Drone Deal With Azerbaijan"
    text = f"{heading}\n\nThe two countries signed on Sunday."
    section = Section(heading=heading, start=0, end=len(heading), body_end=len(text))
    assert types(read(text, sections=[section])) == {"Israel": "GPE", "Azerbaijan": "GPE"}


def test_truecase_keeps_length_and_known_names() -> None:
    shouted = "AZERBAIJAN SAYS ISRAELI ARMS TO BE USED"
    recased = truecase(shouted)
    assert recased == "Azerbaijan says Israeli arms to be used"


def test_points_are_longitude_then_latitude() -> None:
    place = read("Rain fell on Sydney and the rest of Australia on Monday.").places[0]
    assert place.location is not None
    longitude, latitude = place.location.coordinates
    assert 150 < longitude < 152
    assert -35 < latitude < -33


def test_other_languages_get_known_names_and_say_so() -> None:
    article = read(
        "Der Minister hat Deutschland am Dienstag verlassen, um seine Kollegen in Spanien und in Paris zu treffen."
    )
    assert article.language == "de"
    assert "no_model:de" in article.warnings
    assert {"Germany", "Spain", "Paris"} <= types(article).keys()


def test_who_a_name_speaks_for() -> None:
    israeli = country_of("Israeli")
    assert israeli is not None
    assert (israeli.iso, israeli.name) == ("IL", "Israel")
    assert [polity(name) for name in ("Baku", "Tel Aviv", "White House", "Bananas")] == [
        "Azerbaijan",
        "Israel",
        "United States",
        None,
    ]


def test_language() -> None:
    assert detect("Президент заявив у вівторок, що переговори тривають.") == "uk"
    assert detect("3912 12.5 44") is None


def test_results_in_english_are_no_pidgin_unless_the_document_says_so() -> None:
    text = "ATHLETICS - OSLO RESULTS\n\nLeading results at the Oslo meeting:\n1. Ana Lund (Norway) 50.31 seconds\n"
    assert read(text).language == "en"
    assert read(text, language="pcm").language == "pcm"


def test_skipped_stage_leaves_its_field() -> None:
    enriched = enrich(Article(text="Officials in Berlin met on Monday morning."), skip=frozenset({"places"}))
    assert enriched.article.places == []
    assert "places" not in enriched.stages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Foreign Minister Ana Lopes spoke to the traders in Lisbon", "en"),
        ("Okafor and Lindqvist in Abuja", "en"),
        ("Kiew: Janukowitsch, Timoschenko und Klitschko", "de"),
        ("Madrid vence al Barcelona en Sevilla", "es"),
    ],
)
def test_small_words_tell_the_language_of_a_text_full_of_names(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (
            "The Ministry of Health and Social Care said on Monday it would pay.",
            "Ministry of Health and Social Care",
            "ORG",
        ),
        ("The bridge was closed, the Fisheries Ministry said on Monday.", "Fisheries Ministry", "ORG"),
        ("Hurricane Odalys tore roofs off houses on Monday.", "Hurricane Odalys", "EVENT"),
        ("They signed the Treaty of Oslo after a long week.", "Treaty of Oslo", "LAW"),
        ("Traffic was stopped on Interstate 84 on Monday.", "Interstate 84", "FAC"),
        ("Her second film, “The Glass Orchard”, opens on Friday.", "The Glass Orchard", "WORK"),
        ("The ferry sank on Lake Ramsund on Monday, police said.", "Lake Ramsund", "LOC"),
        ("The drug maker Novirex fell 4% on Monday after a poor trial.", "Novirex", "ORG"),
        ("The council called it unsafe, the news agency Orbita reported.", "Orbita", "ORG"),
        ("Oluwaseun Bright, 43, denied the charge in court on Monday.", "Oluwaseun Bright", "PERSON"),
    ],
)
def test_form_and_surroundings_tell_what_a_name_is(text: str, name: str, kind: str) -> None:
    found = {mention.text: entity.type for entity in read(text).entities for mention in entity.mentions}
    assert found[name] == kind


def test_a_country_is_not_the_person_who_bears_its_name() -> None:
    article = read(
        "Forward Luke Jordan scored twice in Amman on Tuesday. Jordan, 22, was carried off by the fans. "
        "Jordan play Iraq in a friendly match next week."
    )
    assert [m.text for e in article.entities if e.type == "PERSON" for m in e.mentions] == ["Luke Jordan", "Jordan"]
    assert countries(article)["Jordan"] == "JO"


def test_a_team_is_not_its_city_in_a_report_of_sport() -> None:
    article = read(
        "Leeds beat Norwich 3-1 on Saturday, the coach said. The team flies to Lisbon for a cup match on Monday."
    )
    assert types(article)["Leeds"] == "ORG"
    assert types(article)["Lisbon"] == "GPE"
    assert "Leeds" not in countries(article)


def test_states_as_newspapers_shorten_them() -> None:
    article = read("A man from Springfield, Ill., was found in Athens, Ga., on Monday, police said.")
    assert countries(article)["Illinois"] == "US"
    assert {p.name: p.location.coordinates[0] for p in article.places if p.location}["Athens"] < -80


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("He was beaten by the blogger, Tomas Reinholt, in court on Monday.", "blogger"),
        ("The left-arm spinner Tomas Reinholt took four wickets on Monday.", "left-arm spinner"),
        ("The offer was small, said Tomas Reinholt, a teacher from Turku.", "teacher from Turku"),
        ("Attitudes about Chilean leader Tomas Reinholt have changed.", "Chilean leader"),
        ("She paid a visit to Chilean president Tomas Reinholt on Monday.", "Chilean president"),
    ],
)
def test_roles_by_the_parse(text: str, role: str) -> None:
    assert [entity.role for entity in read(text).entities if entity.type == "PERSON"] == [role]


def test_initials_in_common_use_are_no_bodies() -> None:
    article = read(
        "The new UI uses AI, and IT staff in Ohio like the API. Its CEO sent a PDF; a FAQ and GPS data will follow."
    )
    assert types(article) == {"Ohio": "GPE"}


def test_initials_that_the_text_introduces_are_the_body() -> None:
    article = read("Amnesty International (AI) said on Tuesday that prisoners were held. AI called for their release.")
    (body,) = article.entities
    assert (body.name, body.type) == ("Amnesty International", "ORG")
    assert [span.text for span in body.mentions].count("AI") == 2


def test_a_person_behind_an_office_with_two_fields() -> None:
    article = read("The former minister for Health and Sport Nicola Reid said nothing.")
    assert types(article) == {"Nicola Reid": "PERSON"}


@pytest.mark.parametrize("mark", ["'", "’"])
def test_a_church_is_named_after_its_saint(mark: str) -> None:
    article = read(
        f"Supper will be served at St. Paul{mark}s United Brethren Church in Chambersburg, Pa., the pastor said."
    )
    assert types(article)[f"St. Paul{mark}s United Brethren Church"] == "ORG"
    assert not any("Paul" in place.name for place in article.places)


def test_a_surname_behind_a_person_is_part_of_the_name() -> None:
    article = read("A jury found Kandace Yancy Marrow, 52, guilty. Her husband, Darrell L. Marrow, sold homes.")
    assert {"Kandace Yancy Marrow", "Darrell L. Marrow"} <= set(types(article))


def test_an_office_is_no_part_of_a_name() -> None:
    article = read(
        "The issue surfaced when Controller Gord Hume asked for money. She said she was sorry. Hume withdrew it."
    )
    assert types(article) == {"Gord Hume": "PERSON"}


def test_a_full_stop_is_no_part_of_a_name() -> None:
    article = read("A meeting will be held at 4 p.m. May 14 at Centennial Hall. The council has scrapped the board.")
    assert "Centennial Hall." not in types(article)


def test_services_and_things_are_no_places() -> None:
    article = read("Verizon showed an app for the iPad. Twitter has one, and so does Cisco. The iPhone has Wi-Fi.")
    assert types(article) == {
        "Verizon": "ORG",
        "iPad": "PRODUCT",
        "Twitter": "ORG",
        "Cisco": "ORG",
        "iPhone": "PRODUCT",
    }
