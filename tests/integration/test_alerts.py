"""Saved searches: each document that a search finds is reported once, with the rights of the key that saved it,
whichever process dies in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from services import webhooks
from services.settings import Settings
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_webhooks import Receiver, make

Doc = dict[str, Any]


@pytest.fixture
def collection(deployment: Deployment) -> Iterator[str]:
    """Yield a collection for this test alone; the searches are removed at the end."""
    yield f"told-{uuid.uuid4().hex[:8]}"
    for one in deployment.http.get("/v1/searches").json()["searches"]:
        deployment.http.delete(f"/v1/searches/{one['id']}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()


@pytest.fixture
def private(deployment: Deployment) -> Settings:
    """Return the settings of the deployment, with private networks allowed."""
    return make_settings({**deployment.environment, "COPYDESK_WEBHOOK_PRIVATE": "true"})


def save(deployment: Deployment, query: Doc, http: httpx.Client | None = None, **more: Any) -> Doc:
    answer = (http or deployment.http).post("/v1/searches", json={"name": "Harbour", "query": query, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def as_key(deployment: Deployment, **grant: Any) -> tuple[httpx.Client, str]:
    """Return a client with a key of its own, and the id of the key."""
    key = deployment.http.post("/v1/keys", json={"name": "desk", **grant}).json()
    headers = {"Authorization": f"Bearer {key['key']}"}
    return httpx.Client(base_url=deployment.http.base_url, headers=headers, timeout=30), key["id"]


def send(deployment: Deployment, collection: str, text: str, **more: Any) -> str:
    id = deployment.post(f"{text} {uuid.uuid4()}", collection=collection, **more)["id"]
    assert deployment.final(id)["status"] == "done"
    return id


def matched(deployment: Deployment, search: Doc, http: httpx.Client | None = None) -> list[str]:
    answer = (http or deployment.http).get(f"/v1/searches/{search['id']}/matches")
    return [one["document"] for one in answer.json()["matches"]]


def told(deployment: Deployment, search: Doc, document: str, http: httpx.Client | None = None) -> list[str]:
    return eventually(
        lambda: found if document in (found := matched(deployment, search, http)) else None, f"{document} is told of"
    )


def after_a_pass(deployment: Deployment) -> None:
    """Wait until a pass that began after this call has ended, so that whatever was finished before has been tested."""

    def ended() -> datetime:
        state = deployment.db.alert_pass.find_one({"_id": "finished"}) or {}
        return state.get("after", datetime.min.replace(tzinfo=UTC))

    now = datetime.now(UTC)
    eventually(lambda: ended() > now, "a pass")


def test_each_new_document_is_told_of_once_by_the_search_that_finds_it(deployment: Deployment, collection: str) -> None:
    before = send(deployment, collection, "Quay Works\n\nThe harbour of Oslo was dredged.")
    here = {"collection": [collection]}
    searches = {
        "word": save(deployment, {**here, "q": "dredging"}),
        "phrase": save(deployment, {**here, "q": '"harbour of Bergen" -tram'}),
        "place": save(deployment, {**here, "place": ["bergen"]}),
        "name": save(deployment, {**here, "q": "speaker:Solheim"}),
        "all": save(deployment, here),
        "other": save(deployment, {**here, "q": "glacier"}),
    }
    text = (
        'BERGEN, May 6 - The harbour of Bergen was dredged. "It is deep now," said Kari Solheim of the Harbour Board.'
    )
    id = send(deployment, collection, f"Harbour Deepened\n\n{text}")
    for name, search in searches.items():
        found = [] if name == "other" else told(deployment, search, id)
        assert found == ([] if name == "other" else [id]), name
    answer = deployment.http.get(f"/v1/searches/{searches['other']['id']}/matches").json()
    assert answer == {"matches": [], "next": None}
    # read again with the same result: not reported again; another document is
    assert deployment.http.post(f"/v1/documents/{id}/reprocess").status_code == 202
    deployment.final(id)
    later = send(deployment, collection, "Dredging\n\nThe tram was delayed.")
    assert told(deployment, searches["word"], later) == [later, id]
    after_a_pass(deployment)
    assert matched(deployment, searches["all"]) == [later, id]
    assert deployment.http.get(f"/v1/searches/{searches['word']['id']}").json()["matched"] == 2
    look = deployment.http.post(f"/v1/searches/{searches['all']['id']}/test").json()
    assert [one["document"] for one in look["matches"]] == [later, id, before], "what it finds now, the old one, too"
    assert deployment.db.alerts.count_documents({"document": ObjectId(id)}) == 5
    # erased with the document
    assert deployment.http.delete(f"/v1/documents/{id}").status_code == 204
    assert deployment.db.alerts.count_documents({"document": ObjectId(id)}) == 0


def test_a_name_is_found_when_it_comes_up_for_the_first_time(deployment: Deployment, collection: str) -> None:
    here = {"collection": [collection]}
    search, every = save(deployment, {**here, "speaker": ["nyquist"]}), save(deployment, here)
    told(
        deployment, every, send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
    )  # and nobody has this name
    text = 'BERGEN, May 6 - "It is deep now," said Greta Nyquist of the Harbour Board on Monday. The quay was dredged.'
    id = send(deployment, collection, f"Quay Deepened\n\n{text}")
    assert told(deployment, search, id) == [id]


def test_a_document_that_is_found_since_it_was_corrected_is_told_of(deployment: Deployment, collection: str) -> None:
    search, every = (
        save(deployment, {"collection": [collection], "tag": ["checked"]}),
        save(deployment, {"collection": [collection]}),
    )
    id = send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
    told(deployment, every, id)
    assert matched(deployment, search) == []
    begun = datetime.now(UTC) - timedelta(milliseconds=1)
    corrected = deployment.http.post(f"/v1/documents/{id}/corrections", json={"kind": "tag", "now": {"tag": "checked"}})
    assert corrected.status_code == 201, corrected.text
    assert datetime.fromisoformat(corrected.json()["at"]) >= begun, "else a search saved in that second misses it"
    assert told(deployment, search, id) == [id]
    after_a_pass(deployment)
    assert deployment.db.alerts.count_documents({"document": ObjectId(id)}) == 2
    assert id not in str(deployment.db.alert_pass.find_one({"_id": "finished"})), "erasing it would leave its id there"


def test_a_document_under_embargo_is_told_of_when_that_ends(deployment: Deployment, collection: str) -> None:
    id = send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
    http, _ = as_key(deployment, scopes=["read"], collections=[collection])
    search = save(deployment, {}, http)
    now = datetime.now(UTC)
    wire = {"pub_status": "embargoed", "embargoed_until": now + timedelta(hours=1)}
    change = {"wire": wire, "processing.finished_at": now}
    deployment.db.documents.update_one({"_id": ObjectId(id)}, {"$set": change})
    after_a_pass(deployment)
    assert matched(deployment, search, http) == []
    over = {"wire.embargoed_until": datetime.now(UTC)}
    deployment.db.documents.update_one({"_id": ObjectId(id)}, {"$set": over})
    assert told(deployment, search, id, http) == [id]
    assert http.delete(f"/v1/searches/{search['id']}").status_code == 204


def test_a_document_whose_reading_changes_is_told_of_again(deployment: Deployment, collection: str) -> None:
    search = save(deployment, {"collection": [collection], "q": "dredging"})
    id = send(deployment, collection, "Quay Works\n\nThe harbour of the town was dredged on Monday.")
    told(deployment, search, id)
    # as if a later version of a parser had read a title that this one misses
    now = datetime.now(UTC)
    deployment.db.documents.update_one(
        {"_id": ObjectId(id)}, {"$set": {"title": "Quay Works Again", "processing.finished_at": now}}
    )
    after_a_pass(deployment)
    assert deployment.db.alerts.count_documents({"document": ObjectId(id)}) == 2
    assert matched(deployment, search) == [id]


def test_a_search_sees_what_its_key_sees_and_ends_with_it(deployment: Deployment, collection: str) -> None:
    http, key = as_key(deployment, scopes=["read"], collections=[f"{collection}-*"])
    search = save(deployment, {"q": "harbour"}, http)
    hidden = send(deployment, collection, "Harbour\n\nThe harbour was dredged.")
    open_ = send(deployment, f"{collection}-open", "Harbour\n\nThe harbour was dredged.")
    eventually(lambda: matched(deployment, search, http), "it is told of")
    after_a_pass(deployment)
    assert matched(deployment, search, http) == [open_]
    assert deployment.http.get(f"/v1/searches/{search['id']}").status_code == 404, "another key's"
    assert search["id"] not in deployment.http.get("/v1/searches").text
    assert http.post("/v1/searches", json={"name": "x", "query": {"withdrawn": True}}).status_code == 403
    hook = {"name": "x", "query": {}, "webhook": "665f1f77bcf86cd799439011"}
    assert http.post("/v1/searches", json=hook).status_code == 403, "only admins have Copydesk send"
    assert deployment.http.delete(f"/v1/keys/{key}").status_code == 204
    send(deployment, f"{collection}-open", "Harbour\n\nThe harbour was closed.")
    after_a_pass(deployment)
    assert deployment.db.alerts.count_documents({"search": ObjectId(search["id"])}) == 1
    assert deployment.db.alerts.count_documents({"document": ObjectId(hidden)}) == 0
    deployment.db.searches.delete_one({"_id": ObjectId(search["id"])})


def test_a_muted_search_is_silent_and_goes_on_from_when_it_is_not(deployment: Deployment, collection: str) -> None:
    search = save(deployment, {"collection": [collection]}, muted=True)
    address = f"/v1/searches/{search['id']}"
    send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
    after_a_pass(deployment)
    assert deployment.http.patch(address, json={"muted": False, "name": "Quays"}).json()["name"] == "Quays"
    id = send(deployment, collection, "Harbour\n\nThe harbour was closed.")
    assert told(deployment, search, id) == [id]
    assert deployment.http.delete(address).status_code == 204
    assert deployment.http.get(address).status_code == 404
    assert deployment.db.alerts.count_documents({"search": ObjectId(search["id"])}) == 0


@pytest.mark.parametrize(
    "query",
    [{"q": 'a "b'}, {"q": "desk:foreign"}, {"nonsense": 1}, {"money": "many"}, {"sort": "published"}, {"limit": 3}],
)
def test_what_a_search_may_not_ask_cannot_be_saved(deployment: Deployment, query: Doc) -> None:
    answer = deployment.http.post("/v1/searches", json={"name": "x", "query": query})
    assert answer.status_code == 422, answer.text


def test_a_webhook_is_told_signed_and_a_key_that_is_revoked_silences_it(
    deployment: Deployment, collection: str, receiver: Receiver, private: Settings
) -> None:
    http, key = as_key(deployment, scopes=["read", "admin"])
    hook = make(deployment, receiver.url, events=["search.matched"])
    other = make(deployment, receiver.url, events=["document.failed"])
    query = {"collection": [collection], "q": "harbour"}
    refused = deployment.http.post("/v1/searches", json={"name": "x", "query": query, "webhook": other["id"]})
    assert refused.status_code == 422 and "search.matched" in refused.json()["detail"]
    search = save(deployment, query, webhook=hook["id"], name="Harbours")
    of_key = save(deployment, query, http, webhook=hook["id"], name="Revoked")
    id = send(deployment, collection, "Harbour\n\nThe harbour was dredged.", external_id="tide-1")
    eventually(lambda: deployment.db.alerts.count_documents({"document": ObjectId(id), "told": True}) == 2, "alerts")
    assert deployment.http.delete(f"/v1/keys/{key}").status_code == 204
    for _ in range(20):
        past = datetime.now(UTC) - timedelta(seconds=1)
        deployment.db.deliveries.update_many({"status": "pending"}, {"$set": {"next_at": past}})
        webhooks.deliver(deployment.db, private)
        if not deployment.db.deliveries.count_documents({"document": ObjectId(id), "status": "pending"}):
            break
    bodies = [(headers, json.loads(body)) for headers, body in receiver.got]
    [(headers, body)] = [one for one in bodies if one[1]["data"]["id"] == id]
    assert body["type"] == "search.matched"
    assert body["data"]["search"] == {"id": search["id"], "name": "Harbours"}
    assert body["data"]["external_id"] == "tide-1"
    assert headers["webhook-signature"].startswith("v1,")
    [failed] = deployment.db.deliveries.find({"search": ObjectId(of_key["id"])})
    assert failed["status"] == "failed" and "revoked" in failed["tries"][-1]["error"]
    for one in (hook, other):
        deployment.http.delete(f"/v1/webhooks/{one['id']}")
    deployment.db.searches.delete_one({"_id": ObjectId(of_key["id"])})


DYING = """
import asyncio, os, signal, sys
from services.alerts.passes import Alerter
from services.settings import settings
from services.store import alerts
from services.store.client import connect_async

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "after the alerts":
    whole = alerts._insert
    async def insert(db, name, entries):
        if name == "deliveries":
            die()
        return await whole(db, name, entries)
    alerts._insert = insert
else:
    alerts.advance = die

async def run():
    print(await Alerter(connect_async(settings()), settings()).run())

asyncio.run(run())
"""
"""A pass that is killed between matching and delivery: before its messages are stored, or before it records how far it is."""


@pytest.mark.parametrize("when", ["after the alerts", "after the messages"])
def test_a_pass_that_is_killed_tells_of_each_document_once(
    idle: Deployment, collection: str, receiver: Receiver, private: Settings, when: str
) -> None:
    hook = make(idle, receiver.url, events=["search.matched"])
    search = save(idle, {"collection": [collection]}, webhook=hook["id"])
    ids = [idle.post(f"Harbour\n\nThe quay was dredged. {uuid.uuid4()}", collection=collection)["id"] for _ in range(3)]
    # a worker would test them before this test kills a pass, so they are finished without one
    done = {
        "status": "done",
        "title": "Harbour",
        "text": "The quay was dredged.",
        "processing.finished_at": datetime.now(UTC),
    }
    idle.db.documents.update_many({"source.collection": collection}, {"$set": done})
    idle.db.alert_pass.update_many({}, {"$set": {"until": None}})  # the worker may have been killed in a pass
    environment = {**os.environ, **idle.environment}
    run = [sys.executable, "-c", DYING, when]
    assert subprocess.run(run, env=environment, timeout=60, check=False).returncode == -signal.SIGKILL
    here = {"search": ObjectId(search["id"])}
    assert idle.db.alerts.count_documents(here) == 3
    assert idle.db.deliveries.count_documents(here) == (0 if when == "after the alerts" else 3)
    idle.start_worker("own")  # its passes wait until the turn of the dead one is over
    eventually(lambda: idle.db.alerts.count_documents({**here, "told": True}) == 3, "all are told of")
    for _ in range(20):
        past = datetime.now(UTC) - timedelta(seconds=1)
        idle.db.deliveries.update_many({"status": "pending", **here}, {"$set": {"next_at": past}})
        webhooks.deliver(idle.db, private)
        if len(receiver.got) >= 3:
            break
    assert sorted(json.loads(body)["data"]["id"] for _, body in receiver.got) == sorted(ids)
    assert idle.db.alerts.count_documents(here) == 3
    assert sorted(matched(idle, search)) == sorted(ids)
    idle.http.delete(f"/v1/webhooks/{hook['id']}")
