"""Rows of a search: one for each quote, sum, event or passage in the documents that it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import batched, chain
from typing import Any, Literal

from services.search.cursor import Cursor, Order, Sort, WrongCursor
from services.search.find import Finder
from services.search.prepared import Prepared
from services.text.passages import passages

Doc = dict[str, Any]
Listed = Literal["quotes", "sums", "events"]
"""The kinds of rows that lists and feeds can have."""
Kind = Listed | Literal["passages"]

BATCH = 100
FIRST = 25
"""Number of documents in a page's first batch, or the number of its rows if that is larger."""
MOST_READ = 1000
"""How many documents one page reads. If few of them have such a row, the page is short and `next` continues."""
WHOLE_TEXTS = 20
"""Documents that are read at a time for their passages, because their texts may be long."""
PIECE = 500
"""Maximum rows of a piece of an export."""
AROUND = 120
"""How many characters of the text are shown before and after a sum."""

CITED = ("title", "url", "publisher", "published_at", "language")
_FIELDS: dict[Kind, tuple[str, ...]] = {
    "quotes": ("quotes", "entities"),
    "sums": ("money", "text"),
    "events": ("events", "entities"),
    "passages": ("text", "sections", "entities"),
}
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "quotes": ("text", "kind", "speaker", "source_text", "cue", "about", "start", "end"),
    "sums": ("text", "amount", "amount_max", "currency", "per", "context", "start", "end", "count", "mentions"),
    "events": ("actor", "action", "target", "object", "date", "place", "status", "amount", "currency", "confidence",
               "text", "start", "end"),
    "passages": ("text", "start", "end", "entities"),
}  # fmt: skip
"""The fields of a row besides `DOCUMENT`."""
DOCUMENT = ("document", *CITED, "collection", "received_at")
"""The fields of its document that a row has, for citing it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a document to return.

    ``about`` are the entities that a quote must name and ``quote_kind`` is its kind; ``confidence`` is the minimum for
    an event and ``event_status`` its status. Empty values do not limit the rows.
    """

    kind: Kind
    about: frozenset[str] = frozenset()
    quote_kind: str = "speech"
    confidence: float = 0.0
    event_status: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of rows continues: at row ``at`` of the document of ``cursor``, or after that document."""

    cursor: Cursor
    at: int | None = None

    def write(self, search: str) -> str:
        """Return the cursor as opaque text, as `Cursor.write` does."""
        return f"{'' if self.at is None else self.at}.{self.cursor.write(search)}"

    @classmethod
    def read(cls, text: str, search: str, sort: Sort) -> Place:
        """Read a cursor from text. Raises WrongCursor."""
        at, dot, cursor = text.partition(".")
        if not dot or (at and not (at.isascii() and at.isdecimal() and len(at) < 8)):
            raise WrongCursor("give the `next` of an earlier page unchanged")
        return cls(Cursor.read(cursor, search, sort), int(at) if at else None)


async def rows(
    finder: Finder, prepared: Prepared, wanted: Wanted, sort: Sort, order: Order, place: Place | None, limit: int
) -> tuple[list[Doc], Place | None]:
    """Return a page of rows in the order of their documents and then of the text, and where the page ended, None after
    the last page. Each row has the fields of `DOCUMENT` and of `COLUMNS`. A page reads at most `MOST_READ` documents.
    Raises PyMongoError.
    """
    found: list[Doc] = []
    if place and place.at is not None:
        for document in await finder.again(place.cursor.id, prepared, fields(wanted.kind)):
            found += list(of_document(document, wanted, prepared))[place.at :]
        if len(found) > limit:
            return found[:limit], Place(place.cursor, place.at + limit)
    cursor, read = place.cursor if place else None, 0
    while True:
        size = min(max(limit, FIRST), BATCH) if read == 0 else BATCH
        documents, cursor = await finder.page(prepared, sort, order, cursor, size, fields(wanted.kind))
        read += size
        for document in documents:
            its = list(of_document(document, wanted, prepared))
            room = limit - len(found)
            found += its[:room]
            if len(its) > room:
                return found, _here(document, sort, prepared, room)
        if cursor is None:
            return found, None
        if len(found) == limit or read >= MOST_READ:
            return found, Place(cursor)


def _here(document: Doc, sort: Sort, prepared: Prepared, at: int) -> Place:
    key = {"relevance": document.get("score"), "published": document.get("published_at"), "received": None}[sort]
    cursor = Cursor(document["_id"], key, prepared.languages, prepared.idf)
    return Place(cursor, at)


def columns(kind: Kind) -> list[str]:
    """Return the names of the fields of a row."""
    return [*COLUMNS[kind], *DOCUMENT]


def fields(kind: Kind) -> Doc:
    """Return the projection for the documents of rows."""
    return dict.fromkeys((*CITED, "source.collection", "source.received_at", *_FIELDS[kind]), 1)


async def pages(finder: Finder, prepared: Prepared, wanted: Wanted, cursor: Cursor | None) -> AsyncIterator[list[Doc]]:
    """Yield all rows in pieces, oldest received documents first. Raises PyMongoError."""
    size = WHOLE_TEXTS if wanted.kind == "passages" else BATCH
    while True:
        documents, cursor = await finder.page(prepared, "received", "asc", cursor, size, fields(wanted.kind))
        found = chain.from_iterable(of_document(document, wanted, prepared) for document in documents)
        for piece in batched(found, PIECE):
            yield [*piece]
        if cursor is None:
            return


def of_document(document: Doc, wanted: Wanted, prepared: Prepared) -> Iterator[Doc]:
    """Yield the rows of one document that match the search."""
    source = document.get("source") or {}
    cited = {
        "document": document["_id"],
        **{name: document.get(name) for name in CITED},
        "collection": source.get("collection"),
        "received_at": source.get("received_at"),
    }
    make = {"quotes": _quotes, "sums": _sums, "events": _events, "passages": _passages}[wanted.kind]
    for row in make(document, wanted, prepared):
        yield {**cited, **{name: row.get(name) for name in COLUMNS[wanted.kind]}}


def _quotes(document: Doc, wanted: Wanted, prepared: Prepared) -> Iterator[Doc]:
    speakers = prepared.any_name("speaker")
    entities = document.get("entities") or []
    identified = _identified(document, prepared)
    for quote in document.get("quotes") or []:
        if quote.get("kind", "speech") != wanted.quote_kind or (speakers and quote.get("speaker") not in speakers):
            continue
        if identified is not None and quote.get("speaker") not in identified:
            continue
        about = [one["name"] for one in entities if _within(one, quote)]
        if not wanted.about or not wanted.about.isdisjoint(about):
            yield {**quote, "about": about}


def _identified(document: Doc, prepared: Prepared) -> set[str] | None:
    """Return the names that the entities with the searched ids have in a document; None if the search names no id."""
    ids = prepared.any_name("entity_id")
    if not ids:
        return None
    return {one["name"] for one in document.get("entities") or [] if one.get("id") in ids}


def _within(entity: Doc, quote: Doc) -> bool:
    return any(quote["start"] <= one["start"] and one["end"] <= quote["end"] for one in entity.get("mentions") or [])


def _sums(document: Doc, _: Wanted, prepared: Prepared) -> Iterator[Doc]:
    """Yield one row for each sum, at its first mention, with all its ``mentions``."""
    currency, least, most = prepared.search.sums
    text = document.get("text") or ""
    found: dict[tuple[Any, ...], Doc] = {}
    for money in document.get("money") or []:
        low = _decimal(money.get("amount"))
        high = low if money.get("amount_max") is None else _decimal(money["amount_max"])
        if (
            (currency is None or money.get("currency") == currency)
            and (least is None or (high is not None and high >= least))
            and (most is None or (low is not None and low <= most))
        ):
            around = " ".join(text[max(0, money["start"] - AROUND) : money["end"] + AROUND].split())
            of = (low, high, money.get("currency"), tuple(money.get("candidates") or ()), money.get("per"))
            row = found.setdefault(of, {**money, "context": around, "count": 0, "mentions": []})
            row["count"] += 1
            row["mentions"].append({name: money[name] for name in ("text", "start", "end")})
    yield from found.values()


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else value.to_decimal() if hasattr(value, "to_decimal") else Decimal(str(value))


def _events(document: Doc, wanted: Wanted, prepared: Prepared) -> Iterator[Doc]:
    actors = prepared.any_name("actor")
    actions = {value.upper() for value in prepared.given("event")}
    identified = _identified(document, prepared)
    for event in document.get("events") or []:
        if (
            (identified is None or not identified.isdisjoint(event.get(part) for part in ("actor", "target", "object")))
            and (not actors or event.get("actor") in actors)
            and (not actions or event["action"] in actions)
            and event.get("confidence", 1.0) >= wanted.confidence
            and (not wanted.event_status or event.get("status", "happened") in wanted.event_status)
        ):
            yield event


def _passages(document: Doc, _: Wanted, __: Prepared) -> Iterator[Doc]:
    """Yield one row for each passage. ``entities`` are the names of the entities that it mentions, in order."""
    text = document.get("text") or ""
    headings = {section["start"] for section in document.get("sections") or []}
    mentions = sorted(
        (mention["start"], entity["name"])
        for entity in document.get("entities") or []
        for mention in entity.get("mentions") or []
    )
    at = 0
    for start, end in passages(text, headings):
        named: dict[str, None] = {}
        while at < len(mentions) and mentions[at][0] < end:
            named[mentions[at][1]] = None
            at += 1
        yield {"text": text[start:end], "start": start, "end": end, "entities": [*named]}
