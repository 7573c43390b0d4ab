"""The marked set, of our own writing: 300 mentions of 60 people in 150 documents.

`held.psv` has 30 more people, in sentences of other shapes: 150 mentions in 75 documents, on which no rule was tuned.

`people.psv` has the people; among them are namesakes (two or three of one name, father and son, ministers of two
countries), spellings with and without accents, and transliterations. Each is named in five documents, once in each of
the five shapes below: with a role and an age, with a role, with an age, and in two that give only the company of the
name. So a document names two people, and 150 documents have 300 mentions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from services import identity
from services.records import Article, Entity
from workers import namesakes
from workers.enrich import enrich
from workers.identity import born

PEOPLE = {False: Path(__file__).with_name("people.psv"), True: Path(__file__).with_name("held.psv")}
SHAPES = (
    "{role} {name}, {age}, {did} on {day}. {last} spoke for {company}.",
    "{name}, the {role} of {company}, {did} on {day}, witnesses said.",
    "{company} said that {name}, {age}, {did} early on {day}.",
    "“It had to be done,” {name} said on {day} at a meeting of {company}.",
    "{company} thanked {name} on {day}. Nobody else had offered to help.",
)
HELD = (
    "On {day} {role} {name} ({age}) {did}. A spokeswoman of {company} confirmed it.",
    "Few had expected it, but {role} {name} {did} on {day}, {company} announced.",
    "The name on the letter to {company} was that of {name}, {age}. It was sent on {day}.",
    "“We are tired,” said {name}, who {did} on {day}. The offices of {company} stayed closed.",
    "At {company} nobody but {name} had a key on {day}.",
)
"""The shapes of the half that is held back, with the same knowledge in the same order."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
PLACES = ("HARWICK", "ELMSTEAD", "PORT ANSEL", "DUNMORE", "VELLAN")


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    names: tuple[str, ...]
    role: str
    age: int | None
    company: str
    did: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A document, and who is meant: the person's id by the offsets of the name."""

    text: str
    year: int
    who: dict[tuple[int, int], str]


def people(*, held: bool = False) -> list[Person]:
    """Return the people of the set, or of its half that is held back."""
    rows = (
        line.split("|") for line in PEOPLE[held].read_text("utf-8").splitlines() if line and not line.startswith("#")
    )
    return [Person(id, tuple(names.split(";")), role, int(age) if age else None, company, did)
            for id, names, role, age, company, did in rows]  # fmt: skip


def documents(*, held: bool = False) -> Iterator[Marked]:
    """Yield the documents: each names a person, and another one who is far away in the list."""
    every, shapes = people(held=held), HELD if held else SHAPES
    half = len(every) // 2
    for shape in range(len(SHAPES)):
        for at in range(half):
            pair = every[at], every[half + (at + 7 * shape) % half]
            year = 2018 + (at + shape) % 5
            parts, who, length = [f"{PLACES[(at + shape) % 5]} (North Wire) -"], {}, 0
            for beside, person in enumerate(pair):
                sentence, start, end = _sentence(person, shapes[(shape + beside) % len(shapes)], year, at + shape)
                length = sum(len(part) + 1 for part in parts)
                who[length + start, length + end] = person.id
                parts.append(sentence)
            yield Marked(" ".join(parts), year, who)


def _sentence(person: Person, shape: str, year: int, turn: int) -> tuple[str, int, int]:
    """Return a sentence about a person, and where the name starts and ends in it."""
    name = person.names[turn % len(person.names)]
    form = shape if person.age else shape.replace(", {age},", "").replace(", {age}", "").replace(" ({age})", "")
    age = (person.age or 0) + year - 2020
    role = person.role[:1].upper() + person.role[1:] if form.startswith("{role}") else person.role
    told = form.format(name=name, role=role, age=age, did=person.did, day=DAYS[turn % 5], company=person.company,
                       last=name.split()[-1])  # fmt: skip
    return told, told.index(name), told.index(name) + len(name)


@dataclass(frozen=True, slots=True)
class Found:
    """A marked mention: who is meant, and the id that the rules give; None if they give none."""

    meant: str
    id: str | None
    name: str


def read(*, held: bool = False) -> list[Found]:
    """Return what the rules find in the marked documents."""
    found: list[tuple[str, Entity | None, namesakes.Described | None]] = []
    for one in documents(held=held):
        article = Article(text=one.text, language="en", published_at=datetime(one.year, 6, 1, tzinfo=UTC))
        entities = enrich(article).article.entities
        named = [(entity.type, entity.name) for entity in entities]
        for (start, end), meant in one.who.items():
            entity = next((e for e in entities if any(m.start < end and start < m.end for m in e.mentions)), None)
            own = entity and identity.of_name(entity.type, entity.name)
            described = None
            if entity and own:
                described = namesakes.described(
                    entity.role, born(one.text, entity, one.year), namesakes.company_of(entity.name, named)
                )
            found.append((meant, entity if own else None, described))
    return list(_grouped(found))


def _grouped(found: list[tuple[str, Entity | None, namesakes.Described | None]]) -> Iterator[Found]:
    by_name: dict[str, list[int]] = defaultdict(list)
    for at, (_, entity, _) in enumerate(found):
        if entity:
            by_name[identity.of_name(entity.type, entity.name) or ""].append(at)
    ids = {}
    for base, places in by_name.items():
        groups, unsure = namesakes.group([described for at in places if (described := found[at][2])])
        ids |= {at: f"{base}.{groups[nth]}" for nth, at in enumerate(places) if nth not in unsure}
    for at, (meant, entity, _) in enumerate(found):
        yield Found(meant, ids.get(at), entity.name if entity else "")


def pairwise(found: list[Found]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all pairs of mentions: those with one id against those of one person."""
    joined = {(a, b) for a, b in combinations(range(len(found)), 2) if found[a].id and found[a].id == found[b].id}
    meant = {(a, b) for a, b in combinations(range(len(found)), 2) if found[a].meant == found[b].meant}
    right = len(joined & meant)
    precision, recall = right / len(joined), right / len(meant)
    return precision, recall, 2 * precision * recall / (precision + recall)
