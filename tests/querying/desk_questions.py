"""Questions about stories, and about the work of the desk."""

from __future__ import annotations

from tests.querying.render import Question
from tests.querying.shapes import BY_COUNT, COUNT, shown

STORIES = [
    Question(
        "Who was first to report each story that has several versions?",
        pipeline=[
            {"$match": {"story.id": {"$type": "string"}}},
            {"$sort": {"published_at": 1, "_id": 1}},
            {
                "$group": {
                    "_id": "$story.id",
                    "title": {"$first": "$title"},
                    "first": {"$first": "$publisher"},
                    "at": {"$first": "$published_at"},
                    "versions": COUNT,
                }
            },
            {"$match": {"versions": {"$gt": 1}}},
            {"$project": {"_id": 0}},
            {"$sort": {"at": 1}},
        ],
    ),
    Question(
        "Who changed their story, and what did they add?",
        filter={"story.nearest": {"$ne": None}, "story.new_paragraphs": {"$ne": []}},
        project={"_id": 0, "publisher": 1, "story.similarity": 1, "story.new_paragraphs.text": 1},
        sort={"published_at": 1},
        note="`GET /v1/stories/{id}` also returns every changed word.",
    ),
    Question(
        "Which later versions name a sum that the one before did not?",
        pipeline=[
            {"$match": {"story.nearest": {"$ne": None}}},
            {"$set": {"before": {"$toObjectId": "$story.nearest"}}},
            {"$lookup": {"from": "documents", "localField": "before", "foreignField": "_id", "as": "before"}},
            {"$unwind": "$before"},
            {
                "$project": {
                    "_id": 0,
                    "publisher": 1,
                    "new": {
                        "$setDifference": [
                            {"$map": {"input": "$money", "as": "one", "in": "$$one.text"}},
                            {"$map": {"input": "$before.money", "as": "one", "in": "$$one.text"}},
                        ]
                    },
                }
            },
            {"$match": {"new": {"$ne": []}}},
        ],
    ),
    Question(
        "Which publishers tell the same stories?",
        pipeline=[
            {"$match": {"story.id": {"$type": "string"}, "publisher": {"$ne": None}}},
            {"$sort": {"published_at": 1}},
            {"$group": {"_id": "$story.id", "publishers": {"$push": "$publisher"}}},
            {"$match": {"publishers.1": {"$exists": True}}},
            {"$project": {"_id": 0, "publishers": 1}},
        ],
    ),
]

DESK = [
    Question(
        "The latest documents",
        filter={"published_at": {"$ne": None}},
        project=shown(published_at=1),
        sort={"published_at": -1},
        limit=3,
    ),
    Question(
        "What was published in June 2024?",
        filter={"published_at": {"$gte": {"$date": "2024-06-01T00:00:00Z"}, "$lt": {"$date": "2024-07-01T00:00:00Z"}}},
        project=shown(publisher=1),
        sort={"published_at": 1},
    ),
    Question(
        "How many documents by month?",
        pipeline=[
            {"$match": {"published_at": {"$ne": None}}},
            {"$group": {"_id": {"$dateToString": {"date": "$published_at", "format": "%Y-%m"}}, "count": COUNT}},
            {"$sort": {"_id": 1}},
        ],
    ),
    Question(
        "Which documents give no date?",
        filter={"published_at": None, "status": "done"},
        project=shown(),
        sort={"title": 1},
    ),
    Question(
        "Which agencies and papers are credited, and by how many documents?",
        pipeline=[
            {"$match": {"cites.source": {"$type": "string"}}},
            {"$unwind": "$cites"},
            {"$group": {"_id": "$cites.source", "documents": {"$addToSet": "$_id"}}},
            {"$project": {"count": {"$size": "$documents"}}},
            BY_COUNT,
        ],
    ),
    Question(
        "Which sources are missing something, such as the end of a sentence?",
        pipeline=[
            {"$match": {"gaps.kind": {"$type": "string"}}},
            {"$unwind": "$gaps"},
            {"$project": {"_id": 0, "title": 1, "kind": "$gaps.kind", "text": "$gaps.text"}},
            {"$sort": {"title": 1}},
        ],
    ),
    Question(
        "How many documents came from each source, and how many of them name no author?",
        pipeline=[
            {"$match": {"source.fetched_from.name": {"$type": "string"}, "status": "done"}},
            {
                "$group": {
                    "_id": "$source.fetched_from.name",
                    "documents": COUNT,
                    "words": {"$sum": "$word_count"},
                    "without_author": {"$sum": {"$cond": [{"$eq": ["$byline", []]}, 1, 0]}},
                }
            },
            {"$sort": {"documents": -1}},
        ],
        note="These are documents that Copydesk [fetched by itself](sources.md); `GET /v1/documents?fetched_from=Wire folder` lists them.",
    ),
    Question(
        "One page of facets: languages, publishers and formats at once",
        pipeline=[
            {"$match": {"status": "done"}},
            {"$facet": {
                "languages": [{"$group": {"_id": "$language", "count": COUNT}}, BY_COUNT],
                "publishers": [{"$match": {"publisher": {"$ne": None}}},
                               {"$group": {"_id": "$publisher", "count": COUNT}}, BY_COUNT, {"$limit": 2}],
                "formats": [{"$group": {"_id": "$format", "count": COUNT}}, BY_COUNT],
            }},
        ],
    ),
    Question(
        "How long are the documents, and which is the longest?",
        pipeline=[
            {"$match": {"status": "done"}},
            {"$sort": {"word_count": -1, "_id": 1}},
            {"$group": {"_id": None, "documents": COUNT, "words": {"$sum": "$word_count"},
                        "longest": {"$first": "$title"}}},
            {"$project": {"_id": 0}},
        ],
    ),
    Question(
        "What did editors correct, and what was there before?",
        pipeline=[
            {"$match": {"corrections.kind": {"$exists": True}}},
            {"$unwind": "$corrections"},
            {
                "$project": {
                    "_id": 0,
                    "title": 1,
                    "kind": "$corrections.kind",
                    "target": "$corrections.target.name",
                    "was": "$corrections.was",
                    "now": "$corrections.now",
                    "by": "$corrections.by.name",
                }
            },
            {"$sort": {"title": 1, "kind": 1}},
        ],
        note="The fields themselves have the corrected values, so every other question here needs no change.",
    ),
    Question(
        "What failed, and why?",
        pipeline=[
            {"$match": {"status": "failed"}},
            {"$group": {"_id": "$error.code", "count": COUNT}},
            BY_COUNT,
        ],
        note="None of these documents failed.",
    ),
]  # fmt: skip
