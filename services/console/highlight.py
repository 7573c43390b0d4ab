"""Cut the reading text where annotations begin and end, so that annotations may overlap. This is done here because
offsets are Unicode code points, which Python counts and JavaScript does not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from services.text.terms import spans

Doc = dict[str, Any]

MOST_SHOWN = 400_000  # characters; the model reads as many

# The marked annotations, in the order of the buttons, and their labels.
KINDS = {
    "person": "People",
    "org": "Organisations",
    "place": "Places",
    "name": "Other names",
    "quote": "Quotes",
    "statement": "Statements",
    "money": "Sums",
    "quantity": "Quantities",
    "date": "Dates",
    "event": "Events",
    "cite": "Credits",
    "summary": "Summary",
    "gap": "Gaps",
    "hit": "Found words",
}
_OF_ENTITIES = {"PERSON": "person", "ORG": "org", "GPE": "place", "LOC": "place", "FAC": "place"}
_OF_SPANS = {
    "quotes": "quote",
    "statements": "statement",
    "money": "money",
    "quantities": "quantity",
    "dates": "date",
    "events": "event",
    "cites": "cite",
    "summary": "summary",
    "gaps": "gap",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of text with an annotation; ``id`` is the id of its row among the details."""

    id: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that has the same marks throughout, shortest mark first."""

    text: str
    start: int
    marks: tuple[Mark, ...]

    @property
    def kinds(self) -> list[str]:
        return list(dict.fromkeys(mark.kind for mark in self.marks))

    @property
    def ids(self) -> list[str]:
        return list(dict.fromkeys(mark.id for mark in self.marks))


def kind_of(entity: Doc) -> str:
    return _OF_ENTITIES.get(entity["type"], "name")


def marks(record: Doc) -> list[Mark]:
    """Return every annotation of a record that has a position in its text."""
    found: list[Mark] = []
    for number, entity in enumerate(record.get("entities") or []):
        found += [Mark(f"entity-{number}", kind_of(entity), m["start"], m["end"]) for m in entity["mentions"]]
    for number, place in enumerate(record.get("places") or []):
        found += [Mark(f"place-{number}", "place", m["start"], m["end"]) for m in place["mentions"]]
    for field, kind in _OF_SPANS.items():
        found += [Mark(f"{kind}-{n}", kind, s["start"], s["end"]) for n, s in enumerate(record.get(field) or [])]
    return found


def pieces(text: str, start: int, end: int, marks: Iterable[Mark]) -> Iterator[Piece]:
    """Yield ``text[start:end]`` in pieces; joined together, they are always that text."""
    inside = [mark for mark in marks if mark.start < end and mark.end > start and mark.start < mark.end]
    coming = sorted(inside, key=lambda mark: mark.start, reverse=True)
    cuts = {start, end, *(max(mark.start, start) for mark in inside), *(min(mark.end, end) for mark in inside)}
    over: list[Mark] = []
    for left, right in pairwise(sorted(cuts)):
        over = [mark for mark in over if mark.end > left]
        while coming and coming[-1].start <= left:
            over.append(coming.pop())
        over.sort(key=lambda mark: (mark.end - mark.start, mark.start, mark.id))
        yield Piece(text[left:right], left, tuple(over))


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table or block quotation, and who speaks in it."""

    kind: str
    pieces: list[Piece]
    speakers: list[Doc]


def hits(text: str, language: str | None, sought: Iterable[str]) -> list[Mark]:
    """Return the words of the text that match a search: a single word in any of its forms, a phrase exactly as it
    is."""
    words = list(spans(text[:MOST_SHOWN], language))
    plain = [text[start:end].casefold() for start, end, _ in words]
    found: set[tuple[int, int]] = set()
    for one in sought:
        row = list(spans(one, language))
        if len(row) == 1:
            [(_, _, stems)] = row
            found |= {(start, end) for start, end, there in words if stems and stems <= there}
        elif row:
            said = [one[start:end].casefold() for start, end, _ in row]
            starts = [at for at, word in enumerate(plain) if word == said[0] and plain[at : at + len(said)] == said]
            found |= {(words[at][0], words[at + len(said) - 1][1]) for at in starts}
    return [Mark(f"hit-{number}", "hit", start, end) for number, (start, end) in enumerate(sorted(found))]


def blocks(record: Doc, sought: Sequence[Mark] = ()) -> list[Block]:
    """Return the first ``MOST_SHOWN`` characters of the text block by block, with the ``sought`` marks and those of the
    record. Text between the parser's blocks is a block, too.
    """
    text: str = (record.get("text") or "")[:MOST_SHOWN]
    found = sorted([*marks(record), *sought], key=lambda mark: mark.start)
    starts = [mark.start for mark in found]
    longest = max((mark.end - mark.start for mark in found), default=0)
    spoken = [
        {**quote, "id": f"quote-{number}"}
        for number, quote in enumerate(record.get("quotes") or [])
        if quote.get("kind", "speech") == "speech"
    ]
    made: list[Block] = []

    def add(kind: str, start: int, end: int) -> None:
        near = found[bisect_left(starts, start - longest) : bisect_left(starts, end)]
        speaking = {quote.get("speaker"): quote for quote in reversed(spoken) if start <= quote["start"] < end}
        made.append(Block(kind, list(pieces(text, start, end, near)), list(speaking.values())[::-1]))

    at = 0
    for block in [*(record.get("blocks") or []), {"kind": "paragraph", "start": len(text), "end": len(text)}]:
        start, end = max(at, block["start"]), min(len(text), block["end"])
        if text[at:start].strip():
            add("paragraph", at, min(start, len(text)))
        if start < end:
            add(block["kind"], start, end)
        at = max(at, end)
    return made
