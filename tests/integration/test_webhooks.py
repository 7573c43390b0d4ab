"""Webhooks: what a receiver gets, how it verifies the sender, and what is tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services import webhooks
from services.settings import Settings
from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually


class Receiver:
    """An HTTP server on loopback that keeps what it receives and answers as the test says."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()


@pytest.fixture
def private(deployment: Deployment) -> Settings:
    """Return the settings of the deployment, with private networks allowed."""
    return make_settings({**deployment.environment, "COPYDESK_WEBHOOK_PRIVATE": "true"})


def make(deployment: Deployment, url: str, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Create a webhook on loopback: with a public address, which is then replaced, because the API refuses loopback."""
    answer = deployment.http.post("/v1/webhooks", json={"url": "http://192.0.0.9/hook", **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    hook = answer.json()
    from bson import ObjectId

    deployment.db.webhooks.update_one({"_id": ObjectId(hook["id"])}, {"$set": {"url": url}})
    return hook


def deliveries(deployment: Deployment, hook: dict[str, Any]) -> list[dict[str, Any]]:
    return deployment.http.get(f"/v1/webhooks/{hook['id']}/deliveries").json()["deliveries"]


def finished(deployment: Deployment) -> str:
    id = deployment.post(f"Tide Table\n\nThe tide was high. {uuid.uuid4()}", collection="hooks")["id"]
    assert deployment.final(id)["status"] == "done"
    return id


def test_a_receiver_is_told_once_signed_and_again_after_a_failure(
    deployment: Deployment, receiver: Receiver, private: Settings
) -> None:
    receiver.answers = [500]
    hook = make(deployment, receiver.url, events=["document.done"])
    id = finished(deployment)
    # the deployment's scheduler also makes messages; it may not send them to loopback, and logs that
    webhooks.deliver(deployment.db, private)
    log = eventually(lambda: deliveries(deployment, hook), "the message")
    [message] = [one for one in log if one["document"] == id]
    now = datetime.now(UTC) - timedelta(seconds=1)
    for _ in range(5):
        deployment.db.deliveries.update_many({"status": "pending"}, {"$set": {"next_at": now}})
        webhooks.deliver(deployment.db, private)
        [message] = [one for one in deliveries(deployment, hook) if one["document"] == id]
        if message["status"] == "delivered":
            break
    assert message["status"] == "delivered"
    assert message["tries"][-1]["status"] == 204
    assert any(one["error"] for one in message["tries"][:-1])
    told = [(headers, body) for headers, body in receiver.got if json.loads(body)["data"]["id"] == id]
    assert {headers["webhook-id"] for headers, _ in told} == {message["id"]}
    headers, body = told[-1]
    assert json.loads(body)["type"] == "document.done"
    assert json.loads(body)["data"]["collection"] == "hooks"
    # as a receiver does according to the specification
    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    before = len(receiver.got)
    webhooks.deliver(deployment.db, private)
    assert [one for one in receiver.got[before:] if json.loads(one[1])["data"]["id"] == id] == []
    assert deployment.http.delete(f"/v1/documents/{id}").status_code == 204
    assert [one for one in deliveries(deployment, hook) if one["document"] == id] == []
    assert deployment.http.delete(f"/v1/webhooks/{hook['id']}").status_code == 204


def test_a_receiver_that_is_gone_is_told_no_more(deployment: Deployment, receiver: Receiver, private: Settings) -> None:
    hook = make(deployment, receiver.url)
    receiver.answers = [410] * 10
    finished(deployment)

    def gone() -> bool:
        past = datetime.now(UTC) - timedelta(seconds=1)
        deployment.db.deliveries.update_many({"status": "pending"}, {"$set": {"next_at": past}})
        webhooks.deliver(deployment.db, private)
        found = deployment.http.get("/v1/webhooks").json()["webhooks"]
        return next(one for one in found if one["id"] == hook["id"])["disabled_at"] is not None

    eventually(gone, "the webhook is disabled")
    assert deployment.http.delete(f"/v1/webhooks/{hook['id']}").status_code == 204


def test_a_webhook_ends_with_the_key_that_made_it(
    deployment: Deployment, receiver: Receiver, private: Settings
) -> None:
    key = deployment.http.post("/v1/keys", json={"name": "hooks", "scopes": ["admin"]}).json()
    hook = make(deployment, receiver.url, headers={"Authorization": f"Bearer {key['key']}"})
    assert deployment.http.delete(f"/v1/keys/{key['id']}").status_code == 204
    id = finished(deployment)
    webhooks.deliver(deployment.db, private)
    found = deployment.http.get("/v1/webhooks").json()["webhooks"]
    assert next(one for one in found if one["id"] == hook["id"])["disabled_at"] is not None
    assert [one for one in receiver.got if json.loads(one[1])["data"]["id"] == id] == []
    assert deployment.http.delete(f"/v1/webhooks/{hook['id']}").status_code == 204


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:9/", "http://10.1.2.3/", "http://169.254.169.254/latest", "http://[::1]/",
     "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "ftp://192.0.0.9/", "https://u:p@192.0.0.9/", "nonsense",
     "http://[8.8.8.8]/", "http://[::1", "http://192.0.0.9:6379/"],
)  # fmt: skip
def test_addresses_that_are_refused(deployment: Deployment, url: str) -> None:
    answer = deployment.http.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:copydesk:problem:webhook-url"


def test_secrets_are_not_where_readers_look(deployment: Deployment) -> None:
    hook = make(deployment, "http://192.0.0.9/hook")
    listed = deployment.http.get("/v1/webhooks").json()["webhooks"]
    assert hook["secret"] not in json.dumps(listed)
    for name in deployment.db.list_collection_names():
        assert hook["secret"] not in str(list(deployment.db[name].find({"secret": {"$exists": True}})))
    deployment.http.delete(f"/v1/webhooks/{hook['id']}")
