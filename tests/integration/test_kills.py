"""Versions, kills and embargoes of a wire, over HTTP, with keys of several kinds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from services.store import items
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_webhooks import deliveries, make

WIRES = "kill-drill"
BODY = (
    "HELMSDALE (Coast Wire) - The harbour master Isla Munro said on Monday that the pier {what}.\n\n"
    '"We opened it for the winter," Munro said. The repair cost 40,000 pounds.'
)


@pytest.fixture(scope="module")
def keys(deployment: Deployment) -> Iterator[Callable[..., httpx.Client]]:
    """Yield clients with a key of these scopes."""
    made: dict[tuple[str, ...], httpx.Client] = {}

    def client(*scopes: str) -> httpx.Client:
        if scopes not in made:
            grant = {"name": "drill", "scopes": ["read", "write", *scopes], "rate_per_minute": 0}
            key = deployment.http.post("/v1/keys", json=grant).json()["key"]
            made[scopes] = httpx.Client(
                base_url=deployment.http.base_url, timeout=30, headers={"Authorization": f"Bearer {key}"}
            )
        return made[scopes]

    yield client
    for one in made.values():
        one.close()


@pytest.fixture
def guid() -> str:
    return f"urn:coast:{uuid.uuid4().hex}"


def send(deployment: Deployment, guid: str, version: int, collection: str = WIRES, **more: Any) -> str:
    """Post one version of an item; returns the id of its document."""
    item = {"uri": guid, "version": str(version), "type": "text", "provider": "Coast Wire", "pubstatus": "usable",
            "versioncreated": f"2026-05-04T12:{version:02}:00Z", "headline": f"Pier of {guid[-6:]} opens",
            "language": "en", "slugline": f"PIER-{guid[-6:]}/", "body_text": BODY.format(what="is open"), **more}  # fmt: skip

    def accepted() -> Any:
        answer = deployment.http.post(
            "/v1/documents", params={"collection": collection}, content=json.dumps(item),
            headers={"Content-Type": "application/octet-stream"},
        )  # fmt: skip
        assert answer.status_code in (202, 503), answer.text
        return answer.status_code == 202 and answer.json()["id"]

    return str(eventually(accepted, "it is accepted; a sender repeats what was not"))


def done(deployment: Deployment, *ids: str) -> None:
    for id in ids:
        assert deployment.final(id)["status"] == "done"


def item(deployment: Deployment, id: str) -> dict[str, Any]:
    """Return what the record says about its item."""
    return deployment.http.get(f"/v1/documents/{id}").json().get("item") or {}


def settled(deployment: Deployment, *ids: str) -> None:
    """Wait until each is done and its item has been settled."""
    done(deployment, *ids)
    waiting = {"_id": {"$in": list(map(ObjectId, ids))}, "processing.unsettled": True}
    eventually(lambda: not deployment.db.documents.count_documents(waiting), "the items are settled")


def found(client: httpx.Client, guid: str, **more: Any) -> set[str]:
    """Return what a search for the item finds."""
    answer = client.get("/v1/documents", params={"guid": guid, **more})
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["documents"]}


def everywhere(client: httpx.Client, guid: str) -> set[str]:
    """Return where a reader who does not ask for withdrawn documents sees the item."""
    params = {"guid": guid}
    seen = set()
    if client.get("/v1/documents", params=params).json()["documents"]:
        seen.add("list")
    if client.get("/v1/documents", params={"q": f'"Pier of {guid[-6:]}"'}).json()["documents"]:
        seen.add("search")
    if client.get("/v1/documents/facets", params=params).json()["total"]:
        seen.add("facets")
    if client.get("/v1/export", params=params).text.strip():
        seen.add("export")
    if "<entry>" in client.get("/v1/feed", params=params).text:
        seen.add("feed")
    if f"Pier of {guid[-6:]}" in client.get("/search", params=params).text:
        seen.add("console")
    return seen


EVERYWHERE = {"list", "search", "facets", "export", "feed", "console"}


def test_versions_are_one_story_newest_first_and_each_says_what_it_corrects(deployment: Deployment, guid: str) -> None:
    second = send(deployment, guid, 2, body_text=BODY.format(what="is closed"), urgency=2)
    settled(deployment, second)
    first = send(deployment, guid, 1)
    third = send(deployment, guid, 3, headline="Pier stays shut", body_text="Wholly other words were sent at last.")
    settled(deployment, first, third)
    assert item(deployment, first)["superseded_by"] == second
    assert item(deployment, second)["superseded_by"] == third
    assert item(deployment, third) == {}
    stories = {deployment.http.get(f"/v1/documents/{id}").json()["story"]["id"] for id in (first, second, third)}
    assert len(stories) == 1
    told = deployment.http.get(f"/v1/stories/{stories.pop()}").json()
    assert {one["id"] for one in told["versions"]} == {first, second, third}
    answer = deployment.http.get(f"/v1/documents/{first}/versions").json()
    assert [one["id"] for one in answer["versions"]] == [third, second, first]
    assert (answer["guid"], answer["total"]) == (guid, 3)
    newest, corrected, oldest = answer["versions"]
    assert corrected["compared_with"] == first
    assert corrected["corrected"] == ["published_at", "text", "wire.urgency"]
    assert [(one["kind"], one["text"]) for one in corrected["changes"]] == [("removed", "open."), ("added", "closed.")]
    assert "title" in newest["corrected"]
    assert (oldest["corrected"], oldest["compared_with"]) == ([], None)


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_a_kill_takes_every_earlier_version_out_of_sight(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str, status: str
) -> None:
    reader, editor = keys(), keys("withdrawn")
    first, second = send(deployment, guid, 1), send(deployment, guid, 2, body_text=BODY.format(what="is closed"))
    settled(deployment, first, second)
    assert everywhere(reader, guid) == EVERYWHERE
    quotes = {"document": ObjectId(first)}
    assert deployment.db.quotes_by_speaker.count_documents(quotes)
    kill = send(deployment, guid, 3, pubstatus=status, headline="KILL", body_text="Kill this story.")
    settled(deployment, kill)

    assert everywhere(reader, guid) == everywhere(editor, guid) == set()
    assert not deployment.db.quotes_by_speaker.count_documents(quotes)
    assert not deployment.db.shown_documents.count_documents({"wire.guid": guid})
    assert reader.get("/v1/documents", params={"guid": guid, "withdrawn": "true"}).status_code == 403
    assert found(editor, guid, withdrawn="true") == {first, second, kill}
    for id in (first, second):
        taken_back = item(deployment, id)["withdrawn"]
        assert taken_back["by"] == kill and taken_back["at"]

    told = reader.get(f"/v1/documents/{first}").json()
    assert told["hidden"]["reason"] == "withdrawn" and told["hidden"]["by"] == kill
    assert "do not publish" in told["hidden"]["message"]
    assert "Munro" not in json.dumps(told)
    assert reader.get(f"/v1/documents/{first}/raw").status_code == 403
    assert editor.get(f"/v1/documents/{first}").json()["text"]
    assert editor.get(f"/v1/documents/{first}/raw").status_code == 200
    page = reader.get(f"/documents/{first}").text
    assert "Do not publish it" in page and "Munro" not in page
    page = editor.get(f"/documents/{first}").text
    assert "Withdrawn: do not publish" in page and "Munro" in page
    assert reader.get(f"/v1/documents/{first}/versions").json()["versions"] == []
    assert len(editor.get(f"/v1/documents/{first}/versions?withdrawn=true").json()["versions"]) == 3

    again = send(deployment, guid, 4)
    settled(deployment, again)
    assert found(reader, guid) == {again}


def test_a_kill_that_comes_first_and_what_is_read_again(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str
) -> None:
    kill = send(deployment, guid, 2, pubstatus="canceled", body_text="Kill this story.")
    settled(deployment, kill)
    hook = make(deployment, "http://192.0.0.9/hook")
    first = send(deployment, guid, 1)
    settled(deployment, first)
    before = item(deployment, first)
    assert before["withdrawn"]["by"] == kill
    assert found(keys(), guid) == set()
    for id in (first, kill, first):
        assert deployment.http.post(f"/v1/documents/{id}/reprocess", params={"force": "true"}).status_code == 202
        settled(deployment, id)
        assert item(deployment, first) == before
    told = eventually(
        lambda: {one["type"] for one in deliveries(deployment, hook) if one["document"] == first}, "it is told"
    )
    assert told == {"document.withdrawn"}
    deployment.http.delete(f"/v1/webhooks/{hook['id']}")


def test_many_at_once_agree(deployment: Deployment, keys: Callable[..., httpx.Client], guid: str) -> None:
    """The kill is the fifth of eight versions that arrive at the same time."""
    with ThreadPoolExecutor(8) as pool:
        numbers = [3, 5, 8, 1, 7, 2, 6, 4]
        status = {5: "canceled"}
        sent = pool.map(lambda n: send(deployment, guid, n, pubstatus=status.get(n, "usable"),
                                       body_text=BODY.format(what=f"has {n} steps")), numbers)  # fmt: skip
        by_number = dict(zip(numbers, sent, strict=True))
    settled(deployment, *by_number.values())
    assert found(keys(), guid) == {by_number[n] for n in (6, 7, 8)}
    standing = {n: item(deployment, id) for n, id in by_number.items()}
    assert [standing[n].get("superseded_by") for n in range(1, 8)] == [by_number[n] for n in range(2, 9)]
    assert {standing[n]["withdrawn"]["by"] for n in range(1, 6)} == {by_number[5]}
    assert len({deployment.http.get(f"/v1/documents/{id}").json()["story"]["id"] for id in by_number.values()}) == 1


def test_what_a_worker_that_died_left_is_settled(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str
) -> None:
    first, kill = send(deployment, guid, 1), send(deployment, guid, 2, pubstatus="canceled")
    settled(deployment, first, kill)
    # as a worker leaves it that is killed once it has written the kill
    deployment.db.documents.update_one({"_id": ObjectId(first)}, {"$set": {"item": None}})
    deployment.db.documents.update_one({"_id": ObjectId(kill)}, {"$set": {"processing.unsettled": True}})
    eventually(lambda: item(deployment, first).get("withdrawn"), "the sweeper settles it")
    assert found(keys(), guid) == set()


def test_what_was_stored_before_items_were_told_apart_is_settled_once(deployment: Deployment, guid: str) -> None:
    first, second = send(deployment, guid, 1), send(deployment, guid, 2, pubstatus="canceled")
    settled(deployment, first, second)
    here = {"wire.guid": guid}
    deployment.db.documents.update_many(here, {"$unset": {"item": "", "processing.unsettled": ""}})
    items.take_in(deployment.db)
    assert deployment.db.documents.count_documents({**here, "item": {"$exists": True}}) == 0, "it was done already"
    deployment.db.schema.delete_one({"_id": "items"})
    items.take_in(deployment.db)
    eventually(lambda: item(deployment, first).get("withdrawn"), "the sweeper settles it")


def test_an_erased_kill_leaves_what_it_withdrew_withdrawn_and_no_trace(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str
) -> None:
    first, kill = send(deployment, guid, 1), send(deployment, guid, 2, pubstatus="canceled")
    settled(deployment, first, kill)
    assert deployment.http.delete(f"/v1/documents/{kill}").status_code == 204
    standing = item(deployment, first)
    assert (standing["superseded_by"], standing["withdrawn"]["by"]) == (None, None)
    assert found(keys(), guid) == set()


def test_a_kill_reaches_no_other_collection(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str
) -> None:
    first, kill = send(deployment, guid, 1), send(deployment, guid, 2, "kill-drill-other", pubstatus="canceled")
    settled(deployment, first, kill)
    assert found(keys(), guid) == {first}


def test_webhooks_tell_of_a_kill(deployment: Deployment, guid: str) -> None:
    hook = make(deployment, "http://192.0.0.9/hook")
    first = send(deployment, guid, 1)

    def told() -> list[str]:
        return sorted(one["type"] for one in deliveries(deployment, hook) if one["document"] == first)

    eventually(lambda: told() == ["document.done"], "it is told when it is done")
    kill = send(deployment, guid, 2, pubstatus="canceled")
    eventually(lambda: told() == ["document.done", "document.withdrawn"], "it is told when it is killed")
    message = deployment.db.deliveries.find_one({"document": ObjectId(first), "body.type": "document.withdrawn"})
    assert message is not None
    assert message["body"]["data"]["withdrawn_by"] == kill
    assert message["body"]["data"]["guid"] == guid
    deployment.http.delete(f"/v1/webhooks/{hook['id']}")


def test_an_embargo_is_kept_until_its_time_and_ends_by_itself(
    deployment: Deployment, keys: Callable[..., httpx.Client], guid: str
) -> None:
    reader, editor = keys(), keys("embargoed")
    admin = keys("admin")
    address = {"url": "http://192.0.0.9/hook", "events": ["document.done"]}
    open_hook = admin.post("/v1/webhooks", json=address).json()
    early_hook = keys("admin", "embargoed").post("/v1/webhooks", json=address).json()
    id = send(deployment, guid, 1, embargoed=(datetime.now(UTC) + timedelta(days=2)).isoformat())
    settled(deployment, id)

    def told(hook: dict[str, Any]) -> bool:
        return any(one["document"] == id for one in deliveries(deployment, hook))

    assert everywhere(reader, guid) == set()
    assert everywhere(editor, guid) == EVERYWHERE
    assert not deployment.db.quotes_by_speaker.count_documents({"document": ObjectId(id)})
    hidden = reader.get(f"/v1/documents/{id}").json()
    assert hidden["hidden"]["reason"] == "embargoed" and hidden["hidden"]["until"]
    assert "Munro" not in json.dumps(hidden)
    assert reader.get(f"/v1/documents/{id}/raw").status_code == 403
    page = reader.get(f"/documents/{id}").text
    assert "under embargo until" in page and "Munro" not in page
    assert "Under embargo until" in editor.get(f"/documents/{id}").text
    eventually(lambda: told(early_hook), "a key with the scope is told at once")
    assert not told(open_hook)

    # two days pass: the record keeps all else, and nothing is run on it
    moved = {"$set": {"wire.embargoed_until": datetime.now(UTC) + timedelta(seconds=2)}}
    deployment.db.documents.update_one({"_id": ObjectId(id)}, moved)
    eventually(lambda: found(reader, guid) == {id}, "it is shown")
    assert everywhere(reader, guid) == EVERYWHERE
    assert deployment.db.quotes_by_speaker.count_documents({"document": ObjectId(id)})
    assert "hidden" not in reader.get(f"/v1/documents/{id}").json()
    eventually(lambda: told(open_hook), "everybody is told")
    for hook in (open_hook, early_hook):
        assert [one["document"] for one in deliveries(deployment, hook)].count(id) == 1
        deployment.http.delete(f"/v1/webhooks/{hook['id']}")
