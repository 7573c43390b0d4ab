"""The model of a source as it is requested and as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.inputs import Name

Doc = dict[str, Any]
Kind = Literal["folder", "feed"]
Take = Literal["entry", "page"]
Collection = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Every = Annotated[float, Field(ge=1, le=31 * 86_400, description="seconds from one fetch to the next")]
Limit = Annotated[
    int,
    Field(
        ge=1,
        le=5000,
        description="maximum number of documents in one run; the next run follows at once and takes the rest",
    ),
]
Idle = Annotated[
    float | None,
    Field(
        ge=60,
        le=366 * 86_400,
        description="it is `idle` after this many seconds without a document; null: never",
    ),
]
Tags = Annotated[list[Name], Field(max_length=100, description="tags for its documents")]


class Plan(BaseModel):
    """A source: where it is, how often it is fetched, and the metadata of its documents."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Harbour news", "kind": "feed", "address": "https://news.example/rss"}]
        },
    )

    name: Title
    kind: Kind
    address: Annotated[Address, Field(description="a feed's address, or a folder under `COPYDESK_SOURCE_FOLDER`")]
    take: Annotated[Take, Field(description="for a feed: take the `entry` itself, or the `page` that it links to")] = (
        "entry"
    )
    every_seconds: Every = 900.0
    collection: Collection = "default"
    publisher: Annotated[Name | None, Field(description="replaces the publisher that a document itself states")] = None
    tags: Tags = []
    limit: Limit = 200
    idle_seconds: Idle = None
    paused: Annotated[bool, Field(description="it is not fetched until somebody resumes it")] = False


class Change(BaseModel):
    """The fields of a source to change. With another ``address``, it starts from scratch."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"every_seconds": 300}]})

    name: Title | None = None
    address: Address | None = None
    take: Take | None = None
    every_seconds: Every | None = None
    collection: Collection | None = None
    publisher: Name | None = None
    tags: Tags | None = None
    limit: Limit | None = None
    idle_seconds: Idle = None


class Run(BaseModel):
    """What a run brought. ``problems`` are the first errors of single documents; ``error`` is the error that ended the
    run."""

    started_at: datetime
    finished_at: datetime
    documents: int
    duplicates: int
    refused: int
    problems: list[str]
    error: str | None


class Counts(BaseModel):
    """Totals since the source was created. ``duplicates`` were in the collection already, ``refused`` could not be
    stored."""

    runs: int
    documents: int
    duplicates: int
    refused: int
    errors: int


class Failure(BaseModel):
    at: datetime
    message: str


class Source(Plan):
    """A source and its state. ``error`` is null when the last run went well; ``failures`` counts failed runs in a row.

    ``running`` means that a worker is fetching it, ``idle`` that it has brought nothing for longer than
    ``idle_seconds``.
    """

    model_config = ConfigDict(extra="ignore", title="FetchedSource")

    id: str
    created_at: datetime
    next_at: datetime
    running: bool
    idle: bool
    failures: int
    error: Failure | None
    last_run: Run | None
    last_document_at: datetime | None
    counts: Counts


class Coming(BaseModel):
    """A document that would come, with what is known about it before it is read. ``size_bytes`` is null for an entry of
    a feed."""

    title: str | None = None
    url: str | None = None
    filename: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None


class Look(BaseModel):
    """What the next run would bring, at most ``limit`` documents; ``more`` says whether there are others. Nothing was
    stored."""

    documents: list[Coming]
    more: bool
    problems: list[str]
    error: str | None


def is_idle(entry: Doc, now: datetime) -> bool:
    """Return whether the source has brought nothing for longer than ``idle_seconds``; a paused source is not idle."""
    if entry["idle_seconds"] is None or entry["paused"]:
        return False
    since: datetime = entry["last_document_at"] or entry["created_at"]
    return now - since > timedelta(seconds=entry["idle_seconds"])


def shown(entry: Doc) -> Source:
    """Return the source for an entry of ``sources``."""
    state = {"id": str(entry["_id"]), "running": entry["lease"] is not None, "idle": is_idle(entry, datetime.now(UTC))}
    return Source.model_validate({**entry, **state})
