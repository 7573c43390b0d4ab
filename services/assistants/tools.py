"""The tools. Each one calls the HTTP API, so a key gives access to the same documents here as there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Annotated, Any, Literal

from pydantic import Field

from copydesk_client import AsyncCopydesk, CopydeskError
from services.assistants.answers import Doc, answer, row, short, visible
from services.text.passages import passages

DESK: ContextVar[AsyncCopydesk] = ContextVar("desk")
"""The client for the request that a tool answers, with the sender's key."""

PAGE = 6000
"""Maximum characters of a page of a document's text."""
LISTED = 10
"""Maximum names, roles, documents and the like of an entity."""
VERSIONS = 20
ADDED = 5
CITED = ("document", "start", "end", "title", "publisher", "published_at", "url")
"""The fields that are needed to cite a row."""

Query = Annotated[
    str | None,
    Field(
        max_length=500,
        description='words, all of which must occur; "exact phrase", OR, -not; place:Oslo, country:NO, '
        'entity:"Tim Cook", speaker:"Tim Cook", language:en',
    ),
]
Collection = Annotated[str | None, Field(max_length=100, description="documents of this collection only")]
Since = Annotated[str | None, Field(max_length=40, description="published on this day or later: 2024-05-06")]
Until = Annotated[str | None, Field(max_length=40, description="published on this day or earlier: 2024-05-06")]
Limit = Annotated[int, Field(ge=1, le=20, description="how many rows")]
Next = Annotated[str | None, Field(max_length=4000, description="`next` of the previous answer, for more rows")]
Name = Annotated[str | None, Field(max_length=300)]
Id = Annotated[str, Field(max_length=100)]


async def search(
    query: Query = None,
    collection: Collection = None,
    published_from: Since = None,
    published_to: Until = None,
    sort: Annotated[
        Literal["relevance", "published", "received"] | None, Field(description="relevance needs a query")
    ] = None,
    limit: Limit = 10,
    next: Next = None,
) -> Doc:
    """Find documents by words, names, places and dates. Each has its id, title and date, and with a query the place in
    its text that fits best, by offset. `total` is how many documents there are. Read one with `read`.
    """
    asked = _asked(
        q=query, collection=collection, published_from=published_from, published_to=published_to, sort=sort, limit=limit
    )
    fields = "title,publisher,published_at,url,language,story.id,source.collection"
    page, counted = await asyncio.gather(
        DESK.get().page(**asked, **_asked(cursor=next), fields=f"{fields},snippet" if query else fields),
        DESK.get().count(**{name: one for name, one in asked.items() if name not in ("limit", "sort")}, facet_size=1),
    )
    return answer([_found(one) for one in page["documents"]], next=page["next"],
                  total=counted["total"], total_is_complete=counted["complete"])  # fmt: skip


def _found(document: Doc) -> Doc:
    snippet = document.get("snippet") or {}
    flat = {
        **document,
        **{name: snippet.get(name) for name in ("text", "start", "end")},
        "document": document["id"],
        "collection": document["source"]["collection"],
        "story": (document.get("story") or {}).get("id"),
    }
    return row(flat, (*CITED, "language", "collection", "story", "text"))


async def read(
    document: Annotated[Id, Field(description="the document's id")],
    start: Annotated[int, Field(ge=0, description="the offset to begin at; `next_start` of the previous answer")] = 0,
) -> Doc:
    """Read a document: its head, and a page of its text from `start` to `end`. `next_start` is where the next page
    begins, null at the end of the text.
    """
    fields = "title,deck,byline,publisher,published_at,url,language,status,story.id,text"
    found = (await DESK.get().page(id=[document], fields=fields))["documents"]
    if not found:
        raise CopydeskError(f"there is no document {document!r} that you may read; `search` finds documents", 404)
    [record] = found
    text = record.get("text") or ""
    _, size = next(passages(text[start : start + PAGE + 1], longest=PAGE), (0, 0))
    end = min(start, len(text)) + size
    head = {
        **record,
        "document": record["id"],
        "byline": [one.get("name") for one in record.get("byline") or []],
        "story": (record.get("story") or {}).get("id"),
    }
    shown = row(head, ("document", "title", "deck", "byline", "publisher", "published_at", "url", "language", "status",
                       "story"))  # fmt: skip
    return answer(
        {**shown, "start": end - size, "end": end, "text": visible(text[end - size : end])},
        length=len(text),
        next_start=end if end < len(text) else None,
    )


async def quotes(
    query: Query = None,
    speaker: Annotated[Name, Field(description="who said it, by name or alias")] = None,
    about: Annotated[Name, Field(description="whom or what the quote itself names")] = None,
    collection: Collection = None,
    published_from: Since = None,
    published_to: Until = None,
    limit: Limit = 10,
    next: Next = None,
) -> Doc:
    """Find who said what: direct quotes with speaker, document and offsets, latest received first, or most relevant
    first with a query. The query chooses documents; `speaker` and `about` choose quotes.
    """
    given = _asked(q=query, speaker=speaker, about=about, collection=collection, published_from=published_from,
                   published_to=published_to, limit=limit, cursor=next)  # fmt: skip
    return await _rows("quotes", given, ("speaker", "source_text", "cue", "about", "text"))


async def sums(
    query: Query = None,
    currency: Annotated[str | None, Field(max_length=3, description="ISO 4217: EUR")] = None,
    amount_min: Annotated[float | None, Field(description="the least amount")] = None,
    amount_max: Annotated[float | None, Field(description="the greatest amount")] = None,
    collection: Collection = None,
    published_from: Since = None,
    published_to: Until = None,
    limit: Limit = 10,
    next: Next = None,
) -> Doc:
    """Find sums of money: amount, currency, and the text around it, with document and offsets."""
    given = _asked(q=query, currency=currency, amount_min=amount_min, amount_max=amount_max, collection=collection,
                   published_from=published_from, published_to=published_to, limit=limit, cursor=next)  # fmt: skip
    return await _rows("sums", given, ("amount", "amount_max", "currency", "per", "context", "text"))


async def events(
    query: Query = None,
    action: Annotated[
        str | None,
        Field(max_length=40, description="PLOVER type: AGREE, AID, ACCUSE, PROTEST, SANCTION, ASSAULT and the like"),
    ] = None,
    actor: Annotated[Name, Field(description="who did it")] = None,
    collection: Collection = None,
    published_from: Since = None,
    published_to: Until = None,
    limit: Limit = 10,
    next: Next = None,
) -> Doc:
    """Find who did what to whom: actor, action, target, date and place, and the sentence that says so, with document and
    offsets. The query chooses documents; `action` and `actor` choose events.
    """
    given = _asked(q=query, event=action, actor=actor, collection=collection, published_from=published_from,
                   published_to=published_to, limit=limit, cursor=next)  # fmt: skip
    return await _rows("events", given, ("actor", "action", "target", "object", "date", "place", "status", "amount",
                                         "currency", "confidence", "text"))  # fmt: skip


async def entity(
    name: Annotated[str, Field(min_length=1, max_length=300, description="a name or alias: Tim Cook")],
) -> Doc:
    """Return what the documents say about a person, an organization or a place: other names, roles with their first
    and last date, latest documents and quotes, and the entities in the same documents. Only the newest 10,000 documents count.
    """
    found = await DESK.get().entity(name, documents=LISTED, company=LISTED)
    data = {
        "name": found["name"],
        **{part: found[part][:LISTED] for part in ("types", "aliases", "roles", "with")},
        "documents": [row({**one, "document": one["id"]}, CITED) for one in found["documents"]],
        "quotes": [row(one, (*CITED, "text")) for one in found["quotes"][:LISTED]],
        "timeline": found["timeline"][-LISTED:],
    }
    return answer(short(data), total=found["total"])


async def story(id: Annotated[Id, Field(description="the story's id, `story` of a document")]) -> Doc:
    """Return the versions of one story, first to last: who published each and when, and the offsets of the paragraphs
    that it added to the version it was compared with.
    """
    found = await DESK.get().story(id)
    versions = [
        {
            **row({**one, "document": one["id"]}, (*CITED, "received_at", "similarity", "compared_with")),
            "added": short(one["added"][:ADDED]),
        }
        for one in found["versions"][:VERSIONS]
    ]
    return answer(versions, story=found["id"], total=found["total"])


async def _rows(kind: Literal["quotes", "sums", "events"], given: Doc, fields: tuple[str, ...]) -> Doc:
    page = await DESK.get().row_page(kind, **given)
    return answer([row(one, (*CITED, *fields)) for one in page[kind]], next=page["next"])


def _asked(**given: Any) -> Doc:
    return {name: value for name, value in given.items() if value is not None}


TOOLS: dict[str, Callable[..., Coroutine[Any, Any, Doc]]] = {
    one.__name__: one for one in (search, read, quotes, entity, story, events, sums)
}
