"""The API's answers as JSON."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Doc = dict[str, Any]
"""A record, or the requested fields of it, as JSON: `GET /v1/schema` describes it."""


Written = Literal["ninjs", "newsml-g2", "nitf", "json-ld"]
"""The news formats that a document can be written in."""
Listed = Literal["documents", "quotes", "sums", "events", "stories", "entities"]
Exported = Literal["ndjson", "csv", "xlsx", "parquet", "marked"] | Written
"""The formats of exports; ``marked`` is a ZIP archive of marked articles."""


class Accepted(TypedDict):
    id: str
    status: str
    duplicate: bool
    filename: NotRequired[str]


class Page(TypedDict):
    """A page. ``next`` is the cursor of the following page; ``total`` and ``facets`` are present if they were
    requested."""

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
