"""The network of one person: who said something of whom, acts on whom, is named with whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.search.network import network

DAY = datetime(2031, 4, 5, tzinfo=UTC)
KAJA, ODD, BANK = "a" * 16, "b" * 16, "c" * 16


def _document(id: int, **more: Any) -> dict[str, Any]:
    def entity(name: str, type: str, id: str, start: int) -> dict[str, Any]:
        spans = [{"text": name, "start": start, "end": start + len(name)}]
        return {"id": id, "name": name, "type": type, "mentions": spans}

    entities = [entity("Kaja Rud", "PERSON", KAJA, 0), entity("Odd Fosse", "PERSON", ODD, 20),
                entity("Fjord Bank", "ORG", BANK, 40)]  # fmt: skip
    return {"_id": id, "title": "T", "published_at": DAY, "source": {"collection": "c", "received_at": DAY},
            "entities": entities, **more}  # fmt: skip


def _edges(documents: list[dict[str, Any]], id: str, **more: Any) -> list[tuple[Any, ...]]:
    found = network(documents, id, lambda one: one["id"] == id, **more)
    return [(one["relation"], one["source"], one["target"], one["count"]) for one in found.edges]


def test_a_quote_is_of_those_whom_it_names() -> None:
    quote = {"text": "…", "start": 15, "end": 35, "speaker": "Kaja Rud"}
    of_odd = ("said_of", KAJA, ODD, 1)
    document = _document(1, quotes=[quote])
    assert of_odd in _edges([document], KAJA)
    assert of_odd in _edges([document], ODD)
    assert of_odd not in _edges([document], BANK)
    assert of_odd not in _edges([_document(1, quotes=[{**quote, "kind": "scare"}])], KAJA)


def test_an_event_that_did_not_happen_connects_nobody() -> None:
    event = {"text": "…", "start": 0, "end": 50, "actor": "Fjord Bank", "target": "Odd Fosse", "action": "COERCE"}
    acts = ("acts_on", BANK, ODD, 1)
    assert acts in _edges([_document(1, events=[event])], ODD)
    assert acts not in _edges([_document(1, events=[{**event, "status": "denied"}])], ODD)
    assert acts not in _edges([_document(1, events=[{**event, "confidence": 0.2}])], ODD, confidence=0.5)
    assert acts not in _edges([_document(1, events=[event])], ODD, relations=["said_of"])


def test_versions_of_a_story_count_once() -> None:
    documents = [_document(1, story={"id": "9"}), _document(2, story={"id": "9"}), _document(3)]
    [one, _] = network(documents, KAJA, lambda one: one["id"] == KAJA).edges
    assert (one["relation"], one["count"], one["documents"], len(one["examples"])) == ("in_story", 2, 3, 3)
    assert one["examples"][0] | {"title": "T"} == one["examples"][0]
    assert len(network(documents, KAJA, lambda one: one["id"] == KAJA, limit=1).edges) == 1
