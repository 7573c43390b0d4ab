"""Watch lists: every document is compared with them, new ones when they are read, stored ones in the background."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.conftest import Deployment, eventually
from tests.integration.test_alerts import as_key

Doc = dict[str, Any]
CSV = """id,schema,name,aliases,birth_date,countries
Q1,Person,Torvald Grindheim,Grindheim Torvald Aksel,1961-05-03,no
Q2,Person,Никита Хворостин,,,ru
Q3,Company,Skarvøy Dredging AS,,,no
Q4,Person,Solheim,,,no
"""


@pytest.fixture
def collection(deployment: Deployment) -> Iterator[str]:
    """Yield a collection for this test alone; the lists are removed at the end."""
    yield f"listed-{uuid.uuid4().hex[:8]}"
    for one in deployment.http.get("/v1/lists").json()["lists"]:
        assert deployment.http.delete(f"/v1/lists/{one['id']}").status_code == 204


def load(deployment: Deployment, collection: str, data: str = CSV, kind: str = "text/csv", **params: Any) -> Doc:
    answer = deployment.http.post(
        "/v1/lists", params={"name": "Desk", "collection": collection, **params}, content=data.encode(),
        headers={"Content-Type": kind},
    )  # fmt: skip
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def send(deployment: Deployment, collection: str, text: str) -> str:
    id = deployment.post(text, collection=collection)["id"]
    assert deployment.final(id)["status"] == "done"
    return id


def hits(deployment: Deployment, id: str) -> list[tuple[str, str, str]]:
    record = deployment.http.get(f"/v1/documents/{id}").json()
    return [(one["entry"], one["text"], one["reason"]) for one in record["lists"]]


def settled(deployment: Deployment, id: str, entries: list[str]) -> list[tuple[str, str, str]]:
    def look() -> list[tuple[str, str, str]] | None:
        found = hits(deployment, id)
        return found if [one[0] for one in found] == entries else None

    return eventually(look, f"{entries} in {id}", state=lambda: hits(deployment, id))


TEXT = "Quay Deal\n\nBERGEN, May 6 - Torvald Grindheim, a former minister of Norway, met Nikita Khvorostin in Bergen on Monday."
LATER = "Quay Opens\n\nBERGEN, May 9 - Torvald Grindheim, a former minister of Norway, opened the quay in Bergen on Thursday."


def test_new_documents_are_compared_and_found_by_the_list(deployment: Deployment, collection: str) -> None:
    made = load(deployment, collection)
    assert (made["entries"], made["names"], made["skipped"]) == (4, 5, 0)
    id = send(deployment, collection, TEXT)
    found = settled(deployment, id, ["Q1", "Q2"])
    assert found[0] == ("Q1", "Torvald Grindheim", "the same name; a country agrees")
    assert found[1][1] == "Nikita Khvorostin"
    other = send(deployment, collection, "Ferry News\n\nKari Solheim said the ferry was late.")
    search = {"list": made["id"], "collection": collection}
    answer = deployment.http.get("/v1/documents", params={**search, "facets": "list"}).json()
    assert [one["id"] for one in answer["documents"]] == [id]
    matches = deployment.http.get(f"/v1/lists/{made['id']}/matches").json()
    assert [(one["document"], [hit["entry"] for hit in one["hits"]]) for one in matches["matches"]] == [
        (id, ["Q1", "Q2"])
    ]
    assert hits(deployment, other) == [], "a surname alone is nobody"
    assert deployment.http.get(f"/v1/lists/{made['id']}").json()["documents"] == 1


def test_what_is_stored_is_compared_when_a_list_is_new_changed_or_deleted(
    deployment: Deployment, collection: str
) -> None:
    id = send(deployment, collection, TEXT)
    attempts = deployment.db.documents.find_one({"source.collection": collection})["processing"]["attempts"]  # type: ignore[index]
    made = load(deployment, collection)
    settled(deployment, id, ["Q1", "Q2"])
    entity = {"id": "NK-1", "schema": "Person", "properties": {"name": ["Хворостин Никита"], "country": ["ru"]}}
    skipped = {"id": "NK-2", "schema": "Ownership", "properties": {}}
    data = "\n".join(map(json.dumps, (entity, skipped)))
    changed = load(deployment, collection, data, "application/x-ndjson")
    assert changed["id"] == made["id"] and (changed["entries"], changed["skipped"]) == (1, 1)
    settled(deployment, id, ["NK-1"])
    record = deployment.db.documents.find_one({"source.collection": collection})
    assert record and record["processing"]["attempts"] == attempts, "no document was read again"
    assert deployment.http.delete(f"/v1/lists/{made['id']}").status_code == 204
    assert hits(deployment, id) == []
    assert deployment.http.get(f"/v1/lists/{made['id']}/matches").status_code == 404


def test_keys_see_lists_and_matches_of_their_collections(deployment: Deployment, collection: str) -> None:
    made = load(deployment, collection)
    id = send(deployment, collection, TEXT)
    settled(deployment, id, ["Q1", "Q2"])
    inside, _ = as_key(deployment, scopes=["read"], collections=[collection])
    outside, _ = as_key(deployment, scopes=["read", "admin"], collections=["elsewhere"])
    with inside, outside:
        assert [one["document"] for one in inside.get(f"/v1/lists/{made['id']}/matches").json()["matches"]] == [id]
        assert inside.delete(f"/v1/lists/{made['id']}").status_code == 403
        assert outside.get(f"/v1/lists/{made['id']}").status_code == 404
        assert outside.get("/v1/lists").json() == {"lists": []}
        params = {"name": "Theirs", "collection": collection}
        answer = outside.post("/v1/lists", params=params, content=CSV, headers={"Content-Type": "text/csv"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("data", "kind", "status", "said"),
    [
        ("a;b\n1;2\n", "text/csv", 422, "`name`"),
        ("name\n\n", "text/csv", 422, "no row has a name"),
        ('{"id": 1}\n', "application/x-ndjson", 422, "line 1 is not a FollowTheMoney entity"),
        ("name\nA B\n", "application/pdf", 415, "text/csv"),
        ("name\nA \udcff B\n", "text/csv", 422, "line 2 is not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused(
    deployment: Deployment, data: str, kind: str, status: int, said: str
) -> None:
    answer = deployment.http.post(
        "/v1/lists",
        params={"name": "Wrong"},
        content=data.encode("utf-8", "surrogateescape"),
        headers={"Content-Type": kind},
    )
    assert answer.status_code == status and said in answer.json()["detail"], answer.text
    assert deployment.db.list_entries.count_documents({}) == 0


def test_lists_loaded_at_the_same_time_have_different_names(deployment: Deployment, collection: str) -> None:
    def ask(_: int) -> int:
        return deployment.http.post(
            "/v1/lists", params={"name": collection, "collection": collection}, content=CSV.encode(),
            headers={"Content-Type": "text/csv"},
        ).status_code  # fmt: skip

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(ask, range(6)))
    assert codes.count(201) == 1 and set(codes) <= {200, 201, 409}
    names = [one["name"] for one in deployment.http.get("/v1/lists").json()["lists"]]
    assert names.count(collection) == 1


def test_a_correction_is_compared_again_and_a_saved_search_tells_of_the_list(
    deployment: Deployment, collection: str
) -> None:
    made = load(deployment, collection)
    saved = deployment.http.post("/v1/searches", json={"name": "Anybody", "query": {"list": [made["id"]]}}).json()
    id = send(deployment, collection, TEXT)
    settled(deployment, id, ["Q1", "Q2"])
    correction = {"kind": "hide", "target": {"field": "entities", "name": "Torvald Grindheim"}}
    assert deployment.http.post(f"/v1/documents/{id}/corrections", json=correction).status_code == 201
    settled(deployment, id, ["Q2"])
    later = send(deployment, collection, LATER)

    def told() -> bool:
        found = deployment.http.get(f"/v1/searches/{saved['id']}/matches").json()["matches"]
        return later in [one["document"] for one in found]

    eventually(told, "the alert")
    deployment.http.delete(f"/v1/searches/{saved['id']}")
