"""The record: what Copydesk knows of one document. Everything else obeys these models.

Offsets are Unicode code points into ``text``; ``text[start:end]`` equals the annotation's own
``text`` (for a section: its ``heading``), always. Instants are timezone-aware UTC. This package
imports nothing of the project.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.records.annotations import (
    Cite,
    DateKind,
    DateMention,
    Entity,
    EntityType,
    Event,
    Grain,
    Keyword,
    Money,
    Place,
    Point,
    Quantity,
    Quote,
    Statement,
    Story,
    Topic,
)
from services.records.article import Article
from services.records.base import FINAL, Beyond, Model, Offset, Priority, Sha256, Span, Status
from services.records.head import (
    Association,
    Block,
    Byline,
    Caption,
    Coded,
    Dateline,
    Gap,
    Notice,
    Page,
    PageType,
    PubStatus,
    Rights,
    Section,
    Wire,
)
from services.records.item import Item, Withdrawn

__all__ = [
    "FINAL",
    "SCHEMA_VERSION",
    "Article",
    "Association",
    "Beyond",
    "Block",
    "Byline",
    "Cancellation",
    "Caption",
    "Cite",
    "Coded",
    "DateKind",
    "DateMention",
    "Dateline",
    "Entity",
    "EntityType",
    "Event",
    "Failure",
    "Gap",
    "Grain",
    "Item",
    "Keyword",
    "Lease",
    "MemberRef",
    "Model",
    "Money",
    "Notice",
    "Offset",
    "Page",
    "PageType",
    "Place",
    "Point",
    "Priority",
    "Processing",
    "PubStatus",
    "Quantity",
    "Quote",
    "Raw",
    "Record",
    "Resource",
    "Rights",
    "Section",
    "Sha256",
    "Source",
    "Span",
    "StageFailure",
    "Statement",
    "Status",
    "Story",
    "Topic",
    "Wire",
    "Withdrawn",
]

SCHEMA_VERSION = 2  # services/store/migrations.py has the way from each to the next, and back


class Raw(Model):
    """The bytes as they came. ``media_type`` is what the worker found, ``declared_media_type`` what was said."""

    sha256: Sha256
    size_bytes: int
    media_type: str | None = None
    declared_media_type: str | None = None
    filename: str | None = None


class Source(Model):
    """Where the document comes from, as its sender says. ``parent`` and ``path`` name the archive it was a member of.

    ``title``, ``url``, ``publisher`` and ``published_at`` stand over what the document itself says.
    ``key`` is the id of the API key that sent it, null where the API asks for none.
    """

    collection: str = "default"
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    published_zone: str | None = None
    external_id: str | None = None
    batch: str | None = None
    key: str | None = None
    tags: list[str] = []
    metadata: dict[str, Any] = {}
    received_at: datetime
    parent: str | None = None
    path: str | None = None
    depth: int = 0  # how many documents it is nested in


class MemberRef(Model):
    """A document found inside this one: its path in there, and the ``_id`` of its own record.

    The same bytes stand once in a collection, so the records of several members may be one and the same.
    """

    path: str
    id: str


class Failure(Model):
    """Why a document is ``failed``. ``code`` is one of the documented codes; ``message`` says what to do.

    ``exception`` is the class of what was raised; null where nothing was, as when the process died.
    """

    code: str
    message: str
    stage: str
    attempts: int
    exception: str | None = None


class StageFailure(Model):
    """A stage that failed on this document and cost its field. ``place`` is the module and line; no text of the document."""

    stage: str
    exception: str
    place: str


class Lease(Model):
    """Held by the worker that processes the record; only its token can write the result.

    ``worker`` names the process, ``host/hex/pid``; ``expires_at`` goes by MongoDB's clock, and a living worker moves it on.
    ``stage`` is what the worker is at; it is written from the second attempt on, and where somebody watches.
    ``shared``: the worker took several records at once, so its death says nothing of this one.
    """

    token: str
    worker: str
    expires_at: datetime
    stage: str | None = None
    shared: bool = False


class Cancellation(Model):
    """When somebody canceled the document while it waited, and who: the name and the id of their API key."""

    at: datetime
    name: str
    key: str | None = None


class Resource(Model):
    """A model or data set that was used. ``licence`` is that of what it holds, null where it is not known."""

    version: str
    licence: str | None = None


class Processing(Model):
    """How the record was made. ``parser`` is ``"html 1.1"``: the format's reader and its version.

    ``stages`` has the version of each stage whose annotations the record holds, ``models`` what they used, by name.
    ``timings_ms`` is of the last run alone: a stage that is not in it was kept from an earlier run.
    ``failures``: stages of the versions in ``stages`` that failed on this document; their fields are empty.
    ``waiting_since`` is when it was accepted or last queued again; ``queued_at`` is the sweeper's own mark.
    ``watched``: somebody follows it, so the worker notes each stage. ``priority`` is also that of what it holds inside.
    ``beyond_share`` says why a document is bulk that was not sent as such: its key or its collection had its share waiting.
    ``unsettled``: the other versions of its item have not been told of it yet, see `services.store.items`.
    ``trace`` is the W3C traceparent of the request that it came with, null where nothing is traced.
    ``canceled`` says who canceled it and when, while its status is ``canceled``.
    """

    pipeline_version: str | None = None
    parser: str | None = None
    stages: dict[str, str] = {}
    models: dict[str, Resource] = {}
    attempts: int = 0
    priority: Priority = Priority.INTERACTIVE
    beyond_share: Beyond | None = None
    waiting_since: datetime | None = None
    queued_at: datetime | None = None
    not_before: datetime | None = None
    watched: bool = False
    unsettled: bool = False
    lease: Lease | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    timings_ms: dict[str, float] = {}
    failures: list[StageFailure] = []
    trace: str | None = None
    canceled: Cancellation | None = None


class Record(Article):
    """A document of the collection ``documents``, less its ``_id``: an Article, its source and its state.

    ``item`` is null in the only version of an item.
    """

    schema_version: int = SCHEMA_VERSION
    status: Status
    error: Failure | None = None
    raw: Raw
    source: Source
    members: list[MemberRef] = []
    story: Story | None = None
    item: Item | None = None
    processing: Processing = Processing()
