"""Test a few documents with a filter for MongoDB in Python, so that MongoDB need not be asked about most of them.

`verdict` knows the part of MongoDB's query language that searches use, on those fields of a record that `FIELDS` names. It
returns None where it does not know, as for amounts and areas. MongoDB tests those documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from bson import ObjectId

from services.alerts.values import Values

Doc = dict[str, Any]
Verdict = bool | None
"""Whether a document matches; None if only MongoDB can tell."""

FIELDS = frozenset((
    "_id", "terms", "entities.name", "entities.type", "entities.id", "places.name", "places.country", "quotes.speaker",
    "events.actor", "events.action", "topics.name", "topics.code", "source.tags", "language", "status", "publisher",
    "published_at", "source.collection", "source.batch", "source.fetched_from.name", "source.fetched_from.id",
    "source.key", "story.id", "raw.sha256", "money.currency", "wire.guid", "wire.provider", "wire.pub_status",
    "wire.urgency", "wire.keywords", "wire.slugline", "wire.subjects.scheme", "wire.subjects.code",
    "wire.subjects.name", "wire.places.scheme", "wire.places.code", "wire.places.name", "wire.embargoed_until",
    "lists.list", "corrections.kind", "item.withdrawn", "error.code", "error.stage", "processing.failures.stage",
    "title", "text", "deck",
))  # fmt: skip
"""Paths in the record whose values are known here."""


def verdict(where: Doc, document: Values, within: str = "") -> Verdict:
    """Return whether a document matches a filter. ``within`` is the path of an array if ``document`` is one of its
    elements."""
    return _every(_part(name, asked, document, within) for name, asked in where.items())


def _part(name: str, asked: Any, document: Values, within: str) -> Verdict:
    if name == "$and":
        return _every(verdict(one, document, within) for one in asked)
    if name in ("$or", "$nor"):
        found = _any(verdict(one, document, within) for one in asked)
        return found if name == "$or" else _not(found)
    if not isinstance(asked, dict):
        asked = {"$in": [asked]}
    if "$elemMatch" in asked:
        return _element(name, asked, document, within)
    if f"{within}{name}" not in FIELDS:
        return None
    if "$regex" in asked:
        return _like(document, name, asked)
    return _every(
        _TESTS[operator](document, name, value) if operator in _TESTS else None for operator, value in asked.items()
    )


def _element(path: str, asked: Doc, document: Values, within: str) -> Verdict:
    """Return whether one element of an array matches."""
    elements = document.plainly(path)
    if len(asked) > 1 or within or not isinstance(elements, list):
        return None if elements is not None else False
    return _any(verdict(asked["$elemMatch"], Values(one), f"{path}.") for one in elements)


def _one_of(document: Values, path: str, wanted: Sequence[Any]) -> Verdict:
    if not all(one is None or (isinstance(one, str | int | ObjectId) and not isinstance(one, bool)) for one in wanted):
        return None
    if None in wanted:
        here = document.plainly(path)
        if here is None:
            return True
        if here is Values.UNCLEAR or isinstance(here, list):
            return None
        wanted = [one for one in wanted if one is not None]
    return bool(wanted) and not document.at(path).isdisjoint(wanted)


def _all_of(document: Values, path: str, wanted: Sequence[Any]) -> Verdict:
    return _every(_one_of(document, path, [one]) for one in wanted)


def _none_of(document: Values, path: str, wanted: Sequence[Any]) -> Verdict:
    return _not(_one_of(document, path, wanted))


def _like(document: Values, path: str, asked: Doc) -> Verdict:
    """Test a regular expression, if the servers agree about the text."""
    if asked.keys() - {"$regex", "$options"} or asked.get("$options", "") not in ("", "i"):
        return None
    text = document.plainly(path)
    if text is None:
        return False
    if not isinstance(text, str) or _DISPUTED.search(text):
        return None
    return _compiled(asked["$regex"], "$options" in asked).search(text) is not None


_DISPUTED = re.compile(r"[\u0130\u0131]|[^\S \t\n\r\f\v]")
"""Match Turkish letters i, which regular expressions compare with the Latin one or not, and spaces that are not ASCII,
which ``\\s`` matches or not."""


@lru_cache(maxsize=20_000)
def _compiled(pattern: str, ignoring_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if ignoring_case else 0)


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Values, str, Any], Verdict]:
    """Return a test for instants and texts. MongoDB compares only values of the same type, instants in milliseconds."""

    def test(document: Values, path: str, bound: Any) -> Verdict:
        if isinstance(bound, datetime) and bound.tzinfo is not None:
            bound = bound.replace(microsecond=bound.microsecond // 1000 * 1000)
        elif not isinstance(bound, str):
            return None
        kind = datetime if isinstance(bound, datetime) else str
        return any(isinstance(one, kind) and holds(one, bound) for one in document.at(path))

    return test


_TESTS: dict[str, Callable[[Values, str, Any], Verdict]] = {
    "$in": _one_of,
    "$all": _all_of,
    "$nin": _none_of,
    "$gt": _compared(lambda one, bound: one > bound),
    "$gte": _compared(lambda one, bound: one >= bound),
    "$lt": _compared(lambda one, bound: one < bound),
    "$lte": _compared(lambda one, bound: one <= bound),
}


def _every(found: Iterable[Verdict]) -> Verdict:
    known: Verdict = True
    for one in found:
        if one is False:
            return False
        if one is None:
            known = None
    return known


def _any(found: Iterable[Verdict]) -> Verdict:
    known: Verdict = False
    for one in found:
        if one:
            return True
        if one is None:
            known = None
    return known


def _not(found: Verdict) -> Verdict:
    return None if found is None else not found
