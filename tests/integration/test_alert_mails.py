"""Mails about saved searches, on a real SMTP server: each document is sent once, together with others if requested, and
only while allowed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from bson import ObjectId

from tests.integration.conftest import Deployment, eventually
from tests.integration.test_alerts import after_a_pass, as_key, collection, save, send

Doc = dict[str, Any]
__all__ = ["collection"]


class Mailbox:
    """The messages that an SMTP server accepted."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.got.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default)))
        return self.answer


@contextmanager
def listening(deployment: Deployment) -> Iterator[Mailbox]:
    """Yield an SMTP server to which the deployment sends its mails."""
    at, box = urlsplit(deployment.environment["COPYDESK_SMTP_URL"]), Mailbox()
    server = Controller(box, hostname=at.hostname, port=at.port)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def body(message: EmailMessage) -> str:
    return message.get_content()


def state(deployment: Deployment, search: Doc) -> list[str]:
    return [one["status"] for one in deployment.db.mails.find({"search": ObjectId(search["id"])})]


def due(deployment: Deployment, search: Doc) -> None:
    """Make the search's mails due now."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    here = {"search": ObjectId(search["id"])}
    deployment.db.alerts.update_many({**here, "mail_at": {"$exists": True}}, {"$set": {"mail_at": past}})
    deployment.db.mails.update_many({**here, "status": "pending"}, {"$set": {"next_at": past}})


def test_a_mail_tells_of_a_document_once(deployment: Deployment, collection: str) -> None:
    with listening(deployment) as box:
        search = save(
            deployment, {"collection": [collection]}, name="Quays\nand\tharbours", mail={"to": ["news@desk.example"]}
        )
        id = send(
            deployment, collection, "Hafen „leer“\n\nThe harbour of the town was dredged on Monday, the board said."
        )
        [mail] = eventually(lambda: box.got, "a mail")
        assert mail["Subject"] == "Quays and harbours: Hafen „leer“"
        assert (mail["From"], mail["To"]) == ("copydesk@news.example", "news@desk.example")
        assert mail["Auto-Submitted"] == "auto-generated"
        assert f"https://news.example/documents/{id}" in body(mail)
        assert collection in body(mail) and search["id"] in body(mail)
        deployment.http.post(f"/v1/documents/{id}/reprocess")
        deployment.final(id)
        after_a_pass(deployment)
        after_a_pass(deployment)
        assert len(box.got) == 1 and state(deployment, search) == ["delivered"]


def test_a_digest_has_all_documents_of_its_time(deployment: Deployment, collection: str) -> None:
    with listening(deployment) as box:
        mail = {"to": ["news@desk.example", "night@desk.example"], "every": "daily"}
        search = save(deployment, {"collection": [collection]}, mail=mail)
        ids = [send(deployment, collection, f"Quay {n}\n\nQuay {n} was dredged.") for n in range(3)]
        gone = send(deployment, collection, "Quay 9\n\nQuay 9 was closed.")
        here = {"search": ObjectId(search["id"])}
        eventually(lambda: deployment.db.alerts.count_documents(here) == 4, "alerts")
        after_a_pass(deployment)
        assert box.got == [], "its time has not come"
        # withdrawn in the meantime, so it is not sent
        withdrawn = {"item": {"superseded_by": None, "withdrawn": {"by": None, "at": datetime.now(UTC)}}}
        deployment.db.documents.update_one({"_id": ObjectId(gone)}, {"$set": withdrawn})
        due(deployment, search)
        [message] = eventually(lambda: box.got, "the digest")
        assert message["Subject"] == "Harbour: 3 documents"
        assert message["To"] == "news@desk.example, night@desk.example"
        assert [id in body(message) for id in [*ids, gone]] == [True, True, True, False]


def test_a_server_that_is_away_gets_the_mail_later_and_one_that_refuses_it_never(
    deployment: Deployment, collection: str
) -> None:
    search = save(deployment, {"collection": [collection]}, mail={"to": ["news@desk.example"]})
    address = f"/v1/searches/{search['id']}"
    send(deployment, collection, "Quay Works\n\nThe quay was dredged.")
    eventually(
        lambda: "refused" in (deployment.http.get(address).json()["mail_error"] or "").lower(), "the failure is shown"
    )
    assert state(deployment, search) == ["pending"]
    with listening(deployment) as box:
        due(deployment, search)
        eventually(lambda: box.got, "the mail")
        eventually(lambda: state(deployment, search) == ["delivered"], "it is recorded")
        assert deployment.http.get(address).json()["mail_error"] is None
        box.answer = "554 We take none of these"
        send(deployment, collection, "Quay Works\n\nThe quay was opened.")
        eventually(lambda: "failed" in state(deployment, search), "it is given up")
        assert "554" in deployment.http.get(address).json()["mail_error"]
        assert len(box.got) == 1


def test_mails_end_with_the_key(deployment: Deployment, collection: str) -> None:
    http, key = as_key(deployment, scopes=["read"], collections=[collection])
    with listening(deployment) as box:
        search = save(deployment, {"q": "quay"}, http, mail={"to": ["news@desk.example"], "every": "hourly"})
        send(deployment, collection, "Quay Works\n\nThe quay was dredged.")
        here = {"search": ObjectId(search["id"])}
        eventually(lambda: deployment.db.alerts.count_documents(here), "an alert")
        assert deployment.http.delete(f"/v1/keys/{key}").status_code == 204
        due(deployment, search)
        eventually(lambda: state(deployment, search) == ["failed"], "it is not sent")
        assert box.got == []
    deployment.db.searches.delete_one({"_id": ObjectId(search["id"])})


@pytest.mark.parametrize(
    "to", ["news@elsewhere.example", "Desk <news@desk.example>", "a@b@desk.example", "x\r\nBcc: y@desk.example", ""]
)
def test_mails_go_only_where_the_operator_allows(deployment: Deployment, to: str) -> None:
    answer = deployment.http.post("/v1/searches", json={"name": "x", "query": {}, "mail": {"to": [to]}})
    assert answer.status_code == 422, answer.text


def test_the_feed_of_a_search_has_what_it_told_of(deployment: Deployment, collection: str) -> None:
    search = save(deployment, {"collection": [collection], "q": "dredged"}, name="Quays & harbours")
    id = send(deployment, collection, f"Quay Works\n\nThe quay of the town was dredged on Monday. {uuid.uuid4()}")
    eventually(lambda: deployment.db.alerts.count_documents({"document": ObjectId(id)}), "an alert")
    answer = deployment.http.get(f"/v1/searches/{search['id']}/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "Copydesk: Quays &amp; harbours" in answer.text
    assert answer.text.count("<entry>") == 1 and f"urn:copydesk:document:{id}" in answer.text
