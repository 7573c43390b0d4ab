"""Watch lists on the command line, in the client and in the console, and questions about names."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

from copydesk_client import AsyncCopydesk, Copydesk
from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, Deployment
from tests.integration.test_watchlists import CSV, TEXT, collection, load, send, settled

__all__ = ["collection"]
COMMANDS = re.findall(r"^copydesk lists .*$", (ROOT / "docs/lists.md").read_text(), re.M)


def test_the_commands_of_the_page(deployment: Deployment, collection: str, tmp_path: Path) -> None:
    url = str(deployment.http.base_url)
    environment = {**os.environ, "COPYDESK_API_URL": url, "COPYDESK_API_KEY": deployment.key, "COLUMNS": "300"}
    (tmp_path / "people.csv").write_text(CSV)
    (tmp_path / "names.txt").write_text("Grindheim, Torvald\nХворостин Никита\nNobody Whatsoever\n")

    def run(command: str) -> str:
        line = command.replace("copydesk ", f"{COPYDESK} ", 1).replace(" wires", f" {collection}")
        done = subprocess.run(
            ["bash", "-c", line], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    assert [command.split()[2] for command in COMMANDS] == ["load", "list", "matches", "ask", "delete"]
    made = run(COMMANDS[0]).strip()
    id = send(deployment, collection, TEXT)
    settled(deployment, id, ["Q1", "Q2"])
    assert "People" in (listed := run(COMMANDS[1])) and made in listed and collection in listed
    assert "Torvald Grindheim = Torvald Grindheim (Q1): the same name" in run(COMMANDS[2])
    rows = [line.split("│") for line in run(COMMANDS[3]).splitlines() if "│" in line]
    documents = {row[1].strip(): int(row[2]) for row in rows}
    assert documents["Хворостин Никита"] >= 1 and documents["Nobody Whatsoever"] == 0
    assert "is deleted" in run(COMMANDS[4])
    assert deployment.http.get(f"/v1/lists/{made}").status_code == 404


def test_the_client(deployment: Deployment, collection: str) -> None:
    url = str(deployment.http.base_url)
    id = send(deployment, collection, TEXT)
    with Copydesk(url, deployment.key) as desk:
        made = desk.load_list("Client", CSV.encode(), collections=[collection])
        settled(deployment, id, ["Q1", "Q2"])
        assert made["id"] in [one["id"] for one in desk.lists()]
        row = desk.ask_names(["Torvald Grindheim"])["rows"][0]
        assert id in [one["document"] for one in row["latest"]] and row["latest"][0]["reason"] == "the same name"

        async def same() -> list[str]:
            async with AsyncCopydesk(url, deployment.key) as other:
                return [one["document"] for one in (await other.list_matches(made["id"]))["matches"]]

        assert asyncio.run(same()) == [id] == [one["document"] for one in desk.list_matches(made["id"])["matches"]]
        desk.delete_list(made["id"])
        assert made["id"] not in [one["id"] for one in desk.lists()]


def test_the_console_shows_lists_and_asks_for_names(deployment: Deployment, collection: str) -> None:
    http, own = deployment.http, {"Origin": str(deployment.http.base_url).rstrip("/")}
    made = load(deployment, collection, name="Desk <&>")
    id = send(deployment, collection, TEXT)
    settled(deployment, id, ["Q1", "Q2"])
    page = http.get("/lists").text
    assert "Desk &lt;&amp;&gt;" in page and "4 entries, 5 names · 1 document" in page
    told = http.get(f"/lists/{made['id']}").text
    assert "Quay Deal" in told and "Никита Хворостин" in told
    assert http.post("/lists/ask", data={"names": "Torvald Grindheim"}).status_code == 403, (
        "not from a page of this site"
    )
    asked = http.post("/lists/ask", data={"names": "Torvald Grindheim\nNobody Whatsoever"}, headers=own).text
    assert "Quay Deal" in asked and "Nobody Whatsoever" in asked
    assert http.post(f"/lists/{made['id']}", headers=own).status_code == 303
    assert http.get(f"/v1/lists/{made['id']}").status_code == 404
