"""The head of a document: authors, dateline, structure, and what its provider says about it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.records.base import Model, Offset, Span


class Byline(Model):
    name: str
    role: str | None = None
    agency: str | None = None
    email: str | None = None


class Dateline(Span):
    """A dateline such as ``TEHRAN, BAKU, TEL AVIV (Combined Sources)—`` at the start of the body; it stays in
    ``text``."""

    places: list[str] = []
    credit: str | None = None


class PageType(Model):
    """The type of web page, with a confidence: see docs/formats.md."""

    name: Literal["article", "forum", "documentation", "product", "collection", "listing", "service"]
    confidence: float = Field(ge=0, le=1)


class Section(Model):
    """A heading inside the body. ``text[start:end] == heading``; its section runs from ``end`` to ``body_end``.

    A post of a forum's thread is a section, too: its heading is empty, and it has an ``author`` and a time, as far as the
    page says so. Other sections are stored without these two fields.
    """

    heading: str
    start: Offset
    end: Offset
    body_end: Offset
    author: str | None = Field(default=None, exclude_if=lambda value: value is None)
    published_at: datetime | None = Field(default=None, exclude_if=lambda value: value is None)


class Caption(Model):
    """A photo caption. It is not part of ``text``; ``position`` is the offset in ``text`` that it came before."""

    text: str
    position: Offset | None = None
    credit: str | None = None


class Block(Model):
    """A structural block of ``text``. Paragraphs and headings are separated by one blank line."""

    kind: Literal["paragraph", "heading", "list_item", "table", "blockquote"]
    start: Offset
    end: Offset


class Page(Model):
    """A page of a paged document that has words in ``text``; they begin at ``start``. ``number`` counts from 1, as
    ``#page=7`` does."""

    number: int = Field(ge=1)
    start: Offset


class Notice(Model):
    """Editorial or legal matter that was moved out of the running text."""

    kind: Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]
    text: str


class Gap(Span):
    """A place where the source is missing something, such as the link after ``in his report for``."""

    kind: Literal["lost_link", "lost_text"]


class Coded(Model):
    """A subject, genre or place as its provider coded it; ``scheme`` names the vocabulary: ``medtop``,
    ``iso3166-1a2``."""

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
    it."""

    kind: str | None = None
    relation: str | None = None
    guid: str | None = None
    title: str | None = None
    caption: str | None = None
    credit: str | None = None
    url: str | None = None


PubStatus = Literal["usable", "embargoed", "withheld", "canceled"]


class Wire(Model):
    """What a news provider says about an item besides its text; every field as stated, or empty. ``guid`` identifies
    the item across all its versions. ``canceled`` withdraws earlier versions; ``withheld`` must not be published now.
    ``urgency`` is IPTC's, 1 (flash) to 9. ``priority`` and ``category`` are codes of ANPA and IPTC 7901. ``signals``
    are instructions to editors (``sig:update``, ``REFILE``). ``places`` are the places that the provider coded.
    """

    provider: str | None = None
    guid: str | None = None
    version: str | None = None
    pub_status: PubStatus | None = None
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
