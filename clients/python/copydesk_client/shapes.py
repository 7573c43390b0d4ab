"""What the API answers, as JSON."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Doc = dict[str, Any]
"""A record, or what of it was asked for, as JSON: `GET /v1/schema` describes it."""


Written = Literal["ninjs", "newsml-g2", "nitf", "json-ld"]
"""A format of the trade that a document can be had in."""
Listed = Literal["documents", "quotes", "sums", "events", "stories", "entities"]
Exported = Literal["ndjson", "csv", "parquet"] | Written


class Accepted(TypedDict):
    id: str
    status: str
    duplicate: bool
    filename: NotRequired[str]


class Page(TypedDict):
    """``next`` is the cursor of the page after it; ``total`` and ``facets`` where they were asked for."""

    documents: list[Doc]
    next: str | None
    total: NotRequired[int]
    complete: NotRequired[bool]
    facets: NotRequired[dict[str, list[Doc]]]


class Counts(TypedDict):
    total: int
    complete: bool
    facets: dict[str, list[Doc]]


class Taken(TypedDict):
    id: str
    documents: list[Accepted]
