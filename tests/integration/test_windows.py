"""Pages assembled from windows of an order: they equal the result of one query, and the first one reads few
documents."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from bson import ObjectId
from pymongo import ASCENDING
from pymongo.database import Database

from services.search.cursor import Cursor, Order, Sort
from services.search.facets import FACETS, Interval
from services.search.find import Finder
from services.search.learned import STRIDE
from services.search.params import Search
from services.search.prepared import Sight
from services.search.windows import Windows
from services.store.client import connect_async
from services.store.codec import CODEC
from services.store.setup import DOCUMENTS, RECEIVED
from tests.conftest import make_settings
from tests.integration.conftest import Deployment

DAY = datetime(2024, 5, 6, tzinfo=UTC)
SEARCHES: list[dict[str, Any]] = [
    {}, {"collection": ["b"]}, {"language": ["nb"]}, {"speaker": ["Rare"]}, {"amount_min": "500"},
    {"currency": "USD", "amount_min": "990"}, {"place": ["Oslo"], "published_from": "2024-05-07"}, {"q": "amount:>900"},
    {"q": "ferry"}, {"tag": ["nowhere"]},
]  # fmt: skip


def document(at: int, draw: random.Random) -> dict[str, Any]:
    return {
        "_id": ObjectId(),
        "status": "done",
        "schema_version": 1,
        "source": {"collection": draw.choice("aaab"), "tags": []},
        "published_at": None if at % 9 == 0 else DAY + timedelta(hours=draw.randrange(60)),
        "language": draw.choice(["en", "en", "en", "nb"]),
        "terms": [*draw.choice([["ferri"], ["quay"], []]), *(["ferri", "title:ferri"] if at % 61 == 7 else [])],
        "entities": [{"name": draw.choice(["Ingrid Solheim", "Ingrid Vik"]), "type": "PERSON"}],
        "quotes": [{"speaker": "Rare" if at % 97 == 5 else "Common"}],
        "money": [{"currency": draw.choice(["USD", "EUR"]), "amount": draw.randrange(1000)}],
        "places": [
            {"name": draw.choice(["Oslo", "Bergen"]), "country": "NO", "location": {"coordinates": [10.7, 59.9]}}
        ],
    }


@pytest.fixture(scope="module")
def filled(deployment: Deployment) -> Iterator[Database[dict[str, Any]]]:
    """Yield a separate database with some documents, and with the index that marks servers that need windows."""
    client, draw = deployment.db.client, random.Random(7)
    db = client[f"windows-{uuid.uuid4().hex[:8]}"]
    documents = db[DOCUMENTS]
    documents.create_index([("_id", ASCENDING), ("schema_version", ASCENDING)], name=RECEIVED)
    documents.create_index([("published_at", -1), ("_id", -1)], name="published")
    documents.create_index([("money.currency", 1), ("money.amount", 1)], name="money")
    for path in ("source.collection", "language", "quotes.speaker", "places.name", "terms", "source.tags"):
        documents.create_index([(path, ASCENDING)])
    documents.insert_many([document(at, draw) for at in range(6 * STRIDE)])
    yield db
    client.drop_database(db.name)


async def paged(finder: Finder, search: dict[str, Any], sort: Sort, order: Order, limit: int) -> list[ObjectId]:
    """Return the ids of all pages."""
    sight = Sight({}, {}, {})
    found: list[ObjectId] = []
    cursor: Cursor | None = None
    while True:
        prepared = await finder.prepare(Search.model_validate(search), sight, cursor)
        documents, cursor = await finder.page(prepared, sort, order, cursor, limit, {"_id": 1})
        found += [one["_id"] for one in documents]
        if cursor is None:
            return found


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_windows_find_what_one_query_finds(
    deployment: Deployment, filled: Database[dict[str, Any]], search: dict[str, Any]
) -> None:
    async def compared() -> None:
        db = connect_async(make_settings(deployment.environment)).client.get_database(filled.name, codec_options=CODEC)
        with_windows, without = Finder(db), Finder(db)
        without.windows._learned._needed = False
        for sort, order in (("received", "desc"), ("received", "asc"), ("published", "desc"), ("published", "asc")):
            whole = await paged(without, search, sort, order, 1000)
            assert len(whole) == len(set(whole))
            for limit in (23, 150):
                assert await paged(with_windows, search, sort, order, limit) == whole, (sort, order, limit)
        if "q" in search:
            whole = await paged(without, search, "relevance", "desc", 1000)
            assert await paged(with_windows, search, "relevance", "desc", 23) == whole
        prepared = await with_windows.prepare(Search.model_validate(search), Sight({}, {}, {}))
        received = await paged(without, search, "received", "desc", 1000)
        for top in (None, *received[7:8]):
            newest = await with_windows.newest(prepared, top, 90, {"_id": 1})
            assert [one["_id"] for one in newest] == received[7 if top else 0 :][:90]
        await db.client.close()

    asyncio.run(compared())


def test_the_first_window_has_few_documents_however_many_arrive(
    deployment: Deployment, filled: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.learned.EXTEND_SECONDS", 0)
    draw = random.Random(8)

    async def followed() -> None:
        db = connect_async(make_settings(deployment.environment)).client.get_database(filled.name, codec_options=CODEC)
        windows = Windows(db)
        for _ in range(3):
            for sort in ("received", "published"):
                for order in ("desc", "asc"):
                    found = await windows.of(sort, order, None)
                    assert found is not None
                    counts = [await db[DOCUMENTS].count_documents(window.where) for window in found]
                    assert sum(counts) == await db[DOCUMENTS].count_documents({})
                    assert counts[0] <= 4 * STRIDE and len(counts) <= 8, (sort, order, counts)
            filled[DOCUMENTS].insert_many([document(at, draw) for at in range(3 * STRIDE)])
        await db.client.close()

    asyncio.run(followed())


def test_of_many_documents_those_with_the_word_in_the_title_and_the_newest_are_ranked(
    deployment: Deployment, filled: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.ranking.MOST_RANKED", 40)
    having = list(filled[DOCUMENTS].find({"terms": "ferri", "language": "en"}, {"terms": 1}).sort("_id", -1))
    titled = [one["_id"] for one in having if "title:ferri" in one["terms"]]
    newest = [one["_id"] for one in having[:40] if one["_id"] not in titled]
    assert len(having) > 60 and having[-1]["_id"] in titled + [one["_id"] for one in having[40:]]

    async def compared() -> None:
        db = connect_async(make_settings(deployment.environment)).client.get_database(filled.name, codec_options=CODEC)
        for limit in (7, 200):
            assert await paged(Finder(db), {"q": "ferry"}, "relevance", "desc", limit) == titled + newest
        await db.client.close()

    asyncio.run(compared())


def test_facets_are_the_same_whether_server_or_api_counts(
    deployment: Deployment, filled: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.find.FEW", 2000)

    async def compared() -> None:
        db = connect_async(make_settings(deployment.environment)).client.get_database(filled.name, codec_options=CODEC)
        finder = Finder(db)
        prepared = await finder.prepare(Search.model_validate({"language": ["en"]}), Sight({}, {}, {}))
        for interval in get_args(Interval):
            whole = await finder.count(prepared, [*FACETS], 5, interval)
            assert await finder.count(prepared, [*FACETS], 5, interval, briefly=True) == whole
            assert whole["complete"] and len(whole["facets"]["entity"]) == 2
        await db.client.close()

    asyncio.run(compared())


@pytest.mark.parametrize(
    ("search", "sort"), [({}, "received"), ({"tag": []}, "published"), ({"q": "ferry"}, "relevance")]
)
def test_a_page_and_its_counts_are_those_that_are_asked_for_apart(
    deployment: Deployment,
    filled: Database[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    search: dict[str, Any],
    sort: Sort,
) -> None:
    monkeypatch.setattr("services.search.find.FEW", 2000)
    monkeypatch.setattr("services.search.ranking.MOST_RANKED", 200)
    facets, fields = ["entity", "date"], {"_id": 1, "language": 1}

    async def compared() -> None:
        db = connect_async(make_settings(deployment.environment)).client.get_database(filled.name, codec_options=CODEC)
        finder = Finder(db)
        prepared = await finder.prepare(Search.model_validate(search), Sight({}, {}, {}))
        apart, ended = await finder.page(prepared, sort, "desc", None, 20, fields)
        shown, at, counted = await finder.page_and_count(prepared, sort, "desc", None, 20, fields, facets, 5, "day")
        assert shown == apart and at is not None and at == ended
        if sort == "relevance":  # those that are ranked
            assert counted["total"] == min(201, len(await paged(finder, search, "received", "desc", 1000)))
        else:
            assert counted == await finder.count(prepared, facets, 5, "day", briefly=True)
        await db.client.close()

    asyncio.run(compared())
