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
    """Collect the names in a few new documents, to see which of them a name in a search may refer to, as
    `services.search.names.known_as` finds them."""

    def __init__(self, records: Iterable[Doc]) -> None:
        self._forms: dict[Kind, dict[str, set[str]]] = {"entity": {}, "person": {}, "place": {}}
        self._whole: dict[Kind, dict[str, set[str]]] = {"entity": {}, "person": {}, "place": {}}
        for record in records:
            for one in record.get("entities") or []:
                self._add("entity", one)
                self._add("person", one, part=one.get("type") == "PERSON")
            for one in record.get("places") or []:
                self._add("place", one, part=False)

    def _add(self, kind: Kind, one: Doc, *, part: bool = True) -> None:
        """Remember a name. With ``part``, the words of a search may be a part of it."""
        for form in (one["name"], *one.get("aliases", ())):
            self._whole[kind].setdefault(folded(form), set()).add(one["name"])
        if part:
            self._forms[kind].setdefault(folded(one["name"]), set()).add(one["name"])

    @cached_property
    def _joined(self) -> dict[Kind, str]:
        return {kind: "\n".join(f" {form} " for form in forms) for kind, forms in self._forms.items()}

    def like(self, kind: Kind, value: str) -> set[str]:
        """Return the names in the documents that this one may mean, ignoring case and accents: those that it equals, or
        an alias of which it equals; for people and entities also those that contain it."""
        found = set(self._whole[kind].get(value, ()))
        sought = f" {value} "
        if sought in self._joined[kind]:
            found |= {name for form, names in self._forms[kind].items() if sought in f" {form} " for name in names}
        return found
