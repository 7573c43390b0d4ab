"""The upload API, as a sender sees it."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.conftest import Deployment

ARTICLE = """Harbour Crane Collapses in Valparaiso

VALPARAISO, Chile (Andes Wire) - A crane fell onto an empty quay on Monday, port officials said. Marta Rojas,
the harbour master, put the damage at $2.5 million.
"""


def unique(text: str = ARTICLE) -> str:
    return f"{text}\nReference {uuid.uuid4().hex}.\n"


def test_a_posted_document_becomes_a_done_record(deployment: Deployment) -> None:
    text = unique()
    answer = deployment.http.post(
        "/v1/documents",
        content=text.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        params={"collection": "ports", "tags": ["chile", "accident"], "publisher": "Andes Wire"},
    )
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert answer.headers["location"] == f"/v1/documents/{answer.json()['id']}"
    record = deployment.final(answer.json()["id"])
    assert record["status"] == "done", record["error"]
    assert record["title"] == "Harbour Crane Collapses in Valparaiso"
    assert record["language"] == "en"
    assert record["source"]["tags"] == ["chile", "accident"]
    assert record["processing"]["attempts"] == 1
    assert record["raw"]["size_bytes"] == len(text.encode())
    raw = deployment.http.get(f"/v1/documents/{record['id']}/raw")
    assert raw.content == text.encode()
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert raw.headers["content-disposition"].startswith("attachment")


def test_the_same_bytes_stand_once_in_a_collection(deployment: Deployment) -> None:
    text = unique()
    first = deployment.post(text)
    again = deployment.http.post("/v1/documents", content=text.encode(), headers={"Content-Type": "text/plain"})
    assert again.status_code == 200
    assert again.json()["duplicate"] is True
    assert again.json()["id"] == first["id"]
    elsewhere = deployment.post(text, collection="other")
    assert elsewhere["id"] != first["id"]


def test_many_senders_of_the_same_bytes_make_one_document(deployment: Deployment) -> None:
    text = unique()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: deployment.post(text), range(32)))
    assert len({answer["id"] for answer in answers}) == 1
    assert sum(not answer["duplicate"] for answer in answers) == 1


def test_json_text_and_html(deployment: Deployment) -> None:
    marker = uuid.uuid4().hex
    body = {
        "text": unique(),
        "title": "A title of the sender's",
        "published_at": "2024-05-06T07:08:00+03:30",
        "metadata": {"desk": marker},
        "external_id": marker,
    }
    answer = deployment.http.post("/v1/documents", json=body)
    assert answer.status_code == 202, answer.text
    record = deployment.final(answer.json()["id"])
    assert record["status"] == "done", record["error"]
    assert record["title"] == "A title of the sender's"
    assert record["published_at"] == "2024-05-06T03:38:00Z"
    assert record["published_zone"] == "+03:30"
    assert record["source"]["metadata"] == {"desk": marker}
    assert "Marta Rojas" in record["text"]
    assert marker not in record["text"]
    page = f"<html><body><article><h1>Fog closes ferry line</h1><p>{ARTICLE.splitlines()[2]} {marker}</p></article></body></html>"
    record = deployment.final(deployment.http.post("/v1/documents", json={"html": page}).json()["id"])
    assert record["status"] == "done", record["error"]
    assert marker in record["text"]
    assert "<p>" not in record["text"]


def test_multipart_with_one_and_with_many_files(deployment: Deployment) -> None:
    one = deployment.http.post(
        "/v1/documents",
        files={"file": ("a.txt", unique().encode(), "text/plain")},
        data={"collection": "forms", "tags": ["x", "y"]},
    )
    assert one.status_code == 202
    record = deployment.final(one.json()["id"])
    assert record["raw"]["filename"] == "a.txt"
    assert record["source"]["collection"] == "forms"
    assert record["source"]["tags"] == ["x", "y"]
    many = deployment.http.post(
        "/v1/documents", files=[("file", (f"{n}.txt", unique().encode(), "text/plain")) for n in range(5)]
    )
    assert many.status_code == 202
    assert [found["filename"] for found in many.json()["documents"]] == [f"{n}.txt" for n in range(5)]


def test_a_large_document_keeps_its_bytes(deployment: Deployment) -> None:
    # large, and quick to read: as text it would keep a worker busy to its time limit, several times over
    filler = "Filler sentence of no weight.\n" * 60_000
    data = f"<!doctype html><title>Large</title><!-- {filler} --><p>{unique()}</p>".encode()
    assert len(data) > 1024 * 1024
    id = deployment.post(data)["id"]
    assert deployment.http.get(f"/v1/documents/{id}/raw").content == data
    assert deployment.final(id)["status"] in ("done", "failed")
    assert deployment.http.delete(f"/v1/documents/{id}").status_code == 204
    assert deployment.db["raw_large.files"].count_documents({"filename": id}) == 0


def test_an_idempotency_key_gives_the_same_answer_again(deployment: Deployment) -> None:
    key, text = uuid.uuid4().hex, unique()

    def send(body: str) -> tuple[int, dict[str, object], bool]:
        answer = deployment.http.post(
            "/v1/documents", content=body, headers={"Content-Type": "text/plain", "Idempotency-Key": key}
        )
        return answer.status_code, answer.json(), "idempotent-replayed" in answer.headers

    status, body, replayed = send(text)
    assert (status, replayed) == (202, False)
    assert send(text) == (202, body, True)
    status, problem, _ = send(text + "more")
    assert status == 422
    assert problem["type"] == "urn:copydesk:problem:idempotency-key"


@pytest.mark.parametrize(
    ("send", "status"),
    [
        ({"content": b"", "headers": {"Content-Type": "text/plain"}}, 422),
        ({"content": b"x" * (3 * 1024 * 1024 + 1), "headers": {"Content-Type": "text/plain"}}, 413),
        ({"content": iter([b"x" * (2 * 1024 * 1024)] * 2), "headers": {"Content-Type": "text/plain"}}, 413),
        ({"content": b"a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 415),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
        ({"json": {"text": "a", "html": "b"}}, 422),
        ({"json": {"text": "a", "published_at": "yesterday"}}, 422),
        ({"json": {"text": "a", "unknown": 1}}, 422),
        ({"content": b"a", "headers": {"Content-Type": "text/plain"}, "params": {"collection": "../x"}}, 422),
        ({"content": b"a", "headers": {"Content-Type": "text/plain"}, "params": {"colection": "x"}}, 422),
        ({"data": {"tags": "x"}, "files": {"": ""}, }, 422),
        ({"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=y"}}, 400),
        ({"content": b"a", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_problem_document(
    deployment: Deployment, send: dict[str, object], status: int
) -> None:
    before = deployment.db.documents.count_documents({})
    answer = deployment.http.post("/v1/documents", **send)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert deployment.db.documents.count_documents({}) == before


def test_an_unknown_document(deployment: Deployment) -> None:
    for id in ("0" * 24, "nonsense", "%00"):
        for method, path in (("GET", ""), ("GET", "/raw"), ("DELETE", ""), ("POST", "/reprocess")):
            answer = deployment.http.request(method, f"/v1/documents/{id}{path}")
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"


def test_listing_pages_through_everything_newest_first(deployment: Deployment) -> None:
    collection = f"pages-{uuid.uuid4().hex}"
    ids = [deployment.post(unique(), collection=collection)["id"] for _ in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"collection": collection, "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = deployment.http.get("/v1/documents", params=params).json()
        seen += [document["id"] for document in page["documents"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(ids, reverse=True)
    for id in ids:
        deployment.final(id)
    done = deployment.http.get("/v1/documents", params={"collection": collection, "status": "done"}).json()
    assert len(done["documents"]) == 7
    assert deployment.http.get("/v1/documents", params={"cursor": "bad!"}).status_code == 422


def test_delete_removes_record_and_bytes(deployment: Deployment) -> None:
    id = deployment.final(deployment.post(unique())["id"])["id"]
    assert deployment.http.delete(f"/v1/documents/{id}").status_code == 204
    assert deployment.http.get(f"/v1/documents/{id}").status_code == 404
    assert deployment.http.get(f"/v1/documents/{id}/raw").status_code == 404


def test_versions_of_one_story_share_it(deployment: Deployment) -> None:
    first = deployment.final(deployment.post(unique())["id"])
    longer = ARTICLE + "\nThe port of Antofagasta took in eleven ships that had been bound for Valparaiso. "
    second = deployment.final(deployment.post(f"{longer}{uuid.uuid4().hex}\n")["id"])
    assert second["story"]["id"] == first["story"]["id"]
    assert second["story"]["similarity"] > 0.5
    assert any("Antofagasta" in paragraph["text"] for paragraph in second["story"]["new_paragraphs"])
    other = deployment.final(
        deployment.post(f"Choir wins prize in Tartu\n\nTARTU - A choir won. {uuid.uuid4().hex}")["id"]
    )
    assert other["story"]["id"] != first["story"]["id"]


def test_reprocess_reads_the_bytes_anew(deployment: Deployment) -> None:
    first = deployment.final(deployment.post(unique())["id"])
    answer = deployment.http.post(f"/v1/documents/{first['id']}/reprocess")
    assert answer.status_code == 202
    again = deployment.final(first["id"])
    assert again["processing"]["finished_at"] >= first["processing"]["finished_at"]
    assert again["text"] == first["text"]


def test_health_metrics_and_openapi_examples(deployment: Deployment) -> None:
    assert deployment.http.get("/healthz").json() == {"status": "ok"}
    assert deployment.http.get("/readyz").json()["parts"] == {"mongo": "ok", "redis": "ok"}
    metrics = deployment.http.get("/metrics").text
    assert 'copydesk_documents{status="done"}' in metrics
    assert "copydesk_queue_depth" in metrics
    operation = deployment.http.get("/openapi.json").json()["paths"]["/v1/documents"]["post"]
    for media_type, body in operation["requestBody"]["content"].items():
        example = body.get("example") or next(iter(body["schema"].get("examples", [])), None)
        if example is None:
            continue
        content = example if isinstance(example, str) else json.dumps(example)
        answer = deployment.http.post("/v1/documents", content=content, headers={"Content-Type": media_type})
        assert answer.status_code in (200, 202), f"{media_type}: {answer.text}"
