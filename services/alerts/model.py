"""A saved search as somebody asks for it, and as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.search.params import Search

Doc = dict[str, Any]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
WebhookId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")]
Query = Annotated[
    Search, Field(description="the parameters of `GET /v1/documents`; those that may be repeated are lists")
]
Hook = Annotated[
    WebhookId | None,
    Field(description="id of a webhook with the event `search.matched`; naming one needs the scope `admin`"),
]


class SearchIn(BaseModel):
    """A search to save, and where its alerts go."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Harbour", "query": {"q": "harbour", "place": ["Oslo"]}}]},
    )

    name: Title
    query: Query
    webhook: Hook = None
    muted: Annotated[bool, Field(description="nothing is told until somebody turns it on again")] = False


class SearchChange(BaseModel):
    """What to change of a saved search."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"muted": True}]})

    name: Title | None = None
    query: Query | None = None
    webhook: Hook = None
    muted: bool | None = None


class SavedSearch(BaseModel):
    """A saved search. ``matched`` counts the documents that it told of, ``matched_at`` is the last time. ``error`` says
    why it finds nothing any more."""

    id: str
    name: str
    query: dict[str, Any]
    webhook: str | None
    muted: bool
    created_at: datetime
    matched: int
    matched_at: datetime | None
    error: str | None


class SearchList(BaseModel):
    searches: list[SavedSearch]


class Match(BaseModel):
    """A document that a saved search tells of. ``at`` is when it was found, null in a test."""

    document: str
    at: datetime | None
    title: str | None
    url: str | None
    publisher: str | None
    published_at: datetime | None
    collection: str
    status: str


class Matches(BaseModel):
    """The latest first. ``next`` is the cursor of the next page, null at the end."""

    matches: list[Match]
    next: str | None = None


class Trial(BaseModel):
    """What a saved search would tell of: the newest documents that it finds now. ``more``: there are others."""

    matches: list[Match]
    more: bool


def stored(query: Search) -> Doc:
    """Return the parameters as they are stored: those that were given, as JSON holds them."""
    return query.model_dump(mode="json", exclude_unset=True)


def match(record: Doc, at: datetime | None = None) -> Match:
    """Return what is told of a record."""
    named = {name: record.get(name) for name in ("title", "url", "publisher", "published_at", "status")}
    return Match(document=str(record["_id"]), at=at, collection=record["source"]["collection"], **named)
