"""The model of a watch list as it is requested and as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Doc = dict[str, Any]
Kind = Literal["person", "organization", "ship", "place", "any"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class WatchList(BaseModel):
    """A watch list. ``matched`` is false while stored documents are still being compared with it. ``documents`` counts
    those in which the reader may see one of its entries. ``skipped`` is how many rows of the file had no name or were
    not about a person, an organization, a ship or a place."""

    id: str
    name: str
    collections: list[str]
    entries: int
    names: int
    skipped: int
    created_at: datetime
    loaded_at: datetime
    matched: bool
    documents: int


class WatchLists(BaseModel):
    lists: list[WatchList]


class Hit(BaseModel):
    """An entry of a list that a document may name. ``name`` is the entry's, ``text`` the document's. ``score`` is at
    most 1."""

    entry: str
    name: str
    text: str
    score: float
    reason: str


class ListedDocument(BaseModel):
    """A document that names entries of a list."""

    document: str
    title: str | None
    url: str | None
    publisher: str | None
    published_at: datetime | None
    collection: str
    hits: list[Hit]


class ListMatches(BaseModel):
    """A page of documents, latest received first. ``next`` is the cursor of the next page, null at the end."""

    matches: list[ListedDocument]
    next: str | None = None


Asked = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Question(BaseModel):
    """Names to look for in the documents."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"names": ["Ingrid Solheim"]}]})

    names: Annotated[list[Asked], Field(min_length=1, max_length=200)]


class Where(BaseModel):
    """A document that has the name, with the way it is written there."""

    document: str
    title: str | None
    published_at: datetime | None
    text: str
    score: float
    reason: str


class Row(BaseModel):
    """A name that was asked for: the number of documents that have it, and the newest of them."""

    name: str
    documents: int
    latest: list[Where]


class Answer(BaseModel):
    """A row for each name. ``documents`` is how many were compared, newest first; ``more`` whether there are others."""

    rows: list[Row]
    documents: int
    more: bool


class Entry(BaseModel):
    """An entry as it is read from a file."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Kind
    names: Annotated[list[str], Field(min_length=1)]
    countries: list[str] = []
    born: list[str] = []
    ids: list[str] = []


def shown(entry: Doc, matched: bool, documents: int) -> WatchList:
    """Return a stored list as it is shown."""
    known = {name: entry[name] for name in WatchList.model_fields if name in entry}
    return WatchList(id=str(entry["_id"]), matched=matched, documents=documents, **known)
