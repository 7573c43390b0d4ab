"""Search as people use it: what is found, in which order and by whom, and that an index is used."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search import entities, facets, plan
from services.search.cursor import Order, Sort
from services.search.find import Finder, page_stages
from services.search.params import Search
from services.search.prepared import Sight
from services.store import server
from services.store.client import connect_async
from services.store.codec import CODEC
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually
from tests.integration.wire import WIRE


@pytest.fixture(scope="module")
def corpus(deployment: Deployment) -> dict[str, str]:
    """Return the id of each document of WIRE, in the collection ``desk-north``."""
    ids = {
        name: deployment.post(
            text, collection="desk-north", tags=[f"tag-{name}"], publisher=f"Publisher {name}",
            published_at=f"2024-03-{day:02}T10:00:00Z",
        )["id"]
        for day, (name, text) in enumerate(WIRE.items(), 1)
    }  # fmt: skip
    assert {deployment.final(id)["status"] for id in ids.values()} == {"done"}
    eventually(lambda: ids["french"] in deployment.http.get("/v1/documents?q=négociation").text, "French is sought")
    return ids


@pytest.fixture
def find(deployment: Deployment, corpus: dict[str, str]) -> Any:
    names = {id: name for name, id in corpus.items()}

    def ask(**params: Any) -> list[str]:
        answer = deployment.http.get("/v1/documents", params={"collection": "desk-north", **params})
        assert answer.status_code == 200, answer.text
        return [names[document["id"]] for document in answer.json()["documents"]]

    return ask


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ferry", {"ferry", "bridge"}),
        ("FERRIES norwegian", set()),
        ("ferries norway", {"ferry", "bridge"}),
        ('"four ferries"', {"ferry"}),
        ('"ferries four"', set()),
        ('"without a drop of diesel"', {"ferry"}),
        ("title:ferry", {"ferry"}),
        ("title:boat", {"bridge"}),
        ("-title:ferry ferry", {"bridge"}),
        ("ferry -euros", {"ferry"}),
        ("drava OR ribbon", {"flood", "bridge"}),
        ("négociations", {"french"}),
        ("negociation", {"french"}),
        ("bank", {"flood"}),
        ("banque", {"french"}),
        ("place:Bergen", {"bridge"}),
        ('speaker:"Ingrid Solheim" diesel', {"ferry"}),
        ("-tag:tag-ferry ferry", {"bridge"}),
        ("", {"ferry", "bridge", "flood", "french", "tokyo"}),
    ],
)
def test_words(find: Any, q: str, found: set[str]) -> None:
    assert set(find(q=q)) == found


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"entity": "Ingrid Solheim"}, {"ferry"}),
        ({"entity": "Norway", "entity_type": "GPE"}, {"ferry", "bridge"}),
        ({"entity": "Norway", "entity_type": "PERSON"}, set()),
        ({"entity": ["Norway", "Bergen"]}, {"bridge"}),
        ({"place": "Osijek"}, {"flood"}),
        ({"country": "no"}, {"ferry", "bridge"}),
        ({"bbox": "4,59,6,61"}, {"bridge"}),
        ({"bbox": "177,-20,-178,-15"}, {"tokyo"}),
        ({"near": "45.5,18.7", "within": 20}, {"flood"}),
        ({"near": "45.5,18.7", "within": 1}, set()),
        ({"speaker": "Ingrid Solheim"}, {"ferry"}),
        ({"money": "USD:1e9.."}, {"ferry"}),
        ({"money": "EUR"}, {"bridge"}),
        ({"currency": "usd", "amount_max": "1e9"}, set()),
        ({"amount_min": "1000000"}, {"ferry", "bridge"}),
        ({"tag": "tag-flood"}, {"flood"}),
        ({"publisher": ["Publisher flood", "Publisher french"]}, {"flood", "french"}),
        ({"language": "fr"}, {"french"}),
        ({"published_from": "2024-03-02", "published_to": "2024-03-03"}, {"bridge", "flood"}),
        ({"published_to": "2024-03-02T10:00:00Z"}, {"ferry"}),
        ({"status": "failed"}, set()),
        ({"q": "ferry", "country": "NO", "tag": "tag-bridge"}, {"bridge"}),
    ],
)
def test_parameters(find: Any, params: dict[str, Any], found: set[str]) -> None:
    assert set(find(**params)) == found


def test_an_entity_is_found_by_its_other_names(deployment: Deployment, find: Any, corpus: dict[str, str]) -> None:
    record = deployment.final(corpus["ferry"])
    aliases = next(one["aliases"] for one in record["entities"] if one["name"] == "Ingrid Solheim")
    assert aliases
    for alias in aliases:
        assert find(entity=alias) == ["ferry"]


def test_a_title_counts_more_than_the_text_and_rare_words_more_than_common_ones(find: Any) -> None:
    assert find(q="ferry") == ["ferry", "bridge"]
    assert find(q="boat") == ["bridge", "ferry"]
    assert find(q="said OR ribbon OR monday")[0] == "bridge"


def test_order(find: Any) -> None:
    assert find(sort="published") == ["tokyo", "french", "flood", "bridge", "ferry"]
    assert find(sort="published", order="asc") == ["ferry", "bridge", "flood", "french", "tokyo"]
    assert find(q="ferry", sort="published") == ["bridge", "ferry"]


def test_a_snippet_shows_the_words_where_they_stand(deployment: Deployment, corpus: dict[str, str]) -> None:
    answer = deployment.http.get("/v1/documents", params={"q": '"drop of diesel"', "collection": "desk-north"})
    [document] = answer.json()["documents"]
    assert document["score"] > 0
    text = deployment.final(document["id"])["text"]
    snippet = document["snippet"]
    assert text[snippet["start"] : snippet["end"]] == snippet["text"]
    assert [text[mark["start"] : mark["end"]] for mark in snippet["marks"]] == ["drop", "diesel"]


def test_fields(deployment: Deployment, corpus: dict[str, str]) -> None:
    answer = deployment.http.get("/v1/documents", params={"id": corpus["ferry"], "fields": "title,story.id,story"})
    [document] = answer.json()["documents"]
    assert set(document) == {"id", "title", "story"}


def test_terms_come_where_they_are_asked_for_and_a_lease_never_with_its_token(
    deployment: Deployment, corpus: dict[str, str]
) -> None:
    lease = {"token": "hidden", "worker": "w1", "expires_at": datetime(2030, 1, 1, tzinfo=UTC)}
    id = ObjectId(corpus["ferry"])
    deployment.db.documents.update_one({"_id": id}, {"$set": {"processing.lease": lease}})
    asked = {"id": corpus["ferry"], "fields": "terms,processing"}
    shown = deployment.http.get("/v1/documents", params=asked).text
    exported = deployment.http.get("/v1/export", params=asked).text
    whole = deployment.http.get(f"/v1/documents/{id}").json()
    deployment.db.documents.update_one({"_id": id}, {"$set": {"processing.lease": None}})
    for answer in (shown, exported):
        assert "title:ferri" in answer and "expires_at" in answer and "hidden" not in answer
    assert "terms" not in whole and "token" not in whole["processing"]["lease"]


def test_facets_count_documents_and_narrow_by_their_own_names(deployment: Deployment, find: Any) -> None:
    answer = deployment.http.get("/v1/documents/facets", params={"collection": "desk-north", "q": "ferry"}).json()
    assert answer["total"] == 2
    assert answer["complete"] is True
    assert answer["facets"]["country"][0] == {"value": "NO", "count": 2}
    norway = next(one for one in answer["facets"]["place"] if one["value"] == "Norway")
    assert norway["country"] == "NO" and len(norway["location"]) == 2
    assert answer["facets"]["date"] == [{"value": "2024-03-01T00:00:00Z", "count": 2}]
    names = "entity,entity_type,place,country,speaker,event,topic,language,publisher,collection,tag,currency,status"
    page = deployment.http.get(
        "/v1/documents", params={"collection": "desk-north", "facets": names, "facet_size": 500, "limit": 1}
    ).json()
    assert page["total"] == 5
    for name, values in page["facets"].items():
        for value in values:
            found = find(**{name: value["value"]})
            assert len(found) == value["count"], (name, value)


def test_pages_stay_right_while_documents_arrive(deployment: Deployment) -> None:
    """There are ten documents, some with the same instant and some without a date; more arrive between the pages."""
    collection = f"paging-{uuid.uuid4().hex[:8]}"
    dates = [*(["2024-05-06T07:08:00Z"] * 4), "2024-05-05T00:00:00Z", "2024-05-07T00:00:00Z", *([None] * 4)]

    def post(when: str | None) -> str:
        return deployment.post(
            f"Quay Report\n\nThe quay was quiet and the pilot slept. {uuid.uuid4().hex}", collection=collection,
            **({"published_at": when} if when else {}),
        )["id"]  # fmt: skip

    ids = {post(when) for when in dates}
    for id in ids:
        assert deployment.final(id)["status"] == "done"
    for params in (
        {"q": "quay"},
        {"q": "quay", "order": "asc"},
        {"sort": "published"},
        {"sort": "published", "order": "asc"},
        {"sort": "received"},
    ):
        seen: list[str] = []
        cursor = None
        while True:
            query = {**params, "collection": collection, "limit": 3, **({"cursor": cursor} if cursor else {})}
            page = deployment.http.get("/v1/documents", params=query).json()
            seen += [document["id"] for document in page["documents"]]
            cursor = page["next"]
            if cursor is None:
                break
            deployment.final(post("2024-05-06T07:08:00Z" if len(seen) % 2 else None))
        assert len(seen) == len(set(seen)), params
        assert ids <= set(seen), params
        ids = set(deployment.db.documents.distinct("_id", {"source.collection": collection}))
        ids = {str(id) for id in ids}


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"colour": "red"}, "'colour' is not one of"),
        ({"q": '"open'}, "quotation mark"),
        ({"q": "tilte:ferry"}, "no field 'tilte'"),
        ({"q": "status:lost"}, "'queued', 'processing', 'done', 'failed' or 'canceled'"),
        ({"bbox": "1,2,3"}, "west,south,east,north"),
        ({"bbox": "1,9,3,2"}, "south not above north"),
        ({"near": "200,0"}, "latitude"),
        ({"money": "dollars"}, "USD:1e6..1e9"),
        ({"money": "USD:NaN.."}, "USD:1e6..1e9"),
        ({"published_from": "yesterday"}, "2024-05-06"),
        ({"fields": "secret"}, "no field 'secret'"),
        ({"fields": "title.$where"}, "no field"),
        ({"fields": "title.\x00"}, "no field"),
        ({"fields": "processing.lease.token"}, "no field"),
        ({"facets": "colour"}, "facets are entity"),
        ({"sort": "relevance"}, "give q"),
        ({"cursor": "nonsense"}, "`next` of an earlier page"),
        ({"limit": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said(deployment: Deployment, params: dict[str, str], says: str) -> None:
    answer = deployment.http.get("/v1/documents", params=params)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


@given(
    q=st.text(max_size=40)
    | st.lists(
        st.sampled_from(['"', "-", "title:", "ferry", "OR", "的", "é", ":", "tag:", "$", "\\", "(", "\x00", " "]),
        max_size=9,
    ).map("".join)
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_asked_is_answered(deployment: Deployment, q: str) -> None:
    answer = deployment.http.get("/v1/documents", params={"q": q, "limit": 1, "collection": "desk-north"})
    assert answer.status_code in (200, 422), (q, answer.text)


@pytest.mark.parametrize("params", [{"money": "USD:1e999999.."}, {"entity": "\x00"}, {"near": "0,0", "within": "20000"},
                                    {"published_from": "0001-01-01"}, {"published_to": "9999-12-31"}])  # fmt: skip
def test_extremes_are_answered(deployment: Deployment, params: dict[str, str]) -> None:
    answer = deployment.http.get("/v1/documents", params=params)
    assert answer.status_code in (200, 422), answer.text


def test_a_cursor_is_for_its_own_search(deployment: Deployment, corpus: dict[str, str]) -> None:
    first = deployment.http.get("/v1/documents", params={"collection": "desk-north", "limit": 1}).json()
    other = deployment.http.get("/v1/documents", params={"limit": 1, "cursor": first["next"]})
    assert other.status_code == 422
    assert "another search" in other.json()["detail"]
    search, id, key, languages, idf = json.loads(
        base64.urlsafe_b64decode(first["next"] + "=" * (-len(first["next"]) % 4))
    )
    made = base64.urlsafe_b64encode(json.dumps([search, id, key, languages, [*idf, 1.0]]).encode()).decode()
    forged = deployment.http.get("/v1/documents", params={"collection": "desk-north", "limit": 1, "cursor": made})
    assert forged.status_code == 422


@pytest.fixture
def restricted(deployment: Deployment) -> Iterator[httpx.Client]:
    """Yield a client with a key that reads the collections ``desk-s*`` and ``other``."""
    grant = {"name": "south desk", "scopes": ["read"], "collections": ["desk-s*", "other"]}
    key = deployment.http.post("/v1/keys", json=grant).json()["key"]
    with httpx.Client(
        base_url=deployment.http.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=30
    ) as http:
        yield http


@pytest.mark.parametrize("params", [{}, {"q": "ferry"}, {"entity": "Norway"}, {"collection": "desk-north"},
                                    {"q": "collection:desk-north"}, {"country": "NO"}])  # fmt: skip
def test_a_key_finds_and_counts_its_collections_alone(
    restricted: httpx.Client, deployment: Deployment, corpus: dict[str, str], params: dict[str, str]
) -> None:
    found = restricted.get("/v1/documents", params={**params, "limit": 200}).json()["documents"]
    assert not {document["id"] for document in found} & set(corpus.values())
    counted = restricted.get("/v1/documents/facets", params={**params, "facets": "collection,place"}).json()
    assert all(one["value"].startswith("desk-s") or one["value"] == "other" for one in counted["facets"]["collection"])
    assert "Bergen" not in {one["value"] for one in counted["facets"]["place"]}


BY_INDEX = [
    ({"q": "ferry"}, "words"),
    ({"q": "ferry diesel -drava"}, "words"),
    ({"q": '"drop of diesel" title:ferries'}, "words"),
    ({"q": "drava OR ribbon", "language": ["en"]}, "words"),
    ({"entity": ["Norway"]}, "entity"),
    ({"place": ["Oslo"]}, "place"),
    ({"country": ["NO"]}, "country"),
    ({"bbox": "4,59,6,61"}, "latitude"),
    ({"near": "59.9,10.7"}, "latitude"),
    ({"speaker": ["Ingrid Solheim"]}, "speaker"),
    ({"money": "USD:1e9.."}, "money"),
    ({"event": ["AGREE"]}, "event"),
    ({"actor": ["Norway"]}, "actor"),
    ({"topic": ["sport"]}, "topic"),
    ({"published_from": "2024-03-02"}, "published"),
    ({"language": ["fr"]}, "language"),
    ({"story": "0" * 24}, "story"),
    ({"batch": "0" * 24}, "batch"),
    ({"status": ["failed"]}, "status"),
    ({"error_code": "poison"}, "status"),
    ({"collection": ["desk-north"]}, "collection"),
    ({"collection": ["desk-north"], "sha256": "0" * 64}, "bytes_once"),
    ({"publisher": ["Publisher flood"]}, "publisher"),
    ({"tag": ["tag-flood"]}, "tag"),
    ({"guid": ["urn:tide:1"], "provider": ["Coast Wire"]}, "guid"),
    ({"urgency": [2]}, "urgency"),
    ({"slugline": ["TIDE-*"]}, "slugline"),
    ({"subject": ["medtop:20000150"]}, "subject_code"),
    ({"wire_place": ["iso3166-1a2:NL"]}, "wire_place_code"),
    ({"tag": ["tag-flood"], "language": ["en"], "status": ["done"], "q": "river"}, "words"),
]


def _scans(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every scan in an answer of ``explain``: the stage and the index."""
    if isinstance(node, dict):
        if node.get("stage") in ("COLLSCAN", "IXSCAN", "DISTINCT_SCAN", "IDHACK", "EXPRESS_IXSCAN"):
            yield node["stage"], node.get("indexName", "")
        for name, value in node.items():
            if name != "rejectedPlans":
                yield from _scans(value)
    elif isinstance(node, list):
        for one in node:
            yield from _scans(one)


@pytest.mark.parametrize(("params", "index"), BY_INDEX)
def test_an_index_finds_it(deployment: Deployment, corpus: dict[str, str], params: dict[str, Any], index: str) -> None:
    """The test asks the server how it runs the pipeline of a page. MongoDB may choose a better index."""
    sort: Sort = "relevance" if params.get("q") else "published"
    prepared, explained = asyncio.run(_explain(deployment, params, sort))
    assert prepared.plan.index == index
    scans = list(_scans(explained))
    assert scans and all(stage != "COLLSCAN" for stage, _ in scans), explained
    if server.ask(deployment.db).name == "SecantusDB":
        known = deployment.db.documents.index_information()
        [used] = {name for _, name in scans if name}
        assert known[used]["key"][0][0] == known[index]["key"][0][0]


async def _explain(deployment: Deployment, params: dict[str, Any], sort: Sort, order: Order = "desc") -> Any:
    db = connect_async(make_settings(deployment.environment))
    try:
        prepared = await Finder(db).prepare(Search.model_validate(params), Sight({}, {}, {}))
        stages = [*page_stages(prepared, sort, order, []), {"$limit": 51}]
        command = {"aggregate": "documents", "pipeline": stages, "cursor": {}}
        return prepared, await db.command("explain", command, verbosity="queryPlanner", codec_options=CODEC)
    finally:
        await db.client.close()


@pytest.mark.parametrize(
    ("pipeline", "collection"),
    [
        (entities.portrait("Norway", {}, {"company": 5, "documents": 5}, interval="month"), "documents"),
        (facets.pipeline(plan.Plan("words", {"terms": "ferri"}, {}), ["entity"], 5, "month"), "documents"),
        ([{"$match": {"source.batch": "0" * 24}}, {"$sortByCount": "$status"}], "documents"),
        ([{"$match": {"processing.finished_at": {"$gte": datetime(2024, 1, 1, tzinfo=UTC)}}}], "documents"),
        ([{"$match": {"entities.aliases": "Solheim"}}], "documents"),
        ([{"$match": {"entities.name": {"$gte": "No", "$lt": "Np"}}}], "documents"),
        ([{"$match": {"status": "pending", "next_at": {"$lte": datetime(2024, 1, 1, tzinfo=UTC)}}}], "deliveries"),
    ],
)  # fmt: skip
def test_an_index_finds_the_rest(deployment: Deployment, pipeline: list[dict[str, Any]], collection: str) -> None:
    command = {"aggregate": collection, "pipeline": pipeline, "cursor": {}}
    explained = deployment.db.command("explain", command, verbosity="queryPlanner", codec_options=CODEC)
    scans = list(_scans(explained))
    assert scans and all(stage != "COLLSCAN" for stage, _ in scans), explained
