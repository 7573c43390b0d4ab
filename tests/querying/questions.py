"""What a newsroom asks about its documents, and how MongoDB answers."""

from __future__ import annotations

from tests.querying.desk_questions import DESK, STORIES
from tests.querying.list_questions import LISTS
from tests.querying.render import Question
from tests.querying.shapes import BY_COUNT, COUNT, shown
from tests.querying.wire_questions import WIRE

SOLHEIM = "c722a39474ceb83a"
"""`entities.id` of Ingrid Solheim."""

WHO_AND_WHAT = [
    Question(
        "What did Ingrid Solheim say?",
        on="quotes_by_speaker",
        filter={"speaker": "Ingrid Solheim"},
        project={"_id": 0, "title": 1, "text": 1},
        sort={"text": 1},
    ),
    Question(
        "Who said what about ferries?",
        pipeline=[
            {"$match": {"terms": "ferri"}},
            {"$unwind": "$quotes"},
            {"$match": {"quotes.speaker": {"$ne": None}}},
            {"$project": {"_id": 0, "speaker": "$quotes.speaker", "text": "$quotes.text"}},
            {"$sort": {"speaker": 1, "text": 1}},
        ],
        note='`terms` holds stems: `search_terms("ferry", "en")` of `services.text.terms` gives them.',
    ),
    Question(
        "Who spoke of batteries, word for word?",
        on="quotes_by_speaker",
        filter={"text": {"$regex": "batter", "$options": "i"}},
        project={"_id": 0, "speaker": 1, "text": 1},
        sort={"speaker": 1, "text": 1},
    ),
    Question(
        "Who is quoted in the most documents?",
        on="quotes_by_speaker",
        pipeline=[
            {"$group": {"_id": "$speaker", "documents": {"$addToSet": "$document"}}},
            {"$project": {"count": {"$size": "$documents"}}},
            BY_COUNT,
            {"$limit": 5},
        ],
    ),
    Question(
        "Which expressions are in scare quotes?",
        pipeline=[
            {"$match": {"quotes.kind": "scare"}},
            {"$unwind": "$quotes"},
            {"$match": {"quotes.kind": "scare"}},
            {"$project": {"_id": 0, "title": 1, "text": "$quotes.text"}},
            {"$sort": {"title": 1, "text": 1}},
        ],
    ),
    Question(
        "For which quotes was no speaker found?",
        pipeline=[
            {"$match": {"quotes": {"$elemMatch": {"speaker": None, "kind": "speech"}}}},
            {"$unwind": "$quotes"},
            {"$match": {"quotes.speaker": None, "quotes.kind": "speech"}},
            {"$project": {"_id": 0, "title": 1, "text": "$quotes.text"}},
            {"$sort": {"title": 1, "text": 1}},
        ],
    ),
    Question(
        "What did the bank's chairwoman say, directly or not?",
        pipeline=[
            {"$match": {"entities.name": "Elena Duarte"}},
            {
                "$project": {
                    "_id": 0,
                    "said": {
                        "$concatArrays": [
                            {
                                "$filter": {
                                    "input": "$quotes",
                                    "as": "one",
                                    "cond": {"$eq": ["$$one.speaker", "Elena Duarte"]},
                                }
                            },
                            {
                                "$filter": {
                                    "input": "$statements",
                                    "as": "one",
                                    "cond": {"$eq": ["$$one.source", "Elena Duarte"]},
                                }
                            },
                        ]
                    },
                }
            },
            {"$unwind": "$said"},
            {"$project": {"text": "$said.text"}},
            {"$sort": {"text": 1}},
        ],
    ),
    Question(
        "What roles do people have?",
        pipeline=[
            {"$match": {"entities.type": "PERSON"}},
            {"$unwind": "$entities"},
            {"$match": {"entities.type": "PERSON", "entities.role": {"$ne": None}}},
            {"$group": {"_id": "$entities.name", "roles": {"$addToSet": "$entities.role"}}},
            {"$project": {"_id": 0, "name": "$_id", "roles": {"$sortArray": {"input": "$roles", "sortBy": 1}}}},
            {"$sort": {"name": 1}},
        ],
    ),
    Question(
        "What is one person called, whatever the spelling?",
        pipeline=[
            {"$match": {"entities.id": SOLHEIM}},
            {"$unwind": "$entities"},
            {"$match": {"entities.id": SOLHEIM}},
            {"$group": {"_id": "$entities.name", "count": COUNT}},
            BY_COUNT,
        ],
        note="`entities.id` is in every record of the person; [who is who](identity.md) says how it is given, and "
        "`GET /v1/entities/{id}/network` who spoke of whom.",
    ),
    Question(
        "Which names appear with Norway most often?",
        pipeline=[
            {"$match": {"entities.name": "Norway"}},
            {"$unwind": "$entities"},
            {"$match": {"entities.name": {"$ne": "Norway"}}},
            {"$group": {"_id": "$entities.name", "count": COUNT}},
            BY_COUNT,
            {"$limit": 6},
        ],
    ),
    Question(
        "Which people are in more than one document?",
        pipeline=[
            {"$match": {"entities.type": "PERSON"}},
            {"$unwind": "$entities"},
            {"$match": {"entities.type": "PERSON"}},
            {"$group": {"_id": "$entities.name", "count": COUNT}},
            {"$match": {"count": {"$gt": 1}}},
            BY_COUNT,
        ],
    ),
]

MONEY = [
    Question(
        "Deals over USD 1 billion, by country",
        on="money_by_country",
        pipeline=[
            {"$match": {"currency": "USD", "amount": {"$gte": {"$numberDecimal": "1000000000"}}}},
            {"$group": {"_id": "$country", "most": {"$max": "$amount"}, "documents": {"$addToSet": "$document"}}},
            {"$project": {"most": 1, "documents": {"$size": "$documents"}}},
            {"$sort": {"most": -1, "_id": 1}},
        ],
        note="A sum counts in every country that its document names a place in.",
    ),
    Question(
        "Which documents name at least 1 billion in any currency?",
        filter={"money.amount": {"$gte": {"$numberDecimal": "1000000000"}}},
        project=shown(),
        sort={"title": 1},
    ),
    Question(
        "The largest sum in each currency",
        pipeline=[
            {"$match": {"money.currency": {"$type": "string"}}},
            {"$unwind": "$money"},
            {"$group": {"_id": "$money.currency", "most": {"$max": "$money.amount"}}},
            {"$sort": {"_id": 1}},
        ],
    ),
    Question(
        "Sums in euros, as written in the text",
        pipeline=[
            {"$match": {"money.currency": "EUR"}},
            {"$unwind": "$money"},
            {"$match": {"money.currency": "EUR"}},
            {"$project": {"_id": 0, "title": 1, "text": "$money.text", "amount": "$money.amount"}},
            {"$sort": {"amount": -1, "text": 1, "title": 1}},
        ],
    ),
    Question(
        "How much money does one publisher write about?",
        pipeline=[
            {"$match": {"publisher": "Iberian Business Wire"}},
            {"$unwind": "$money"},
            {"$group": {"_id": "$money.currency", "sums": COUNT, "most": {"$max": "$money.amount"}}},
            {"$sort": {"_id": 1}},
        ],
    ),
]

PLACES = [
    Question(
        "What happened within 50 km of Oslo?",
        filter={"places.location": {"$geoWithin": {"$centerSphere": [[10.746, 59.913], 0.007839]}}},
        project=shown(),
        sort={"title": 1},
        note="`$centerSphere` takes longitude first, and radians: kilometres divided by 6378.1.",
    ),
    Question(
        "Which places are within 50 km of Oslo?",
        pipeline=[
            {"$match": {"places.location": {"$geoWithin": {"$centerSphere": [[10.746, 59.913], 0.007839]}}}},
            {"$unwind": "$places"},
            {"$match": {"places.location": {"$geoWithin": {"$centerSphere": [[10.746, 59.913], 0.007839]}}}},
            {"$group": {"_id": "$places.name", "count": COUNT}},
            BY_COUNT,
        ],
    ),
    Question(
        "Which documents have a place in Norway and one in South Korea?",
        filter={"$and": [{"places.country": "NO"}, {"places.country": "KR"}]},
        project=shown(),
        sort={"title": 1},
    ),
    Question(
        "How many documents are there by country?",
        pipeline=[
            {"$match": {"places.country": {"$type": "string"}}},
            {"$unwind": "$places"},
            {"$match": {"places.country": {"$ne": None}}},
            {"$group": {"_id": "$places.country", "documents": {"$addToSet": "$_id"}}},
            {"$project": {"count": {"$size": "$documents"}}},
            BY_COUNT,
            {"$limit": 6},
        ],
    ),
    Question(
        "Where were the documents written, by dateline?",
        pipeline=[
            {"$match": {"dateline": {"$ne": None}}},
            {"$unwind": "$dateline.places"},
            {"$group": {"_id": "$dateline.places", "count": COUNT}},
            BY_COUNT,
        ],
    ),
    Question(
        "Everything north of the Arctic Circle",
        filter={"places.location.coordinates.1": {"$gte": 66.56}},
        project=shown(),
        sort={"title": 1},
    ),
]

DATES = [
    Question(
        "Which documents name a time in the week from 11 May 2015?",
        filter={
            "dates": {
                "$elemMatch": {
                    "from": {"$gte": {"$date": "2015-05-11T00:00:00Z"}},
                    "to": {"$lte": {"$date": "2015-05-18T00:00:00Z"}},
                }
            }
        },
        project=shown(published_at=1),
        sort={"title": 1},
        note="`from` is the first instant that a date covers, `to` the first instant after it, both in UTC. `$elemMatch` requires both conditions of the same date.",
    ),
    Question(
        "Which dates in the documents overlap May 2015?",
        pipeline=[
            {
                "$match": {
                    "dates": {
                        "$elemMatch": {
                            "from": {"$lt": {"$date": "2015-06-01T00:00:00Z"}},
                            "to": {"$gt": {"$date": "2015-05-01T00:00:00Z"}},
                        }
                    }
                }
            },
            {"$unwind": "$dates"},
            {
                "$match": {
                    "dates.from": {"$lt": {"$date": "2015-06-01T00:00:00Z"}},
                    "dates.to": {"$gt": {"$date": "2015-05-01T00:00:00Z"}},
                }
            },
            {
                "$project": {
                    "_id": 0,
                    "title": 1,
                    "text": "$dates.text",
                    "value": "$dates.value",
                    "from": "$dates.from",
                    "to": "$dates.to",
                }
            },
            {"$sort": {"from": 1, "text": 1, "title": 1}},
        ],
        note="A date overlaps a period if it begins before the period ends and ends after the period begins. So the quarter or year that contains May 2015 overlaps it too.",
    ),
    Question(
        "Which documents mention days but have no date themselves?",
        filter={"warnings": "no_reference_date"},
        project=shown(),
        sort={"title": 1},
        note="In these documents `on Monday` has neither `value` nor `from`.",
    ),
]

EVENTS = [
    Question(
        "Who rejected or demanded something?",
        pipeline=[
            {"$match": {"events.action": {"$in": ["REJECT", "REQUEST"]}}},
            {"$unwind": "$events"},
            {"$match": {"events.action": {"$in": ["REJECT", "REQUEST"]}}},
            {
                "$project": {
                    "_id": 0,
                    "actor": "$events.actor",
                    "action": "$events.action",
                    "target": "$events.target",
                    "object": "$events.object",
                }
            },
            {"$sort": {"actor": 1, "action": 1}},
        ],
    ),
    Question(
        "How many events of each type, by status?",
        pipeline=[
            {"$match": {"events.action": {"$type": "string"}}},
            {"$unwind": "$events"},
            {"$group": {"_id": {"action": "$events.action", "status": "$events.status"}, "count": COUNT}},
            {"$sort": {"count": -1, "_id.action": 1, "_id.status": 1}},
        ],
    ),
    Question(
        "What happened on which day?",
        on="events_daily",
        filter={"day": {"$ne": None}},
        project={"_id": 0, "day": 1, "action": 1, "actors": 1},
        sort={"day": 1, "action": 1},
        note="`day` is the day of publication; `events.date` is the day that the text gives. Events with a `confidence` below `COPYDESK_EVENT_CONFIDENCE` are left out.",
    ),
    Question(
        "What has been denied?",
        pipeline=[
            {"$match": {"events.status": "denied"}},
            {"$unwind": "$events"},
            {"$match": {"events.status": "denied"}},
            {"$project": {"_id": 0, "title": 1, "text": "$events.text"}},
            {"$sort": {"title": 1, "text": 1}},
        ],
    ),
    Question(
        "Which topics are the documents about?",
        pipeline=[
            {"$match": {"topics.name": {"$type": "string"}}},
            {"$unwind": "$topics"},
            {"$group": {"_id": "$topics.name", "count": COUNT}},
            BY_COUNT,
        ],
    ),
]

CHAPTERS = {
    "Who said what": WHO_AND_WHAT,
    "Money": MONEY,
    "Places": PLACES,
    "Dates": DATES,
    "Events and topics": EVENTS,
    "Stories": STORIES,
    "The wire": WIRE,
    "Watch lists": LISTS,
    "The desk": DESK,
}
