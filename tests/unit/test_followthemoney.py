"""Records as FollowTheMoney entities."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.followthemoney import Writer
from tests.conftest import ROOT

UV = Path(sys.prefix).parent / ".tools/bin/uv"
CHECK = ROOT / "tests/fixtures/followthemoney_check.py"


def _entity(name: str, id: str, start: int, type: str = "PERSON", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "type": type, "aliases": [], "role": None, **more,
            "mentions": [{"text": name, "start": start, "end": start + len(name)}]}  # fmt: skip


RECORD: dict[str, Any] = {
    "id": "0" * 23 + "1",
    "title": "The quay is sold",
    "published_at": "2031-04-05T10:00:00Z",
    "publisher": "North Wire",
    "url": "https://wire.example/quay",
    "language": "en-GB",
    "entities": [
        _entity("Kaja Rud", "a" * 16, 0, role="mayor", aliases=["Rud", "Kaja Marie Rud", "the mayor"]),
        _entity("Odd Fosse", f"{'b' * 16}.12345678", 20),
        _entity("Fjord Bank Ltd.", "c" * 16, 40, type="ORG"),
        _entity("Unsure Person", f"{'d' * 16}.00000000", 60),
        _entity("Oslo", None, 80, type="GPE"),  # type: ignore[arg-type]
    ],
    "quotes": [{"text": "Odd Fosse is a crook", "start": 15, "end": 35, "speaker": "Kaja Rud", "kind": "speech"}],
    "statements": [],
    "events": [
        {"text": "Fjord Bank sues Odd Fosse.", "start": 15, "end": 60, "actor": "Fjord Bank Ltd.", "action": "ACCUSE",
         "target": "Odd Fosse", "date": "2031-W14", "status": "happened"},
        {"text": "It did not.", "start": 60, "end": 70, "actor": "Fjord Bank Ltd.", "action": "ACCUSE",
         "target": "Kaja Rud", "date": None, "status": "denied"},
    ],
}  # fmt: skip


def test_a_record_is_its_people_what_they_said_and_did() -> None:
    found = list(Writer().of_record(RECORD))
    by_schema: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        by_schema.setdefault(one["schema"], []).append(one["properties"])
    assert {name: len(of) for name, of in by_schema.items()} == {
        "Article": 1, "Person": 2, "Company": 1, "Documentation": 3, "UnknownLink": 2,
    }  # fmt: skip
    assert by_schema["Person"][0] == {"name": ["Kaja Rud"], "alias": ["Kaja Marie Rud"], "position": ["mayor"]}
    said, accused = by_schema["UnknownLink"]
    assert (said["subject"], said["object"], said["role"]) == (["a" * 16], [f"{'b' * 16}.12345678"], ["said of"])
    assert (accused["role"], accused["date"]) == (["acts on (accuse)"], ["2031-04-05"])
    assert accused["proof"] == [f"article-{RECORD['id']}"]


def test_a_value_is_written_once() -> None:
    writer = Writer()
    first = list(writer.of_record(RECORD))
    again = {**RECORD, "id": "0" * 23 + "2", "entities": [_entity("KAJA RUD", "a" * 16, 0, role="mayor")]}
    assert [one["properties"] for one in writer.of_record(again) if one["schema"] == "Person"] == [
        {"name": ["KAJA RUD"]}
    ]
    assert len({one["id"] for one in first}) == len(first)


def test_the_library_takes_every_entity() -> None:
    if not UV.exists():
        pytest.skip("uv is not in .tools; `make install` puts it there")
    lines = "".join(json.dumps(one) + "\n" for one in Writer().of_record(RECORD))
    assert checked(lines)["UnknownLink"] == 2


def checked(lines: str) -> dict[str, int]:
    """Return the number of entities of each schema that the library finds. Skips the test if it cannot be installed."""
    command = [str(UV), "run", "--quiet", "--no-project", "--python", sys.executable, "--script", str(CHECK)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=300)
    if "Failed to fetch" in done.stderr or "error sending request" in done.stderr:
        pytest.skip("followthemoney cannot be fetched")
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found
