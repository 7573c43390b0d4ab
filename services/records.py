"""The record: what Copydesk knows of one document. Everything else obeys these models.

Offsets are Unicode code points into ``text``; ``text[start:end]`` equals the annotation's own
``text`` (for a section: its ``heading``), always. Instants are timezone-aware UTC. This module
imports nothing of the project.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

SCHEMA_VERSION = 2  # services/store/migrations.py has the way from each to the next, and back

Offset = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Status(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


class Priority(StrEnum):
    """Which queue a document waits in: workers look into that of ``bulk`` when the other one is empty."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class Span(Model):
    """A stretch of the reading text: ``article.text[start:end] == text``."""

    text: str
    start: Offset
    end: Offset

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"end {self.end} before start {self.start}")
        return self


# --- what the document says: made by workers/parse ---------------------------------------------


class Byline(Model):
    name: str
    role: str | None = None
    agency: str | None = None
    email: str | None = None


class Dateline(Span):
    """``TEHRAN, BAKU, TEL AVIV (Combined Sources)—`` at the head of the body; it stays in ``text``."""

    places: list[str] = []
    credit: str | None = None


class Section(Model):
    """A heading inside the body. ``text[start:end] == heading``; what it heads runs from ``end`` to ``body_end``."""

    heading: str
    start: Offset
    end: Offset
    body_end: Offset


class Caption(Model):
    """A photo caption. It is kept out of ``text``; ``position`` is the offset in ``text`` before which it stood."""

    text: str
    position: Offset | None = None
    credit: str | None = None


class Block(Model):
    """A structural block of ``text``. Paragraphs and headings are separated by one blank line."""

    kind: Literal["paragraph", "heading", "list_item", "table", "blockquote"]
    start: Offset
    end: Offset


class Notice(Model):
    """Editorial or legal matter taken out of the running text and kept."""

    kind: Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]
    text: str


class Gap(Span):
    """A place where the source lost something, such as the link after ``in his report for``."""

    kind: Literal["lost_link", "lost_text"]


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


class Article(Model):
    """What one document says, and its structure; then, once enriched, what it is about.

    ``workers.parse`` fills the first part from bytes, ``workers.enrich`` the second.
    """

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
    captions: list[Caption] = []
    notices: list[Notice] = []
    gaps: list[Gap] = []
    confidence: float | None = Field(default=None, ge=0, le=1)
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


# --- what it is about: made by workers/enrich ---------------------------------------------------

EntityType = Literal["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "WORK", "LAW", "PRODUCT"]


class Entity(Model):
    """One entity of the document with all its mentions, aliases joined."""

    name: str
    type: EntityType
    role: str | None = None
    aliases: list[str] = []
    mentions: list[Span]
    count: int


class Point(Model):
    """GeoJSON Point: ``[longitude, latitude]`` in WGS 84 degrees."""

    type: Literal["Point"] = "Point"
    coordinates: Annotated[list[float], Field(min_length=2, max_length=2)]


class Place(Model):
    """``country`` is ISO 3166-1 alpha-2; null where sovereignty is disputed or the place spans countries."""

    name: str
    country: str | None = None
    geonames_id: int | None = None
    location: Point | None = None
    mentions: list[Span]


class Quote(Span):
    """Words in quotation marks; ``start``/``end`` span them without the marks.

    ``speech`` is what somebody said or wrote. ``scare`` is a short expression that the text only holds at arm's length
    (``the “peace wall”``); nobody is its speaker.
    """

    kind: Literal["speech", "scare"] = "speech"
    speaker: str | None = None
    cue: str | None = None


class Statement(Span):
    """An indirect statement: ``Tehran said that …``. ``source`` is the entity's name or null."""

    source: str | None = None
    cue: str | None = None


class Money(Span):
    """``currency`` is ISO 4217. For a range ``amount`` is its low end and ``amount_max`` its high end."""

    amount: Decimal
    amount_max: Decimal | None = None
    currency: str | None = None


class Quantity(Span):
    value: Decimal
    unit: str


Grain = Literal["minute", "hour", "day", "week", "month", "quarter", "season", "year", "decade", "century"]


class DateMention(Span):
    """``value`` is ISO 8601 cut to its grain (``2012-03-04``, ``2011-09``, ``2012-W10``); ``value_end`` ends a range."""

    value: str
    value_end: str | None = None
    grain: Grain


class Cite(Span):
    """An agency or outlet credited for a statement; ``source`` is its canonical name."""

    source: str


class Event(Span):
    """Who did what to whom: ``text`` is the evidence sentence, ``action`` a PLOVER event type."""

    actor: str | None = None
    action: str
    target: str | None = None
    date: str | None = None
    place: str | None = None
    status: Literal["happened", "planned", "denied", "alleged"] = "happened"
    amount: Decimal | None = None
    currency: str | None = None


class Keyword(Model):
    text: str
    score: float


class Topic(Model):
    """An IPTC Media Topic; ``code`` as in ``medtop:16000000``."""

    code: str
    name: str
    score: float


class Story(Model):
    """Near-duplicates and versions of one story share ``id``; ``similarity`` is to the nearest earlier version."""

    id: str
    similarity: float
    nearest: str | None = None
    new_paragraphs: list[Span] = []


# --- the record: made by the API, kept by services/store ----------------------------------------


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
    """

    collection: str = "default"
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    published_zone: str | None = None
    external_id: str | None = None
    batch: str | None = None
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

    ``stage`` is what the worker is at; it is written from the second attempt on, and where somebody watches.
    ``shared``: the worker took several records at once, so its death says nothing of this one.
    """

    token: str
    worker: str
    expires_at: datetime
    stage: str | None = None
    shared: bool = False


class Resource(Model):
    """A model or data set that was used. ``licence`` is that of what it holds, null where it is not known."""

    version: str
    licence: str | None = None


class Processing(Model):
    """How the record was made. ``parser`` is ``"html 1.1"``: the format's reader and its version.

    ``stages`` has the version of each stage whose annotations the record holds, ``models`` what they used, by name.
    ``timings_ms`` is of the last run alone: a stage that is not in it was kept from an earlier run.
    ``failures``: stages of the versions in ``stages`` that failed on this document; their fields are empty.
    ``waiting_since`` is when it was accepted or last sent back to be made anew; ``queued_at`` is the sweeper's own mark.
    ``watched``: somebody follows it, so the worker notes each stage. ``priority`` is also that of what it holds inside.
    ``trace`` is the W3C traceparent of the request that it came with, null where nothing is traced.
    """

    pipeline_version: str | None = None
    parser: str | None = None
    stages: dict[str, str] = {}
    models: dict[str, Resource] = {}
    attempts: int = 0
    priority: Priority = Priority.INTERACTIVE
    waiting_since: datetime | None = None
    queued_at: datetime | None = None
    not_before: datetime | None = None
    watched: bool = False
    lease: Lease | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    timings_ms: dict[str, float] = {}
    failures: list[StageFailure] = []
    trace: str | None = None


class Record(Article):
    """A document of the collection ``documents``, less its ``_id``: an Article, its source and its state."""

    schema_version: int = SCHEMA_VERSION
    status: Status
    error: Failure | None = None
    raw: Raw
    source: Source
    members: list[MemberRef] = []
    story: Story | None = None
    processing: Processing = Processing()


Article.model_rebuild()
Record.model_rebuild()
