"""Saved searches on the command line, in the client and in the console."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from html import unescape

from copydesk_client import AsyncCopydesk, Copydesk
from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, Deployment
from tests.integration.test_alerts import collection, send, told

__all__ = ["collection"]
COMMANDS = re.findall(r"^copydesk searches .*$", (ROOT / "docs/alerts.md").read_text(), re.M)


def test_the_commands_of_the_page(deployment: Deployment, collection: str) -> None:
    environment = {
        **os.environ,
        "COPYDESK_API_URL": str(deployment.http.base_url),
        "COPYDESK_API_KEY": deployment.key,
        "COLUMNS": "300",
    }

    def run(command: str) -> str:
        line = command.replace("copydesk ", f"{COPYDESK} ", 1).replace("collection=wires", f"collection={collection}")
        done = subprocess.run(
            ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    assert [command.split()[2] for command in COMMANDS] == [
        "add",
        "list",
        "test",
        "matches",
        "mute",
        "unmute",
        "remove",
    ]
    before = send(deployment, collection, "Quay Works\n\nThe harbour of Oslo was dredged on Monday.")
    search = {"id": run(COMMANDS[0]).strip()}
    id = send(deployment, collection, "Harbour Opens\n\nThe harbour of Oslo was opened on Monday.")
    told(deployment, search, id)
    assert "Harbour news" in (listed := run(COMMANDS[1])) and "news@desk.example (daily)" in listed
    assert before in (tried := run(COMMANDS[2])) and id in tried and "2 documents." in tried
    assert id in (matches := run(COMMANDS[3])) and before not in matches
    assert "is muted" in run(COMMANDS[4]) and "muted" in run(COMMANDS[1])
    assert "is on" in run(COMMANDS[5])
    assert "is removed" in run(COMMANDS[6])
    assert deployment.http.get(f"/v1/searches/{search['id']}").status_code == 404


def test_the_client(deployment: Deployment, collection: str) -> None:
    url = str(deployment.http.base_url)
    with Copydesk(url, deployment.key) as desk:
        search = desk.save_search({"name": "Quays", "query": {"collection": [collection]}})
        assert desk.saved_search(search["id"]) == search and search in desk.saved_searches()
        assert desk.change_saved_search(search["id"], {"name": "Piers"})["name"] == "Piers"
        id = send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
        told(deployment, search, id)
        assert [one["document"] for one in desk.test_saved_search(search["id"])["matches"]] == [id]

        async def same() -> list[str]:
            async with AsyncCopydesk(url, deployment.key) as other:
                return [one["document"] for one in (await other.matches(search["id"], limit=1))["matches"]]

        assert asyncio.run(same()) == [id] == [one["document"] for one in desk.matches(search["id"])["matches"]]
        desk.delete_saved_search(search["id"])
        assert search["id"] not in [one["id"] for one in desk.saved_searches()]


def test_the_console_saves_the_search_that_it_shows(deployment: Deployment, collection: str) -> None:
    http, own = deployment.http, {"Origin": str(deployment.http.base_url).rstrip("/")}
    send(deployment, collection, "Quay Works\n\nThe harbour was dredged.")
    shown = http.get("/search", params={"collection": collection, "sort": "received", "published_from": ""}).text
    query = unescape(re.findall(r'name="query" value="([^"]*)"', shown)[0])
    assert query == f"collection={collection}"
    form = {
        "name": "Quays <& piers>",
        "query": query,
        "mail": "news@desk.example, night@desk.example",
        "every": "hourly",
    }
    assert http.post("/searches", data=form).status_code == 403, "not from a page of this site"
    assert http.post("/searches", data=form, headers=own).status_code == 303
    [search] = [one for one in http.get("/v1/searches").json()["searches"] if one["name"] == form["name"]]
    assert search["query"] == {"collection": [collection]}
    assert search["mail"] == {"to": ["news@desk.example", "night@desk.example"], "every": "hourly", "hour": 6}
    assert http.post("/searches", data={**form, "mail": "news@elsewhere.example"}, headers=own).status_code == 422
    id = send(deployment, collection, "Harbour Opens\n\nThe harbour was opened.")
    told(deployment, search, id)
    page = http.get("/searches").text
    assert "Quays &lt;&amp; piers&gt;" in page and "1 document reported" in page
    assert "Harbour Opens" in http.get(f"/searches/{search['id']}").text
    address = f"/searches/{search['id']}"
    for what, muted in (("mute", True), ("unmute", False)):
        assert http.post(address, data={"what": what}, headers=own).status_code == 303
        assert http.get(f"/v1{address}").json()["muted"] is muted
    assert http.post(address, data={"what": "remove"}, headers=own).status_code == 303
    assert http.get(address).status_code == 404
