"""The record: what Copydesk knows about one document. These models are the contract for all other code.

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
    ListMatch,
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
from services.records.corrections import Correction, CorrectionKind, Editor, Target
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
    "Correction",
    "CorrectionKind",
    "DateKind",
    "DateMention",
    "Dateline",
    "Editor",
    "Entity",
    "EntityType",
    "Event",
    "Failure",
    "Fetched",
    "Gap",
    "Grain",
    "Item",
    "Keyword",
    "Lease",
    "ListMatch",
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
    "Target",
    "Topic",
    "Wire",
    "Withdrawn",
]

SCHEMA_VERSION = 2  # services/store/migrations.py has the steps between versions


class Raw(Model):
    """The original bytes. ``media_type`` was detected by the worker, ``declared_media_type`` was given by the
    sender."""

    sha256: Sha256
    size_bytes: int
    media_type: str | None = None
    declared_media_type: str | None = None
    filename: str | None = None


class Fetched(Model):
    """The source that Copydesk fetched the document from, and its name then (docs/sources.md)."""

    id: str
    name: str


class Source(Model):
    """Where the document comes from, according to its sender. ``parent`` and ``path`` name the archive that contained
    it. ``title``, ``url``, ``publisher`` and ``published_at`` override what the document itself says. ``key`` is the id
    of the API key that sent it, null if the API works without keys. ``fetched_from`` is null if somebody sent it.
    ``dialect`` is the agency whose dialect it is read in, null if the document itself shows the agency.
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
    depth: int = 0  # in how many documents it is nested
    fetched_from: Fetched | None = None
    dialect: str | None = None


class MemberRef(Model):
    """A document found inside this one: its path there, and the ``_id`` of its own record. A collection stores the same
    bytes only once, so several members may share one record.
    """

    path: str
    id: str


class Failure(Model):
    """Why a document is ``failed``. ``code`` is one of the documented codes; ``message`` says what to do. ``exception``
    is the class of the exception; null if there was none, for example because the process died.
    """

    code: str
    message: str
    stage: str
    attempts: int
    exception: str | None = None


class StageFailure(Model):
    """A stage that failed on this document, whose field is therefore missing. ``place`` is the module and line; it
    contains no text of the document."""

    stage: str
    exception: str
    place: str


class Lease(Model):
    """The lease of the worker that processes the record; only its token can write the result.

    ``worker`` names the process, ``host/hex/pid``; ``expires_at`` is set by MongoDB's clock, and a living worker
    extends it. ``stage`` is the current stage; it is written from the second attempt on, and if somebody follows the
    document. ``shared``: the worker took several records together, so its death says nothing about this one.
    """

    token: str
    worker: str
    expires_at: datetime
    stage: str | None = None
    shared: bool = False


class Cancellation(Model):
    """When and by whom the document was canceled while it waited: the name and id of the API key."""

    at: datetime
    name: str
    key: str | None = None


class Resource(Model):
    """A model or data set that was used. ``licence`` is the licence of its content, null if unknown."""

    version: str
    licence: str | None = None


class Processing(Model):
    """How the record was made. ``parser`` is ``"html 1.1"``: the format's reader and its version.

    ``stages`` has the version of each stage whose annotations the record has; ``models`` has the models that they used,
    by name. ``timings_ms`` covers only the last run: annotations of a stage that is not in it were kept from an earlier
    run. ``failures``: stages that failed on this document, in the versions given in ``stages``; their fields are empty.
    ``waiting_since`` is when it was accepted or last queued again; ``queued_at`` is the sweeper's own mark.
    ``watched``: somebody follows it, so the worker records each stage. ``priority`` also applies to its members.
    ``beyond_share`` says why a document became bulk although it was not sent as bulk: its key or its collection had
    used up its share. ``unsettled``: the records of the other versions of its item have not been updated yet, see
    `services.store.items`. ``trace`` is the W3C traceparent of the request that sent it, null if nothing is traced.
    ``canceled`` says who canceled it and when, while its status is ``canceled``. ``lists_revision``: the state of the
    watch lists with which it was compared, see `services.store.lists`; null if there were none. ``listed_at``: when
    ``lists`` was completed, if a list had changed while the document was being read.
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
    lists_revision: int | None = None
    listed_at: datetime | None = None


class Record(Article):
    """A document of the collection ``documents`` without its ``_id``: an Article, its source and its state. ``item`` is
    null if the item has only one version.

    ``corrections`` are those of editors; the fields have the corrected values. ``uncorrected`` has each field that a
    correction changes as the stages wrote it (``tags``: as the sender gave them). ``revision`` counts the changes to
    ``corrections``; null if there were none.
    """

    schema_version: int = SCHEMA_VERSION
    status: Status
    error: Failure | None = None
    raw: Raw
    source: Source
    members: list[MemberRef] = []
    story: Story | None = None
    lists: list[ListMatch] = []
    item: Item | None = None
    processing: Processing = Processing()
    corrections: list[Correction] = []
    uncorrected: dict[str, Any] = {}
    revision: int | None = None
