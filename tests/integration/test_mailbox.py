"""Mailboxes: matching messages are stored once, and the mailbox is not changed unless the source says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.sources import runs
from services.sources.kinds import Wrong
from tests.conftest import make_settings
from tests.integration.conftest import Deployment
from tests.integration.fetching import (
    again,
    fetch_and_die_before_it_is_remembered,
    make,
    ran,
    run_page,
    state,
    titles,
)
from tests.integration.postoffice import PASSWORD, USER, PostOffice, mail, post_office

Doc = dict[str, Any]
SENDER = "Coast Wire <wire@coast.example>"


@pytest.fixture(scope="module")
def office(deployment: Deployment) -> Iterator[PostOffice]:
    certificate = Path(deployment.environment["COPYDESK_SOURCE_CA_FILE"])
    with post_office(certificate, certificate.with_suffix(".key")) as found:
        yield found


def text(title: str) -> str:
    return f"{title} was what the lighthouse keepers talked about on Friday, said the coast office of Fyrholm.\n"


def message(title: str, sender: str = SENDER, **more: Any) -> bytes:
    return mail(sender, title, text(title), **more)


def boxed(deployment: Deployment, office: PostOffice, collection: str, **plan: Any) -> Doc:
    """Return a source for a mailbox of this test, named after the collection."""
    given = {"kind": "mailbox", "address": f"{office.url}/{collection}", "user": USER, "password": PASSWORD}
    return make(deployment, collection=collection, **{**given, **plan})


def test_messages_that_fit_come_once_with_their_attachments(
    deployment: Deployment, office: PostOffice, collection: str
) -> None:
    office.create(collection)
    attached = {"tides.txt": b"Tide tables\n\nHigh water at Fyrholm is at nine on Friday morning.\n"}
    office.put(
        collection,
        message("Lamps relit at Fyrholm", attached=attached),
        message("Buoys repainted", sender="Somebody <else@other.example>"),
        message("Advert: lamps for sale"),
        message("Lamps serviced at Skagnes"),
    )
    source = boxed(
        deployment,
        office,
        collection,
        senders=["*@coast.example"],
        subjects=["lamps*", "*fog*"],
        limit=1,
        tags=["coast"],
    )
    ran(deployment, source, 2)
    assert titles(deployment, collection, 2) == ["Lamps serviced at Skagnes", "Tide tables"], "what is attached, too"
    whole = deployment.db.documents.find_one({"source.collection": collection, "title": "Lamps relit at Fyrholm"})
    assert whole is not None and (len(whole["members"]), whole["source"]["tags"]) == (1, ["coast"])
    assert whole["source"]["external_id"].endswith("@agency.example>"), "its Message-ID"
    office.put(collection, message("Fog on the coast"), message("Nothing of note"))
    last = again(deployment, source)["last_run"]
    assert (last["documents"], last["duplicates"], last["error"]) == (1, 0, None)
    assert again(deployment, source)["last_run"]["documents"] == 0
    assert office.flags(collection) == [""] * 6, "nothing is marked or deleted"


def test_a_mailbox_that_was_built_again_brings_nothing_twice(
    deployment: Deployment, office: PostOffice, collection: str
) -> None:
    office.create(collection)
    office.put(collection, message("Ferry timetable"))
    source = boxed(deployment, office, collection, address=f"{office.plain_url}/{collection}")
    ran(deployment, source, 1)
    with office.opened() as imap:
        imap.delete(collection)
    office.create(collection)  # with another UIDVALIDITY, and UIDs that begin with 1
    office.put(collection, message("Ferry timetable"), message("Ferry cancelled"))
    last = again(deployment, source)["last_run"]
    assert (last["documents"], last["duplicates"]) == (1, 1)
    assert titles(deployment, collection, 2) == ["Ferry cancelled", "Ferry timetable"]


def test_what_is_stored_is_marked_moved_or_deleted_as_the_source_says(
    deployment: Deployment, office: PostOffice, collection: str
) -> None:
    office.create(collection)
    office.create(f"{collection}.Read &- stored")
    office.put(collection, message("Pilots wanted"), message("Advert for oars"))
    source = boxed(deployment, office, collection, subjects=["pilots*"], then="mark")
    ran(deployment, source, 1)
    assert office.flags(collection) == ["\\Seen", ""]

    def change(**given: Any) -> Any:
        return deployment.http.patch(f"/v1/sources/{source['id']}", json=given)

    assert change(then="move").status_code == 422, "it does not say where to"
    assert change(then="move", move_to=f"{collection}.Read & stored").status_code == 200
    office.put(collection, message("Pilots found"))
    assert again(deployment, source)["error"] is None
    assert office.flags(collection) == ["\\Seen", ""]
    assert office.flags(f"{collection}.Read &- stored") == [""]
    large = mail(SENDER, "Pilots in numbers", "0123456789\n" * 300_000)
    office.put(collection, large, message("Pilots on strike"))
    assert change(then="delete", move_to=None).status_code == 200
    found = again(deployment, source)
    assert "COPYDESK_MAX_BODY_BYTES" in found["last_run"]["problems"][0]
    assert office.flags(collection) == ["\\Seen", "", ""], "what is too large to be stored is left"
    assert titles(deployment, collection, 3) == ["Pilots found", "Pilots on strike", "Pilots wanted"]


def test_a_fetcher_that_is_killed_before_it_remembers_stores_once_and_moves_after_all(
    deployment: Deployment, office: PostOffice, collection: str
) -> None:
    office.create(collection)
    office.create(f"{collection}-read")
    office.put(collection, message("Dunes planted"), message("Dunes fenced"))
    moved = {"then": "move", "move_to": f"{collection}-read"}
    source = boxed(deployment, office, collection, paused=True, **moved)
    fetch_and_die_before_it_is_remembered(deployment, source)
    assert office.flags(collection) == ["", ""], "nothing is moved before it is remembered"
    found = ran(deployment, source, 2)
    assert (found["counts"]["documents"], found["counts"]["duplicates"], found["error"]) == (0, 2, None)
    assert (office.flags(collection), office.flags(f"{collection}-read")) == ([], ["", ""])
    assert titles(deployment, collection, 2) == ["Dunes fenced", "Dunes planted"]


def test_the_password_is_never_shown_and_stays_with_its_server(
    deployment: Deployment, office: PostOffice, collection: str
) -> None:
    source = boxed(deployment, office, collection, password="wr0ng-secret", every_seconds=3600)
    found = ran(deployment, source, 1)
    assert "Authentication failed" in found["error"]["message"]
    seen = [
        *(deployment.http.get(path).text for path in ("/v1/sources", f"/v1/sources/{source['id']}", "/sources")),
        str(deployment.http.post(f"/v1/sources/{source['id']}/test").json()),
        str(list(deployment.db.sources.find())),
        str(list(deployment.db.audit.find({"target": source["id"]}))),
        *(file.read_text(errors="replace") for file in deployment.logs.iterdir() if file.is_file()),
    ]
    assert not [one for one in seen if "wr0ng-secret" in one]
    assert state(deployment, source)["has_password"]

    def change(**given: Any) -> int:
        return deployment.http.patch(f"/v1/sources/{source['id']}", json=given).status_code

    assert change(address="imaps://localhost:1/INBOX") == 422, "the password would be sent to another server"
    assert change(address="imaps://localhost:1/INBOX", password="other") == 200
    assert change(password=None) == 200 and not state(deployment, source)["has_password"]
    secrets = deployment.db.client[f"{deployment.db.name}_secrets"].sources
    assert secrets.count_documents({}) >= 0 and secrets.find_one({"_id": source["id"]}) is None
    inside = {"name": "x", "kind": "mailbox", "address": f"imaps://{USER}:wr0ng-secret@localhost/INBOX"}
    refused = deployment.http.post("/v1/sources", json=inside)
    assert refused.status_code == 422 and "wr0ng-secret" not in refused.text


def test_the_commands_of_the_page_work(deployment: Deployment, office: PostOffice) -> None:
    office.put("INBOX", message("New lamps for the mole"), message("Mole closed"))
    [said] = run_page(deployment, ("imaps://mail.example/",), f"{office.url}/", MAIL_PASSWORD=PASSWORD)
    assert "New lamps for the mole" in said and "1 documents would come" in said and "Mole closed" not in said
    assert "Wire mail: " in said and "Wire mail is removed" in said and PASSWORD not in said


def test_a_mailbox_is_fetched_only_where_the_settings_say_so(deployment: Deployment) -> None:
    closed = make_settings({k: v for k, v in deployment.environment.items() if "SOURCE" not in k})
    for address, why in (
        ("imaps://127.0.0.1/INBOX", "COPYDESK_SOURCE_PRIVATE=true allows that"),
        ("imaps://localhost/INBOX", "COPYDESK_SOURCE_PRIVATE=true allows that"),
        ("imaps://mail.example:22/INBOX", "port 22 is not in COPYDESK_SOURCE_PORTS"),
        ("https://mail.example/INBOX", "such as imaps://"),
    ):
        with pytest.raises(Wrong, match=why):
            runs.check({"kind": "mailbox", "address": address}, closed)
