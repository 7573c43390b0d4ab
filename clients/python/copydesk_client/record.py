"""The record, as the API answers it: what Copydesk knows of one document.

`python -m clients.generate` makes this file of the service's models; do not edit it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from copydesk_client.annotations import (
    Cite,
    DateMention,
    Entity,
    Event,
    Keyword,
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
    """``TEHRAN, BAKU, TEL AVIV (Combined Sources)—`` at the head of the body; it stays in ``text``."""

    places: list[str] = []
    credit: str | None = None


class Coded(Model):
    """A subject, genre or place as its provider coded it; ``scheme`` names the vocabulary: ``medtop``, ``iso3166-1a2``."""

    scheme: str | None = None
    code: str | None = None
    name: str | None = None


class Rights(Model):
    """What the provider says of rights, in its own words. ``credit`` is the line to print with the item."""

    copyright: str | None = None
    usage_terms: str | None = None
    credit: str | None = None


class Association(Model):
    """What comes with an item: a picture, a graphic, a related item. ``relation`` is the provider's word for it."""

    kind: str | None = None
    relation: str | None = None
    guid: str | None = None
    title: str | None = None
    caption: str | None = None
    credit: str | None = None
    url: str | None = None


class Wire(Model):
    """What a news provider says of an item beside its text; every field as stated, empty where nothing is.

    ``guid`` names the item over all its versions. ``canceled`` takes back what earlier versions said; ``withheld`` is not
    to be published now. ``urgency`` is IPTC's, 1 (flash) to 9. ``priority`` and ``category`` are codes of ANPA and IPTC 7901.
    ``signals`` are instructions to editors (``sig:update``, ``REFILE``). ``places`` are those that the provider coded.
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
    """A heading inside the body. ``text[start:end] == heading``; what it heads runs from ``end`` to ``body_end``."""

    heading: str
    start: int
    end: int
    body_end: int


class Page(Model):
    """A page of a paged document that has words in ``text``; they begin at ``start``. ``number`` counts from 1, as ``#page=7`` does."""

    number: int
    start: int


class Caption(Model):
    """A photo caption. It is kept out of ``text``; ``position`` is the offset in ``text`` before which it stood."""

    text: str
    position: int | None = None
    credit: str | None = None


class Notice(Model):
    """Editorial or legal matter taken out of the running text and kept."""

    kind: Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]
    text: str


class Gap(Span):
    """A place where the source lost something, such as the link after ``in his report for``."""

    kind: Literal["lost_link", "lost_text"]


class PageType(Model):
    """What kind of web page the document is, and how sure that is: see docs/formats.md."""

    name: Literal["article", "forum", "documentation", "product", "collection", "listing", "service"]
    confidence: float


class Failure(Model):
    """Why a document is ``failed``. ``code`` is one of the documented codes; ``message`` says what to do.

    ``exception`` is the class of what was raised; null where nothing was, as when the process died.
    """

    code: str
    message: str
    stage: str
    attempts: int
    exception: str | None = None


class Raw(Model):
    """The bytes as they came. ``media_type`` is what the worker found, ``declared_media_type`` what was said."""

    sha256: str
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
    depth: int = 0


class MemberRef(Model):
    """A document found inside this one: its path in there, and the ``_id`` of its own record.

    The same bytes stand once in a collection, so the records of several members may be one and the same.
    """

    path: str
    id: str


class Withdrawn(Model):
    """Its provider took the document back. ``by`` is the id of the document that says so, its own where it says so itself.

    ``at`` is when Copydesk learned of it. ``by`` is null where the document that said so was erased.
    """

    by: str | None = None
    at: datetime


class Item(Model):
    """``superseded_by`` is the id of the next version of the same item; null in the newest.

    Versions of one item are the documents of a collection that have the same ``wire.provider`` and ``wire.guid``.
    """

    superseded_by: str | None = None
    withdrawn: Withdrawn | None = None


class Resource(Model):
    """A model or data set that was used. ``licence`` is that of what it holds, null where it is not known."""

    version: str
    licence: str | None = None


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


class StageFailure(Model):
    """A stage that failed on this document and cost its field. ``place`` is the module and line; no text of the document."""

    stage: str
    exception: str
    place: str


class Cancellation(Model):
    """When somebody canceled the document while it waited, and who: the name and the id of their API key."""

    at: datetime
    name: str
    key: str | None = None


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


class Record(Model):
    """A document of the collection ``documents``, less its ``_id``: an Article, its source and its state.

    ``item`` is null in the only version of an item.
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
    item: Item | None = None
    processing: Processing = Processing()
