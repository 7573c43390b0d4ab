"""The record, as the API returns it: what Copydesk knows about one document.

`python -m clients.generate` generates this file from the service's models; do not edit it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from copydesk_client.annotations import (
    Cite,
    Correction,
    DateMention,
    Entity,
    Event,
    Keyword,
    ListMatch,
    Model,
    Money,
    Place,
    Quantity,
    Quote,
    Span,
    Statement,
    Story,
    Topic,
)

SCHEMA_VERSION = 2


class Byline(Model):
    name: str
    role: str | None = None
    agency: str | None = None
    email: str | None = None


class Dateline(Span):
    """A dateline such as ``TEHRAN, BAKU, TEL AVIV (Combined Sources)—`` at the start of the body; it stays in
    ``text``.
    """

    places: list[str] = []
    credit: str | None = None


class Coded(Model):
    """A subject, genre or place as its provider coded it; ``scheme`` names the vocabulary: ``medtop``,
    ``iso3166-1a2``.
    """

    scheme: str | None = None
    code: str | None = None
    name: str | None = None


class Rights(Model):
    """What the provider says about rights, in its own words. ``credit`` is the line to print with the item."""

    copyright: str | None = None
    usage_terms: str | None = None
    credit: str | None = None


class Association(Model):
    """Something that belongs to an item: a picture, a graphic, a related item. ``relation`` is the provider's word for
    it.
    """

    kind: str | None = None
    relation: str | None = None
    guid: str | None = None
    title: str | None = None
    caption: str | None = None
    credit: str | None = None
    url: str | None = None


class Wire(Model):
    """What a news provider says about an item besides its text; every field as stated, or empty. ``guid`` identifies
    the item across all its versions. ``canceled`` withdraws earlier versions; ``withheld`` must not be published now.
    ``urgency`` is IPTC's, 1 (flash) to 9. ``priority`` and ``category`` are codes of ANPA and IPTC 7901. ``signals``
    are instructions to editors (``sig:update``, ``REFILE``). ``places`` are the places that the provider coded.
    """

    provider: str | None = None
    guid: str | None = None
    version: str | None = None
    pub_status: Literal["usable", "embargoed", "withheld", "canceled"] | None = None
    urgency: int | None = None
    priority: str | None = None
    category: str | None = None
    slugline: str | None = None
    keywords: list[str] = []
    genre: list[Coded] = []
    subjects: list[Coded] = []
    places: list[Coded] = []
    first_created: datetime | None = None
    embargoed_until: datetime | None = None
    expires_at: datetime | None = None
    ednote: str | None = None
    signals: list[str] = []
    rights: Rights | None = None
    associations: list[Association] = []
    word_count: int | None = None


class Block(Model):
    """A structural block of ``text``. Paragraphs and headings are separated by one blank line."""

    kind: Literal["paragraph", "heading", "list_item", "table", "blockquote"]
    start: int
    end: int


class Section(Model):
    """A heading inside the body. ``text[start:end] == heading``; its section runs from ``end`` to ``body_end``.

    A post of a forum's thread is a section, too: its heading is empty, and it has an ``author`` and a time, as far as the
    page says so. Other sections are stored without these two fields.
    """

    heading: str
    start: int
    end: int
    body_end: int
    author: str | None = None
    published_at: datetime | None = None


class Page(Model):
    """A page of a paged document that has words in ``text``; they begin at ``start``. ``number`` counts from 1, as
    ``#page=7`` does.
    """

    number: int
    start: int


class Caption(Model):
    """A photo caption. It is not part of ``text``; ``position`` is the offset in ``text`` that it came before."""

    text: str
    position: int | None = None
    credit: str | None = None


class Notice(Model):
    """Editorial or legal matter that was moved out of the running text."""

    kind: Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]
    text: str


class Gap(Span):
    """A place where the source is missing something, such as the link after ``in his report for``."""

    kind: Literal["lost_link", "lost_text"]


class PageType(Model):
    """The type of web page, with a confidence: see docs/formats.md."""

    name: Literal["article", "forum", "documentation", "product", "collection", "listing", "service"]
    confidence: float


class Failure(Model):
    """Why a document is ``failed``. ``code`` is one of the documented codes; ``message`` says what to do. ``exception``
    is the class of the exception; null if there was none, for example because the process died.
    """

    code: str
    message: str
    stage: str
    attempts: int
    exception: str | None = None


class Raw(Model):
    """The original bytes. ``media_type`` was detected by the worker, ``declared_media_type`` was given by the
    sender.
    """

    sha256: str
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
    depth: int = 0
    fetched_from: Fetched | None = None
    dialect: str | None = None


class MemberRef(Model):
    """A document found inside this one: its path there, and the ``_id`` of its own record. A collection stores the same
    bytes only once, so several members may share one record.
    """

    path: str
    id: str


class Withdrawn(Model):
    """The provider withdrew the document. ``by`` is the id of the document that withdrew it, which may be the document
    itself; null if that document was erased. ``at`` is when Copydesk learned of it.
    """

    by: str | None = None
    at: datetime


class Item(Model):
    """The position among the versions. ``superseded_by`` is the id of the next version of the same item; null in the
    newest.

    Versions of one item are the documents of a collection that have the same ``wire.provider`` and ``wire.guid``.
    """

    superseded_by: str | None = None
    withdrawn: Withdrawn | None = None


class Resource(Model):
    """A model or data set that was used. ``licence`` is the licence of its content, null if unknown."""

    version: str
    licence: str | None = None


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


class StageFailure(Model):
    """A stage that failed on this document, whose field is therefore missing. ``place`` is the module and line; it
    contains no text of the document.
    """

    stage: str
    exception: str
    place: str


class Cancellation(Model):
    """When and by whom the document was canceled while it waited: the name and id of the API key."""

    at: datetime
    name: str
    key: str | None = None


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
    priority: Literal["interactive", "bulk"] = "interactive"
    beyond_share: Literal["key", "collection"] | None = None
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


class Record(Model):
    """A document of the collection ``documents`` without its ``_id``: an Article, its source and its state. ``item`` is
    null if the item has only one version.

    ``corrections`` are those of editors; the fields have the corrected values. ``uncorrected`` has each field that a
    correction changes as the stages wrote it (``tags``: as the sender gave them). ``revision`` counts the changes to
    ``corrections``; null if there were none.
    """

    id: str
    format: str = "text"
    code: str | None = None
    title: str | None = None
    deck: str | None = None
    byline: list[Byline] = []
    published_at: datetime | None = None
    published_zone: str | None = None
    updated_at: datetime | None = None
    publisher: str | None = None
    url: str | None = None
    dateline: Dateline | None = None
    wire: Wire | None = None
    language: str | None = None
    text: str = ""
    word_count: int = 0
    blocks: list[Block] = []
    sections: list[Section] = []
    pages: list[Page] = []
    captions: list[Caption] = []
    notices: list[Notice] = []
    gaps: list[Gap] = []
    page_type: PageType | None = None
    confidence: float | None = None
    warnings: list[str] = []
    entities: list[Entity] = []
    places: list[Place] = []
    quotes: list[Quote] = []
    statements: list[Statement] = []
    money: list[Money] = []
    quantities: list[Quantity] = []
    dates: list[DateMention] = []
    cites: list[Cite] = []
    events: list[Event] = []
    keywords: list[Keyword] = []
    summary: list[Span] = []
    topics: list[Topic] = []
    terms: list[str] = []
    schema_version: int = 2
    status: Literal["queued", "processing", "done", "failed", "canceled"]
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
