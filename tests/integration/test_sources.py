"""Sources: each document is stored once, nothing is lost when a fetcher is killed, and no site is fetched against its
wishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually
from tests.integration.fetching import (
    again,
    fetch_and_die_before_it_is_remembered,
    make,
    ran,
    run_page,
    state,
    titles,
)
from tests.integration.newsstand import Newsstand, page, rss

Doc = dict[str, Any]


def test_a_feed_brings_each_entry_once(deployment: Deployment, stand: Newsstand, collection: str) -> None:
    stand.pages["/rss"] = rss(stand.url, ["Dredging", "Piling"])
    source = make(deployment, kind="feed", address=f"{stand.url}/rss", collection=collection, tags=["harbour"], limit=1)
    found = ran(deployment, source, 2)  # the second takes what the limit left of the first
    assert titles(deployment, collection, 2) == ["Dredging", "Piling"]
    assert (found["error"], found["counts"]["documents"]) == (None, 2)
    came = [one["source"] for one in deployment.db.documents.find({"source.collection": collection})]
    assert [one["fetched_from"] for one in came] == [{"id": source["id"], "name": "Harbour"}] * 4, "feeds and entries"
    for which in ("Harbour", source["id"]):
        asked = {"fetched_from": which, "collection": collection, "fields": "title"}
        found = deployment.http.get("/v1/documents", params=asked).json()
        assert {one["title"] for one in found["documents"]} >= {"Dredging", "Piling"}
    assert {"harbour"} == set(deployment.db.documents.distinct("source.tags", {"source.collection": collection}))
    assert again(deployment, source)["last_run"]["documents"] == 0
    assert stand.count("/rss", 304) == 1, "it is asked whether there is anything new"
    # the feed is rebuilt with one more entry
    stand.pages["/rss"] = rss(stand.url, ["Dredging", "Piling", "Paving"], built="Tue, 03 Mar 2026 08:00:00 GMT")
    assert again(deployment, source)["last_run"]["documents"] == 1
    assert titles(deployment, collection, 3) == ["Dredging", "Paving", "Piling"]
    assert stand.headers[-1]["user-agent"] == "Copydesk"
    assert stand.count("/robots.txt", 404) >= 1


def test_a_test_run_shows_what_would_come_and_stores_nothing(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages["/rss"] = rss(stand.url, ["Dredging", "Piling"])
    source = make(deployment, kind="feed", address=f"{stand.url}/rss", collection=collection, paused=True)
    look = deployment.http.post(f"/v1/sources/{source['id']}/test").json()
    assert [one["title"] for one in look["documents"]] == ["Dredging", "Piling"]
    assert look["error"] is None
    assert deployment.db.documents.count_documents({"source.collection": collection}) == 0
    assert deployment.http.post(f"/v1/sources/{source['id']}/run").status_code == 409, "it is paused"
    stand.pages["/rss"] = page("Not a feed")
    look = deployment.http.post(f"/v1/sources/{source['id']}/test").json()
    assert "not a feed" in look["error"]
    assert state(deployment, source)["counts"]["runs"] == 0


def test_pages_behind_a_feed_come_but_for_those_that_robots_txt_closes(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages |= {"/rss": rss(stand.url, ["Dredging", "Piling"]), "/1.html": page("Dredging at the quay")}
    stand.pages["/robots.txt"] = b"User-agent: *\nDisallow: /2.html\n"
    source = make(deployment, kind="feed", take="page", address=f"{stand.url}/rss", collection=collection)
    ran(deployment, source, 1)
    assert titles(deployment, collection, 2) == ["Dredging at the quay", "Piling"], "of the other, the entry itself"
    assert [path for path, _ in stand.asked if path == "/2.html"] == []
    record = deployment.db.documents.find_one({"source.collection": collection, "source.url": f"{stand.url}/1.html"})
    assert record is not None and record["source"]["external_id"] == f"{stand.url}/1"


def test_a_server_that_fails_is_asked_later_and_one_that_is_gone_no_more(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages["/rss"] = 500
    source = make(deployment, kind="feed", address=f"{stand.url}/rss", collection=collection)
    found = ran(deployment, source, 1)
    assert found["failures"] == 1 and "answered 500" in found["error"]["message"]
    assert not found["paused"] and found["next_at"] > found["last_run"]["finished_at"]
    told = deployment.http.get("/metrics").text
    assert f'copydesk_source_errors_total{{name="Harbour",source="{source["id"]}"}} 1.0' in told
    stand.pages["/rss"] = 410
    assert again(deployment, source)["paused"]
    stand.pages["/rss"] = rss(stand.url, ["Dredging"])
    assert deployment.http.post(f"/v1/sources/{source['id']}/resume").json()["failures"] == 0
    found = ran(deployment, source, 3)
    assert (found["error"], found["counts"]["documents"]) == (None, 1)


def test_a_folder_is_emptied_into_done_and_failed(deployment: Deployment, root: Path, collection: str) -> None:
    folder = root / collection
    (folder / "sport").mkdir(parents=True)
    (folder / "dredging.txt").write_text("Dredging\n\nThe harbour was dredged on Monday.")
    (folder / "sport" / "regatta.txt").write_text("Regatta\n\nThe regatta was sailed on Monday.")
    (folder / "empty.txt").touch()
    (folder / "piling.txt.part").write_text("Piling\n\nHalf a wo")
    (folder / "link.txt").symlink_to("/etc/hostname")
    source = make(deployment, kind="folder", address=collection, collection=collection)
    assert titles(deployment, collection, 2) == ["Dredging", "Regatta"]

    def names() -> set[str]:
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}

    left = {"piling.txt.part", "link.txt"}
    moved = {"done/dredging.txt", "done/sport/regatta.txt", "failed/empty.txt"}
    eventually(lambda: names() == moved | left, f"all is moved, it is {names()}")
    # the same bytes under the same name add no document, and their file is kept beside the first
    (folder / "dredging.txt").write_text("Dredging\n\nThe harbour was dredged on Monday.")
    (folder / "piling.txt.part").rename(folder / "piling.txt")
    again(deployment, source)
    assert titles(deployment, collection, 3) == ["Dredging", "Piling", "Regatta"]
    eventually(lambda: "done/dredging-2.txt" in names(), "it is moved")
    assert state(deployment, source)["counts"]["duplicates"] == 1


def test_a_fetcher_that_is_killed_between_fetching_and_storing_loses_and_doubles_nothing(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages |= {
        "/rss": rss(stand.url, ["Dredging", "Piling"]),
        "/1.html": page("Dredging"),
        "/2.html": page("Piling"),
    }
    stand.held.add("/2.html")  # the first page has come, the second keeps the fetcher waiting
    source = make(deployment, kind="feed", take="page", address=f"{stand.url}/rss", collection=collection)
    eventually(lambda: stand.count("/2.html", 0), "the fetcher waits for the second page")
    assert state(deployment, source)["running"]
    deployment.kill("worker")
    assert stand.count("/1.html", 200) == 1
    assert deployment.db.documents.count_documents({"source.collection": collection}) == 0
    stand.held.clear()
    stand.released.set()
    deployment.start_worker()
    assert titles(deployment, collection, 2) == ["Dredging", "Piling"]
    found = ran(deployment, source, 2)
    assert (found["counts"]["documents"], found["counts"]["errors"]) == (2, 1)
    assert again(deployment, source)["counts"]["documents"] == 2
    assert titles(deployment, collection, 2) == ["Dredging", "Piling"]


def test_a_fetcher_that_is_killed_between_storing_and_remembering_doubles_nothing(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages["/rss"] = rss(stand.url, ["Dredging", "Piling"])
    source = make(deployment, kind="feed", address=f"{stand.url}/rss", collection=collection, paused=True)
    fetch_and_die_before_it_is_remembered(deployment, source)
    found = ran(deployment, source, 2)
    assert (found["counts"]["documents"], found["counts"]["duplicates"]) == (0, 1), "the first run stored the feed"
    assert found["error"] is None
    assert titles(deployment, collection, 2) == ["Dredging", "Piling"]
    whole = {"source.collection": collection, "source.parent": None}
    assert deployment.db.documents.count_documents(whole) == 1, "the feed, too, is stored once"


def test_a_source_is_for_keys_that_may_manage_its_collection(deployment: Deployment, stand: Newsstand) -> None:
    def key(**grant: Any) -> dict[str, str]:
        made = deployment.http.post("/v1/keys", json={"name": "sources", **grant}).json()
        return {"Authorization": f"Bearer {made['key']}"}

    plan = {"name": "Harbour", "kind": "feed", "address": f"{stand.url}/rss", "collection": "pier", "paused": True}
    writer, admin = key(scopes=["read", "write"]), key(scopes=["admin"], collections=["pier"])
    other = key(scopes=["admin"], collections=["quay"])
    http = deployment.http
    assert http.post("/v1/sources", json=plan, headers=writer).status_code == 403
    assert http.post("/v1/sources", json=plan, headers=other).status_code == 403
    source = http.post("/v1/sources", json=plan, headers=admin).json()
    assert http.get(f"/v1/sources/{source['id']}", headers=other).status_code == 404
    assert http.get("/v1/sources", headers=other).json() == {"sources": []}
    moved = http.patch(f"/v1/sources/{source['id']}", json={"collection": "quay"}, headers=admin)
    assert moved.status_code == 403
    changed = http.patch(f"/v1/sources/{source['id']}", json={"every_seconds": 60, "name": "Pier"}, headers=admin)
    assert (changed.json()["name"], changed.json()["every_seconds"]) == ("Pier", 60)
    unknown = http.post("/v1/sources", json={**plan, "dialect": "reuter"}, headers=admin)
    assert unknown.status_code == 422 and "reuters" in unknown.json()["detail"]
    asked = http.patch(f"/v1/sources/{source['id']}", json={"dialect": "reuters"}, headers=admin)
    assert asked.json()["dialect"] == "reuters"
    outside = {**plan, "kind": "folder", "address": "../../etc"}
    refused = http.post("/v1/sources", json=outside, headers=admin)
    assert refused.status_code == 422 and "not under COPYDESK_SOURCE_FOLDER" in refused.json()["detail"]
    assert http.delete(f"/v1/sources/{source['id']}", headers=admin).status_code == 204
    log = [one["action"] for one in deployment.db.audit.find({"target": source["id"]}).sort("_id", 1)]
    assert log == ["source.create", "source.change", "source.change", "source.delete"]


def test_a_folder_is_watched_only_where_the_settings_say_so(deployment: Deployment) -> None:
    from services.sources import runs
    from services.sources.kinds import Wrong

    closed = make_settings({k: v for k, v in deployment.environment.items() if "SOURCE" not in k})
    with pytest.raises(Wrong, match="COPYDESK_SOURCE_FOLDER"):
        runs.check({"kind": "folder", "address": "desk"}, closed)
    with pytest.raises(Wrong, match="COPYDESK_SOURCE_PRIVATE=true allows that"):
        runs.check({"kind": "feed", "address": "http://127.0.0.1/rss"}, closed)


def test_the_commands_of_the_page_work(deployment: Deployment, stand: Newsstand, root: Path) -> None:
    stand.pages["/rss"] = rss(stand.url, ["Dredging", "Piling"])
    (root / "incoming" / "wire").mkdir(parents=True)
    said = run_page(deployment, ("https://news.example/", "http://127.0.0.1:8000"), f"{stand.url}/")
    assert f"Dredging  {stand.url}/1.html" in said[0] and "2 documents would come." in said[0]
    assert "Harbour news: 0 new, 0 known, 0 refused" in said[0] or "Harbour news: 1 new" in said[0]
    assert "Wire folder" in said[0] and "Harbour news is paused" in said[0] and "Harbour news is removed" in said[0]
    assert '"name":"Pier news"' in said[1]
    for source in deployment.http.get("/v1/sources").json()["sources"]:
        if source["name"] in ("Pier news", "Wire folder"):
            deployment.http.delete(f"/v1/sources/{source['id']}")


def test_the_console_shows_sources_and_its_buttons_work(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    source = make(
        deployment, name="Pier <b>", kind="feed", address=f"{stand.url}/none", collection=collection, paused=True
    )
    shown = deployment.http.get("/sources").text
    assert "Pier &lt;b&gt;" in shown and "Resume" in shown
    own = {"Sec-Fetch-Site": "same-origin"}
    pressed = deployment.http.post(f"/sources/{source['id']}", data={"what": "resume"}, headers=own)
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/sources")
    ran(deployment, source, 1)
    shown = deployment.http.get("/sources").text
    assert "/none answered 404" in shown and "Fetch now" in shown
    form = {"name": "Pier mail", "kind": "mailbox", "address": "imaps://me:pw1@localhost/INBOX", "password": "pw2"}
    form |= {"collection": collection, "paused": "true", "senders": "*@a.example, *@b.example", "minutes": "5"}
    wrong = deployment.http.post("/sources", data=form, headers=own)
    assert wrong.status_code == 422 and "`user` and `password`" in unescape(wrong.text)
    assert "pw2" not in wrong.text and 'value="*@a.example, *@b.example"' in wrong.text, "the form is as it was sent"
    added = deployment.http.post("/sources", data={**form, "address": "imaps://localhost/INBOX"}, headers=own)
    assert (added.status_code, added.headers["location"]) == (303, "/sources")
    [made] = [one for one in deployment.http.get("/v1/sources").json()["sources"] if one["name"] == "Pier mail"]
    assert (made["senders"], made["every_seconds"], made["paused"], made["has_password"]) == (
        ["*@a.example", "*@b.example"], 300, True, True)  # fmt: skip
    other = {"Sec-Fetch-Site": "cross-site"}
    assert deployment.http.post(f"/sources/{source['id']}", data={"what": "pause"}, headers=other).status_code == 403
    key = deployment.http.post("/v1/keys", json={"name": "reader", "scopes": ["read"]}).json()["key"]
    reader = {"Authorization": f"Bearer {key}"}
    assert deployment.http.get("/sources", headers=reader).status_code == 403
    assert 'href="/sources"' not in deployment.http.get("/", headers=reader).text


def test_a_source_whose_documents_have_changed_says_so(
    deployment: Deployment, stand: Newsstand, collection: str
) -> None:
    stand.pages["/rss"] = rss(stand.url, ["Dredging"])
    source = make(deployment, name="Quay", kind="feed", address=f"{stand.url}/rss", collection=collection)
    ran(deployment, source, 1)
    titles(deployment, collection, 1)
    [record] = deployment.db.documents.find({"source.collection": collection, "source.parent": {"$ne": None}})
    at = datetime.now(UTC)
    for number in range(36):  # as read: three a day, of which those of the last four days have no author
        received = at - timedelta(days=12 - number // 3)
        said = {"byline": [{"name": "Ann Lee"}] if number < 24 else [], "word_count": 400 if number < 24 else 150}
        source_of = {**record["source"], "received_at": received, "path": str(number)}
        raw = {**record["raw"], "sha256": f"{number:064x}"}
        deployment.db.documents.insert_one({**record, **said, "_id": ObjectId(), "source": source_of, "raw": raw})
    deployment.db.sources.update_one({"_id": ObjectId(source["id"])}, {"$set": {"drift_at": None}})
    found = again(deployment, source)["drift"]
    assert [(one["field"], one["now"]) for one in found] == [("author", 0.0), ("words", 150.0)]
    assert found[0]["since"][:10] == (at - timedelta(days=4)).date().isoformat()
    assert f'copydesk_source_drift{{name="Quay",source="{source["id"]}"}} 2.0' in deployment.http.get("/metrics").text
    assert "author in 0% of documents, before in 100%" in deployment.http.get("/sources").text
    deployment.db.documents.delete_many({"source.collection": collection, "raw.sha256": {"$regex": "^0{60}"}})
    assert deployment.http.post(f"/v1/sources/{source['id']}/resume").json()["drift"] == [], "it is taken for granted"
