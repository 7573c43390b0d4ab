"""Views for common queries: the documents that may be shown, and one row for each quote, each sum in a country, and
each day of events."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from services.store import shown

Doc = dict[str, Any]

_HEAD: Doc = {"_id": 0, "document": "$_id", "title": 1, "published_at": 1, "publisher": 1,
              "collection": "$source.collection"}  # fmt: skip
# not "$places.country": SecantusDB does not support a path through an array
_COUNTRIES: Doc = {"$map": {"input": {"$ifNull": ["$places", []]}, "in": "$$this.country"}}

CONFIDENT: Doc = {"$match": {"events.confidence": "COPYDESK_EVENT_CONFIDENCE"}}
"""Placeholder in a pipeline for `confident` with the setting's value."""

VIEWS: dict[str, list[Doc]] = {
    "shown_documents": shown.VIEW,
    "quotes_by_speaker": [
        {"$match": {"quotes.speaker": {"$type": "string"}}},
        *shown.VIEW,
        {"$unwind": "$quotes"},
        {"$match": {"quotes.speaker": {"$ne": None}}},
        {
            "$project": {
                **_HEAD,
                "speaker": "$quotes.speaker",
                "text": "$quotes.text",
                "cue": "$quotes.cue",
                "start": "$quotes.start",
                "end": "$quotes.end",
            }
        },
    ],
    "money_by_country": [
        {"$match": {"money.currency": {"$type": "string"}}},
        *shown.VIEW,
        {"$set": {"country": {"$setUnion": [_COUNTRIES, []]}}},
        {"$unwind": "$country"},
        {"$match": {"country": {"$ne": None}}},
        {"$unwind": "$money"},
        {
            "$project": {
                **_HEAD,
                "country": 1,
                "currency": "$money.currency",
                "amount": "$money.amount",
                "amount_max": "$money.amount_max",
                "text": "$money.text",
            }
        },
    ],
    "events_daily": [
        {"$match": {"events.action": {"$type": "string"}}},
        *shown.VIEW,
        {"$unwind": "$events"},
        CONFIDENT,
        {
            "$group": {
                "_id": {
                    "day": {"$dateToString": {"date": "$published_at", "format": "%Y-%m-%d"}},
                    "action": "$events.action",
                },
                "count": {"$sum": 1},
                "documents": {"$addToSet": "$_id"},
                "actors": {"$addToSet": "$events.actor"},
            }
        },
        {"$project": {"_id": 0, "day": "$_id.day", "action": "$_id.action", "count": 1, "documents": 1, "actors": 1}},
    ],
}
"""The views by name: pipelines over ``documents`` without those that are withdrawn or under embargo. A sum has a row
for each country that its document names a place in."""


def confident(least: float) -> Doc:
    """Return the filter, after ``$unwind``, for events that are shown. Events without a confidence, from before it
    existed, are shown."""
    return {"events.confidence": {"$not": {"$lt": least}}}


def create(db: Database[Doc], least: float) -> None:
    """Create the views, and replace those whose pipeline has changed. They leave out events with a confidence below
    ``least``."""
    known = {one["name"]: one.get("options", {}).get("pipeline") for one in db.list_collections()}
    for name, stages in VIEWS.items():
        pipeline = [{"$match": confident(least)} if stage == CONFIDENT else stage for stage in stages]
        if name in known and known[name] == pipeline:
            continue
        if name in known:
            db.drop_collection(name)
        db.create_collection(name, viewOn="documents", pipeline=pipeline)
