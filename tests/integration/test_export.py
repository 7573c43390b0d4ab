"""Getting it out: export, feed, and the client that does all of it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import subprocess
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from copydesk_client import AsyncCopydesk, Copydesk, CopydeskError
from services.records import SCHEMA_VERSION
from tests.integration.conftest import COPYDESK, Deployment

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def desk(deployment: Deployment) -> Copydesk:
    return Copydesk(str(deployment.http.base_url), deployment.key)


@pytest.fixture(scope="module")
def shelf(deployment: Deployment, desk: Copydesk) -> tuple[str, list[str]]:
    """Return a collection with five documents, and their ids in order of receipt."""
    name = f"shelf-{uuid.uuid4().hex[:8]}"
    ids = [
        desk.add(
            f"=Harbour {number}\n\nOSLO, Norway (North Wire) - The {word} came in on Monday, the pilot said.\n",
            collection=name, publisher="North Wire", url=f"https://example.com/{number}",
            published_at=f"2024-07-0{number + 1}T00:00:00Z",
        )["id"]
        for number, word in enumerate(["ferry", "tug", "ferry", "barge", "ferry"])
    ]  # fmt: skip
    desk.wait(ids)
    return name, ids


def test_ndjson_holds_every_record_and_goes_on_after_a_break(desk: Copydesk, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    lines = [json.loads(line) for line in b"".join(desk.export(collection=name)).splitlines()]
    assert [line["id"] for line in lines] == ids
    record = desk.get(ids[0])
    assert {key: value for key, value in lines[0].items() if key != "processing"} == {
        key: value for key, value in record.items() if key != "processing"
    }
    rest = [json.loads(line) for line in b"".join(desk.export(collection=name, after=ids[2])).splitlines()]
    assert [line["id"] for line in rest] == ids[3:]
    found = [
        json.loads(line) for line in b"".join(desk.export(q="ferry", collection=name, fields="title")).splitlines()
    ]
    assert found == [{"id": ids[at], "title": f"=Harbour {at}"} for at in (0, 2, 4)]


def test_a_workbook_has_the_cells_of_the_csv(desk: Copydesk, shelf: tuple[str, list[str]]) -> None:
    name, _ = shelf
    for rows in ({}, {"rows": "quotes"}, {"rows": "sums"}):
        table = b"".join(desk.export("csv", collection=name, **rows)).decode("utf-8-sig")
        book = openpyxl.load_workbook(io.BytesIO(b"".join(desk.export("xlsx", collection=name, **rows))))
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)
        assert cells[0] == next(csv.reader([table.splitlines()[0]]))
        plain = [["" if one is None else str(one) for one in row] for row in cells]
        if not rows:
            assert plain == list(csv.reader(io.StringIO(table)))
            assert plain[1][3] == "'=Harbour 0"
        assert len(plain) == len(list(csv.reader(io.StringIO(table))))


def test_csv_is_safe_to_open(desk: Copydesk, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    table = b"".join(desk.export("csv", collection=name))
    assert table.startswith(b"\xef\xbb\xbf")  # by which spreadsheets know UTF-8
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ids
    assert rows[0]["title"] == "'=Harbour 0"
    assert "Norway" in rows[0]["places"].split("; ")
    assert rows[0]["published_at"] == "2024-07-01T00:00:00Z"
    rows = list(
        csv.reader(
            io.StringIO(
                b"".join(desk.export("csv", collection=name, fields="title,places.country")).decode("utf-8-sig")
            )
        )
    )
    assert rows[0] == ["id", "title", "places.country"]
    assert "NO" in rows[1][2]


def test_parquet_has_types(desk: Copydesk, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    table = parquet.read_table(io.BytesIO(b"".join(desk.export("parquet", collection=name))))
    assert table["id"].to_pylist() == ids
    assert str(table.schema.field("published_at").type) == "timestamp[ms, tz=UTC]"
    assert table["published_at"].to_pylist()[1].isoformat() == "2024-07-02T00:00:00+00:00"
    assert all(count > 5 for count in table["word_count"].to_pylist())
    empty = parquet.read_table(io.BytesIO(b"".join(desk.export("parquet", collection="nothing-here"))))
    assert empty.num_rows == 0


def test_many_pages_of_export(deployment: Deployment, desk: Copydesk) -> None:
    """There are more documents than one page holds: copies of one record, so that no worker has to read them."""
    name = f"many-{uuid.uuid4().hex[:8]}"
    id = desk.add(f"One\n\nThe barge was late. {uuid.uuid4()}", collection=name)["id"]
    desk.wait([id])
    [record] = list(deployment.db.documents.find({"source.collection": name}))
    record.pop("_id")
    copies = [{**record, "raw": {**record["raw"], "sha256": f"{at:064x}"}} for at in range(450)]
    deployment.db.documents.insert_many(copies)
    for search in ({}, {"q": "barge"}):
        lines = [
            json.loads(line) for line in b"".join(desk.export(collection=name, fields="title", **search)).splitlines()
        ]
        assert len({line["id"] for line in lines}) == len(lines) == 451
    deployment.db.documents.delete_many({"source.collection": name})


def test_passages_are_the_text_and_say_where_they_are(deployment: Deployment, desk: Copydesk, tmp_path: Path) -> None:
    name = f"passages-{uuid.uuid4().hex[:8]}"
    sentences = " ".join(f"The ferry Nordlys {at} left the quay in Bergen on time, the pilot said." for at in range(40))
    text = f"Ferries sail\n\nOSLO, Norway (North Wire) - Tim Cook met Ingrid Solheim on Monday.\n\n{sentences}\n\nThe end of it came late."
    ids = [desk.add(f"{text} {at}.", collection=name, published_at="2024-07-01T00:00:00Z")["id"] for at in range(3)]
    desk.wait(ids)
    rows = list(desk.passages(collection=name))
    assert list(dict.fromkeys(row["document"] for row in rows)) == ids
    for id in ids:
        record = desk.get(id)
        its = [row for row in rows if row["document"] == id]
        assert len(its) > 2 and "".join(row["text"] for row in its) == record["text"]
        for row in its:
            assert row["text"] == record["text"][row["start"] : row["end"]] and len(row["text"]) <= 1200
            assert row["text"].rstrip().endswith(".")
            assert (row["title"], row["published_at"], row["collection"]) == (
                "Ferries sail", "2024-07-01T00:00:00Z", name,
            )  # fmt: skip
            inside = {
                entity["name"]
                for entity in record["entities"]
                if any(row["start"] <= mention["start"] < row["end"] for mention in entity["mentions"])
            }
            assert set(row["entities"]) == inside
        assert {"Tim Cook", "Ingrid Solheim"} <= set(its[0]["entities"])
        assert "Tim Cook" not in its[1]["entities"]
    assert list(desk.passages(collection=name, after=ids[1])) == [row for row in rows if row["document"] == ids[2]]
    table = csv.DictReader(
        io.StringIO(b"".join(desk.export("csv", rows="passages", collection=name)).decode("utf-8-sig"))
    )
    assert [(row["document"], int(row["start"])) for row in table] == [(row["document"], row["start"]) for row in rows]
    target = tmp_path / "passages.ndjson"
    command = [
        COPYDESK,
        "export",
        str(target),
        "--rows",
        "passages",
        "--where",
        f"collection={name}",
        "--api",
        desk.url,
    ]
    environment = {**os.environ, "COPYDESK_API_KEY": deployment.key}
    subprocess.run(command, env=environment, timeout=240, check=True)
    whole = target.read_bytes()
    assert [json.loads(line) for line in whole.splitlines()] == rows
    target.write_bytes(whole[: len(whole) // 2])
    subprocess.run([*command, "--resume"], env=environment, timeout=240, check=True)
    assert target.read_bytes() == whole
    for wrong in ({"fields": "title"}, {"about": "Cook"}, {"format": "nitf"}):
        assert deployment.http.get("/v1/export", params={"rows": "passages", **wrong}).status_code == 422
    assert deployment.http.get("/v1/feed", params={"rows": "passages"}).status_code == 422


def test_a_line_of_an_export_ends_nowhere_else(desk: Copydesk) -> None:
    name = f"lines-{uuid.uuid4().hex[:8]}"
    metadata = {"note": "one\u2028two\u2029three\x85four"}
    desk.wait([desk.add(f"Lines\n\nThe tug came in. {uuid.uuid4()}", collection=name, metadata=metadata)["id"]])
    [line] = b"".join(desk.export(collection=name)).decode().splitlines()
    assert json.loads(line)["source"]["metadata"] == metadata
    assert [record.source.metadata for record in desk.records(collection=name)] == [metadata]


def test_what_is_wrong_is_said_before_anything_is_sent(desk: Copydesk) -> None:
    for wrong in ({"colour": "red"}, {"fields": "secret"}, {"after": "x"}, {"q": '"open'}):
        with pytest.raises(CopydeskError) as refused:
            b"".join(desk.export(**wrong))
        assert refused.value.status == 422
    with pytest.raises(CopydeskError) as refused:
        desk.get("0" * 24)
    assert refused.value.status == 404


def test_a_key_exports_its_collections_alone(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, _ = shelf
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": ["elsewhere"]}
    with Copydesk(str(deployment.http.base_url), deployment.http.post("/v1/keys", json=grant).json()["key"]) as other:
        assert b"".join(other.export()) == b""
        assert b"".join(other.export(collection=name)) == b""


def test_an_atom_feed_of_a_search(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    answer = deployment.http.get("/v1/feed", params={"q": "ferry", "collection": name})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)
    entries = root.findall("a:entry", ATOM)
    assert [one.findtext("a:id", namespaces=ATOM) for one in entries] == [
        f"urn:copydesk:document:{ids[at]}" for at in (4, 2, 0)
    ]
    first = entries[0]
    assert first.findtext("a:title", namespaces=ATOM) == "=Harbour 4"
    assert first.find("a:link", ATOM).get("href") == "https://example.com/4"  # type: ignore[union-attr]
    assert first.findtext("a:published", namespaces=ATOM) == "2024-07-05T00:00:00Z"
    assert first.findtext("a:author/a:name", namespaces=ATOM) == "North Wire"
    for name_ in ("a:id", "a:title", "a:updated"):
        assert root.findtext(name_, namespaces=ATOM)


def test_the_client_asks_for_everything(desk: Copydesk, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    assert [document["id"] for document in desk.search(collection=name, limit=2)] == ids[::-1]
    assert desk.count(collection=name)["total"] == 5
    assert desk.raw(ids[0]).startswith(b"=Harbour 0")
    assert desk.entity("Oslo")["total"] >= 5
    assert "Oslo" in {one["name"] for one in desk.entities("Os")}
    assert desk.story(desk.get(ids[0])["story"]["id"])["total"] >= 1
    assert desk.stats()["total"] >= 5
    assert list(desk.events(ids[0]))[-1]["status"] == "done"


def test_the_async_client(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf

    async def use() -> Any:
        async with AsyncCopydesk(str(deployment.http.base_url), deployment.key) as desk:
            new = await desk.add(f"Async\n\nWords. {uuid.uuid4()}", collection=f"{name}-async")
            await desk.wait([new["id"]])
            assert (await desk.get(new["id"]))["status"] == "done"
            assert [state["status"] async for state in desk.events(new["id"])][-1] == "done"
            lines = b"".join([piece async for piece in desk.export(collection=name)]).splitlines()
            assert len(lines) == 5
            passages = [row async for row in desk.passages(collection=name)]
            assert [row["document"] for row in passages] == ids
            return [document["id"] async for document in desk.search(collection=name, limit=2)]

    assert asyncio.run(use()) == ids[::-1]


def test_a_client_without_an_api_says_so() -> None:
    with pytest.raises(CopydeskError, match="copydesk up") as refused, Copydesk("http://127.0.0.1:1") as desk:
        desk.get("x")
    assert refused.value.status is None


def test_the_command_writes_a_file_and_goes_on(
    deployment: Deployment, shelf: tuple[str, list[str]], tmp_path: Path
) -> None:
    name, ids = shelf

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "COPYDESK_API_URL": str(deployment.http.base_url),
            "COPYDESK_API_KEY": deployment.key,
            "PATH": "/usr/bin",
        }
        return subprocess.run(
            [COPYDESK, "export", *arguments], capture_output=True, text=True, env=environment, timeout=240, check=False
        )

    target = tmp_path / "shelf.ndjson"
    where = ("--where", f"collection={name}")
    whole = run(str(target), *where)
    assert whole.returncode == 0, whole.stderr
    lines = target.read_bytes().splitlines(keepends=True)
    assert len(lines) == 5
    target.write_bytes(b"".join(lines[:2]) + lines[2][:40])  # broken off inside the third
    assert run(str(target), *where, "--resume").returncode == 0
    assert [json.loads(line)["id"] for line in target.read_bytes().splitlines()] == ids
    assert run(*where, "--format", "csv", "--fields", "title").stdout.splitlines()[0] == "\ufeffid,title"
    refused = run("x.doc", *where)
    assert refused.returncode == 1 and "unknown format 'doc'" in refused.stderr
    refused = run("--where", "colour=red")
    assert refused.returncode == 1 and "unknown parameter: 'colour' is not one of" in refused.stderr


def test_the_schema_is_given(deployment: Deployment) -> None:
    answer = deployment.http.get("/v1/schema")
    assert answer.json() == deployment.http.get(f"/v1/schema/{SCHEMA_VERSION}").json()
    assert deployment.http.get("/v1/schema/99").status_code == 404
