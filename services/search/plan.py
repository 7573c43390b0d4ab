"""Turn parameters into a filter, and choose the one predicate of it that an index answers.

MongoDB's planner would choose by itself; SecantusDB uses an index only for a filter with one plain predicate (measured
with 0.7.0b3). So every pipeline begins with two ``$match`` stages: the anchor, one predicate that an index answers, and
then the complete filter. MongoDB merges neighbouring ``$match`` stages and plans as usual.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId

from services import corrections
from services.search.params import Search
from services.search.words import Language, Query

Doc = dict[str, Any]

EARTH_KM = 6378.1
"""Equatorial radius in km, which MongoDB uses to convert kilometres into the radians of ``$centerSphere``."""

SELECTIVE = ("_id_", "bytes_once", "guid", "story", "batch", "stage_failures", "corrected", "slugline", "list", "speaker", "money", "entity_id", "entity", "place", "actor", "words", "latitude", "fetched_from", "tag",
             "subject_code", "wire_keyword", "wire_place_code", "pub_status", "urgency",
             "event", "topic", "country", "publisher", "provider", "collection", "published", "status", "language")  # fmt: skip
"""Names of indexes; those first whose single values are likely to match the fewest documents."""


NARROW = SELECTIVE[: SELECTIVE.index("speaker")]
"""Indexes of which a single value matches so few documents that no other index is tried."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A plan. ``where`` is the complete filter. ``anchor`` is one predicate, implied by it, that ``index`` answers."""

    where: Doc
    index: str | None = None
    anchor: Doc | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """``index`` is the one that ``anchor`` uses; None if the requested order decides."""

    index: str | None
    anchor: Doc
    rest: Doc

    @property
    def stages(self) -> list[Doc]:
        return [{"$match": part} for part in (self.anchor, self.rest) if part]


def conditions(
    search: Search, query: Query, languages: Sequence[Language], names: dict[str, list[str]]
) -> list[Condition]:
    """Return the conditions of ``search`` except its words. ``names`` has, for each name in the search, the names in
    the record that it may refer to."""
    found: list[Condition] = []
    for name, value, excluded in query.filters:
        values = names.get(f"language:{value}", [value]) if name == "language" else [value]
        one = Search.model_validate({name: value if name == "story" else values})
        part = _conditions(one, names)
        if excluded:
            found.append(Condition({"$nor": [condition.where for condition in part]}))
        else:
            found += part
    return _conditions(search, names) + found


def _conditions(search: Search, names: dict[str, list[str]]) -> list[Condition]:
    found: list[Condition] = []

    def add(index: str | None, anchor: Doc, where: Doc | None = None) -> None:
        found.append(Condition(where or anchor, index, anchor if index else None))

    if search.id:
        add("_id_", {"_id": {"$in": search.ids}})
    if search.sha256:
        bytes_ = {"raw.sha256": search.sha256}
        if len(search.collection) == 1:
            add("bytes_once", {"source.collection": search.collection[0], **bytes_})
        else:
            add(None, bytes_)
    for index, path, one in (("story", "story.id", search.story), ("batch", "source.batch", search.batch),
                             (None, "source.key", search.key)):  # fmt: skip
        if one:
            add(index, {path: one})
    for name in search.entity:
        known = {"entities.name": _any(names.get(name, [name]))}
        typed = {"name": known["entities.name"], "type": search.entity_type}
        add("entity", known, {"entities": {"$elemMatch": typed}} if search.entity_type else None)
    for id in search.entity_id:
        known = {"entities.id": _any(names.get(id, [id]))}
        add("entity_id", known)
    if search.entity_type and not search.entity:
        add(None, {"entities.type": search.entity_type})
    for index, path, forms in _many(search, names):
        add(index, {path: forms})
    for topic in search.topic:
        if topic.startswith("medtop:"):
            add(None, {"topics.code": topic})
        else:
            add("topic", {"topics.name": topic.lower()})
    for index, path, allowed in (
        ("language", "language", search.language),
        ("status", "status", [str(one) for one in search.status]),
        ("collection", "source.collection", search.collection),
        ("publisher", "publisher", search.publisher),
    ):
        if allowed:
            add(index, {path: _any(allowed)})
    if failed := _failure(search):
        add("status", {"status": "failed"}, {"status": "failed", **failed})
    if search.failed_stage:
        named = search.failed_stage if search.failed_stage != "any" else {"$gt": ""}
        add("stage_failures", {"processing.failures.stage": named})
    for wanted, kinds in ((search.starred, ["star"]), (search.corrected, [*corrections.READING])):
        if wanted:
            add("corrected", {"corrections.kind": _any(kinds)})
        elif wanted is False:
            add(None, {"corrections.kind": {"$nin": kinds}})
    found += [*_fetched(search.fetched_from), *_wire(search)]
    found += _sums(*search.sums)
    if (box := search.box) is not None:
        found.append(_box(*box))
    if (centre := search.centre) is not None:
        found.append(_circle(*centre, search.within))
    found += _published(search.since, search.before)
    return found


def _many(search: Search, names: dict[str, list[str]]) -> list[tuple[str, str, Any]]:
    """Return the conditions for fields with many values, each with its index; a document must have all given values."""
    named = (
        ("place", "places.name", search.place),
        ("speaker", "quotes.speaker", search.speaker),
        ("actor", "events.actor", search.actor),
    )
    plainly = (
        ("country", "places.country", search.country),
        ("event", "events.action", search.event),
        ("tag", "source.tags", search.tag),
        ("list", "lists.list", search.list),
    )
    return [
        *((index, path, _any(names.get(one, [one]))) for index, path, given in named for one in given),
        *((index, path, one) for index, path, given in plainly for one in given),
    ]


def _failure(search: Search) -> Doc:
    asked = {"error.code": search.error_code, "error.stage": search.error_stage}
    return {path: value for path, value in asked.items() if value}


def _fetched(sources: list[str]) -> list[Condition]:
    """Return the condition for the sources, given by name or id, that documents were fetched from."""
    if not sources:
        return []
    by_name = {"source.fetched_from.name": _any(sources)}
    if ids := [one for one in sources if ObjectId.is_valid(one)]:  # a name may look like an id
        return [Condition({"$or": [by_name, {"source.fetched_from.id": _any(ids)}]})]
    return [Condition(by_name, "fetched_from", by_name)]


def _wire(search: Search) -> list[Condition]:
    """Return the conditions for what the provider says about the item."""
    found = [
        Condition({path: _any(values)}, index, {path: _any(values)})
        for index, path, values in (
            ("guid", "wire.guid", search.guid),
            ("provider", "wire.provider", search.provider),
            ("pub_status", "wire.pub_status", search.pub_status),
            ("urgency", "wire.urgency", search.urgency),
        )
        if values
    ]
    if search.slugline:
        found.append(_slugs(search.slugline))
    found += [_coded(value, "wire.subjects", "subject_code") for value in search.subject]
    found += [_coded(value, "wire.places", "wire_place_code") for value in search.wire_place]
    return found + [
        Condition({"wire.keywords": value}, "wire_keyword", {"wire.keywords": value}) for value in search.wire_keyword
    ]


def _slugs(values: Sequence[str]) -> Condition:
    """Return the condition for any of the values; ``FLOODS-*`` matches every slugline that starts with ``FLOODS-``."""
    path = "wire.slugline"
    starts = [value[:-1] for value in values if value.endswith("*")]
    whole = [value for value in values if not value.endswith("*")]
    spans: list[Doc] = [{path: {"$gte": start, "$lt": start + "\U0010ffff"}} for start in starts]
    if whole:
        spans.append({path: _any(whole)})
    return Condition(spans[0], "slugline", spans[0]) if len(spans) == 1 else Condition({"$or": spans})


def _coded(value: str, path: str, index: str) -> Condition:
    """Return the condition for ``medtop:04000000`` (scheme and code), or for a code or a name by itself."""
    scheme, _, code = value.rpartition(":")
    if scheme and code:
        return Condition({path: {"$elemMatch": {"scheme": scheme, "code": code}}}, index, {f"{path}.code": code})
    return Condition({"$or": [{f"{path}.code": value}, {f"{path}.name": value}]})


def _any(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else {"$in": list(values)}


def _range(low: Any, high: Any, *, below: bool = False) -> Doc:
    return {
        **({"$gte": low} if low is not None else {}),
        **({"$lt" if below else "$lte": high} if high is not None else {}),
    }


def _sums(currency: str | None, least: Decimal | None, most: Decimal | None) -> list[Condition]:
    """Return the condition for a sum. A sum that is a range (``$1-3bn``) is found if the two ranges overlap."""
    within: list[Doc] = []
    if least is not None or most is not None:
        its = {} if currency is None else {"currency": currency}
        within.append({**its, "amount": _range(least, most)})
        if least is not None:  # not an $or in one $elemMatch: SecantusDB refuses it
            within.append({**its, "amount": _range(None, most), "amount_max": {"$gte": least}})
    either = [{"money": {"$elemMatch": {name: value for name, value in one.items() if value}}} for one in within]
    where: Doc = either[0] if len(either) == 1 else {"$or": either}
    if currency is None:
        return [Condition(where)] if within else []
    anchor = {"money.currency": currency}
    return [Condition(where if within else anchor, "money", anchor)]


def _box(west: float, south: float, east: float, north: float) -> Condition:
    """Return the condition for a box. Its sides are parallels and meridians, so comparing numbers is enough, and gives
    the same result on every server."""
    spans = [{"$gte": west, "$lte": east}] if west <= east else [{"$gte": west}, {"$lte": east}]
    latitude = {"$gte": south, "$lte": north}
    inside = [
        {"places": {"$elemMatch": {"location.coordinates.0": span, "location.coordinates.1": latitude}}}
        for span in spans
    ]
    where = inside[0] if len(inside) == 1 else {"$or": inside}
    return Condition(where, "latitude", {"places.location.coordinates.1": latitude})


def _circle(latitude: float, longitude: float, km: float) -> Condition:
    band = math.degrees(km / EARTH_KM)
    circle = {"$geoWithin": {"$centerSphere": [[longitude, latitude], km / EARTH_KM]}}
    anchor = {"places.location.coordinates.1": {"$gte": latitude - band, "$lte": latitude + band}}
    return Condition({"places.location": circle}, "latitude", anchor)


def _published(since: datetime | None, before: datetime | None) -> list[Condition]:
    when = {"published_at": _range(since, before, below=True)}
    return [Condition(when, "published", when)] if when["published_at"] else []


def words(query: Query, languages: Sequence[Language], counts: Sequence[float]) -> list[Condition]:
    """Return one condition for each clause, rarest first; ``counts`` is how many documents may match each."""
    found = []
    for _, clause in sorted(zip(counts, query.clauses, strict=True), key=lambda pair: pair[0]):
        if where := clause.where(languages):
            terms = clause.any_term(languages)
            found.append(Condition(where, *(("words", {"terms": _any(terms)}) if terms else (None, None))))
    return found


def plan(found: Sequence[Condition], access: Doc) -> Plan:
    """Return the plan. ``access`` limits it to what the caller may see; its equality on collections can also be the
    anchor."""
    every = list(found)
    collections = access.get("source.collection")
    if collections and "$regex" not in collections:
        every.append(Condition(access, "collection", {"source.collection": collections}))
    elif access:
        every.append(Condition(access))
    best = min(
        (condition for condition in every if condition.index),
        key=lambda condition: SELECTIVE.index(condition.index or ""),
        default=None,
    )
    rest = [
        condition.where for condition in every if best is None or condition is not best or best.where != best.anchor
    ]
    joined = {} if not rest else rest[0] if len(rest) == 1 else {"$and": rest}
    return Plan(best.index if best else None, (best.anchor or {}) if best else {}, joined)
