"""Find place names inside other names: ``Richmond`` in ``Richmond Police Department``, ``Georgia`` in ``northeast
Georgia``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.records import Entity, Span
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names.first_names import sex_of
from workers.enrich.names.gazetteer import TOWNS, Spot, country_of, known, spots, tables
from workers.enrich.names.within import spelt_out

MOST_WORDS = 4
TWIN = 5_000
"""Minimum number of inhabitants of each town in a pair."""
_WORD = re.compile(r"[^\s]+")
_CIVIC = wordlist("civic")
"""Nouns for organisations and buildings that a town has; a town's name means the town only beside one of them."""
_FIELDS = wordlist("fields")
"""Fields of ministries and departments that are also names of towns: ``Justice Department``."""
_BEHIND = re.compile(r"\b(?:of|at|in|for) (?:the )?$")
_DIVIDED = re.compile(r" (?:County|Parish|Township|Province|District|River|Lake|Island|Valley|Mountains?|Beach)\b")
_NOUNS = (" County", " Parish", " Province", " Oblast", " Region", " Governorate")
_STREET = re.compile(
    r"^(?:Church|King|Queen|Main|Market|Mill|Bridge|High|Park|Hill|Lake|River|Spring|Union|Center|College|Washington|Lincoln|"
    r"Jefferson|Jackson|Madison|Monroe|Franklin|Adams|Francis|Victoria|Albert|George)"
    r" (?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd|Highway|Way|Row|Square)\.?$"
)
"""Street names that every town has, from buildings or rulers. Other streets may be named after the town that they lead
to."""
_OWNER = re.compile(r"['’]s?$")


_CONTINENTS = {"African": "Africa", "Asian": "Asia", "European": "Europe", "Latin American": "Latin America"}


def demonyms(entities: list[Entity]) -> Iterator[tuple[Spot, Span]]:
    """Yield the mentions that name a people, or the country or continent that something is from, each with its
    place."""
    made = tables()
    for entity in entities:
        if entity.type != "NORP":
            continue
        country = country_of(entity.name)
        for span in entity.mentions:
            name = country.name if country else _CONTINENTS.get(span.text) or _CONTINENTS.get(span.text.rstrip("s"))
            if name and (spot := next(iter(made.spots.get(name, ())), None)):
                yield spot, span


# North Dallas, Northwest D.C., North-Western Sydney, Mid-Jutland
_PART = re.compile(
    r"^(?:(?:[Ff]ar |[Gg]reater |[Ii]nner |[Dd]owntown |[Hh]istoric |[Uu]pper |[Ll]ower |[Cc]entral |[Mm]id[ -]|"
    r"(?:[Nn]orth|[Ss]outh)?[ -]?(?:[EeWw]?(?:ast|est))?(?:ern)?[ -])+)(?=[A-Z])"
)
_BESIDE = re.compile(r" ?- ?(?=[A-Z])")  # Fargo-Moorhead


def _parts(entity: Entity) -> Iterator[tuple[str, Span]]:
    """Yield the place if a name means part of it (with the whole name), or both places if a name joins two."""
    for mention in entity.mentions:
        part = _PART.match(mention.text)
        if part and part.end() and _has_parts(said := mention.text[part.end() :]):
            yield said, mention
        elif len(pair := _BESIDE.split(mention.text)) == 2 and all(
            known(each) or any(spot.population >= TWIN for spot in spots(each)) for each in pair
        ):
            for said in pair:
                start = mention.start + mention.text.index(said)
                yield said, Span(text=said, start=start, end=start + len(said))


def _has_parts(name: str) -> bool:
    """Return whether it is a country, a state, a county or a town: not ``Plateau``, although a state has this name."""
    if known(spelt_out(name)) or name.endswith(_NOUNS):
        return True
    return any(spot.how == "own" and spot.kind in TOWNS for spot in spots(name))


def named_inside(entity: Entity) -> Iterator[tuple[str, Span]]:
    """Yield a place name at the head or the end of each of the entity's mentions, the longest one, with its offsets."""
    if (what := known(entity.name)) and what.kind != "city":
        return  # the White House
    parts = list(_parts(entity)) if entity.type in ("GPE", "LOC") else []
    yield from parts
    apart = {
        mention.start for mention in entity.mentions for _, span in parts if mention.start <= span.start < mention.end
    }
    for mention in entity.mentions:
        if _STREET.search(mention.text) or mention.start in apart:
            continue
        words = list(_WORD.finditer(mention.text))
        if len(words) < 2:
            continue
        for first, last in _stretches(len(words)):
            start, end = words[first].start(), words[last - 1].end()
            said = _OWNER.sub("", mention.text[start:end]).rstrip(",")
            if not said[:1].isupper() or (first and not _introduced(mention.text, start)):
                continue
            following = words[last].group() if last < len(words) else ""
            if last == 1 and following not in _CIVIC and sex_of(f"{said} {following}") and not known(said):
                continue  # George Washington High School
            if may_be(said, mention.text, body=entity.type not in ("GPE", "LOC", "FAC")) and not _DIVIDED.match(
                mention.text, end
            ):
                at = mention.start + start
                yield said, Span(text=said, start=at, end=at + len(said))
                break


def _introduced(text: str, start: int) -> bool:
    return bool(_BEHIND.search(text, 0, start)) or text[:start].strip().lower() in DIRECTIONS


DIRECTIONS = frozenset(
    f"{one}{two}{rest}".strip()
    for one in (
        "",
        "north",
        "south",
        "central ",
        "greater ",
        "upper ",
        "lower ",
        "metro ",
        "downtown ",
        "mid",
        "far north",
    )
    for two in ("", "east", "west")
    for rest in ("", "ern")
)
"""``northeast``, ``central``, ``far northern``: these words say which part of a place is meant and are not names."""


def _stretches(count: int) -> Iterator[tuple[int, int]]:
    """Yield the ends, then the beginnings, of a name of ``count`` words, the longest first."""
    for length in range(min(MOST_WORDS, count - 1), 0, -1):
        yield count - length, count
    for length in range(min(MOST_WORDS, count - 1), 0, -1):
        yield 0, length


def may_be(name: str, whole: str, *, body: bool) -> bool:
    """Return whether a name inside ``whole`` is a place: always for a country or state, for a town only in an
    organisation (``body``) that towns have."""
    what = known(spelt_out(name))
    if what and what.kind in ("country", "region", "state"):
        return True
    if name.endswith(_NOUNS) and any(spot.kind in ("state", "county") for spot in spots(name)):
        return True
    if name in _FIELDS or (body and not (set(re.findall(r"[A-Z]\w+", whole.replace(name, ""))) & _CIVIC)):
        return False
    return any(spot.how == "own" for spot in spots(name))


def candidates(name: str) -> list[Spot]:
    """Return what a name inside another may mean: but no place that has it only in another language or as a short
    form."""
    return [spot for spot in spots(spelt_out(name)) if spot.how == "own"]
