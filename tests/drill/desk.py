"""The source and the saved search of a drill: a watched folder, and a search that finds every document."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database
from pymongo.errors import PyMongoError

from tests.drill.documents import Document
from tests.drill.senders import COLLECTION

EVERY = 6
"""One in this many documents is put into the folder; the others are sent."""
PATIENCE_SECONDS = 120.0
_FOLDER = "drill"


class Desk:
    """``delivered`` are the documents that were put into the folder under ``root``."""

    def __init__(self, root: Path, http: httpx.Client) -> None:
        self._folder, self._http = root / _FOLDER, http
        self.delivered: list[Document] = []

    def open(self) -> None:
        """Create the source and the saved search, before any fault."""
        self._folder.mkdir(parents=True)
        plan = {"name": "Drill", "kind": "folder", "address": _FOLDER, "collection": COLLECTION, "every_seconds": 1}
        self._http.post("/v1/sources", json=plan).raise_for_status()
        search = {"name": "Everything", "query": {"collection": [COLLECTION]}}
        self._http.post("/v1/searches", json=search).raise_for_status()

    def deliver(self, document: Document) -> None:
        """Put a document into the folder, complete at once."""
        name = f"{len(self.delivered)}.{'html' if document.media_type == 'text/html' else 'txt'}"
        (self._folder / f"{name}.part").write_bytes(document.data)
        (self._folder / f"{name}.part").rename(self._folder / name)
        self.delivered.append(document)

    def close(self) -> None:
        """Wait until the folder is empty, at most `PATIENCE_SECONDS`."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and any(one.is_file() for one in self._folder.iterdir()):
            time.sleep(0.5)

    def fetched(self, db: Database[dict[str, Any]]) -> Mapping[Document, set[str]]:
        """Return the ids of the records of each delivered document; of one without a record, an id that is nobody's."""
        found: dict[str, set[str]] = {}
        for record in db.documents.find({"source.fetched_from.name": "Drill"}, {"raw.sha256": 1}):
            found.setdefault(record["raw"]["sha256"], set()).add(str(record["_id"]))
        return {one: found.get(one.sha256, {"none"}) for one in self.delivered}

    def alerts(self, db: Database[dict[str, Any]]) -> tuple[list[str], list[str]]:
        """Return the documents that are done and that the search has not reported, although the passes had time to, and
        those that it reported more than once."""
        done = {
            one["_id"] for one in db.documents.find({"status": "done", "source.collection": COLLECTION}, {"_id": 1})
        }
        told: list[Any] = []
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and not done <= set(told):
            with contextlib.suppress(PyMongoError):
                told = [one["document"] for one in db.alerts.find({}, {"document": 1})]
            time.sleep(0.5)
        twice = {one for one in told if told.count(one) > 1}
        return sorted(map(str, done - set(told))), sorted(map(str, twice))
