"""Answer which of a few names the newest documents have, compared as the names of lists are."""

from __future__ import annotations

import time
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.records import Status
from services.search.find import Sight
from services.store import lists
from services.store.setup import DOCUMENTS
from workers.lists.index import Entry, Index
from workers.lists.matching import match

Doc = dict[str, Any]
MOST_DOCUMENTS = 50_000
RUN_SECONDS = 20.0
LATEST = 3
"""Number of documents shown for each name."""
_READ = dict.fromkeys(("title", "entities", "places.country", "published_at", "source.collection"), 1)


def answer(db: Database[Doc], id: ObjectId) -> None:
    """Store what was found for the question with this id, if it is still there."""
    asked = db[lists.ASKED].find_one({"_id": id})
    if asked is None:
        return
    index = Index()
    index.collections[""] = ("*",)
    for at, name in enumerate(asked["names"]):
        index.add(Entry("", str(at), "any"), [name])
    sight = Sight.of(asked["collections"], asked["scopes"], withdrawn=False)
    rows: list[Doc] = [{"name": name, "documents": 0, "latest": []} for name in asked["names"]]
    read, more, end = 0, False, time.monotonic() + RUN_SECONDS
    seen: list[Doc] = [{"$match": {"status": Status.DONE}}, {"$match": sight.found}, {"$sort": {"_id": -1}}]
    for record in db[DOCUMENTS].aggregate([*seen, {"$project": _READ}]):
        if read == MOST_DOCUMENTS or time.monotonic() > end:
            more = True
            break
        read += 1
        for hit in match(index, record):
            row = rows[int(hit["entry"])]
            row["documents"] += 1
            if len(row["latest"]) < LATEST:
                named = {name: record.get(name) for name in ("title", "published_at")}
                said = {name: hit[name] for name in ("text", "score", "reason")}
                row["latest"].append({"document": str(record["_id"]), **named, **said})
    found = {"rows": rows, "documents": read, "more": more}
    db[lists.ASKED].update_one({"_id": id}, {"$set": {"found": found}})
