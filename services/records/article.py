"""The article: the content of one document, and its annotations."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.records.annotations import (
    Cite,
    DateMention,
    Entity,
    Event,
    Keyword,
    Money,
    Place,
    Quantity,
    Quote,
    Statement,
    Topic,
)
from services.records.base import Model, Span
from services.records.head import Block, Byline, Caption, Dateline, Gap, Notice, Page, PageType, Section, Wire


class Article(Model):
    """The content and structure of one document and, once enriched, its annotations.

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
    pages: list[Page] = []
    captions: list[Caption] = []
    notices: list[Notice] = []
    gaps: list[Gap] = []
    page_type: PageType | None = None
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
