"""Count who said something about whom, who acts on whom, and who is in one story with whom, over the documents of one
person or organization."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Doc = dict[str, Any]
Relation = Literal["said_of", "acts_on", "in_story"]
RELATIONS: tuple[Relation, ...] = ("said_of", "acts_on", "in_story")

MOST_READ = 2_000
"""How many documents are read, newest first; on a server that reads every document that it counts, `find.FEW`."""
FIELDS = dict.fromkeys(
    ("title", "published_at", "source.collection", "source.received_at", "entities.id", "entities.name",
     "entities.type", "entities.mentions", "quotes", "statements", "events", "story.id"), 1
)  # fmt: skip
"""The projection of the documents to read."""


@dataclass(slots=True)
class _Edge:
    count: int = 0
    documents: set[Any] = field(default_factory=set)
    stories: set[str] = field(default_factory=set)
    actions: Counter[str] = field(default_factory=Counter)
    dates: list[datetime] = field(default_factory=list)
    examples: list[Doc] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Network:
    """The people and organizations (``nodes``), and the ``edges`` between them, of which ``id`` is always one end."""

    nodes: list[Doc]
    edges: list[Doc]


def network(
    documents: Sequence[Doc],
    id: str,
    own: Callable[[Doc], bool],
    *,
    relations: Iterable[Relation] = RELATIONS,
    limit: int = 20,
    examples: int = 3,
    confidence: float = 0.0,
) -> Network:
    """Return the network of ``id`` in documents, newest first. ``own`` says whether an entity of a record is the one
    asked for; the ids of all others are taken from the records. At most ``limit`` edges of each relation are returned,
    those with the highest count first, each with its newest ``examples``. ``confidence`` is the minimum for an event.
    """
    found: dict[tuple[Relation, str, str], _Edge] = {}
    names: dict[str, Counter[tuple[str, str]]] = {}
    for document in documents:
        who: dict[str, str | None] = {}
        for one in document.get("entities") or []:
            if its := id if own(one) else one.get("id"):
                who[one["name"]] = its
                names.setdefault(its, Counter())[one["name"], one["type"]] += 1
        for relation, source, target, span, action in _relations(document, who, id, confidence):
            if relation in relations:
                _add(found.setdefault((relation, source, target), _Edge()), document, span, action, examples)
    edges = []
    for relation in RELATIONS:
        of = [((source, target), edge) for (kind, source, target), edge in found.items() if kind == relation]
        of.sort(key=lambda one: (-_count(relation, one[1]), -len(one[1].documents), one[0]))
        edges += [_shown(relation, *ends, edge) for ends, edge in of[:limit]]
    ids = dict.fromkeys([id, *(one[end] for one in edges for end in ("source", "target"))])
    nodes = []
    for one in ids:
        (name, type_), _ = min(names[one].items(), key=lambda item: (-item[1], item[0]))
        nodes.append({"id": one, "name": name, "type": type_})
    return Network(nodes, edges)


def _relations(
    document: Doc, who: dict[str, str | None], id: str, confidence: float
) -> Iterator[tuple[Relation, str, str, Doc, str | None]]:
    """Yield what a document says about ``id``: the relation, its two ends, the span that shows it, and an event's
    action. ``who`` is the id of each name in the document."""
    entities = document.get("entities") or []
    said = [(one.get("speaker"), one) for one in document.get("quotes") or [] if one.get("kind", "speech") == "speech"]
    said += [(one.get("source"), one) for one in document.get("statements") or []]
    for speaker, quote in said:
        if not (source := who.get(speaker or "")):
            continue
        named = {who.get(one["name"]) for one in entities if _within(one, quote)} - {None, source}
        yield from (("said_of", source, of, quote, None) for of in sorted(filter(None, named)) if id in (source, of))
    for event in document.get("events") or []:
        actor, target = (who.get(event.get(end) or "") for end in ("actor", "target"))
        sure = event.get("confidence", 1.0) >= confidence and event.get("status", "happened") != "denied"
        if sure and actor and target and actor != target and id in (actor, target):
            yield "acts_on", actor, target, event, event["action"]
    first: dict[str, Doc] = {}
    for one in entities:
        other = who.get(one["name"])
        if other and other != id and one.get("mentions"):
            first.setdefault(other, one["mentions"][0])
    yield from (("in_story", id, other, span, None) for other, span in first.items())


def _within(entity: Doc, span: Doc) -> bool:
    return any(span["start"] <= one["start"] and one["end"] <= span["end"] for one in entity.get("mentions") or [])


def _add(edge: _Edge, document: Doc, span: Doc, action: str | None, examples: int) -> None:
    edge.count += 1
    edge.documents.add(document["_id"])
    edge.stories.add((document.get("story") or {}).get("id") or str(document["_id"]))
    if action:
        edge.actions[action] += 1
    edge.dates.append(document.get("published_at") or document["source"]["received_at"])
    if len(edge.examples) < examples:
        place = {name: span[name] for name in ("text", "start", "end")}
        about = {name: document.get(name) for name in ("title", "published_at")}
        edge.examples.append({"document": document["_id"], **about, "collection": document["source"]["collection"],
                              **place, "action": action})  # fmt: skip


def _count(relation: Relation, edge: _Edge) -> int:
    return len(edge.stories) if relation == "in_story" else edge.count


def _shown(relation: Relation, source: str, target: str, edge: _Edge) -> Doc:
    actions = sorted(edge.actions.items(), key=lambda item: (-item[1], item[0]))
    return {
        "relation": relation,
        "source": source,
        "target": target,
        "count": _count(relation, edge),
        "documents": len(edge.documents),
        "actions": [{"value": value, "count": count} for value, count in actions],
        "first": min(edge.dates),
        "last": max(edge.dates),
        "examples": edge.examples,
    }
