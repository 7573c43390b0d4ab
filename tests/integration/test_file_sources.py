"""Files from FTP and SFTP servers and from a bucket, and lines from an endpoint with NDJSON: each is stored once."""

from __future__ import annotations

import ftplib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.sources import ftp, runs
from services.sources.kinds import Trip, Wrong
from tests.conftest import make_settings
from tests.integration.bucket import BUCKET, Store
from tests.integration.conftest import Deployment
from tests.integration.fetching import again, fetch_and_die_before_it_is_remembered, make, ran, run_page, titles
from tests.integration.fileserver import PASSWORD, USER, FileServer, file_server
from tests.integration.newsstand import Newsstand

Doc = dict[str, Any]


@pytest.fixture(scope="module")
def server(deployment: Deployment) -> Iterator[FileServer]:
    certificate = Path(deployment.environment["COPYDESK_SOURCE_CA_FILE"])
    with file_server(certificate, certificate.with_suffix(".key")) as found:
        yield found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    found = Store(tmp_path_factory.mktemp("store") / "moto.log")
    yield found
    found.stop()


def text(title: str) -> str:
    return f"{title}\n\n{title} kept the sluice keepers of Orrevann busy on Thursday, said the canal board.\n"


def served(deployment: Deployment, server: FileServer, collection: str, base: str, **plan: Any) -> Doc:
    """Return a source for a folder of this test, named after the collection."""
    given: Doc = {"kind": base.partition(":")[0].replace("ftps", "ftp"), "user": USER, "password": PASSWORD}
    if given["kind"] == "sftp":
        given["host_key"] = server.fingerprint
    return make(deployment, collection=collection, address=f"{base}/{collection}", **{**given, **plan})


@pytest.mark.parametrize("kind", ["ftps", "sftp"])
def test_files_of_a_server_come_once_and_again_when_they_change(
    deployment: Deployment, server: FileServer, collection: str, kind: str
) -> None:
    base = {"ftps": server.ftps, "sftp": server.sftp}[kind]
    server.put(f"{collection}/weirs.txt", text(f"Weirs {kind}"))
    server.put(f"{collection}/sub/slüice.txt", text(f"Sluices {kind}"))
    server.put(f"{collection}/half.txt.part", "Half a wo")
    server.put(f"{collection}/empty.txt", "")
    source = served(deployment, server, collection, base)
    assert titles(deployment, collection, 2) == [f"Sluices {kind}", f"Weirs {kind}"]
    found = again(deployment, source)
    assert (found["error"], found["counts"]["documents"], found["counts"]["refused"]) == (None, 2, 1)
    named = {one["raw"]["filename"] for one in deployment.db.documents.find({"source.collection": collection})}
    assert named == {"weirs.txt", "slüice.txt"}
    server.put(f"{collection}/weirs.txt", text(f"Weirs {kind} repaired"))
    assert titles_after(deployment, source, collection, 3)[-1] == f"Weirs {kind} repaired"
    assert server.names(collection) == {"weirs.txt", "sub/slüice.txt", "half.txt.part", "empty.txt"}


def titles_after(deployment: Deployment, source: Doc, collection: str, number: int) -> list[str]:
    """Return the titles after another fetch, because a changed file is taken in the run after it was first seen."""
    assert deployment.http.post(f"/v1/sources/{source['id']}/run").status_code == 202
    return titles(deployment, collection, number)


@pytest.mark.parametrize("kind", ["ftps", "sftp"])
def test_a_fetcher_that_is_killed_before_it_remembers_stores_once_and_moves_after_all(
    deployment: Deployment, server: FileServer, collection: str, kind: str
) -> None:
    base = {"ftps": server.ftps, "sftp": server.sftp}[kind]
    server.put(f"{collection}/dams.txt", text(f"Dams {kind}"))
    server.put(f"{collection}/stored/dams.txt", "an earlier file of that name")
    source = served(deployment, server, collection, base, paused=True, then="move", move_to="stored")
    deployment.db.sources.update_one(
        {"name": "Harbour", "collection": collection}, {"$set": {"cursor": resting(server, collection, base)}}
    )
    fetch_and_die_before_it_is_remembered(deployment, source)
    assert "dams.txt" in server.names(collection), "nothing is moved before it is remembered"
    found = ran(deployment, source, 2)
    assert (found["counts"]["documents"], found["counts"]["duplicates"], found["error"]) == (0, 1, None)
    left = server.names(collection)
    assert len(left) == 2 and "stored/dams.txt" in left and "dams.txt" not in left, left
    assert titles(deployment, collection, 1) == [f"Dams {kind}"]


def resting(server: FileServer, collection: str, base: str) -> Doc:
    """Return the cursor of a source that has seen the files for long enough."""
    known = {}
    for path in server.names(collection):
        about = (server.files / collection / path).stat()
        stamp = (
            time.strftime("%Y%m%d%H%M%S", time.gmtime(about.st_mtime)) if "ftps:" in base else str(int(about.st_mtime))
        )
        one = ftp.Found(path, about.st_size, stamp)
        known[one.key] = [one.print, 0.0]
    return {"seen": {}, "resting": known}


def test_a_server_without_lists_for_machines_is_read_by_names(
    deployment: Deployment, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("plain/locks.txt", text("Locks"))

    def lacks(*_: Any) -> None:
        raise ftplib.error_perm("500 MLSD not understood")

    monkeypatch.setattr(ftplib.FTP, "mlsd", lacks)
    settings = make_settings({**deployment.environment, "COPYDESK_SOURCE_REST_SECONDS": "0"})
    source = {"address": f"{server.ftp}/plain", "user": USER, "then": "keep", "move_to": None, "cursor": {}}
    trip = Trip(source, settings, lambda *_: None, 10, time.monotonic() + 60, password=PASSWORD)
    assert [item.filename for haul in ftp.fetch(trip) for item in haul.items] == ["locks.txt"]


def test_a_key_logs_in_and_another_host_key_is_refused(
    deployment: Deployment, server: FileServer, collection: str
) -> None:
    server.put(f"{collection}/tolls.txt", text("Tolls"))
    source = served(deployment, server, collection, server.sftp, password=server.key, host_key=None)
    failed = ran(deployment, source, 1)["error"]["message"]
    assert server.fingerprint in failed and "nothing was sent" in failed, "it says which key to compare"
    fitting = {"host_key": server.fingerprint, "password": server.key}
    assert deployment.http.patch(f"/v1/sources/{source['id']}", json=fitting).status_code == 200
    assert titles_after(deployment, source, collection, 1) == ["Tolls"]


def test_objects_of_a_bucket_come_once_and_are_deleted_when_told(
    deployment: Deployment, store: Store, collection: str
) -> None:
    def put(name: str, title: str) -> None:
        store.client.put_object(Bucket=BUCKET, Key=f"{collection}/{name}", Body=text(title).encode())

    put("a.txt", "Barges")
    put("b/c.txt", "Tugs")
    given = {"kind": "bucket", "endpoint": store.url, "user": "test", "password": "test", "collection": collection}
    source = make(deployment, address=f"s3://{BUCKET}/{collection}", **given)
    ran(deployment, source, 1)
    assert titles(deployment, collection, 2) == ["Barges", "Tugs"]
    put("a.txt", "Barges again")
    assert again(deployment, source)["last_run"]["documents"] == 1
    deployment.http.patch(f"/v1/sources/{source['id']}", json={"then": "delete"})
    put("d.txt", "Ferries")
    assert again(deployment, source)["error"] is None
    left = [one for one in store.objects() if one.startswith(collection)]
    assert sorted(left) == [f"{collection}/a.txt", f"{collection}/b/c.txt"], "what came before it was told is left"
    assert titles(deployment, collection, 4) == ["Barges", "Barges again", "Ferries", "Tugs"]
    gone = make(deployment, address="s3://no-such-bucket/x", **given)
    assert "NoSuchBucket" in ran(deployment, gone, 1)["error"]["message"]


def test_lines_of_an_endpoint_come_once_and_from_where_the_last_run_ended(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    def line(number: int, title: str) -> str:
        return json.dumps({"external_id": f"n{number}", "seq": {"at": number}, "title": title, "text": text(title)})

    def answer(*lines: str) -> bytes:
        return "\n".join([*lines, ""]).encode()

    stand.pages["/lines?since="] = answer(line(1, "Keel laid"), line(2, "Mast stepped"), "not json")
    plan = {"kind": "ndjson", "address": f"{stand.url}/lines?since={{cursor}}", "cursor_field": "seq.at"}
    source = make(deployment, collection=collection, user="desk", password="s3cret", **plan)
    found = ran(deployment, source, 1)
    assert "1 lines are not JSON objects" in found["last_run"]["problems"][0]
    assert titles(deployment, collection, 2) == ["Keel laid", "Mast stepped"]
    assert stand.headers[-1]["authorization"] == "Basic ZGVzazpzM2NyZXQ="
    stand.pages["/lines?since=2"] = answer(line(2, "Mast stepped"), line(3, "Sails bent"))
    assert again(deployment, source)["last_run"]["documents"] == 1
    assert titles(deployment, collection, 3) == ["Keel laid", "Mast stepped", "Sails bent"]
    stand.pages["/lines?since=3"] = answer(line(3, "Sails bent"))
    again(deployment, source)
    assert again(deployment, source)["last_run"]["documents"] == 0
    assert stand.count("/lines?since=3", 304) == 1, "it is asked whether there is anything new"
    wrong = {"name": "x", **plan, "cursor_field": None}
    assert deployment.http.post("/v1/sources", json=wrong).status_code == 422


def test_servers_are_fetched_from_only_where_the_settings_say_so(deployment: Deployment) -> None:
    closed = make_settings({k: v for k, v in deployment.environment.items() if "SOURCE" not in k})
    private = "COPYDESK_SOURCE_PRIVATE=true allows"
    for plan, why in (
        ({"kind": "ftp", "address": "ftp://127.0.0.1/x"}, private),
        ({"kind": "ftp", "address": "ftps://localhost:990/x"}, private),
        ({"kind": "sftp", "address": "sftp://10.0.0.1/x"}, private),
        ({"kind": "sftp", "address": "sftp://files.example:2222/x"}, "port 2222 is not in COPYDESK_SOURCE_PORTS"),
        ({"kind": "sftp", "address": "sftp://me:secret@files.example/x"}, "`user` and `password`"),
        ({"kind": "bucket", "address": "s3://b/x", "endpoint": "https://169.254.169.254"}, private),
        ({"kind": "bucket", "address": "s3://b/x", "endpoint": "http://1.1.1.1"}, "https://"),
        ({"kind": "ndjson", "address": "http://[::1]/x"}, private),
    ):
        with pytest.raises(Wrong, match=why):
            runs.check({"endpoint": None, "region": None, "cursor_field": None, **plan}, closed)


def test_the_commands_of_the_page_work(
    deployment: Deployment, server: FileServer, store: Store, stand: Newsstand
) -> None:
    server.put("outgoing/page.txt", text("Page of the manual"))
    store.client.put_object(Bucket=BUCKET, Key="wire/page.txt", Body=text("Object of the manual").encode())
    stand.pages["/news.ndjson"] = json.dumps({"title": "Line of the manual", "text": text("Line")}).encode() + b"\n"
    secrets = {"FILES_PASSWORD": PASSWORD, "HOST_KEY": server.fingerprint, "SECRET_KEY": "test"}
    said = [
        *run_page(deployment, ("ftps://files.example/",), f"{server.ftps}/", **secrets),
        *run_page(deployment, ("sftp://files.example/",), f"{server.sftp}/", **secrets),
        *run_page(
            deployment, ("s3://news/",), f"s3://{BUCKET}/", also={"https://s3.store.example": store.url}, **secrets
        ),
        *run_page(deployment, ("https://api.agency.example/",), f"{stand.url}/", **secrets),
    ]
    assert all("1 documents would come" in one for one in said), said
    for name in ("page.txt", "page.txt", "page.txt", "Line of the manual"):
        assert name in said.pop(0)
