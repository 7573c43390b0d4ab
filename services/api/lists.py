"""``GET /v1/quotes``, ``/v1/sums``, ``/v1/events`` and ``/v1/stories``: what documents say, a row for each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from bson import ObjectId
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from pymongo.errors import PyMongoError

from services.api.auth import REFUSALS, Caller, Reader
from services.api.common import plain
from services.api.problems import Problem
from services.api.search import Counting, Value, prepare, read_facets, slow
from services.records.base import Span
from services.search import rows as listing
from services.search.cursor import Cursor, Order, Sort, WrongCursor, digest
from services.search.find import Finder, named
from services.search.params import Search
from services.search.stories import stories

Doc = dict[str, Any]
Token = Annotated[str, StringConstraints(max_length=4000)]

router = APIRouter(prefix="/v1", tags=["lists"], responses=REFUSALS)


class Listing(Counting):
    """A search, and which page of the rows of what it finds. `facets` count documents, as everywhere."""

    sort: Sort | None = Field(None, description="of their documents: `relevance` where there is `q`, else `received`")
    order: Order = Field("desc", description="from the most relevant or latest, or the other way")
    limit: Annotated[int, Field(ge=1, le=200, description="rows in a page")] = 50
    cursor: Token | None = Field(None, description="`next` of the page before")


class OfQuotes(BaseModel):
    """Which quotes of a document are rows."""

    about: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=300)]], Field(max_length=20)] = (
        Field([], description="somebody whom the quote itself names, any of these, by any name they go by")
    )
    quote_kind: Literal["speech", "scare"] = Field(
        "speech", description="what somebody said, or expressions that the text holds at arm's length (scare quotes)"
    )


class OfEvents(BaseModel):
    """Which events of a document are rows."""

    confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="least confidence of an event; else that of the setting EVENT_CONFIDENCE"
    )
    event_status: list[Literal["happened", "planned", "denied", "alleged"]] = Field(
        [], description="what the text says of the event, any of these"
    )


class Quotes(Listing, OfQuotes):
    pass


class Events(Listing, OfEvents):
    pass


class Row(BaseModel):
    """What cites it: `start` and `end` are offsets (code points) in the text of `document`."""

    document: str
    title: str | None
    url: str | None
    publisher: str | None
    published_at: datetime | None
    language: str | None
    collection: str
    received_at: datetime
    text: str
    start: int
    end: int


class QuoteRow(Row):
    """`about` are entities that the quote names."""

    kind: str
    speaker: str | None
    source_text: str | None
    cue: str | None
    about: list[str]


class SumRow(Row):
    """A sum of a document, where it is first named. `context` is the text around it, in one line; `mentions` are all places."""

    amount: str
    amount_max: str | None
    currency: str | None
    per: str | None
    context: str
    count: int
    mentions: list[Span]


class EventRow(Row):
    """`text` is the sentence that tells of it; `date` is ISO 8601."""

    actor: str | None
    action: str
    target: str | None
    object: str | None
    date: str | None
    place: str | None
    status: str | None
    amount: str | None
    currency: str | None
    confidence: float | None


class Rows(BaseModel):
    """A page may be short, or empty, though there is a next one: where few documents have such rows. Null is the end.

    With `facets`, `total` and the counts are of documents, not of rows.
    """

    next: str | None
    total: int | None = None
    complete: bool | None = None
    facets: dict[str, list[Value]] | None = None


class QuoteRows(Rows):
    quotes: list[QuoteRow]


class SumRows(Rows):
    sums: list[SumRow]


class EventRows(Rows):
    events: list[EventRow]


class StoryRow(BaseModel):
    """A story by its newest document that the search finds; `similarity` is of that to an earlier version."""

    id: str
    versions: int
    first_received_at: datetime
    last_received_at: datetime
    publishers: list[str]
    document: str
    title: str | None
    publisher: str | None
    published_at: datetime | None
    collection: str
    similarity: float


class StoryRows(BaseModel):
    """Stories, what came last first. A page may be short though there is a next one."""

    stories: list[StoryRow]
    next: str | None


class Stories(Search):
    """A search, and which page of the stories of what it finds."""

    versions_min: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="versions that a story has at least")
    limit: Annotated[int, Field(ge=1, le=200, description="stories in a page")] = 50
    cursor: Token | None = Field(None, description="`next` of the page before")


@router.get("/quotes", response_model=QuoteRows)
async def list_quotes(request: Request, reader: Reader, asked: Annotated[Quotes, Query()]) -> JSONResponse:
    """What was said: a row for each quotation, with its speaker and where it stands.

    With `speaker` only what they said; with `about` only what names them.
    """
    return await _rows(request, reader, asked, "quotes", asked)


@router.get("/sums", response_model=SumRows)
async def list_sums(request: Request, reader: Reader, asked: Annotated[Listing, Query()]) -> JSONResponse:
    """Sums of money, a row for each sum of a document; with `currency`, `amount_min` … only those that are so."""
    return await _rows(request, reader, asked, "sums")


@router.get("/events", response_model=EventRows)
async def list_events(request: Request, reader: Reader, asked: Annotated[Events, Query()]) -> JSONResponse:
    """Who did what to whom, a row for each event; with `event` and `actor` only those that are so."""
    return await _rows(request, reader, asked, "events", asked)


async def wanted(
    request: Request, caller: Caller, kind: listing.Kind, asked: OfQuotes | OfEvents | None
) -> listing.Wanted:
    """Return which rows are asked for. Raises PyMongoError."""
    finder: Finder = request.app.state.finder
    least: float = request.app.state.settings.event_confidence
    if kind == "quotes" and isinstance(asked, OfQuotes):
        people = [form for one in asked.about for form in await finder.known_as(one, caller.sees)]
        return listing.Wanted(kind, frozenset(people), asked.quote_kind)
    if kind == "events" and isinstance(asked, OfEvents):
        least = least if asked.confidence is None else asked.confidence
        return listing.Wanted(kind, confidence=least, event_status=frozenset(asked.event_status))
    return listing.Wanted(kind, confidence=least)


async def _rows(
    request: Request, caller: Caller, asked: Listing, kind: listing.Kind, narrowed: OfQuotes | OfEvents | None = None
) -> JSONResponse:
    """Raises Problem 422, PyMongoError."""
    finder: Finder = request.app.state.finder
    sort = asked.sort or ("relevance" if asked.q else "received")
    if sort == "relevance" and not asked.q:
        raise Problem(422, "sort", "`sort=relevance` needs `q`", "give q, or sort by published or received")
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    apart = asked.model_dump_json(include={*OfQuotes.model_fields, *OfEvents.model_fields}, exclude_defaults=True)
    of = digest(named(search, sort, asked.order), kind, apart)
    place = _place(asked.cursor, of, sort)
    try:
        of_these = await wanted(request, caller, kind, narrowed)
        prepared = await prepare(finder, search, caller, place.cursor if place else None)
        found, following = await listing.rows(finder, prepared, of_these, sort, asked.order, place, asked.limit)
        counted: Doc = {}
        if asked.facets:
            counted = await finder.count(prepared, read_facets(asked.facets), asked.facet_size, asked.date_interval)
    except PyMongoError as error:
        raise slow(error) from error
    return JSONResponse(plain({kind: found, "next": following.write(of) if following else None, **counted}))


def _place(text: str | None, of: str, sort: Sort) -> listing.Place | None:
    try:
        return listing.Place.read(text, of, sort) if text is not None else None
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None


@router.get("/stories", response_model=StoryRows)
async def list_stories(request: Request, reader: Reader, asked: Annotated[Stories, Query()]) -> JSONResponse:
    """Stories, a row for each: how many versions, from whom, when the first and the last was received."""
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    of = digest(named(search, "received", "desc"), "stories", str(asked.versions_min))
    cursor, top = _story_place(asked.cursor, of)
    finder: Finder = request.app.state.finder
    try:
        prepared = await prepare(finder, search, reader, cursor)
        found, following, top = await stories(finder, prepared, cursor, top, asked.versions_min, asked.limit)
    except PyMongoError as error:
        raise slow(error) from error
    return JSONResponse(plain({"stories": found, "next": f"{top}.{following.write(of)}" if following else None}))


def _story_place(text: str | None, of: str) -> tuple[Cursor | None, ObjectId | None]:
    if text is None:
        return None, None
    top, _, cursor = text.partition(".")
    try:
        if not ObjectId.is_valid(top):
            raise WrongCursor("give `next` of an earlier page as it was")
        return Cursor.read(cursor, of, "received"), ObjectId(top)
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None
