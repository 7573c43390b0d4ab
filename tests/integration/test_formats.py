"""Documents in the formats of the trade: over HTTP, in the client and on the command line, and read again."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import uuid
import xml.etree.ElementTree as ET
import zipfile
from typing import Any, get_args

import pytest

from copydesk_client import AsyncCopydesk, Copydesk, CopydeskError, Written
from tests.integration.conftest import COPYDESK, Deployment

MEDIA_TYPES: dict[Written, str] = {
    "ninjs": "application/ninjs+json",
    "newsml-g2": "application/vnd.iptc.g2.newsitem+xml",
    "nitf": "application/nitf+xml",
    "json-ld": "application/ld+json",
}
KEPT = ("title", "text", "language", "published_at", "published_zone", "url", "code")


@pytest.fixture(scope="module")
def desk(deployment: Deployment) -> Copydesk:
    return Copydesk(str(deployment.http.base_url), deployment.key)


def item(pub_status: str = "usable") -> bytes:
    """Return a ninjs item such as an agency sends."""
    text = "<p>OSLO (North Wire) - The ferry left on Monday, the pilot said.</p><h2>The bell</h2><p>It rang twice at dusk.</p>"
    return json.dumps(
        {
            "uri": f"urn:north:{uuid.uuid4()}", "version": "2", "pubstatus": pub_status, "urgency": 3,
            "versioncreated": "2024-07-10T11:30:00+02:00", "headline": "Ferry sails from Oslo", "byline": "Jane Roe and John Doe",
            "body_xhtml": text, "language": "en", "slugline": "NOR-FERRY", "ednote": "Adds the bell.",
            "infosource": [{"name": "North Wire", "role": "provider"}], "keywords": ["ferry"],
            "subject": [{"code": "20000337", "scheme": "medtop", "name": "shipping"}],
            "copyrightnotice": "Copyright North Wire", "usageterms": "Not for the Faroes.",
        }
    ).encode()  # fmt: skip


@pytest.fixture(scope="module")
def shelf(desk: Copydesk) -> tuple[str, str]:
    """Return a collection with one story of an agency, and its id."""
    name = f"wire-{uuid.uuid4().hex[:8]}"
    id = desk.add(item(), "application/ninjs+json", collection=name)["id"]
    desk.wait([id])
    return name, id


@pytest.mark.parametrize("name", get_args(Written))
def test_a_document_goes_out_and_comes_back_with_its_fields(
    deployment: Deployment, desk: Copydesk, shelf: tuple[str, str], name: Written
) -> None:
    _, id = shelf
    path = f"/v1/documents/{id}"
    asked = deployment.http.get(path, params={"format": name})
    assert asked.status_code == 200
    assert asked.headers["content-type"] == MEDIA_TYPES[name]
    assert deployment.http.get(path, headers={"Accept": MEDIA_TYPES[name]}).content == asked.content
    assert desk.formatted(id, name) == asked.content

    again = desk.add(asked.content, MEDIA_TYPES[name], collection=f"back-{uuid.uuid4().hex[:8]}")["id"]
    desk.wait([again])
    before, after = desk.get(id), desk.get(again)
    assert after["raw"]["media_type"] == MEDIA_TYPES[name]
    assert {key: after[key] for key in KEPT} == {key: before[key] for key in KEPT}
    assert after["wire"] == before["wire"]
    assert [author["name"] for author in after["byline"]] == ["Jane Roe", "John Doe"]
    assert [section["heading"] for section in after["sections"]] == ["The bell"]
    assert after["dateline"]["places"] == ["Oslo"]


def test_the_record_is_what_comes_without_a_format(deployment: Deployment, shelf: tuple[str, str]) -> None:
    path = f"/v1/documents/{shelf[1]}"
    record = deployment.http.get(path)
    assert record.headers["content-type"] == "application/json" and "Accept" in record.headers["vary"].split(", ")
    assert deployment.http.get(path, headers={"Accept": "text/html, */*;q=0.1"}).json() == record.json()
    asked = deployment.http.get(path, params={"format": "json"}, headers={"Accept": "application/nitf+xml"})
    assert asked.json() == record.json()


def test_what_has_no_story_is_refused_with_a_reason(
    deployment: Deployment, desk: Copydesk, shelf: tuple[str, str]
) -> None:
    _, id = shelf
    assert deployment.http.get(f"/v1/documents/{id}", params={"format": "docx"}).status_code == 422
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", f"Tug sails\n\nThe tug left on Monday. {uuid.uuid4()}")
        archive.writestr("b.txt", f"Barge sails\n\nThe barge left on Monday. {uuid.uuid4()}")
    name = f"packed-{uuid.uuid4().hex[:8]}"
    holder = desk.add(packed.getvalue(), "application/zip", collection=name)["id"]
    desk.wait([holder])
    members = [member["id"] for member in desk.get(holder)["members"]]
    desk.wait(members)
    with pytest.raises(CopydeskError, match="members") as refused:
        desk.formatted(holder, "nitf")
    assert refused.value.status == 409
    lines = b"".join(desk.export("ninjs", collection=name)).splitlines()
    assert {json.loads(line)["headlines"][0]["value"] for line in lines} == {"Tug sails", "Barge sails"}
    with pytest.raises(CopydeskError) as missing:
        desk.formatted("0" * 24, "nitf")
    assert missing.value.status == 404


def test_a_search_is_exported_in_each_format(deployment: Deployment, desk: Copydesk, shelf: tuple[str, str]) -> None:
    name, id = shelf
    for written in ("ninjs", "json-ld"):
        answer = deployment.http.get("/v1/export", params={"format": written, "collection": name})
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert answer.content == desk.formatted(id, written) + b"\n"
    for written, root in (("newsml-g2", "newsItem"), ("nitf", "nitf")):
        answer = deployment.http.get("/v1/export", params={"format": written, "collection": name})
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == f'attachment; filename="copydesk-{written}.zip"'
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.namelist() == [f"{id}.xml"]
            assert ET.fromstring(archive.read(f"{id}.xml")).tag.endswith(f"}}{root}")
    assert b"".join(desk.export("ninjs", collection="nothing-here")) == b""
    with zipfile.ZipFile(io.BytesIO(b"".join(desk.export("nitf", collection="nothing-here")))) as archive:
        assert archive.namelist() == []
    with pytest.raises(CopydeskError, match="leave `fields` out") as refused:
        b"".join(desk.export("nitf", fields="title"))
    assert refused.value.status == 422


def test_a_canceled_item_says_so_and_a_key_sees_its_own_collections(deployment: Deployment, desk: Copydesk) -> None:
    name = f"kills-{uuid.uuid4().hex[:8]}"
    id = desk.add(item("canceled"), "application/ninjs+json", collection=name)["id"]
    desk.wait([id])
    assert json.loads(desk.formatted(id, "ninjs"))["pubStatus"] == "canceled"
    assert b'management-status="canceled"' in desk.formatted(id, "nitf")
    assert b'qcode="stat:canceled"' in desk.formatted(id, "newsml-g2")
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": ["elsewhere"]}
    with Copydesk(str(deployment.http.base_url), deployment.http.post("/v1/keys", json=grant).json()["key"]) as other:
        with pytest.raises(CopydeskError) as refused:
            other.formatted(id, "ninjs")
        assert refused.value.status == 404
        assert b"".join(other.export("ninjs", collection=name)) == b""


def test_the_command_line_and_the_async_client(deployment: Deployment, desk: Copydesk, shelf: tuple[str, str]) -> None:
    name, id = shelf

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "COPYDESK_API_URL": str(deployment.http.base_url),
            "COPYDESK_API_KEY": deployment.key,
            "PATH": "/usr/bin",
        }
        return subprocess.run([COPYDESK, *arguments], capture_output=True, env=environment, timeout=240, check=False)

    assert run("show", id, "--format", "nitf").stdout == desk.formatted(id, "nitf")
    assert (
        run("export", "--format", "ninjs", "--where", f"collection={name}").stdout
        == desk.formatted(id, "ninjs") + b"\n"
    )
    refused = run("show", id, "--format", "docx")
    assert refused.returncode == 1 and b"unknown format 'docx'" in refused.stderr

    async def use() -> Any:
        async with AsyncCopydesk(str(deployment.http.base_url), deployment.key) as other:
            return await other.formatted(id, "json-ld")

    assert asyncio.run(use()) == desk.formatted(id, "json-ld")
