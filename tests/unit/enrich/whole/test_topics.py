"""IPTC topics on held-back leads: none was used to choose the seed words."""

from __future__ import annotations

import pytest

from services.records import Article
from workers.enrich import enrich
from workers.enrich.whole.topics import topics_of

HELD_BACK = {
    "01000000": [
        "The novelist will read from her book at the theatre festival before the film of it opens in the cinema next month.",
        "A sculpture by the late artist was sold after the exhibition closed, and the museum hopes to borrow it for its gallery.",
    ],
    "02000000": [
        "The jury found the defendant guilty of fraud and the judge sent him to prison for six years.",
        "Detectives arrested two suspects after a robbery at a jeweller's; both are in custody and will appear in court.",
    ],
    "03000000": [
        "Rescuers pulled nine survivors from the debris after an explosion destroyed a block of flats.",
        "A bus crash on the coast road left four dead, and firefighters worked for hours to free the victims from the wreckage.",
    ],
    "04000000": [
        "The retailer's shares fell after it cut its sales forecast, and analysts expect a smaller dividend.",
        "The central bank left its interest rate alone as inflation slowed and exports grew.",
    ],
    "05000000": [
        "Pupils will sit the new exam in June, and teachers say the curriculum leaves too little time for lessons.",
        "The university will lower tuition for students from the islands and open a second campus.",
    ],
    "06000000": [
        "Plastic waste in the rivers threatens species that live nowhere else, conservation groups say.",
        "Deforestation has slowed, but carbon emissions from burnt forests are still rising.",
    ],
    "07000000": [
        "Doctors at the clinic treat patients with malaria and warn of an outbreak of cholera.",
        "A vaccine against the virus will be given in hospitals first, the health service said.",
    ],
    "08000000": [
        "The oldest twins in the valley kept their birthday with a puppy, a gift from a grandmother of 104.",
        "A cat lost for nine years was reunited with its family days before their anniversary.",
    ],
    "09000000": [
        "The union called its workers out on strike over wages and overtime.",
        "Layoffs at the plant will cost four hundred jobs, and employees say nobody told them.",
    ],
    "10000000": [
        "The chef opened a second restaurant on the beach with recipes from his holiday in the hills.",
        "Tourists fill the hotels of the resort, and hiking is the trend of the season.",
    ],
    "11000000": [
        "The prime minister lost a vote in parliament and the opposition called for an election.",
        "Candidates for mayor met in a debate before the ballot; both parties claim to lead the poll.",
    ],
    "12000000": [
        "The bishop blessed the rebuilt cathedral, and pilgrims filled the church for the Easter prayer.",
        "An imam and a rabbi opened the mosque's garden together, a gesture of faith, worshippers said.",
    ],
    "13000000": [
        "Astronomers aimed the telescope at a planet whose orbit had puzzled scientists.",
        "The company's software runs on a quantum computer that researchers built in a laboratory.",
    ],
    "14000000": [
        "Refugees and migrants sleep in church halls as charities warn of poverty among families.",
        "The census shows an older population, fewer marriages and more children in care of elderly relatives.",
    ],
    "15000000": [
        "The striker scored two goals and the team won the match before their own fans.",
        "She took the gold medal in the final race of the championship, her coach in tears.",
    ],
    "16000000": [
        "Rebels shelled an army base and troops answered with missiles as the ceasefire broke down.",
        "Airstrikes killed fighters near the border, and the militia vowed an offensive.",
    ],
    "17000000": [
        "Forecasters expect snow and strong winds, with temperatures below zero by the evening.",
        "Heavy rainfall and thunderstorms will follow the heatwave, the weather service said.",
    ],
}


def test_accuracy_on_leads_that_were_held_back() -> None:
    examples = [(code, text) for code, texts in HELD_BACK.items() for text in texts]
    right = sum([one.code for one in topics_of("", text)[:1]] == [f"medtop:{code}"] for code, text in examples)
    assert right / len(examples) >= 0.85


def test_codes_and_names_are_those_of_the_vocabulary() -> None:
    (topic, *_) = topics_of("Storm", "Forecasters expect snow, rainfall and lower temperatures.")
    assert (topic.code, topic.name, topic.score) == ("medtop:17000000", "weather", 1.0)


def test_too_little_says_nothing() -> None:
    assert topics_of("", "The committee will meet again on Thursday afternoon.") == []


def test_other_languages_have_no_topics() -> None:
    assert enrich(Article(text="La police a arrêté le suspect.", language="fr")).article.topics == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "The firm's net profit rose in the quarter and the board will pay shareholders a higher dividend.",
            "20000170",
        ),
        (
            "Growers expect a smaller wheat crop after the frost, and corn and soybean harvests are late as well.",
            "20000209",
        ),
        ("Inflation slowed while imports grew, so that the trade deficit and unemployment rose.", "20000344"),
        ("The dollar fell against the yen and dealers spoke of intervention as bond yields rose.", "20000385"),
    ],
)
def test_the_second_level_of_the_economy(text: str, code: str) -> None:
    found = [topic.code for topic in topics_of("", text)]
    assert (found[0], found[-1]) == ("medtop:04000000", f"medtop:{code}")


def test_no_second_level_where_no_term_is_ahead() -> None:
    found = topics_of(
        "", "Shares and bonds fell as inflation and oil prices rose; the company's profit and wheat exports shrank."
    )
    assert found[0].code == "medtop:04000000"
    assert not any(topic.code.startswith("medtop:2") for topic in found)
