"""``GET /v1/quotes``, ``/v1/sums``, ``/v1/events`` and ``/v1/stories``: lists with one row for each quote, sum, event
or story."""

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
    """A search, and the requested page of its rows. `facets` count documents, not rows."""

    sort: Sort | None = Field(
        None, description="order of the documents: `relevance` if there is a `q`, otherwise `received`"
    )
    order: Order = Field("desc", description="`desc`: most relevant or latest first; `asc`: the reverse")
    limit: Annotated[int, Field(ge=1, le=200, description="rows on a page")] = 50
    cursor: Token | None = Field(None, description="`next` of the previous page")


class OfQuotes(BaseModel):
    """Parameters that choose the quotes of a document."""

    about: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=300)]], Field(max_length=20)] = (
        Field([], description="an entity that the quote itself names, by name or alias; if repeated, any of them")
    )
    quote_kind: Literal["speech", "scare"] = Field(
        "speech", description="what somebody said, or expressions in scare quotes"
    )


class OfEvents(BaseModel):
    """Parameters that choose the events of a document."""

    confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="minimum confidence of an event; by default the setting EVENT_CONFIDENCE"
    )
    event_status: list[Literal["happened", "planned", "denied", "alleged"]] = Field(
        [], description="what the text says about the event, any of these"
    )


class Quotes(Listing, OfQuotes):
    pass


class Events(Listing, OfEvents):
    pass


class Row(BaseModel):
    """What is needed to cite a row: `start` and `end` are offsets (code points) in the text of `document`."""

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
    """A quote. `about` are the entities that it names."""

    kind: str
    speaker: str | None
    source_text: str | None
    cue: str | None
    about: list[str]


class SumRow(Row):
    """A sum of a document, at its first mention. `context` is the text around it, on one line; `mentions` has the
    position of each mention."""

    amount: str
    amount_max: str | None
    currency: str | None
    per: str | None
    context: str
    count: int
    mentions: list[Span]


class EventRow(Row):
    """An event. `text` is the sentence that is its evidence; `date` is ISO 8601."""

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
    """A page of rows. If few documents have such rows, it may be short or empty although there is a next page. `next`
    is null at the end. With `facets`, `total` and the counts are numbers of documents, not of rows.
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
    """A story, shown by its newest document that the search finds; `similarity` compares that document with an earlier
    version."""

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
    """A page of stories, latest received first. It may be short although there is a next page."""

    stories: list[StoryRow]
    next: str | None


class Stories(Search):
    """A search, and the requested page of its stories."""

    versions_min: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="minimum number of versions")
    limit: Annotated[int, Field(ge=1, le=200, description="stories on a page")] = 50
    cursor: Token | None = Field(None, description="`next` of the previous page")


@router.get("/quotes", response_model=QuoteRows)
async def list_quotes(request: Request, reader: Reader, asked: Annotated[Quotes, Query()]) -> JSONResponse:
    """Return quotes, one row for each, with speaker and position.

    `speaker` limits them to quotes by that speaker, `about` to quotes that name an entity.
    """
    return await _rows(request, reader, asked, "quotes", asked)


@router.get("/sums", response_model=SumRows)
async def list_sums(request: Request, reader: Reader, asked: Annotated[Listing, Query()]) -> JSONResponse:
    """Return sums of money, one row for each sum of a document. `currency`, `amount_min` and the like choose the
    rows."""
    return await _rows(request, reader, asked, "sums")


@router.get("/events", response_model=EventRows)
async def list_events(request: Request, reader: Reader, asked: Annotated[Events, Query()]) -> JSONResponse:
    """Return events (who did what to whom), one row for each. `event` and `actor` choose the rows."""
    return await _rows(request, reader, asked, "events", asked)


async def wanted(
    request: Request, caller: Caller, kind: listing.Kind, asked: OfQuotes | OfEvents | None
) -> listing.Wanted:
    """Return which rows the parameters choose. Raises PyMongoError."""
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
    """Return a page of rows. Raises Problem 422 if the query or cursor is wrong, and PyMongoError."""
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
    """Return stories, one row for each: number of versions, publishers, time of receipt of the first and last."""
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
            raise WrongCursor("give the `next` of an earlier page unchanged")
        return Cursor.read(cursor, of, "received"), ObjectId(top)
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None
