"""Who may do what, seen by the holder of a key and by somebody without one."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.store import keys, setup
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Api, Deployment, eventually

TEXT = {"Content-Type": "text/plain"}
EVERY_SCOPE = ["read", "write", "admin", "metrics", "embargoed", "withdrawn", "correct"]


def body() -> bytes:
    return f"Lock Gate Repaired\n\nGHENT - The gate was repaired. {uuid.uuid4().hex}".encode()


class Holder(httpx.Client):
    """Somebody who sends a key of their own."""

    def __init__(self, deployment: Deployment, **grant: Any) -> None:
        answer = deployment.http.post("/v1/keys", json={"name": "test", **grant})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]
        self.key = answer.json()["key"]
        super().__init__(base_url=deployment.http.base_url, timeout=30, headers={"Authorization": f"Bearer {self.key}"})


@pytest.fixture
def holder(deployment: Deployment) -> Iterator[Callable[..., Holder]]:
    made: list[Holder] = []

    def make(**grant: Any) -> Holder:
        made.append(Holder(deployment, **grant))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def second(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Yield another API process on the same MongoDB, behind a proxy, open to pages of one origin, and without Redis."""
    environment = {
        **deployment.environment,
        "COPYDESK_REDIS_URL": "redis://127.0.0.1:1/0",
        "COPYDESK_AUTH_CACHE_SECONDS": "1",
        "COPYDESK_TRUSTED_PROXIES": "127.0.0.1",
        "COPYDESK_CORS_ORIGINS": '["https://desk.example"]',
    }
    api = Api(environment, tmp_path_factory.mktemp("second") / "log")
    api.wait(503)
    yield api
    api.stop()


def test_every_operation_but_health_needs_a_valid_key(deployment: Deployment) -> None:
    paths = deployment.http.get("/openapi.json").json()["paths"]
    altered = deployment.key[:-1] + ("0" if deployment.key[-1] != "0" else "1")
    refused = [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {altered}"}, {"X-API-Key": altered}]
    tried = 0
    with httpx.Client(base_url=deployment.http.base_url) as nobody:
        for path, operations in paths.items():
            for method in operations:
                for headers in refused:
                    answer = nobody.request(method, path.replace("{id}", "x"), headers=headers, content=b"{")
                    if path in ("/healthz", "/readyz"):
                        assert answer.status_code == 200
                        continue
                    tried += 1
                    assert answer.status_code == 401, f"{method} {path}"
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert answer.headers["www-authenticate"].startswith("Bearer ")
                    assert ("invalid_token" in answer.headers["www-authenticate"]) == bool(headers)
                    schemes = {name for choice in operations[method]["security"] for name in choice}
                    assert schemes == {"bearer", "header"}
        assert tried >= 4 * 9
        assert nobody.get("/v1/documents", headers={"X-API-Key": deployment.key}).status_code == 200


def test_a_scope_allows_its_own_requests_and_no_others(deployment: Deployment, holder: Callable[..., Holder]) -> None:
    id = deployment.post(body())["id"]
    requests = {
        ("GET", "/v1/documents"): "read",
        ("GET", f"/v1/documents/{id}"): "read",
        ("GET", f"/v1/documents/{id}/raw"): "read",
        ("POST", "/v1/documents"): "write",
        ("POST", f"/v1/documents/{id}/reprocess"): "write",
        ("GET", "/v1/keys"): "admin",
        ("DELETE", f"/v1/documents/{id}"): "admin",
        ("GET", "/metrics"): "metrics",
    }
    for scope in EVERY_SCOPE:
        client = holder(scopes=[scope])
        for (method, path), needed in requests.items():
            content = body() if path == "/v1/documents" else b""
            answer = client.request(method, path, content=content, headers=TEXT)
            if scope == needed:
                assert answer.is_success, (scope, method, path, answer.text)
            else:
                assert answer.status_code == 403, (scope, method, path)
                assert f'scope="{needed}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("path", "scope"), [("/v1/documents/reprocess", "write"), ("/v1/documents/erase", "admin")])
def test_a_filter_is_for_those_who_may_read(
    deployment: Deployment, holder: Callable[..., Holder], path: str, scope: str
) -> None:
    asked = {"where": {"text": {"$regex": "secret"}, "source.collection": "none"}}
    refused = holder(scopes=[scope]).post(path, json=asked)
    assert refused.status_code == 403 and 'scope="read"' in refused.headers["www-authenticate"]
    assert holder(scopes=[scope, "read"]).post(path, json=asked).is_success


def test_a_guess_tells_nothing_of_a_document_in_a_closed_collection(
    deployment: Deployment, holder: Callable[..., Holder]
) -> None:
    mark = uuid.uuid4().hex[:8]
    client = holder(scopes=["read", "write"], collections=[f"wire-{mark}"])
    known = f"OSTEND - The ferry slip {mark} was rebuilt on Monday by divers of the harbour board, who worked for nine hours."
    more = (
        "The board will pay 4 million euros for the work and has asked two firms for a report on the other three slips."
    )
    secret = deployment.post(f"Ferry Slip Rebuilt\n\n{known}\n\n{more}".encode(), collection=f"vault-{mark}")["id"]
    record = deployment.final(secret)
    given = f"{known}\n\n{more}\n\nThe mayor, who nicknames the slip Zeldrin {mark}, was not asked."
    guess = deployment.post(f"Ferry Slip Rebuilt\n\n{given}".encode(), collection=f"wire-{mark}")["id"]
    assert deployment.final(guess)["story"]["nearest"] == secret, "the operator's key is told"

    fresh = {"id": guess, "similarity": 0.0, "nearest": None, "new_paragraphs": []}
    parts = ",".join(f"story.{name}" for name in fresh)
    reads = {
        "record": client.get(f"/v1/documents/{guess}").json(),
        "search": client.get("/v1/documents", params={"fields": "story"}).json()["documents"][0],
        "parts": client.get("/v1/documents", params={"fields": parts, "story": guess}).json()["documents"][0],
        "export": client.get("/v1/export").json(),
    }
    assert {name: read["story"] for name, read in reads.items()} == dict.fromkeys(reads, fresh)
    everything = str(reads) + client.get("/v1/feed").text
    assert secret not in everything and record["source"]["collection"] not in everything
    story = client.get(f"/v1/stories/{guess}").json()
    assert (story["id"], [one["id"] for one in story["versions"]]) == (guess, [guess])
    asked = {"where": {"story.nearest": {"$ne": None}}}
    assert client.post("/v1/documents/reprocess", json=asked).status_code == 422

    again = deployment.post(f"Ferry Slip Rebuilt\n\n{given} Nor were the divers.".encode(), collection=f"wire-{mark}")[
        "id"
    ]
    assert deployment.final(again)["story"]["nearest"] in (guess, secret)
    assert client.get(f"/v1/documents/{again}").json()["story"]["id"] == guess, "the first that the key sees names it"
    assert client.get("/v1/documents", params={"story": guess}).json()["documents"]

    # an alias that only the vault's document has does not find the key's own documents
    assert client.get(f"/v1/entities/{record['title']}").status_code == 404


def test_scores_weigh_words_by_the_documents_that_the_key_reaches(
    deployment: Deployment, holder: Callable[..., Holder]
) -> None:
    word, mark = f"zeldrin{uuid.uuid4().hex[:8]}", uuid.uuid4().hex[:8]
    client = holder(scopes=["read"], collections=[f"wire-{mark}"])

    def post(collection: str) -> None:
        text = f"Lock Gate Repaired\n\nGHENT - The {word} was repaired. {uuid.uuid4().hex}".encode()
        assert deployment.final(deployment.post(text, collection=collection)["id"])["status"] == "done"

    def score() -> float:
        [found] = client.get("/v1/documents", params={"q": word}).json()["documents"]
        return float(found["score"])

    post(f"wire-{mark}")
    before = score()
    post(f"vault-{mark}")
    assert score() == before


def test_a_key_reaches_its_collections_only(deployment: Deployment, holder: Callable[..., Holder]) -> None:
    mark = uuid.uuid4().hex[:8]
    reached, closed = [f"wire-{mark}", f"desk.{mark}"], [f"xwire-{mark}", f"deskx{mark}"]
    client = holder(scopes=EVERY_SCOPE, collections=["wire-*", f"desk.{mark}"])
    exact = holder(scopes=["read"], collections=[f"desk.{mark}"])
    inside = [deployment.post(body(), collection=name)["id"] for name in reached]
    outside = [deployment.post(body(), collection=name)["id"] for name in closed]

    for id in outside:
        for method, path in (("GET", ""), ("GET", "/raw"), ("POST", "/reprocess"), ("DELETE", "")):
            assert client.request(method, f"/v1/documents/{id}{path}").status_code == 404, path
        assert deployment.http.get(f"/v1/documents/{id}").status_code == 200

    def listed(asked: httpx.Client, **params: Any) -> set[str]:
        return {found["id"] for found in asked.get("/v1/documents", params=params).json()["documents"]}

    assert listed(client, id=inside + outside) == set(inside)
    assert listed(client, collection=reached[0]) == {inside[0]}
    assert listed(client, collection=closed[0]) == set()
    assert listed(exact) == {inside[1]}
    assert exact.get(f"/v1/documents/{inside[0]}").status_code == 404
    assert client.get(f"/v1/documents/{inside[0]}/raw").status_code == 200

    before = deployment.db.documents.count_documents({})
    for send in (
        {"content": body(), "headers": TEXT, "params": {"collection": closed[0]}},
        {"json": {"text": body().decode(), "collection": closed[0]}},
        {"files": {"file": ("a.txt", body())}, "data": {"collection": closed[0]}},
        {"content": body(), "headers": TEXT},
    ):
        assert client.post("/v1/documents", **send).status_code == 403
    assert deployment.db.documents.count_documents({}) == before
    sent = client.post("/v1/documents", content=body(), headers=TEXT, params={"collection": reached[0]})
    assert sent.status_code == 202
    assert client.delete(f"/v1/documents/{sent.json()['id']}").status_code == 204
    # an admin of some collections cannot make a key for others
    assert client.post("/v1/keys", json={"name": "more"}).status_code == 403
    assert client.get("/v1/keys").status_code == 403


def test_expired_and_revoked_keys_end(deployment: Deployment, second: Api, holder: Callable[..., Holder]) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    future = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert holder(expires_at=past).get("/v1/documents").status_code == 401
    client = holder(expires_at=future)
    assert client.get("/v1/documents").status_code == 200
    assert second.http.get("/v1/documents", headers=client.headers).status_code == 200
    assert deployment.http.delete(f"/v1/keys/{client.id}").status_code == 204
    assert client.get("/v1/documents").status_code == 401
    eventually(
        lambda: second.http.get("/v1/documents", headers=client.headers).status_code == 401,
        "the other process knows that the key is revoked",
        seconds=30,
    )
    shown = {key["id"]: key for key in deployment.http.get("/v1/keys").json()["keys"]}[client.id]
    assert shown["revoked_at"]
    assert "hash" not in shown
    assert deployment.http.delete("/v1/keys/0000").status_code == 404


def test_only_a_hash_of_a_key_is_stored(deployment: Deployment, holder: Callable[..., Holder]) -> None:
    client = holder(name="kept")
    secret = client.key.rpartition("_")[2]
    stored = deployment.db.api_keys.find_one({"_id": client.id})
    assert stored is not None
    assert secret not in str(stored)
    for collection in ("api_keys", "audit"):
        assert secret not in str(list(deployment.db[collection].find()))


def test_a_grant_that_makes_no_sense_is_refused(deployment: Deployment) -> None:
    for grant in (
        {},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "scopes": []},
        {"name": "x", "collections": ["a/b"]},
        {"name": "x", "rate_per_minute": -1},
        {"name": "x", "expires_at": "2030-01-01T00:00:00"},
        {"name": "x", "scope": "read"},
    ):
        answer = deployment.http.post("/v1/keys", json=grant)
        assert answer.status_code == 422, grant
        assert answer.json()["errors"][0]["at"]


def test_a_key_has_so_many_requests_and_no_more(
    deployment: Deployment, second: Api, holder: Callable[..., Holder]
) -> None:
    client, neighbour = holder(rate_per_minute=3), holder(rate_per_minute=3)
    answers = [client.get("/v1/documents") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [re.search(r"r=(\d+)", answer.headers["ratelimit"])[1] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert neighbour.get("/v1/documents").status_code == 200
    assert "ratelimit" not in deployment.http.get("/v1/documents").headers
    # without Redis nothing is counted, and documents are still taken
    sent = second.http.post("/v1/documents", content=body(), headers={**TEXT, "X-API-Key": client.key})
    assert sent.status_code == 202


def test_senders_do_not_share_idempotency_keys(holder: Callable[..., Holder]) -> None:
    headers = {**TEXT, "Idempotency-Key": "monday"}
    first, other = holder(), holder()
    sent = first.post("/v1/documents", content=body(), headers=headers)
    assert sent.status_code == 202
    elsewhere = other.post("/v1/documents", content=body(), headers=headers)
    assert elsewhere.status_code == 202
    assert elsewhere.json()["id"] != sent.json()["id"]
    assert first.post("/v1/documents", content=body(), headers=headers).status_code == 422


def test_the_audit_log_says_who_did_what_from_where(
    deployment: Deployment, second: Api, holder: Callable[..., Holder]
) -> None:
    client = holder(name="archivist", scopes=EVERY_SCOPE)
    id = deployment.post(body(), collection="audited")["id"]
    forwarded = {**client.headers, "X-Forwarded-For": "203.0.113.9"}
    assert second.http.post(f"/v1/documents/{id}/reprocess", headers=forwarded).status_code == 202
    assert client.delete(f"/v1/documents/{id}", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 204
    assert client.delete(f"/v1/documents/{id}").status_code == 404
    assert deployment.http.delete(f"/v1/keys/{client.id}").status_code == 204

    entries = list(deployment.db.audit.find({"target": {"$in": [id, client.id]}}).sort("at", 1))
    archivist = {"key": client.id, "name": "archivist"}
    operator = {"key": keys.key_id(deployment.key), "name": "bootstrap"}
    assert [(entry["action"], entry["actor"], entry["address"]) for entry in entries] == [
        ("key.create", operator, "127.0.0.1"),
        ("document.reprocess", archivist, "203.0.113.9"),  # the proxy is trusted
        ("document.delete", archivist, "127.0.0.1"),  # this sender is not
        ("key.revoke", operator, "127.0.0.1"),
    ]
    assert entries[2]["details"]["collection"] == "audited"
    assert all(entry["expires_at"] > entry["at"] for entry in entries)


def test_init_stores_the_first_key_once_and_never_revives_it(deployment: Deployment) -> None:
    key = keys.generate()
    settings = make_settings({**deployment.environment, "COPYDESK_BOOTSTRAP_KEY": key})
    setup.set_up(deployment.db, settings)
    headers = {"Authorization": f"Bearer {key}"}
    assert deployment.http.get("/v1/keys", headers=headers).status_code == 200
    assert deployment.http.delete(f"/v1/keys/{keys.key_id(key)}").status_code == 204
    setup.set_up(deployment.db, settings)
    assert deployment.http.get("/v1/keys", headers=headers).status_code == 401
    for wrong, message in ((key[:-64] + "0" * 64, "has the id of another key"), ("secret", "hexadecimal digits")):
        with pytest.raises(ValueError, match=message):
            setup.set_up(deployment.db, make_settings({**deployment.environment, "COPYDESK_BOOTSTRAP_KEY": wrong}))


def test_every_answer_has_the_security_headers(deployment: Deployment, second: Api) -> None:
    id = deployment.post(body())["id"]
    for path in ("/healthz", "/v1/documents", f"/v1/documents/{id}/raw", "/v1/documents/nonsense", "/nowhere", "/docs"):
        headers = deployment.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["cache-control"] == "no-store", path
    origin = {"Origin": "https://desk.example"}
    assert "access-control-allow-origin" not in deployment.http.get("/v1/documents", headers=origin).headers
    preflight = {**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        preflight["Access-Control-Request-Method"] = method
        assert second.http.options("/v1/documents", headers=preflight).status_code == 200
    refused = second.http.get("/v1/documents", headers=origin)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://desk.example"
    stranger = second.http.get("/v1/documents", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_without_keys_programs_on_this_machine_alone_are_answered(deployment: Deployment, tmp_path: Path) -> None:
    environment = {**deployment.environment, "COPYDESK_AUTH": "false"}
    api = Api(environment, tmp_path / "log")
    try:
        api.wait(200)
        own = str(api.http.base_url)
        assert api.http.post("/v1/documents", content=body(), headers=TEXT).status_code == 202
        assert api.http.get("/v1/documents", headers={"Origin": own}).status_code == 200
        for headers in ({"Host": "rebound.example"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
            sent = api.http.post("/v1/documents", content=body(), headers={**TEXT, **headers})
            assert sent.status_code == 403, headers
        assert "auth_off" in (tmp_path / "log").read_text()
    finally:
        api.stop()
    done = subprocess.run(
        [COPYDESK, "api"], env={**os.environ, **environment, "COPYDESK_API_HOST": "0.0.0.0"}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "COPYDESK_AUTH_OFF_ANYWHERE" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_reference_needs_no_other_host(deployment: Deployment) -> None:
    page = deployment.http.get("/docs")
    assert page.status_code == 200
    assert (
        "'self'" in page.headers["content-security-policy"] and "https:" not in page.headers["content-security-policy"]
    )
    assert not re.search(r"(?:src|href)=.(?:https?:)?//", page.text)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = deployment.http.get(f"/{asset}")
        assert answer.status_code == 200 and len(answer.content) > 200, asset
