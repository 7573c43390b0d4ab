"""Look up the values of a record by path, as MongoDB does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from bson import ObjectId

Doc = dict[str, Any]


class Values:
    """Look up the values of one document by path."""

    UNCLEAR: Final = object()
    """An array lies on the path."""

    def __init__(self, record: Any) -> None:
        self.record = record
        self._known: dict[str, frozenset[Any]] = {}

    @property
    def id(self) -> ObjectId:
        return self.record["_id"]  # type: ignore[no-any-return]

    def at(self, path: str) -> frozenset[Any]:
        """Return the values at a path, including those in arrays; None if there is none, as in MongoDB's
        comparisons."""
        if (known := self._known.get(path)) is None:
            known = self._known[path] = frozenset(values(self.record, path)) or frozenset([None])
        return known

    def plainly(self, path: str) -> Any:
        """Return the value at a path, None if there is none, or ``UNCLEAR``."""
        node = self.record
        for name in path.split("."):
            if isinstance(node, list):
                return self.UNCLEAR
            node = node.get(name) if isinstance(node, dict) else None
        return node

    def has(self, every: Sequence[tuple[str, frozenset[Any]]]) -> bool:
        """Return whether the document meets each requirement."""
        return all(not self.at(path).isdisjoint(values) for path, values in every)


def values(record: Doc, path: str) -> Iterable[Any]:
    """Yield the values at a path, those in arrays too; None for a field that is missing."""
    return _values(record, path.split("."))


def _values(node: Any, path: Sequence[str]) -> Iterable[Any]:
    if isinstance(node, list):
        for one in node:
            yield from _values(one, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        yield from _values(node.get(path[0]), path[1:])
    else:
        yield None
