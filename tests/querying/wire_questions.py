"""What a wire editor asks about the items that providers sent."""

from __future__ import annotations

from tests.querying.render import Question
from tests.querying.shapes import BY_COUNT, COUNT, shown

WIRE = [
    Question(
        "What is urgent on the wire?",
        filter={"wire.urgency": {"$lte": 3}},
        project=shown(**{"wire.slugline": 1, "wire.urgency": 1}),
        sort={"wire.urgency": 1, "title": 1},
    ),
    Question(
        "Which items did a provider file under natural disasters?",
        filter={"wire.provider": "North Wire",
                "wire.subjects": {"$elemMatch": {"scheme": "medtop", "code": "20000150"}}},
        project=shown(**{"wire.guid": 1, "wire.version": 1}),
        sort={"title": 1},
        note="A code has a meaning only within its scheme, so `$elemMatch` requires both of the same subject.",
    ),
    Question(
        "Which slugs start with BARRIER-?",
        filter={"wire.slugline": {"$gte": "BARRIER-", "$lt": "BARRIER."}},
        project=shown(**{"wire.slugline": 1}),
        sort={"wire.slugline": 1},
        note="The range runs from the prefix to the prefix with its last character raised by one, so that an index can be used.",
    ),
    Question(
        "What notes and rights do providers send with their items?",
        filter={"wire.ednote": {"$type": "string"}},
        project=shown(**{"wire.ednote": 1, "wire.signals": 1, "wire.rights.usage_terms": 1}),
        sort={"title": 1},
    ),
    Question(
        "How many items has each provider filed under which subject?",
        pipeline=[
            {"$match": {"wire.subjects.code": {"$type": "string"}}},
            {"$unwind": "$wire.subjects"},
            {"$group": {"_id": {"provider": "$wire.provider", "subject": "$wire.subjects.name"}, "count": COUNT}},
            BY_COUNT,
        ],
    ),
]  # fmt: skip
