"""Questions about watch lists, and the list with which the documents are compared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.store import lists
from tests.querying.render import Question
from tests.querying.shapes import BY_COUNT, COUNT, shown

LIST = "665f1f77bcf86cd799439011"
ENTRIES = (
    ("Q1", "person", ["Ингрид Сольхейм", "Ingrid Solheim"], ["NO"]),
    ("Q2", "person", ["Roth Daniel"], []),
    ("Q3", "organization", ["Norwegian Coastal Authority"], ["NO"]),
)


def watch(db: Database[dict[str, Any]]) -> None:
    """Store the list as the API does."""
    load = ObjectId()
    for id, kind, names, countries in ENTRIES:
        entry = {"id": id, "kind": kind, "names": names, "countries": countries, "born": [], "ids": []}
        db[lists.ENTRIES].insert_one({"load": load, **entry})
    about = {"name": "People", "collections": ["*"], "load": load, "loaded_at": datetime.now(UTC)}
    db[lists.LISTS].insert_one({"_id": ObjectId(LIST), **about, "pending": True, "deleted": False})
    lists.count_pending(db)


LISTS = [
    Question(
        "Which documents name somebody on a watch list?",
        filter={"lists.list": LIST},
        project=shown(**{"lists.entry": 1, "lists.text": 1, "lists.score": 1}),
        sort={"title": 1},
        note="`GET /v1/lists` gives the ids of lists; [lists](lists.md) says what the score means.",
    ),
    Question(
        "Which entries of watch lists are named in the most documents?",
        pipeline=[
            {"$match": {"lists.list": {"$gt": ""}}},
            {"$unwind": "$lists"},
            {"$group": {"_id": "$lists.entry", "name": {"$first": "$lists.name"}, "count": COUNT}},
            BY_COUNT,
        ],
    ),
    Question(
        "Whom on a watch list does a document quote?",
        pipeline=[
            {"$match": {"lists.list": LIST}},
            {"$unwind": "$lists"},
            {"$unwind": "$quotes"},
            {"$match": {"$expr": {"$eq": ["$quotes.speaker", "$lists.text"]}}},
            {"$project": {"_id": 0, "entry": "$lists.entry", "text": "$quotes.text"}},
            {"$sort": {"entry": 1, "text": 1}},
        ],
    ),
    Question(
        "Which matches of watch lists should somebody check?",
        pipeline=[
            {"$match": {"lists.score": {"$lt": 0.95}}},
            {"$unwind": "$lists"},
            {"$match": {"lists.score": {"$lt": 0.95}}},
            {
                "$project": {
                    "_id": 0,
                    "title": 1,
                    "text": "$lists.text",
                    "name": "$lists.name",
                    "reason": "$lists.reason",
                }
            },
            {"$sort": {"title": 1, "text": 1}},
        ],
    ),
]
