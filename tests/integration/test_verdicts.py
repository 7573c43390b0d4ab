"""Saved searches that are tested in Python give the same result as in the database."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from services.alerts.candidates import READ
from services.alerts.values import Values
from services.alerts.verdicts import verdict
from services.search import plan
from services.search.find import Finder
from services.search.params import Search
from services.search.prepared import Sight
from services.store.client import connect_async
from services.store.keys import SCOPES
from tests.conftest import make_settings
from tests.integration.conftest import Deployment

Doc = dict[str, Any]
SOON = datetime.now(UTC) + timedelta(days=9000)
IDS = [ObjectId() for _ in range(4)]
RECORDS: list[Doc] = [
    {
        "_id": IDS[0], "status": "done", "language": "en", "title": "Quay of Ålesund widened", "deck": None,
        "text": "The pilots’ quay, of\nÅlesund, is wider. KARI knows.", "published_at": datetime(2024, 5, 6, 7, tzinfo=UTC),
        "terms": ["quay", "pilot", "ålesund", "widen", "wider", "title:quay", "title:widen"], "publisher": "The Quay",
        "source": {"collection": "wires", "tags": ["port", "city"], "fetched_from": {"id": str(IDS[3]), "name": "Quays"}},
        "entities": [{"name": "Kari Lie", "type": "PERSON", "id": "p1"}, {"name": "Harbour Board", "type": "ORG"}],
        "places": [{"name": "Ålesund", "country": "NO"}], "quotes": [{"speaker": None}, {"speaker": "Kari Lie"}],
        "topics": [{"name": "shipping", "code": "medtop:1"}], "money": [{"currency": "NOK"}], "corrections": [{"kind": "star"}],
        "wire": {"guid": "g1", "urgency": 3, "slugline": "QUAY-1", "subjects": [{"scheme": "medtop", "code": "04", "name": "sea"}]},
    },
    {
        "_id": IDS[1], "status": "done", "language": "nb", "title": "Kai", "text": "Kaien i \u0130stanbul er quay of Ålesund.",
        "terms": ["kai", "quay", "ålesund"], "source": {"collection": "web-1", "tags": []}, "entities": [], "places": [],
        "wire": {"subjects": [{"scheme": "x", "code": "04"}, {"scheme": "medtop", "code": "05"}], "embargoed_until": SOON},
        "lists": [{"list": "l1"}], "processing": {"failures": [{"stage": "events"}]}, "corrections": [{"kind": "role"}],
    },
    {"_id": IDS[2], "status": "failed", "error": {"code": "empty", "stage": "parse"}, "source": {"collection": "web-2"}},
    {
        "_id": IDS[3], "status": "done", "language": None, "text": "quay\u00a0of Ålesund", "terms": ["quay", "ålesund"],
        "title": None, "source": {"collection": "wires"}, "item": {"withdrawn": {"by": "x"}},
        "published_at": datetime(2024, 5, 7, 7, 0, 0, 1000, tzinfo=UTC),
    },
]  # fmt: skip
QUERIES: list[Doc] = [
    {}, {"q": "quay"}, {"q": "quay wider"}, {"q": "-pilot"}, {"q": "kai OR pilots"}, {"q": "title:quay"},
    {"q": '"quay of ålesund"'}, {"q": '"pilots\' quay"'}, {"q": '"kari knows"'}, {"q": '-"quay of Ålesund"'},
    {"q": 'title:"quay of"'}, {"q": "quay -tag:port"}, {"q": "-language:en"}, {"q": "quay -entity:\"Kari Lie\""},
    {"entity": ["Kari Lie"]}, {"entity": ["Kari Lie"], "entity_type": "PERSON"}, {"entity_type": "GPE"},
    {"entity": ["Kari Lie"], "entity_type": "ORG"}, {"speaker": ["Kari Lie"]}, {"place": ["Ålesund"]},
    {"place": ["ålesund"]}, {"country": ["NO", "SE"]}, {"tag": ["port", "city"]}, {"tag": ["port", "sea"]},
    {"topic": ["Shipping"]}, {"topic": ["medtop:1"]}, {"language": ["en", "nb"]}, {"status": ["failed"]},
    {"error_code": "empty"}, {"error_stage": "enrich"}, {"failed_stage": "events"}, {"failed_stage": "any"},
    {"collection": ["wires", "web-2"]}, {"publisher": ["The Quay"]}, {"fetched_from": ["Quays"]},
    {"fetched_from": [str(IDS[3])]}, {"starred": True}, {"starred": False}, {"corrected": True}, {"corrected": False},
    {"guid": ["g1", "g2"]}, {"urgency": [3]}, {"slugline": ["QUAY-*"]}, {"slugline": ["QUAY-*", "X"]},
    {"subject": ["medtop:04"]}, {"subject": ["medtop:05"]}, {"subject": ["sea"]}, {"list": ["l1"]}, {"currency": "NOK"},
    {"money": "NOK:1..2"}, {"bbox": "4,50,32,72"}, {"published_from": "2024-05-06", "published_to": "2024-05-06"},
    {"published_from": "2024-05-07T07:00:00.001900Z"}, {"published_to": "2024-05-07T07:00:00.001Z"},
    {"id": [str(IDS[0]), str(IDS[2])]}, {"withdrawn": True},
]  # fmt: skip
ASKED = ({"money": "NOK:1..2"}, {"bbox": "4,50,32,72"})
"""Only the database can answer these."""
OWNERS: list[tuple[list[str], tuple[str, ...]]] = [(["*"], SCOPES), (["web-*", "x"], ("read",)), (["wires"], ("read",))]


def test_what_is_tested_in_python_is_what_the_database_finds(deployment: Deployment) -> None:
    settings = make_settings({**deployment.environment, "COPYDESK_MONGO_DATABASE": f"verdicts_{uuid.uuid4().hex[:8]}"})

    async def run() -> None:
        db = connect_async(settings)
        await db.documents.insert_many(RECORDS)
        read = await db.documents.find({}, READ).to_list()
        finder = Finder(db)
        for query in QUERIES:
            search = Search.model_validate(query)
            for collections, scopes in OWNERS:
                sight = Sight.of(collections, scopes, withdrawn=search.withdrawn)
                standing = await finder.standing(search, sight)
                stages = plan.plan(standing.conditions, sight.found).stages
                found = {one["_id"] async for one in await db.documents.aggregate(stages)}
                wheres = [*(one.where for one in standing.conditions), sight.found]
                verdicts = {one["_id"]: verdict({"$and": wheres}, Values(one)) for one in read}
                wrong = {id for id, matches in verdicts.items() if matches is not None and matches != (id in found)}
                assert not wrong, (query, collections)
                unknown = {id for id, matches in verdicts.items() if matches is None}
                assert query in ASKED or unknown <= {IDS[1], IDS[3]}, (query, "left to the database")
        await db.client.drop_database(db.name)
        await db.client.close()

    asyncio.run(run())
