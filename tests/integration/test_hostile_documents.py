"""Documents made to do harm: each fails with a documented code or is read as what it says, and the worker continues."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.records import Processing, Raw, Record, Source, Status
from services.store import work
from tests import hostile
from tests.conftest import make_settings
from tests.hostile import WORDS
from tests.integration.conftest import Deployment
from workers.enrich.registry import STAGES, STORY
from workers.parse.codes import CODES

SCRIPT = "<script>alert(1)</script>"


def mark() -> str:
    return uuid.uuid4().hex


LIMITS = {"PARSE_SECONDS": "20", "TASK_SOFT_SECONDS": "50", "TASK_HARD_SECONDS": "55", "VISIBILITY_SECONDS": "70"}


@contextmanager
def worker_with(deployment: Deployment, **limits: str) -> Iterator[dict[str, str]]:
    """Run another worker than the usual one, which also copes with a busy machine; yields its settings."""
    settings = {f"COPYDESK_{name}": value for name, value in {**LIMITS, **limits}.items()}
    deployment.kill("worker")
    deployment.start_worker("worker", settings)
    try:
        yield settings
    finally:
        deployment.kill("worker")
        deployment.start_worker("worker")


@pytest.fixture(scope="module", autouse=True)
def patient(deployment: Deployment) -> Iterator[None]:
    with worker_with(deployment):
        yield


@pytest.fixture(autouse=True)
def reads_on(deployment: Deployment) -> Iterator[None]:
    """Check after each test that a good document is done."""
    yield
    record = deployment.final(deployment.post(f"Ferry Sails\n\nBERGEN - {WORDS} {mark()}")["id"])
    assert record["status"] == "done", record["error"]


def end_of(deployment: Deployment, data: bytes, media_type: str = "application/octet-stream", **params: Any) -> Any:
    """Return the record of ``data``, which must be done, or failed for a documented reason other than `poison` and
    `internal_error`."""
    return end_of_sent(deployment, sent(deployment, data, media_type, **params))


def sent(deployment: Deployment, data: bytes, media_type: str = "application/octet-stream", **params: Any) -> str:
    headers = {"Content-Type": media_type.encode("latin-1")}
    answer = deployment.http.post("/v1/documents", content=data, headers=headers, params=params)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def end_of_sent(deployment: Deployment, id: str) -> Any:
    record = deployment.final(id)
    assert record["status"] == "done" or record["error"]["code"] in CODES, record["error"]
    return record


def code_of(deployment: Deployment, data: bytes) -> str:
    record = end_of(deployment, data)
    assert record["status"] == "failed"
    assert record["error"]["stage"] == "parse"
    return str(record["error"]["code"])


# --- archives -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "codes"),
    [
        (hostile.overlapping_zip, {"corrupt"}),
        (hostile.zeros_gzip, {"expansion_ratio"}),
        (hostile.million_members_tar, {"expansion_ratio", "too_large"}),
        (hostile.many_members_tar, {"too_many_members"}),
        (lambda: hostile.zipped({"zeros.txt": bytes(64 * 1024 * 1024)}), {"expansion_ratio"}),
    ],
    ids=["overlapping", "gzip of zeros", "a million members", "5500 members", "deflated zeros"],
)
def test_archive_bombs_fail_by_their_limit(deployment: Deployment, build: Callable[[], bytes], codes: set[str]) -> None:
    assert code_of(deployment, build()) in codes


def test_archives_in_archives_end_at_the_depth_allowed(deployment: Deployment) -> None:
    record = end_of(deployment, hostile.nested_zip(12, mark()))
    depth = 0
    while record["members"]:
        assert record["status"] == "done"
        depth += 1
        record = deployment.final(record["members"][0]["id"])
    assert depth == 5
    assert (record["status"], record["error"]["code"]) == ("failed", "too_deep")


def test_an_archive_that_holds_itself_ends(deployment: Deployment) -> None:
    data = hostile.quine_zip()
    record = end_of(deployment, data, collection=f"quine-{mark()}")
    assert record["status"] == "done"
    (member,) = record["members"]
    assert member["id"] == record["id"], "the same bytes stand once in a collection"


@pytest.mark.parametrize("build", [hostile.traversing_zip, hostile.traversing_tar])
def test_names_of_members_stay_below_their_archive(deployment: Deployment, build: Callable[[str], bytes]) -> None:
    record = end_of(deployment, build(mark()))
    assert {member["path"] for member in record["members"]} == set(hostile.NAMES.values())
    for member in record["members"]:
        inside = deployment.final(member["id"])
        assert inside["status"] == "done"
        assert inside["raw"]["filename"] == member["path"].rpartition("/")[2]


# --- XML and references ---------------------------------------------------------------------------


@pytest.mark.parametrize("build", [hostile.billion_laughs, hostile.quadratic_blowup, hostile.docx_laughs])
def test_xml_bombs_are_not_expanded(deployment: Deployment, build: Callable[[str], bytes]) -> None:
    data = build(mark())
    record = end_of(deployment, data)
    assert len(record["text"]) <= max(len(data), 10_000)


def test_external_entities_do_not_read_files(deployment: Deployment, tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the word is swordfish")
    dtd = tmp_path / "x.dtd"
    dtd.write_text('<!ENTITY x "swordfish">')
    doctypes = (
        f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{secret}">]>',
        f'<!DOCTYPE nitf SYSTEM "{dtd.as_uri()}">',
        f'<!DOCTYPE nitf [<!ENTITY % p SYSTEM "{dtd.as_uri()}"> %p;]>',
    )
    documents = [hostile.nitf(f"{WORDS} {mark()} &x;", doctype) for doctype in doctypes]
    for reference in (f"file://{secret}", str(secret)):
        documents += [build(f"{reference}?{mark()}") for build in hostile.REFERRING.values()]
    for id in [sent(deployment, data) for data in documents]:
        assert "swordfish" not in json.dumps(end_of_sent(deployment, id))


def test_nothing_that_a_document_refers_to_is_fetched(deployment: Deployment) -> None:
    with hostile.listener() as (url, asked):
        ids = {}
        for name, build in hostile.REFERRING.items():
            data = build(f"{url}/{mark()}")
            sent = deployment.http.post("/v1/documents", content=data, params={"url": f"{url}/source/{name}"})
            ids[name] = sent.json()["id"]
        ends = {name: deployment.final(id) for name, id in ids.items()}
        for record in list(ends.values()):
            for member in record["members"]:
                deployment.final(member["id"])
        assert asked == []
        httpx.get(f"{url}/heard")
        assert asked == ["/heard"], "the listener would have noticed"
    expected = dict.fromkeys(hostile.REFERRING, "done") | {"svg": "failed"}  # a drawing is not a document
    assert {name: record["status"] for name, record in ends.items()} == expected
    assert ends["docx"]["raw"]["media_type"].endswith("wordprocessingml.document")
    assert ends["odt"]["raw"]["media_type"] == "application/vnd.oasis.opendocument.text"
    assert ends["epub"]["raw"]["media_type"] == "application/epub+zip"
    assert ends["pdf"]["raw"]["media_type"] == "application/pdf"
    assert ends["mhtml"]["raw"]["media_type"] == "multipart/related"


# --- what pretends to be something else ------------------------------------------------------------


PAGE = f"<html><head><title>Ferries collide</title></head><body><p>{WORDS}</p>{SCRIPT}</body></html>"
POLYGLOTS = {
    "pdf and zip": lambda unique: hostile.REFERRING["pdf"](unique) + hostile.zipped({"a.txt": f"{WORDS} {unique}"}),
    "gif and html": lambda unique: b"GIF89a/*" + PAGE.encode() + unique.encode(),
    "html and zip": lambda unique: PAGE.encode() + hostile.zipped({"a.txt": f"{WORDS} {unique}"}),
    "html and pdf": lambda unique: PAGE.encode() + hostile.REFERRING["pdf"](unique),
    "png and script": lambda unique: b"\x89PNG\r\n\x1a\n" + SCRIPT.encode() + unique.encode(),
    "zip and tar": lambda unique: hostile.traversing_tar(unique) + hostile.zipped({"a.txt": unique}),
    "docx and pdf": lambda unique: b"%PDF-1.4\n" + hostile.REFERRING["docx"](unique),
}  # fmt: skip


@pytest.mark.parametrize("name", POLYGLOTS)
def test_polyglots_are_read_as_one_thing_and_given_back_as_none(deployment: Deployment, name: str) -> None:
    data = POLYGLOTS[name](mark())
    record = end_of(deployment, data)
    assert SCRIPT not in (record["text"] or "")
    raw = deployment.http.get(f"/v1/documents/{record['id']}/raw")
    assert raw.content == data
    assert_download(raw)


def assert_download(raw: httpx.Response) -> None:
    """Check that a browser neither shows nor runs it."""
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert raw.headers["content-security-policy"].startswith("sandbox;")


def test_the_declared_type_is_a_hint_and_no_more(deployment: Deployment) -> None:
    page, text = (f"{content} {mark()}".encode() for content in (PAGE, WORDS))
    picture = b"\x89PNG\r\n\x1a\n" + mark().encode()
    for declared, data, found in [
        ("application/pdf", page, "text/html"),
        ("image/png", page.replace(b"collide", b"meet"), "text/html"),
        ("text/plain", hostile.REFERRING["pdf"](mark()), "application/pdf"),
        ("text/html", hostile.zipped({"a.txt": mark()}), "application/zip"),
        ("application/zip", text, "text/plain"),
        ("text/html; charset=\x80nonsense", text + b".", "text/plain"),
        ("a" * 60_000, text + b"!", "text/plain"),
    ]:
        record = end_of(deployment, data, declared)
        assert (record["status"], record["raw"]["media_type"]) == ("done", found), declared[:50]
    assert end_of(deployment, picture, "text/html")["error"]["code"] in CODES


def test_script_in_every_field_comes_back_as_data(deployment: Deployment) -> None:
    unique = f"{SCRIPT}{mark()}"
    fields = {
        "title": unique, "url": f"javascript:alert(1)//{unique}", "publisher": unique, "external_id": unique,
        "tags": [unique], "metadata": json.dumps({unique: unique, f"$where{unique}": {"$gt": "", "a.b": unique}}),
        "collection": f"script-{mark()}",
    }  # fmt: skip
    text = f"Ferries collide {SCRIPT}\n\nBy {SCRIPT} Jane Roe\n\nBERGEN ({SCRIPT}) - {WORDS} “{SCRIPT},” said Ann {unique}."
    sent = deployment.http.post(
        "/v1/documents", data=fields, files={"file": (f'"{SCRIPT}.html', text.encode(), "text/html")}
    )
    assert sent.status_code == 202, sent.text
    record = deployment.final(sent.json()["id"])
    assert record["status"] == "done"
    assert record["title"] == unique
    assert record["raw"]["declared_media_type"] == "text/html"
    assert record["source"]["tags"] == [unique]
    assert record["source"]["metadata"] == json.loads(fields["metadata"])
    id = record["id"]
    for path in (f"/v1/documents/{id}", "/v1/documents", f"/v1/documents/{SCRIPT}", f"/{SCRIPT}",
                 f"/v1/documents?collection={SCRIPT}", f"/v1/documents?{SCRIPT}=1"):  # fmt: skip
        answer = deployment.http.get(path, headers={"Accept": "text/html"})
        assert answer.headers["content-type"] in ("application/json", "application/problem+json"), path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert_download(deployment.http.get(f"/v1/documents/{id}/raw"))


# --- nested, huge, half -----------------------------------------------------------------------------


def json_document(**fields: str) -> bytes:
    """Return a JSON document whose fields are given as JSON."""
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}").encode()


DEEP = {
    "json objects": lambda unique: json_document(text=f'"{unique}"', x='{"a":' * 100_000 + "1" + "}" * 100_000),
    "json arrays": lambda unique: json_document(x="[" * 100_000 + "]" * 100_000, text=f'"{unique}"'),
    "html": lambda unique: f"<html><body>{'<div>' * 50_000}{WORDS} {unique}{'</div>' * 50_000}</body></html>".encode(),
    "html inline": lambda unique: f"<html><body><p>{'<b><i>' * 50_000}{WORDS} {unique}</body></html>".encode(),
    "html tables": lambda unique: f"<html><body>{'<table><tr><td>' * 10_000}{WORDS} {unique}</body></html>".encode(),
    "html lists": lambda unique: f"<html><body>{'<ul><li>' * 20_000}{WORDS} {unique}</body></html>".encode(),
    "xml": lambda unique: hostile.nitf(f"{'<b>' * 100_000}{WORDS} {unique}{'</b>' * 100_000}"),
    "rtf": lambda unique: b"{\\rtf1 " + b"{" * 200_000 + unique.encode() + b"}" * 200_000 + b"}",
    "markdown": lambda unique: f"# Title\n\n{'> ' * 20_000}{WORDS} {unique}\n\n{'- ' * 20_000}a\n".encode(),
    "markdown brackets": lambda unique: f"# Title\n\n{'[' * 50_000}{WORDS} {unique}{'](a)' * 50_000}\n".encode(),
    "mime": lambda unique: _nested_mime(200, unique),
    "yaml": lambda unique: f"---\na: {'[' * 5000}{unique}\n---\n# Title\n\n{WORDS}\n".encode(),
    "yaml aliases": lambda unique: (
        "---\na0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 10))
        + f"---\n# Title\n\n{WORDS} {unique}\n"
    ).encode(),
}  # fmt: skip


def _nested_mime(levels: int, unique: str) -> bytes:
    body = f"Content-Type: text/plain\n\n{WORDS} {unique}\n"
    for level in range(levels):
        body = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{body}\n--b{level}--\n"
    return f"From: a@x.example\nTo: b@x.example\nSubject: s\nDate: x\nMIME-Version: 1.0\n{body}".encode()


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_ends(deployment: Deployment, name: str) -> None:
    end_of(deployment, DEEP[name](mark()))


@pytest.mark.parametrize(
    "fields",
    [
        {"views": "9" * 4000},
        {"views": "9" * 100_000},
        {"views": "1e999999", "other": "-1E-999999"},
        {"published_at": "9" * 400},
        {"published_at": "1e300"},
        {"title": "NaN", "byline": "Infinity"},
        {"title": '"first"', "title ": '"x", "title": "second"'},
        {"title": r'"\ud800"', "byline": r'"\udfff Roe"', "url": r'"http://a.example/\ud800"'},
        {"title": r'"a\u0000b"', "publisher": r'"\u0000"'},
        {"headline": "{}", "author": "[[[[{}]]]]"},
    ],
    ids=lambda fields: f"{fields}"[:40],
)
def test_json_with_numbers_and_characters_that_nothing_can_hold(deployment: Deployment, fields: dict[str, str]) -> None:
    end_of(deployment, json_document(**fields, text=f'"{WORDS} \\ud800 \\u0000 {mark()}"'))
    line = json_document(**fields, text=f'"{WORDS} {mark()}"')
    record = end_of(deployment, line + b"\n" + line.replace(b"ferries", b"ships"))
    for member in record["members"]:
        inside = deployment.final(member["id"])
        assert inside["status"] == "done" or inside["error"]["code"] in CODES


@pytest.mark.parametrize(
    "data",
    [b"\0" * 5000, b"\xed\xa0\x80" * 500, b"\xff" * 5000, b"\xff\xfe" + b"\x00\xd8" * 500, b"\xc0\xaf" * 500, b"\xf8\x88\x80\x80\x80",
     "\u202e\u2066\ufeff\u200b".encode() * 500, "a\u0300".encode() * 20_000, b"\x1b[2J\x1b]0;x\x07" * 100],
    ids=["NUL", "surrogates", "FF", "UTF-16 halves", "overlong", "five bytes", "direction marks", "accents", "terminal"],
)  # fmt: skip
def test_bytes_that_are_no_text(deployment: Deployment, data: bytes) -> None:
    for media_type in ("text/plain; charset=utf-8", "text/html; charset=utf-16", "application/json"):
        content = data + mark().encode()
        if media_type == "application/json":
            content = json.dumps({"text": data.decode("latin-1") + mark()}).encode()
        end_of(deployment, content, media_type)
    around = f"<html><body><p>{WORDS} ".encode() + data + mark().encode() + b"</p></body></html>"
    end_of(deployment, around, "text/html")


def test_a_record_over_16_mb_fails_at_once_and_says_so(deployment: Deployment) -> None:
    """The API of these tests refuses such a document, so the test stores it where another API would have."""
    data = f"{mark()}\n\n{f'{"word" * 250} ' * 17_000}".encode()
    skip = ",".join([*(stage.field for stage in STAGES), STORY])
    now = datetime.now(UTC)
    record = Record(
        status=Status.QUEUED,
        raw=Raw(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data), declared_media_type="text/plain"),
        source=Source(received_at=now),
        processing=Processing(queued_at=now - timedelta(hours=1)),
    )
    with worker_with(deployment, MAX_BODY_BYTES=str(25 * 1024 * 1024), ENRICH_SKIP=skip) as settings:
        id = work.insert(deployment.db, record, data, make_settings({**deployment.environment, **settings}))
        ended = deployment.final(str(id))
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == "record_too_large"
    assert "16 MB" in ended["error"]["message"]
