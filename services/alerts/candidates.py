"""Find which of many saved searches may match which of a few new documents, without a query to MongoDB.

A search finds a document only if the document matches the ``anchor`` of each condition (`services.search.plan`): a
term, a name, a tag. Anchors that test for equality are compared here with the values of the document; MongoDB tests the
rest, and only for the remaining pairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from services.alerts.verdicts import FIELDS
from services.search.names import Kind, folded
from services.search.plan import Condition

Doc = dict[str, Any]
Wanted = tuple[str, frozenset[Any]]
"""A path in the record, and values there: a document must have one of them."""

COMPARED = (
    "_id", "terms", "entities.name", "places.name", "places.country", "quotes.speaker", "events.actor", "events.action",
    "topics.name", "topics.code", "source.tags", "language", "status", "source.collection", "publisher", "story.id",
    "source.batch", "source.fetched_from.name", "source.key", "raw.sha256", "entities.type", "entities.id", "money.currency", "wire.guid", "wire.provider",
    "wire.pub_status", "wire.urgency", "wire.keywords", "wire.slugline", "wire.subjects.code", "wire.places.code",
    "lists.list",
)  # fmt: skip
"""Paths whose values are compared."""
READ = dict.fromkeys((*COMPARED, *sorted(FIELDS), "entities.aliases", "processing.finished_at"), 1)
"""What is read of a document to test it."""


def wanted(conditions: Iterable[Condition]) -> list[Wanted]:
    """Return the requirements for a document: one of the values at each path."""
    found = []
    for condition in conditions:
        for path, value in [*condition.where.items(), *(condition.anchor or {}).items()]:
            if path not in COMPARED:
                continue
            if not isinstance(value, dict):
                found.append((path, frozenset([value])))
            elif "$in" in value:
                found.append((path, frozenset(value["$in"])))
            elif "$all" in value:
                found += [(path, frozenset([one])) for one in value["$all"]]
    return list(dict.fromkeys(found))


class Spellings:
    """Collect the names in a few new documents, to see which of them a name in a search may refer to."""

    def __init__(self, records: Iterable[Doc]) -> None:
        self._forms: dict[Kind, dict[str, set[str]]] = {"entity": {}, "place": {}}
        for record in records:
            for kind, field in (("entity", "entities"), ("place", "places")):
                for one in record.get(field) or []:
                    for form in (one["name"], *one.get("aliases", ())):
                        self._forms[kind].setdefault(folded(form), set()).add(one["name"])  # type: ignore[index]

    @cached_property
    def _joined(self) -> dict[Kind, str]:
        return {kind: "\n".join(f" {form} " for form in forms) for kind, forms in self._forms.items()}

    def like(self, kind: Kind, value: str) -> set[str]:
        """Return the names in the documents that equal this one or contain it, ignoring case and accents."""
        among: Kind = "place" if kind == "place" else "entity"
        sought = f" {value} "
        if sought not in self._joined[among]:
            return set()
        return {name for form, names in self._forms[among].items() if sought in f" {form} " for name in names}
