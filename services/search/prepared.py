"""A search that is ready to run: what its reader may see, and what was looked up for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from services.search import names, plan, words
from services.search.params import Search
from services.store import shown as visible
from services.store.keys import access

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """A reader's rights as conditions: the documents that this search may find, those that the reader may ever see, and
    those of the reader's collections, hidden ones included, in which the frequency of words is counted."""

    found: Doc
    any: Doc
    reach: Doc

    @classmethod
    def of(cls, collections: Sequence[str], scopes: Collection[str], *, withdrawn: bool) -> Sight:
        """Return the rights of a key with these collections and scopes. ``withdrawn``: the search asks for withdrawn
        documents; the key must have the scope, too."""
        reach, may = access(collections), visible.WITHDRAWN in scopes
        return cls(
            {**reach, **visible.shown(scopes, withdrawn=withdrawn and may)},
            {**reach, **visible.shown(scopes, withdrawn=may)},
            reach,
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A search whose words have been looked up, so that all its pages use the same ones."""

    sight: Sight
    search: Search
    query: words.Query
    plan: plan.Plan
    languages: list[words.Language]
    idf: list[float]
    names: dict[str, list[str]]

    def given(self, name: str) -> list[str]:
        """Return the values of a repeatable parameter, from the parameters and from ``q``."""
        return [
            *getattr(self.search, name),
            *(value for field, value, no in self.query.filters if field == name and not no),
        ]

    def any_name(self, name: str) -> set[str]:
        """Return the names in the record that the values of a parameter may refer to."""
        return {form for value in self.given(name) for form in self.names.get(value, [value])}

    @property
    def weighted(self) -> list[tuple[list[str], float]]:
        sought = [(one.scored(self.languages), weight) for one, weight in zip(self.query.sought, self.idf, strict=True)]
        return [(terms, weight) for terms, weight in sought if terms]


@dataclass(frozen=True, slots=True)
class Standing:
    """A search that is kept. A document must fulfil all ``conditions``. ``known`` has, for each name in the search, the
    names in the record that it may refer to; ``sought`` are those names with their kinds."""

    conditions: list[plan.Condition]
    known: dict[str, list[str]]
    sought: list[tuple[names.Kind, str]]
