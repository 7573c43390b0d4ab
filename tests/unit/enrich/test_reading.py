"""English copy goes through all stages of enrichment, because a mistake of one stage shows in those that follow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.records import Article, Dateline
from workers.enrich import enrich

MONDAY = datetime(2024, 6, 3, 9, 15, tzinfo=UTC)


def read(text: str) -> Article:
    return enrich(Article(text=text, language="en"), reference=MONDAY).article


def speakers(text: str) -> list[tuple[str, str | None]]:
    return [(quote.text, quote.speaker) for quote in read(text).quotes if quote.kind == "speech"]


def roles(text: str) -> dict[str, str | None]:
    return {entity.name: entity.role for entity in read(text).entities if entity.type == "PERSON"}


def types(text: str) -> dict[str, str]:
    return {entity.name: entity.type for entity in read(text).entities}


def countries(text: str) -> dict[str, str | None]:
    return {place.name: place.country for place in read(text).places}


def cites(text: str) -> list[str]:
    return [cite.source for cite in read(text).cites]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Judge Hannah Moor KC told Burton: 'You stole from pensioners. It ends today.'",
            [("You stole from pensioners. It ends today.", "Hannah Moor")],
        ),
        (
            "'The tenants' money went on horses,' said Peter Lowe, a trustee. 'We can't get it back.'",
            [("The tenants' money went on horses,", "Peter Lowe"), ("We can't get it back.", "Peter Lowe")],
        ),
        (
            '"The pits closed," said Ruth Hale. "The shops closed next.\n\n"Then the buses stopped running here."',
            [
                ("The pits closed,", "Ruth Hale"),
                ('The shops closed next.\n\n"Then the buses stopped running here.', "Ruth Hale"),
            ],
        ),
        (
            'Ruth Hale used her speech to accuse ministers of "walking past the house on fire".',
            [("walking past the house on fire", "Ruth Hale")],
        ),
        (
            'The chief executive, Kari Lund: "Prices will stay low until the spring."',
            [("Prices will stay low until the spring.", "Kari Lund")],
        ),
        (
            "Egypt's oil minister said the deal would “bring both shores to one table.” The minister, Adel Nassar, "
            "left on Sunday.",
            [("bring both shores to one table.", "Adel Nassar")],
        ),
        (
            "Vera Holm led ten voyages. She is survived by a sister, Berit Holm.\n\n“We measure on weekdays,” she said.",
            [("We measure on weekdays,", "Vera Holm")],
        ),
        (
            "Laurel Foods fell sharply. The company, which owns ten mills, said it was “deeply and truly sorry for it”.",
            [("deeply and truly sorry for it", "Laurel Foods")],
        ),
        (
            "“She filled forty notebooks,” wrote Olav Brekke in his memoir, “North of the Lights,” in 1974.",
            [("She filled forty notebooks,", "Olav Brekke")],
        ),
    ],
)
def test_who_is_quoted(text: str, expected: list[tuple[str, str]]) -> None:
    assert speakers(text) == expected


def test_who_says_it_is_not_who_it_is_said_of() -> None:
    text = (
        "Anna Berg praised the judges in Kiel on Monday. The ambassador, Sergei Volin, was called to the ministry, "
        "she said. She added that the verdict stood."
    )
    assert {statement.source for statement in read(text).statements} == {"Anna Berg"}


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Her party urged President Tamas Bihari to wait.", "Tamas Bihari", "President"),
        ("Alix Moreau, the wife of its director, Sandro Moreau, was taken.", "Sandro Moreau", "director"),
        (
            "Amara Kone, Regional Director for Eastern and Southern Africa, spoke.",
            "Amara Kone",
            "Regional Director for Eastern and Southern Africa",
        ),
        ("Katalin Varga, who leads the Renewal Movement, left.", "Katalin Varga", "leads the Renewal Movement"),
        ("Angola's president met his Zambian counterpart Aurelio Banda.", "Aurelio Banda", "Zambian counterpart"),
        ("She leaves a daughter, Ingrid Dahl; and four grandchildren.", "Ingrid Dahl", "daughter"),
        ("Speaker Gabor Szalai rejected the charge.", "Gabor Szalai", "Speaker"),
    ],
)
def test_roles(text: str, name: str, role: str) -> None:
    assert roles(text)[name] == role


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Police arrested Ramesh Khandelwal, the former director of a bank, in Surat.", "Ramesh Khandelwal", "PERSON"),
        ("The army accused the M19 rebels of firing shells.", "M19", "ORG"),
        ("The quake was deep, the United States Geological Survey said.", "United States Geological Survey", "ORG"),
        ("The firm is a unit of California-based Luma Holdings.", "Luma Holdings", "ORG"),
        ("A drug made by Swiss biotech Helvion AG was approved.", "Helvion AG", "ORG"),
        ("Chisom Eze of the Institute for the Science of Old Seas in Jena said so.", "Chisom Eze", "PERSON"),
        ("Armenia and Georgia trade with Batumi, a port.", "Batumi", "GPE"),
        ("Graham Toll, 57, of Roundhay, was jailed in Leeds.", "Roundhay", "GPE"),
        ("The striker scored a goal as Velden coach Ruud Maas cheered his striker.", "Velden", "ORG"),
    ],
)
def test_types_by_the_words_around_a_name(text: str, name: str, kind: str) -> None:
    assert types(text)[name] == kind


@pytest.mark.parametrize(
    ("text", "no_name"),
    [
        ("Net profit was NOK 310 million at 1430 GMT.", "NOK"),
        ("Defence Minister Jorge Salas said so in Lima.", "Defence"),
        ("Bishop of Durham Judith Fair spoke on Friday.", "Bishop of Durham"),
        ("Brent crude fell to $79 in London.", "Brent"),
        ("Police shot three men in the Carrefour-Feuilles district of Port-au-Prince.", "Carrefour"),
        ("Ferry workers will walk out over Easter in Dover.", "Easter"),
    ],
)
def test_what_is_no_name(text: str, no_name: str) -> None:
    assert no_name not in types(text)


def test_a_surname_of_two_words_joins_the_full_name() -> None:
    article = read("Jose Manuel Lopez Arriaga spoke in Lima. Lopez Arriaga then left.")
    person = next(entity for entity in article.entities if entity.type == "PERSON")
    assert (person.name, person.count) == ("Jose Manuel Lopez Arriaga", 2)


def test_an_office_with_its_country_is_a_mention_where_it_stands_alone() -> None:
    text = "The Chilean ambassador said no. Eva Prado, Chile's ambassador to Peru, left. Prado wept."
    prado = next(entity for entity in read(text).entities if entity.name == "Eva Prado")
    assert [mention.text for mention in prado.mentions] == ["Chilean ambassador", "Eva Prado", "Prado"]


@pytest.mark.parametrize(
    ("text", "place", "country"),
    [
        ("U.S. oil fell. The ministers of OPEC meet in Vienna. The U.S. stocks rose.", "Vienna", "AT"),
        ("A senator from New Hampshire spoke. The minister visited Paris and the U.S. envoy.", "Paris", "FR"),
        ("Ten towns near Dallas, Texas, flooded. Paris, Texas, and Houston in Texas were spared.", "Paris", "US"),
        ("She was born in Bodo, a town in Norway.", "Bodø", "NO"),
    ],
)
def test_namesakes(text: str, place: str, country: str) -> None:
    assert countries(text)[place] == country


def test_a_small_namesake_far_away_is_not_put_on_the_map() -> None:
    found = countries("Peru sent help to Peru's coast. Peru said a house in Frome lost its roof. Peru wept.")
    assert "Frome" not in found


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("Police held ten men, the news agency MTI reported.", ["MTI"]),
        ("“We had them,” he told Arena Sports.", ["Arena Sports"]),
        ("Beatrice Phiri spoke to The Lusaka Post about the dam.", ["Lusaka Post"]),
        ("Exports fell, Interfax reported, citing the energy ministry.", ["Interfax"]),
    ],
)
def test_cites(text: str, sources: list[str]) -> None:
    assert cites(text) == sources


def test_the_credit_of_a_dateline_is_no_cite() -> None:
    line = "LIMA (Reuters) - "
    article = Article(
        text=f"{line}The dam held, AFP reported.",
        language="en",
        dateline=Dateline(text=line.strip(), start=0, end=len(line) - 1, places=["Lima"], credit="Reuters"),
    )
    assert [cite.source for cite in enrich(article).article.cites] == ["Agence France-Presse"]


@pytest.mark.parametrize(
    ("text", "value", "end"),
    [
        ("The two leaders are due to meet for the first time since the war in Luanda on Thursday.", "2024-06-06", None),
        ("Dr Fair, who retires on Friday after nine years, wept.", "2024-06-07", None),
        ("The man who will stand trial was held in Lima on Friday.", "2024-05-31", None),
        ("The road is closed until Saturday.", "2024-06-08", None),
        ("By April we had received nothing.", "2024-04", None),
        ("Exports fell 12% in the three months to March.", "2024-01", "2024-03"),
        ("In the year to March, it earned more.", "2023-04", "2024-03"),
        ("Shells fell on the town overnight.", "2024-06-03TNI", None),
        ("It will report in the first quarter of next year.", "2025-Q1", None),
        ("The bank failed in March last year.", "2023-03", None),
        ("A hearing was set for 9 July.", "2024-07-09", None),
    ],
)
def test_dates(text: str, value: str, end: str | None) -> None:
    told = [date for date in read(text).dates if date.kind != "duration"]
    assert [(date.value, date.value_end) for date in told] == [(value, end)]


@pytest.mark.parametrize(
    "text", ["The Today programme had the minister on.", "An overnight train ran.", "COP29 ended in tears."]
)
def test_neither_date_nor_money(text: str) -> None:
    article = read(text)
    assert not article.dates
    assert not article.money


def test_a_time_belongs_to_the_day_of_the_deed_not_to_that_of_its_telling() -> None:
    text = (
        "He was killed on Saturday. Two men were held, the sheriff said Monday. Shots fell at 10:40 p.m. near a shop."
    )
    assert "2024-06-01T22:40" in [date.value for date in read(text).dates]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [("Zambia paid 2 billion kwacha.", 2_000_000_000, "ZMW"), ("It cost 40,000 meticais.", 40_000, "MZN")],
)
def test_rarer_currencies(text: str, amount: int, currency: str) -> None:
    assert [(money.amount, money.currency) for money in read(text).money] == [(amount, currency)]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Angola, which brokered the truce, called on both sides to stop.", "Angola REQUEST sides happened"),
        (
            "Hundreds of Haitians marched through the capital to protest the killing.",
            "Haitians PROTEST killing happened",
        ),
        (
            "Brightline was fined 3 million euros by a privacy regulator.",
            "privacy regulator COERCE Brightline happened",
        ),
        ("Pavel Lukas is due to meet Ana Ruiz in Oslo.", "Pavel Lukas CONSULT Ana Ruiz planned"),
        ("Turkey withdrew its rescue team last week.", "Turkey RETREAT rescue team happened"),
        ("Colombia recalled its ambassador to Peru.", "Colombia SANCTION Peru happened"),
        ("Australia pledged 3 million dollars in aid.", "Australia AID None happened"),
        (
            "Oslo said it was wrong, and Norway's police arrested an American nurse.",
            "Norway COERCE American nurse happened",
        ),
        ("Graham Toll, who denied fraud but was convicted by a jury, wept.", "jury COERCE Graham Toll happened"),
    ],
)
def test_events(text: str, event: str) -> None:
    found = [f"{each.actor} {each.action} {each.target or each.object} {each.status}" for each in read(text).events]
    assert event in found


@pytest.mark.parametrize(
    "text",
    [
        "He lent money to shell companies in Surat.",
        "A spokesman asked not to be named.",
        "The coach said City beat Velden after two goals in the League.",
        "Beatrice Phiri spoke to Reuters about the dam.",
        "Brazil will host the conference.",
    ],
)
def test_no_event(text: str) -> None:
    assert not read(text).events


def test_a_clause_has_its_own_date() -> None:
    (ban, lift) = read("The EU banned Kazakh ships in 2009 and only lifted the restrictions last year.").events
    assert (ban.date, lift.date) == ("2009", "2023")


def test_keyphrases_are_of_one_phrase() -> None:
    words = [
        keyword.text for keyword in read("For a decade Georgia was the model pupil. Growth was 11 per cent.").keywords
    ]
    assert "decade Georgia" not in words
    assert "cent" not in words


def test_hunger_is_a_topic_of_society() -> None:
    text = "Hunger is spreading in the camps, and children are malnourished. The famine is near, humanitarian agencies say."
    assert [topic.name for topic in read(text).topics][:1] == ["society"]
