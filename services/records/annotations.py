"""The annotations that the stages of enrichment make."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from services.records.base import Model, Span

EntityType = Literal["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "WORK", "LAW", "PRODUCT"]


class Entity(Model):
    """An entity of the document with all its mentions under any alias.

    ``id`` is the same in every document that names this person or organization; null for other types and for names
    that identify nobody by themselves, such as surnames. ``born`` is the person's year of birth if the text gives it or
    an age, which may be one year off.
    """

    id: str | None = None
    name: str
    type: EntityType
    role: str | None = None
    born: int | None = None
    aliases: list[str] = []
    mentions: list[Span]
    count: int


class Point(Model):
    """GeoJSON Point: ``[longitude, latitude]`` in WGS 84 degrees."""

    type: Literal["Point"] = "Point"
    coordinates: Annotated[list[float], Field(min_length=2, max_length=2)]


class Place(Model):
    """A place. ``country`` is ISO 3166-1 alpha-2; null if sovereignty is disputed or the place spans countries.
    ``mentions`` name it directly. ``mentioned_in`` has its name inside another name (``Richmond`` in ``Richmond Police
    Department``) and the names of its people (``Israeli``); a place that is named only in these ways has no
    ``mentions``.
    """

    name: str
    country: str | None = None
    geonames_id: int | None = None
    location: Point | None = None
    mentions: list[Span]
    mentioned_in: list[Span] = []


class Quote(Span):
    """Words in quotation marks; ``start``/``end`` span them without the marks.

    ``speech`` is what somebody said or wrote. ``scare`` is a short expression in scare quotes (``the “peace wall”``),
    which has no speaker. ``source_text`` is the text's description, without its article, of a speaker who is not an
    entity: ``Israeli defense officials``.
    """

    kind: Literal["speech", "scare"] = "speech"
    speaker: str | None = None
    source_text: str | None = None
    cue: str | None = None


class Statement(Span):
    """An indirect statement: ``Tehran said that …``. ``source`` is the entity's name or null; ``source_text`` is the
    same as for a quote."""

    source: str | None = None
    source_text: str | None = None
    cue: str | None = None


class Money(Span):
    """A sum of money. ``currency`` is ISO 4217. For a range ``amount`` is the low end and ``amount_max`` the high end.
    If the document leaves the currency open, ``currency`` is null and ``candidates`` lists the possible ones. ``per``
    is the unit that the sum is paid for: ``share``, ``barrel``, ``year``.
    """

    amount: Decimal
    amount_max: Decimal | None = None
    currency: str | None = None
    candidates: list[str] = []
    per: str | None = None


class Quantity(Span):
    value: Decimal
    unit: str


DateKind = Literal["date", "time", "duration", "set", "reference"]
Grain = Literal["minute", "hour", "day", "week", "month", "quarter", "season", "year", "decade", "century"]


class DateMention(Span):
    """A time. ``value`` of a ``date`` or ``time`` is ISO 8601 cut to its grain (``2012-03-04``, ``2011-09``,
    ``2012-W10``).

    It is null if the date is relative (``on Monday``) and the document has no date of its own. ``from`` and ``to`` are
    the period that it covers: ``from`` is its first instant, ``to`` the first instant after it; null if there is no
    such period. ``value_end`` is the end of a range. The grain of a ``duration`` (``P3M``; ``PXY`` for an unknown
    number of years) and of a recurring ``set`` (``P1W``, ``XXXX-WXX-4``) is its unit. A ``reference`` is ``PAST_REF``,
    ``PRESENT_REF`` or ``FUTURE_REF``, as in TIMEX3, and has no grain.
    """

    value: str | None
    value_end: str | None = None
    from_: datetime | None = Field(None, alias="from")
    to: datetime | None = None
    grain: Grain | None = None
    kind: DateKind = "date"


class Cite(Span):
    """An agency or outlet credited for a statement; ``source`` is its canonical name."""

    source: str


class Event(Span):
    """Who did what to whom: ``text`` is the evidence sentence, ``action`` a PLOVER event type.

    ``actor`` and ``target`` are people, groups, states and bodies; ``object`` is a thing that is acted on.
    ``confidence`` says how strong the evidence is, from 0 to 1.
    """

    actor: str | None = None
    action: str
    target: str | None = None
    object: str | None = None
    date: str | None = None
    place: str | None = None
    status: Literal["happened", "planned", "denied", "alleged"] = "happened"
    amount: Decimal | None = None
    currency: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class Keyword(Model):
    text: str
    score: float


class Topic(Model):
    """An IPTC Media Topic; ``code`` as in ``medtop:16000000``."""

    code: str
    name: str
    score: float


class ListMatch(Model):
    """An entry of a watch list that the document may name: ``list`` and ``entry`` are ids, ``name`` is the name on the
    list and ``text`` the one in the document. ``score`` is from 0.85 to 1, ``reason`` says what agrees and what
    differs."""

    list: str
    entry: str
    name: str
    text: str
    score: float
    reason: str


class Story(Model):
    """The story of the document. Near-duplicates and versions of one story share ``id``; ``similarity`` compares the
    document with the nearest earlier version."""

    id: str
    similarity: float
    nearest: str | None = None
    new_paragraphs: list[Span] = []
