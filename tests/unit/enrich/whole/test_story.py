"""Versions of one story are found, and reports of the same kind are kept apart, on invented wire copy."""

from __future__ import annotations

import random
from functools import cache
from itertools import combinations

import pytest

from services.records import Article
from services.store.stories import Fingerprint
from workers.enrich.whole.story import (
    bands,
    facts,
    new_paragraphs,
    numbers,
    shingles,
    signature,
    similarity,
)
from workers.enrich.whole.versions import containment, same

NAMES = [
    "Okafor",
    "Lindqvist",
    "Marchetti",
    "Tanaka",
    "Petrova",
    "Ramos",
    "Novak",
    "Haddad",
    "Kimura",
    "Fernandes",
    "Olsen",
    "Mbeki",
    "Duarte",
    "Weiss",
    "Ivanov",
    "Rossi",
]
TOWNS = [
    "Varna",
    "Tampico",
    "Ghent",
    "Sousse",
    "Kisumu",
    "Trieste",
    "Bergen",
    "Cebu",
    "Arica",
    "Oulu",
    "Durban",
    "Batumi",
    "Lahore",
    "Recife",
    "Malmo",
    "Quito",
]
FIRMS = [
    "Alvora",
    "Brightwell",
    "Castellan",
    "Dunmore",
    "Eskdale",
    "Fenwick",
    "Galtex",
    "Harrowby",
    "Ilmari",
    "Jorvik",
    "Kestrel",
    "Lumira",
]
SENTENCES = [
    "Mayor {name} of {town} opened the rebuilt market hall after {n} months of work that cost twice the first estimate.",
    "The {firm} shipyard in {town} will let {n} welders go once the last ferry leaves the dock, its owners told the union.",
    "A court in {town} freed the accountant {name}, who had served {n} days for a fraud that nobody could prove.",
    "Divers near {town} raised a bronze anchor that {name}, a retired captain, had marked on a chart {n} years ago.",
    "Farmers around {town} lost {n} hectares of barley to hail, and {name} of their union wants the state to pay.",
    "The museum in {town} returned {n} masks to their village; its director {name} called it a debt long overdue.",
    "A bus driver, {name}, steered {n} passengers off the flooded road outside {town} minutes before the bridge fell.",
    "Nurses at {town} general hospital voted {n} to one to strike unless {firm}, which runs the wards, hires more staff.",
    "The orchestra of {town} cancelled {n} concerts because its hall, owned by {firm}, has no heating left.",
    "Police in {town} found {n} stolen bicycles in a barn belonging to a cousin of the cyclist {name}.",
    "The ferry between the islands and {town} ran aground with {n} people, and the captain, {name}, stayed until dawn.",
    "Students in {town} planted {n} oaks along the ring road that {firm} had cleared without asking anyone.",
    "A cold front will bring {n} centimetres of snow to the hills above {town}, the forecaster {name} said.",
    "The council of {town} rejected a plan by {firm} to build {n} flats beside the old cemetery wall.",
    "A chess player of eleven, {name} from {town}, beat {n} grown men in one evening and went home to bed.",
    "Customs officers at {town} opened {n} crates marked as tiles and found parrots, turtles and one angry monkey.",
]
BACKGROUND = [
    "The region has seen several such cases over the past decade, most of them without any lasting consequence for anyone.",
    "Observers in the capital have long complained that the provinces hear of decisions only when it is too late to object.",
    "A spokeswoman for the ministry declined to say whether the matter would be raised when the assembly meets again.",
]
TEMPLATES = [
    "{town}, March 3 (Copy) - A magnitude {d} earthquake struck {n} kilometres off {town} on Monday at a depth of {m} kilometres, "
    "the geological survey said. There were no immediate reports of damage or casualties. No tsunami warning was issued. "
    "Residents of {town} said they felt the shaking for several seconds.",
    "{firm} reported quarterly profit of ${n} million on Tuesday, compared with ${m} million a year earlier. Revenue rose {d} "
    "percent to ${k} million. Analysts on average had expected earnings of ${d} per share. Shares of {firm} were up in early "
    "trading. Chief executive {name} said the company was on track to meet its forecast for the full year.",
    "{town} beat visitors {firm} {d} on Saturday in the first division. {name} scored in the {m}th minute and the hosts held on "
    "until the final whistle. The result leaves {town} with {n} points from {k} matches. The teams meet again in the autumn.",
]


def fill(chance: random.Random, text: str) -> str:
    return text.format(
        name=chance.choice(NAMES), town=chance.choice(TOWNS), firm=chance.choice(FIRMS), n=chance.randint(11, 999),
        m=chance.randint(11, 99), k=chance.randint(100, 9999), d=f"{chance.randint(2, 9)}.{chance.randint(1, 9)}",
    )  # fmt: skip


def versions(chance: random.Random) -> list[str]:
    """Return one story, and versions as the wire and its clients change it."""
    paragraphs = [fill(chance, one) for one in chance.sample(SENTENCES, 9)]
    edited = [
        one.replace("The ", "A ", 1)
        .replace(" said", " said on Tuesday")
        .replace(" and ", ", and ", 1)
        .replace(" until ", " till ")
        for one in paragraphs
    ]
    edited[chance.randrange(9)] = chance.choice(BACKGROUND)
    lead = fill(
        chance, "Officials in {town} promised an answer within {n} hours on Thursday as anger grew over the affair."
    )
    return [
        "\n\n".join(one)
        for one in (
            paragraphs,
            edited,
            paragraphs[:5],
            paragraphs[:3],
            [lead, *paragraphs],
            [lead, *paragraphs[1:7]],
            paragraphs + BACKGROUND,
            ["TAMPICO (Wire) — " + paragraphs[0], *paragraphs[1:]],
        )
    ]


@cache
def printed(text: str, title: str | None = None) -> Fingerprint:
    return Fingerprint(**numbers(text, title))


def same_story(one: str, other: str) -> bool:
    """Return whether the index joins them: by a shared band, then how much of text and facts is shared."""
    a, b = printed(one), printed(other)
    return bool(set(a.bands) & set(b.bands)) and same(a, b) > 0


def test_precision_and_recall_of_versions_among_look_alikes() -> None:
    chance = random.Random(7)
    texts = [(f"story {n}", text) for n in range(14) for text in versions(chance)]
    texts += [(f"template {n}", fill(chance, TEMPLATES[n % 3])) for n in range(45)]
    group = list(range(len(texts)))
    for a, b in combinations(range(len(texts)), 2):
        if group[a] != group[b] and same_story(texts[a][1], texts[b][1]):
            group = [group[a] if one == group[b] else one for one in group]
    right = wrong = missed = 0
    for a, b in combinations(range(len(texts)), 2):
        told, found = texts[a][0] == texts[b][0], group[a] == group[b]
        right, wrong, missed = right + (told and found), wrong + (found and not told), missed + (told and not found)
    assert right / (right + wrong) >= 0.98, (right, wrong)
    assert right / (right + missed) >= 0.95, (right, missed)


def test_estimate_is_near_the_truth() -> None:
    one, *others = versions(random.Random(3))
    for other in others:
        estimate = containment(printed(one), printed(other))
        assert estimate == pytest.approx(similarity(shingles(one), shingles(other)), abs=0.25)


def test_dateline_case_and_accents_do_not_matter() -> None:
    plain = "The Cafe owner closed the square for two days because of rain and wind."
    dressed = "PARIS (Wire) — The Café owner closed the SQUARE for two days because of rain and wind.\n\nReporting by A. Nother"
    assert similarity(shingles(plain), shingles(dressed)) == 1.0
    assert signature(plain) == signature(dressed)


def test_a_text_without_words_is_near_nothing() -> None:
    assert signature("— …") == bands([]) == shingles("") == facts("") == []
    assert similarity([], shingles("some words here now")) == 0.0


def test_new_paragraphs_are_those_the_earlier_version_lacked() -> None:
    old, *_ = versions(random.Random(5))
    text = f"{old}\n\n{BACKGROUND[0]}"
    (new,) = new_paragraphs(Article(text=text), old)
    assert new.text == BACKGROUND[0] == text[new.start : new.end]
