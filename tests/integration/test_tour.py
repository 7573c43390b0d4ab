"""docs/tour.md, followed literally."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.embedded import free_port
from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, eventually

BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/tour.md").read_text(), re.M | re.S)


@dataclass
class Tour:
    place: Path
    port: int
    demo: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Yield a folder to type commands in, where the demo runs."""
    place, port = tmp_path_factory.mktemp("tour"), free_port()
    (place / ".venv").symlink_to(Path(COPYDESK).parents[1])
    shutil.copytree(ROOT / "seeds", place / "seeds")
    assert BLOCKS[0] == "make demo\n"
    with (place / "demo.log").open("w") as out:
        demo = subprocess.Popen([COPYDESK, "demo", "seeds", "--port", str(port)], cwd=place, stdout=out, stderr=out)
    try:
        eventually(lambda: "Running until" in (place / "demo.log").read_text(), "the demo runs", seconds=240)
        yield Tour(place, port, demo)
    finally:
        demo.terminate()
        demo.wait(timeout=60)


def test_the_tour_works(folder: Tour) -> None:
    place, port = folder.place, folder.port
    environment = {**os.environ, "COPYDESK_API_URL": f"http://127.0.0.1:{port}"}
    said = [
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace("127.0.0.1:8000", f"127.0.0.1:{port}")],
            cwd=place, env=environment, capture_output=True, text=True, timeout=240, check=True,
        ).stdout
        for block in BLOCKS[1:]
    ]  # fmt: skip
    assert "Anna Ozola" in said[0]
    assert "Ingrid Solheim - will not move a single krone" in said[2]
    assert '"by_status"' in said[3]
    page = httpx.get(f"http://127.0.0.1:{port}/").text
    assert "Norway Says Korean Ferries" in page
    found = httpx.get(f"http://127.0.0.1:{port}/v1/documents", params={"q": "bridge", "fields": "quotes,money,places"})
    bridge = json.loads(found.text)["documents"][0]
    assert [(quote["text"], quote["speaker"]) for quote in bridge["quotes"]] == [("Nobody was hurt,", "Anna Ozola")]
    assert [(sum_["amount"], sum_["currency"]) for sum_ in bridge["money"]] == [("2000000", "EUR")]
    assert ("Riga", "LV") in [(one["name"], one["country"]) for one in bridge["places"]]


def test_the_demo_tells_what_it_does_ends_soon_and_keeps_its_data(folder: Tour) -> None:
    folder.demo.terminate()
    folder.demo.wait(timeout=28)  # a client that looked for the stopped MongoDB took half a minute
    said = (folder.place / "demo.log").read_text()
    assert "Ingrid Solheim" in said
    told = [
        "Starting Copydesk",
        "Valkey",
        "collections and indexes",
        "API, worker and scheduler",
        "language models",
        "accepted",
    ]
    places = [said.index(words) for words in told]
    assert places == sorted(places)
    command = [COPYDESK, "demo", "seeds", "--once", "--sources", "--port", "0"]
    again = subprocess.run(command, cwd=folder.place, capture_output=True, text=True, timeout=240, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "already there" in again.stdout
    arrived = again.stdout.partition("has arrived")[2]
    assert "Kadri Tamm" in arrived, again.stdout
    assert "“Lighthouses” reported: Lighthouse Keeper Retires" in arrived, again.stdout
