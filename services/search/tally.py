"""Count facets of documents that have been read: the same result as the pipeline of `services.search.facets`.

A server that copies its documents for every facet (SecantusDB) counts a few hundred documents more slowly than it reads
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.search.facets import MANY, ONE, Interval, root

Doc = dict[str, Any]


def fields(names: Iterable[str]) -> Doc:
    """Return the projection that the facets need, without the rest of annotations, which may be long."""
    return {"_id": 1, **{path: 1 for name in names for path in _paths(name)}}


def _paths(name: str) -> list[str]:
    if name in MANY:
        return [".".join(MANY[name])]
    parts = {"entity": ("name", "type"), "place": ("name", "country", "location")}.get(name, ())
    return [f"{root(name)}.{part}" for part in parts] or [root(name)]


def count(documents: Sequence[Doc], names: Iterable[str], size: int, interval: Interval) -> Doc:
    """Return for each facet its values, most frequent first; a value counts once for each document that has it."""
    return {name: _facet(documents, name, size, interval) for name in names}


def _facet(documents: Sequence[Doc], name: str, size: int, interval: Interval) -> list[Doc]:
    counted: Counter[Any] = Counter()
    also: dict[Any, Doc] = {}
    for document in documents:
        for value, more in _values(document, name, interval):
            counted[value] += 1
            also.setdefault(value, more)
    if name == "date":
        latest = sorted(counted, reverse=True)[:size]
        return [{"value": value, "count": counted[value]} for value in sorted(latest)]
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:size]
    return [{"value": value, "count": number, **also[value]} for value, number in ranked]


def _values(document: Doc, name: str, interval: Interval) -> list[tuple[Any, Doc]]:
    """Return the document's values of a facet, each with what is shown beside it."""
    if name == "date":
        when = document.get("published_at")
        return [(_start(when, interval), {})] if when else []
    if name == "entity":
        return [(one["name"], {"type": one["type"]}) for one in document.get("entities") or []]
    if name == "place":
        return [
            (one["name"], {"country": one.get("country"), "location": (one.get("location") or {}).get("coordinates")})
            for one in document.get("places") or []
        ]
    if name == "tag":
        found = (document.get("source") or {}).get("tags") or []
    elif name in ONE:
        value = _at(document, ONE[name])
        found = [value.partition("-")[0] if name == "language" and value else value]
    else:
        array, field = MANY[name]
        found = [one.get(field) for one in _at(document, array) or []]
    return [(value, {}) for value in dict.fromkeys(found) if value is not None]


def _at(document: Doc, path: str) -> Any:
    value: Any = document
    for part in path.split("."):
        value = (value or {}).get(part)
    return value


def _start(when: datetime, interval: Interval) -> datetime:
    """Return the start of the interval (UTC) that the time is in."""
    day = when.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }[interval]
