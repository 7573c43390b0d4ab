"""The annotated articles fit together, and enrichment reads the held-back half at least as well as the floors say."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.quality.enrich import gold, measure, story

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
FLOORS = {
    "cites": 0.79,
    "dates": 0.92,
    "entities": 0.92,
    "entities: joined": 0.87,
    "events": 0.67,
    "money": 0.96,
    "near-duplicates": 0.97,
    "places": 0.92,
    "quotes": 0.86,
    "roles": 0.86,
}


@pytest.fixture(scope="module", params=gold.HALVES)
def half(request):
    return request.param, gold.load_half(request.param)


def test_there_are_enough_articles_of_every_kind():
    articles = [g for name in gold.HALVES for g in gold.load_half(name)]
    assert len(articles) >= 60
    languages = [g.article.language for g in articles]
    assert languages.count("fr") >= 5
    assert languages.count("de") + languages.count("es") >= 3


def test_each_half_marks_every_annotation(half):
    _, articles = half
    assert len(articles) >= 30
    assert sum(len(g.events) for g in articles) >= 100
    for kind in ("MONEY", "DATE", "QUOTE", "CITE"):
        assert sum(len(g.marks[kind]) for g in articles) >= 15, kind
    types = {t for g in articles for e in g.entities for t in e.types}
    assert {"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "WORK"} <= types


def test_the_values_of_the_annotations_are_well_formed(half):
    for g in half[1]:
        for mark in g.marks["MONEY"]:
            for value in mark.values:
                low, high, currency = gold.money_value(value)
                assert re.fullmatch("[A-Z]{3}", currency), (g.name, value)
                assert high is None or low < high, (g.name, value)
        for entity in g.entities:
            assert all(re.fullmatch("[A-Z]{2}|", c) for c in entity.countries or ()), (g.name, entity.name)


def test_a_day_of_the_week_is_resolved_to_that_day(half):
    for g in half[1]:
        for mark in g.marks["DATE"]:
            words = g.article.text[mark.start : mark.end].lower()
            for number, day in enumerate(DAYS):
                if day in words:
                    assert date.fromisoformat(mark.values[0][:10]).weekday() == number, (g.name, words)


def test_speakers_and_actors_are_in_the_text(half):
    """Nobody could find a speaker or an actor whom the article does not name."""
    for g in half[1]:
        known = {e.name for e in g.entities} | {"-", None}
        words = set(re.findall(r"\w+", g.article.text.casefold()))
        for name in [m.values[0] for m in g.marks["QUOTE"]] + [e.actors[0] for e in g.events]:
            assert name in known or set(re.findall(r"\w+", name.casefold())) <= words, (g.name, name)


def test_the_halves_share_no_article_and_no_sentence():
    sentences = [
        {s for g in gold.load_half(name) for s in re.split(r"(?<=[.!?])\s+|\n+", g.article.text) if len(s) > 40}
        for name in gold.HALVES
    ]
    assert not sentences[0] & sentences[1]


def test_stories_have_versions_and_lookalikes():
    told = [v.story for name in gold.HALVES for v in story.load(name, gold.load_half(name))]
    versions = [told.count(s) for s in set(told)]
    assert sum(n > 1 for n in versions) >= 25
    assert max(versions) <= 4
    assert sum(s.startswith("alone: ") for s in told) >= 8 * 2


@pytest.fixture(scope="module")
def held_back():
    return measure.measure("test")


@pytest.mark.parametrize("row", FLOORS)
def test_the_held_back_half_is_read_well(held_back, row):
    assert held_back.ours[row].f1 >= FLOORS[row]


@pytest.mark.parametrize("row", ["entities", "places", "quotes", "money", "dates", "near-duplicates"])
def test_better_than_the_ready_made_parts(held_back, row):
    assert held_back.ours[row].f1 > held_back.baseline[row].f1
