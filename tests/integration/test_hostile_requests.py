"""Requests made to do harm: each is refused with a problem document or treated as data, and nothing is smuggled in."""

from __future__ import annotations

import json
import re
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.hostile import WORDS
from tests.integration.conftest import Deployment

TEXT = {"Content-Type": "text/plain"}
JSON = {"Content-Type": "application/json"}


def unique() -> str:
    return f"{WORDS} {uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def good(deployment: Deployment) -> Iterator[list[str]]:
    """Yield the ids of good documents that are sent between the others; at the end all of them must be done."""
    ids: list[str] = []
    yield ids
    lost = [id for id in ids if deployment.final(id)["status"] != "done"]
    assert not lost, f"not done: {lost}"


@pytest.fixture(autouse=True)
def works_on(deployment: Deployment, good: list[str]) -> Iterator[None]:
    """Check after each test that all documents can be listed, and that a good one is accepted."""
    yield
    assert deployment.http.get("/v1/documents", params={"limit": 200}).status_code == 200
    good.append(deployment.post(unique())["id"])


def assert_problem(answer: httpx.Response, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert "Traceback" not in answer.text


# --- HTTP itself ----------------------------------------------------------------------------------


class Wire:
    """Sends raw bytes to the API's port, and reads answers until it ends the connection."""

    def __init__(self, deployment: Deployment) -> None:
        self._port = deployment.http.base_url.port
        self.head = (
            f"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nX-API-Key: {deployment.key}\r\n"
        )

    def send(self, data: str, patience: float = 60) -> list[tuple[int, bytes]]:
        """Return the status and the rest of each answer."""
        got = b""
        with socket.create_connection(("127.0.0.1", self._port or 0), timeout=60) as connection:
            try:
                connection.sendall(data.encode("latin-1"))
                connection.settimeout(patience)
                while piece := connection.recv(65536):
                    got += piece
            except (TimeoutError, ConnectionError):
                pass
        parts = re.split(rb"HTTP/1\.1 (\d{3}) ", got)[1:]
        return [(int(status), rest) for status, rest in zip(parts[::2], parts[1::2], strict=True)]


SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: -5\r\n", "hello"),
        ("Content-Length: 32\r\nContent-Length: 5\r\n", "{}"),
        ("Content-Length: 32\r\nContent-Length: 32\r\n", "{}"),
        ("Content-Length: 32, 32\r\n", "{}"),
        ("Content-Length: +32\r\n", "{}"),
        ("Content-Length: 0x20\r\n", "{}"),
        ("Content-Length: 3_2\r\n", "{}"),
        ("Content-Length: 99999999999999999999999\r\n", "{}"),
        ("Content-Length: 4\r\n" + CHUNKED, "20\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED + "Content-Length: 4\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED + "Transfer-Encoding: identity\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked, identity\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: xchunked\r\nContent-Length: 32\r\n", "{}"),
        ("Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: \x0bchunked\r\nContent-Length: 4\r\n", "20\r\n{}\r\n0\r\n\r\n"),
        ("X: a\rContent-Length: 4\r\nContent-Length: 32\r\n", "{}"),
        ("X: a\0b\r\nContent-Length: 32\r\n", "{}"),
        (CHUNKED, "zz\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, "-1\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, "20\r\n{}XX0\r\n\r\n"),
        (CHUNKED, "20;" + "x" * 1_000_000 + "\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, "20\r\n{}\r\n0\r\nX: " + "x" * 1_000_000 + "\r\n\r\n"),
    ],
    ids=lambda part: repr(part[:60]),
)
def test_a_lying_length_is_refused_and_smuggles_nothing(deployment: Deployment, headers: str, body: str) -> None:
    wire = Wire(deployment)
    before = deployment.db.documents.count_documents({})
    answers = wire.send(f"{wire.head}{headers}\r\n{body.replace('{}', uuid.uuid4().hex)}{SMUGGLED}")
    assert [status for status, _ in answers] in ([400], [431])
    assert b"application/problem+json" in answers[0][1]
    assert b"connection: close" in answers[0][1].lower()
    assert deployment.db.documents.count_documents({}) == before


def test_a_length_too_short_or_too_long(deployment: Deployment) -> None:
    wire = Wire(deployment)
    body = uuid.uuid4().hex
    before = deployment.db.documents.count_documents({})
    too_short = wire.send(f"{wire.head}Content-Length: 16\r\n\r\n{body}")
    assert [status for status, _ in too_short] in ([202, 400], [400]), "what is left over is no request"
    taken = deployment.db.documents.count_documents({}) - before
    assert taken == [status for status, _ in too_short].count(202)
    assert wire.send(f"{wire.head}Content-Length: 64\r\n\r\n{body}", patience=2) == [], "it waits for the rest"
    assert [
        status
        for status, _ in wire.send(f"{wire.head}Connection: close\r\nContent-Length: 9999999999999\r\n\r\n{body}")
    ] == [413]
    assert deployment.db.documents.count_documents({}) == before + taken


@pytest.mark.parametrize(
    "request_",
    [
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + "a" * 1024 * 1024 + "\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n" + "".join(f"X{n}: a\r\n" for n in range(50_000)) + "\r\n",
        "GET /" + "a" * 1024 * 1024 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /healthz?" + "a=1&" * 300_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\n" + "X" * 1024 * 1024 + ": a\r\n\r\n",
    ],
    ids=["value", "many", "target", "query", "name"],
)
def test_heads_of_a_megabyte_are_refused(deployment: Deployment, request_: str) -> None:
    ((status, answer),) = Wire(deployment).send(request_)
    assert status == 431
    assert b"application/problem+json" in answer


def test_a_large_request_in_one_piece_has_no_large_head(deployment: Deployment) -> None:
    wire = Wire(deployment)
    for size in (60_000, 70_000, 100_000, 200_000):
        body = (uuid.uuid4().hex * (size // 32 + 1))[:size]
        ((status, answer),) = wire.send(f"{wire.head}Connection: close\r\nContent-Length: {size}\r\n\r\n{body}")
        assert status == 202, answer


# --- multipart ------------------------------------------------------------------------------------


def part(content: str, name: str = "file", filename: str | None = "a.txt", headers: str = "") -> str:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{headers}\r\n{content}\r\n'


def form(deployment: Deployment, body: str | bytes, content_type: str = "multipart/form-data; boundary=b") -> Any:
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return deployment.http.post(
        "/v1/documents", content=content, headers={"Content-Type": content_type.encode("latin-1")}
    )


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        ("".join(part(f"{n}", filename=f"{n}.txt") for n in range(10_000)) + "--b--\r\n", {413}),
        ("".join(part("x", name=f"f{n}", filename=None) for n in range(10_000)) + "--b--\r\n", {413}),
        ("".join(part("x", name="tags", filename=None) for n in range(150)) + part("a") + "--b--\r\n", {422}),
        (part("x", headers="X-Long: " + "a" * 2_000_000 + "\r\n") + "--b--\r\n", {400, 413}),
        (part("x", headers="".join(f"X{n}: a\r\n" for n in range(100_000))) + "--b--\r\n", {400, 413}),
        (part("x", filename="a" * 2_000_000) + "--b--\r\n", {400, 413}),
        (part("x", name="a" * 2_000_000, filename=None) + "--b--\r\n", {400, 413}),
        (part("x", name="text" * 20_000, filename=None) + part("a") + "--b--\r\n", {400, 413, 422}),
        ("x" * 1_000_000, {400}),
        ("--" * 500_000, {400}),
        ("\r\n" * 500_000, {400, 422}),
        ("--b\r\n\r\nno headers\r\n--b--\r\n", {400, 422}),
        ("--b\r\nContent-Disposition form-data\r\n\r\nx\r\n--b--\r\n", {400}),
        ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\ncut off", {400}),
        ("--b\r\nContent-Dis", {400, 422}),
        ("--b--\r\n", {422}),
        ("--c\r\n" + part("x"), {400}),
        (part("x", name="$where", filename=None) + part("a") + "--b--\r\n", {422}),
        (part("x", name="metadata[$gt]", filename=None) + part("a") + "--b--\r\n", {422}),
        (part('{"a\\u0000": 1}', name="metadata", filename=None) + part("a") + "--b--\r\n", {422}),
        (part('{"\\ud800": 1}', name="metadata", filename=None) + part("a") + "--b--\r\n", {422}),
        (part('{"a": ' * 5000, name="metadata", filename=None) + part("a") + "--b--\r\n", {422}),
        (part("a" * 300_000, name="title", filename=None) + part("a") + "--b--\r\n", {413}),
    ],
    ids=["10,000 files", "10,000 fields", "150 tags", "long header", "many headers", "long filename", "long name", "80 kB name",
         "no boundary", "dashes", "line ends", "no headers", "no colon", "cut off", "cut off in the head", "no part",
         "another boundary", "$where", "metadata[$gt]", "NUL in a key", "surrogate in a key", "deep metadata", "long title"],
)  # fmt: skip
def test_hostile_forms_are_refused(deployment: Deployment, body: str, statuses: set[int]) -> None:
    before = deployment.db.documents.count_documents({}), deployment.db.raw.count_documents({})
    assert_problem(form(deployment, body), *statuses)
    assert (deployment.db.documents.count_documents({}), deployment.db.raw.count_documents({})) == before


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="', "multipart/form-data; boundary=\x80",
     "multipart/form-data; boundary=" + "a" * 50_000, "multipart/form-data; boundary=b; boundary=c", "multipart/form-data;;;=;b",
     "multipart/form-data; boundary*0=a; boundary*1=b", "multipart/form-data; boundary*=utf-8''%ff%00"],
    ids=["none", "empty", "quote", "byte 80", "long", "twice", "semicolons", "in parts", "encoded"],
)  # fmt: skip
def test_malformed_boundaries(deployment: Deployment, content_type: str) -> None:
    answer = form(deployment, part(unique()) + "--b--\r\n", content_type)
    if "boundary=b;" in content_type and answer.status_code == 202:
        return  # the first of two boundaries may be believed
    assert_problem(answer, 400, 413, 422)


@pytest.mark.parametrize(
    "filename",
    ["a\0b.txt", "\ud800.txt", "../../etc/passwd", "C:\\x\\y.txt", "a\u202egnp.txt", "%00%2e%2e%2f", "'; rm -rf /"],
)
def test_filenames_are_data(deployment: Deployment, filename: str) -> None:
    answer = form(deployment, part(unique(), filename=filename) + "--b--\r\n")
    if answer.status_code != 202:
        assert_problem(answer, 400)
        return
    record = deployment.final(answer.json()["id"])
    assert record["status"] == "done"
    raw = deployment.http.get(f"/v1/documents/{record['id']}/raw")
    assert raw.headers["content-disposition"] == f'attachment; filename="{record["id"]}"', (
        "nobody chooses where it is saved"
    )


# --- JSON and parameters --------------------------------------------------------------------------


def deep(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize(
    "fields",
    [
        r'"title": "\ud800"', r'"metadata": {"\ud800": 1}', r'"metadata": {"a": ["\udfff"]}', r'"metadata": {"a\u0000b": 1}',
        r'"metadata": {"x": [{"a\u0000b": 1}]}', '"metadata": {"n": 9223372036854775808}', '"metadata": {"n": %s}' % ("9" * 5000),
        '"metadata": {"n": NaN}', '"metadata": {"n": 1e999}', '"metadata": {"n": -Infinity}', f'"metadata": {deep(200)}',
        f'"metadata": {deep(51)}', f'"metadata": {deep(100_000)}', '"metadata": {{"a": {}}}'.format(deep(100_000, "[", "]")),
        '"metadata": {"a": "%s"}' % ("x" * 300_000), '"metadata": [1]', '"metadata": "x"', '"tags": {"$gt": ""}',
        '"external_id": {"$ne": null}', '"collection": {"$regex": ".*"}', '"collection": "a\\u0000b"', '"collection": "$cmd"',
        '"published_at": "0001-01-01T00:00:00+14:00"', '"published_at": "9999-12-31T23:59:59-14:00"', '"published_at": 1e300',
        '"$where": "sleep(1)"', '"text": {"$gt": ""}', '"__proto__": {}', '"_id": "x"', '"title": "%s"' % ("x" * 3000),
    ],
    ids=lambda fields: fields[:50],
)  # fmt: skip
def test_hostile_json_is_refused(deployment: Deployment, fields: str) -> None:
    before = deployment.db.documents.count_documents({})
    body = f'{{"text": "{unique()}", {fields}}}'
    assert_problem(deployment.http.post("/v1/documents", content=body, headers=JSON), 422)
    assert deployment.db.documents.count_documents({}) == before


@pytest.mark.parametrize(
    "body",
    [
        b"\xff{}",
        b'{"text": "\xff"}',
        b'{"text": "\xed\xa0\x80"}',
        '{"text": "a"}'.encode("utf-16"),
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"1" * 100_000,
    ],
)
def test_bodies_that_are_no_json_object(deployment: Deployment, body: bytes) -> None:
    assert_problem(deployment.http.post("/v1/documents", content=body, headers=JSON), 422)


@pytest.mark.parametrize(
    "fields",
    [r'"title": "a\u0000b"', '"metadata": {"$where": "1", "a.b": {"$gt": [{"": 1}]}, "__proto__": 1}', f'"metadata": {deep(49)}',
     '"metadata": {"n": 9223372036854775807, "m": 1e308}', '"title": "one", "title": "two"', '"metadata": {"a": 1, "a": 2}'],
    ids=lambda fields: fields[:50],
)  # fmt: skip
def test_odd_json_is_data(deployment: Deployment, fields: str) -> None:
    body = f'{{"text": "{unique()}", {fields}}}'
    answer = deployment.http.post("/v1/documents", content=body, headers=JSON)
    assert answer.status_code == 202, answer.text
    record = deployment.final(answer.json()["id"])
    assert record["status"] == "done"
    given = json.loads(body)
    title = given.get("title", record["title"]).replace("\0", "")  # no control character is kept
    assert record["title"] == title, "the last of equal names counts"
    assert record["source"]["metadata"] == given.get("metadata", {})


@pytest.mark.parametrize(
    "query",
    ["title=%ED%A0%80&external_id[$ne]=1", "collection[$ne]=x", "metadata={%22a%5Cu0000%22:1}", "metadata={%22%5Cud800%22:1}",
     "metadata=[1]", "metadata={%22a%22:NaN}", "metadata=" + "{%22a%22:" * 2000, "collection=a%00", "collection=a%0a",
     "published_at=0001-01-01T00:00:00%2B14:00", "$where=1", "%00=1", "%ED%A0%80=1"],
)  # fmt: skip
def test_hostile_parameters_of_an_upload_are_refused(deployment: Deployment, query: str) -> None:
    before = deployment.db.documents.count_documents({})
    assert_problem(deployment.http.post(f"/v1/documents?{query}", content=unique(), headers=TEXT), 422)
    assert deployment.db.documents.count_documents({}) == before


def test_operators_in_a_listing_are_refused_or_plain_words(deployment: Deployment) -> None:
    for query in ("status[$ne]=done", "error_code[$gt]=", "$where=1", "collection[$regex]=.", "status=%00", "limit=1e3", "cursor=%00",
                  "cursor=..", "id=%ED%A0%80", "id[$gt]=0", "sha256=%7B%22$gt%22:%22%22%7D",
                  "published_from=0001-01-01T00:00:00%2B23:59", "published_to=9999-12-31T23:59:59-10:00", "q=%22" + "a+" * 400 + "%22"):  # fmt: skip
        assert_problem(deployment.http.get(f"/v1/documents?{query}"), 422)
    longest = '"' + "zq " * 40 + '"'  # of the longest that is taken; no other test's text holds it
    assert deployment.http.get("/v1/documents", params={"q": longest}).json() == {"documents": [], "next": None}
    for query in (
        'collection={"$gt":""}',
        'error_code={"$ne":null}',
        "collection=%00",
        "error_code=%ED%A0%80",
        "collection=.*",
    ):
        answer = deployment.http.get(f"/v1/documents?{query}")
        assert (answer.status_code, answer.json()) == (200, {"documents": [], "next": None})
    for id in ("%00", "%ED%A0%80", "..%2f..%2fkeys", "$where", "{%22$gt%22:1}", "0" * 5000):
        assert_problem(deployment.http.get(f"/v1/documents/{id}"), 404)
        assert_problem(deployment.http.delete(f"/v1/keys/{id}"), 404, 405, 422)


@pytest.mark.parametrize(
    "where",
    [
        '{"$where": "sleep(1000)"}', '{"$and": [{"title": {"$not": {"$where": "1"}}}]}', '{"$expr": {"$function": {"lang": "js"}}}',
        '{"title": {"$code": "1"}}', '{"a\\u0000": 1}', '{"title": "\\ud800"}', '{"\\ud800": 1}', '{"title": {"$regex": "a\\u0000"}}',
        '{"title": {"$regex": "("}}', '{"n": %s}' % ("9" * 30), '{"n": {"$numberLong": "99999999999999999999"}}',
        '{"_id": {"$oid": "x"}}', '{"a": {"$date": {"$numberLong": "99999999999999999"}}}', '{"a": {"$binary": "%%"}}',
        '{"a": {"$ref": "keys", "$id": 1}}', '{{"_id": {{"$in": [{}]}}}}'.format(", ".join(["1"] * 20_000)), f'{{"a": {deep(30)}}}',
        '{"$text": {"$search": "x"}}', '{"$jsonSchema": {}}', '{"a": {"$geoWithin": {}}}',
    ],
    ids=lambda where: where[:50],
)  # fmt: skip
def test_hostile_filters_are_refused(deployment: Deployment, where: str) -> None:
    assert_problem(deployment.http.post("/v1/documents/reprocess", content=f'{{"where": {where}}}', headers=JSON), 422)


def test_json_nested_without_end(deployment: Deployment) -> None:
    for path in ("/v1/documents", "/v1/documents/reprocess", "/v1/keys"):
        for body in (deep(100_000), deep(100_000, "[", "]"), "[" * 500_000):
            assert_problem(deployment.http.post(path, content=body, headers=JSON), 400, 422)


@pytest.mark.parametrize(
    "grant",
    [r'{"name": "\ud800"}', '{"name": "x", "expires_at": "9999-12-31T23:59:59-14:00"}', '{"name": "x", "collections": ["a\\n"]}',
     '{"name": "x", "scopes": {"$gt": ""}}', '{"name": "x", "collections": ["(a+)+$"]}', '{"name": "%s"}' % ("x" * 5000), "null",
     '{"name": "x", "rate_per_minute": false}', '{"name": "x", "_id": "y"}'],
    ids=lambda grant: grant[:50],
)  # fmt: skip
def test_hostile_grants_are_refused(deployment: Deployment, grant: str) -> None:
    assert_problem(deployment.http.post("/v1/keys", content=grant, headers=JSON), 422)
