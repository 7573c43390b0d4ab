"""If many documents wait, a worker takes several together; nothing else changes."""

from __future__ import annotations

import json
import uuid

from tests.integration.conftest import Deployment

TEXT = """Ferry {n} is late

STAVANGER, Norway, May 3 (Fjord Wire) - The ferry number {n} of line {line} came in {n} hours late on Tuesday.

“Crew {n} did what it could,” said Ingrid Solheim, the harbour master, who had {n} calls from {line} that morning.
"""
ADDED = "\nPassengers of {line} were given {n} buns and a blanket while they waited on the quay for word.\n"


def _cargo(n: int) -> str:
    """Return a paragraph that shares no phrase with that of another number."""
    return f"\nOn board were {', '.join(f'{crates} crates of berth {n}{crates}' for crates in range(20, 60))}.\n"


def together(deployment: Deployment, ids: list[str]) -> dict[str, int]:
    """Return how many documents were written together with each, according to the worker's log."""
    lines = [json.loads(line) for line in (deployment.logs / "own.log").read_text().splitlines() if line[:1] == "{"]
    return {line["document"]: line["together"] for line in lines if line.get("document") in ids and "together" in line}


def test_many_are_read_together_as_each_would_be(idle: Deployment) -> None:
    line = uuid.uuid4().hex
    texts = [TEXT.format(n=n, line=line) + _cargo(n) for n in range(2, 14)]
    texts += [text + ADDED.format(n=n, line=line) for n, text in enumerate(texts[:4], 2)]
    ids = [idle.post(text)["id"] for text in texts]
    idle.start_worker("own", concurrency=1)
    records = [idle.final(id) for id in ids]
    found = together(idle, ids)
    assert max(found.values()) > 4, "some were taken together"
    for record in records:
        assert (record["status"], record["processing"]["attempts"]) == ("done", 1), record["error"]
        assert {"Ingrid Solheim"} <= {entity["name"] for entity in record["entities"]}
        assert [quote["speaker"] for quote in record["quotes"]] == ["Ingrid Solheim"]
    for first, version in zip(records[:4], records[12:], strict=True):
        assert version["story"]["id"] == first["story"]["id"] == first["id"]
        assert (first["story"]["nearest"], version["story"]["nearest"]) == (None, first["id"])
        [new] = version["story"]["new_paragraphs"]
        assert version["text"][new["start"] : new["end"]].startswith("Passengers")
    again = idle.post(texts[0] + "\nAlone.")["id"]
    alone = idle.final(again)
    assert together(idle, [again]) == {again: 1}
    assert alone["entities"] == records[0]["entities"]


def test_what_is_large_or_watched_or_unreadable_goes_its_own_way(idle: Deployment) -> None:
    line = uuid.uuid4().hex
    ids = [idle.post(TEXT.format(n=n, line=f"{n}{line}"))["id"] for n in range(20, 32)]
    large = idle.post(TEXT.format(n=32, line=line) + "The quay was full. " * 3000)["id"]
    watched = idle.post(TEXT.format(n=33, line=line), watch="true")["id"]
    broken = idle.http.post("/v1/documents", content=b"%PDF-1.4 " + line.encode()).json()["id"]
    ids += [idle.post(TEXT.format(n=n, line=f"{n}{line}"))["id"] for n in range(40, 44)]
    idle.start_worker("own", concurrency=1)
    for id in (*ids, large, watched):
        record = idle.final(id)
        assert (record["status"], record["processing"]["attempts"]) == ("done", 1), record["error"]
    assert idle.final(broken)["status"] == "failed"
    found = together(idle, [*ids, large, watched])
    assert (found[large], found[watched]) == (1, 1)
    assert max(found.values()) > 4
