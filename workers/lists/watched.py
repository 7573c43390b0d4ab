"""Keep the watch lists in a worker process, and load them again when one has changed."""

from __future__ import annotations

import time
from typing import Any

import structlog
from pymongo.database import Database

from services.store import lists
from workers.lists.index import Entry, Index
from workers.lists.matching import match

Doc = dict[str, Any]
log = structlog.get_logger()
LOOK_SECONDS = 1.0
"""How often a process asks whether a list has changed."""
_index = Index()
_of: tuple[int, str] | None = None
_looked_at = float("-inf")  # time.monotonic()


def current(db: Database[Doc], *, now: bool = False) -> Index:
    """Return the lists as they are, or as they were a second ago unless ``now``."""
    global _index, _of, _looked_at
    of = (id(db.client), db.name)
    if of == _of and not now and time.monotonic() < _looked_at + LOOK_SECONDS:
        return _index
    revision = lists.state(db)["revision"]
    if of != _of or revision != _index.revision:
        _index, _of = load(db, revision), of
    _looked_at = time.monotonic()
    return _index


def load(db: Database[Doc], revision: int) -> Index:
    """Return an index of all lists."""
    started = time.monotonic()
    index = Index(revision)
    for one in lists.loaded(db):
        name = str(one["_id"])
        index.collections[name] = tuple(one["collections"])
        for entry in lists.entries(db, one):
            known = {field: tuple(entry[field]) for field in ("countries", "born", "ids")}
            index.add(Entry(name, entry["id"], entry["kind"], **known), entry["names"])
    log.info("lists_loaded", revision=revision, names=len(index), seconds=round(time.monotonic() - started, 2))
    return index


def fields(index: Index, collection: str, content: Doc) -> Doc:
    """Return the fields of a record that hold its matches with the lists; none if there was never a list."""
    if not index.revision:
        return {}
    found = match(index, {**content, "source": {"collection": collection}})
    return {"lists": found, lists.REVISION: index.revision}
